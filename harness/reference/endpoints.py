"""What the methods do to collections, items and their transitions."""

from __future__ import annotations

import re
import secrets
from typing import Any, NoReturn
from urllib.parse import quote

from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.locking import Act
from harness.reference.query_method import ACCEPT_QUERY
from harness.reference.reader import JSON, MERGE_PATCH, PATCH_TYPES, XML
from harness.reference.store import Raced, Transaction
from harness.reference.store import StoredItem as Stored


class CollectionEndpoint:
    """GET lists, POST creates (RFC 9110 section 9.3.3)."""

    def get(self, call: Call) -> Reply:
        """A page of the caller's items."""
        paginator = call.policies.numbered if call.resource.numbered else call.policies.paginator
        document, link = paginator.page(call)
        reply = call.policies.representation.selected(call, document)
        if link and reply.status == 200:
            reply.fields["Link"] = link
        if call.resource.queried:
            reply.fields["Accept-Query"] = ACCEPT_QUERY
        return reply

    def post(self, call: Call) -> Reply:
        """Create an item, once for each idempotency key."""
        call.policies.limiter.check(call)
        key = call.policies.idempotency.key(call)
        _, document = call.policies.reader.read(call, JSON, *([XML] if call.resource.xml else []))
        call.policies.validator.check(call, document, "create")
        return call.policies.idempotency.run(call, key, document, lambda: self.creation(call, document))

    def creation(self, call: Call, document: Document) -> Act:
        """The plan: a new item from a valid document."""
        id = self.new_identifier(call)
        data = {**call.resource.writable(document), **call.resource.initial}
        return lambda tx: self.created(call, call.policies.locking.insert(call, tx, id, data))

    def new_identifier(self, call: Call) -> str:
        """A random, opaque identifier."""
        return f"{call.resource.prefix}_{secrets.token_hex(10)}"

    def created(self, call: Call, item: Stored) -> Reply:
        """201 with Location and the representation (RFC 9110 section 15.3.2)."""
        reply = call.policies.representation.item(call, 201, item)
        if (location := self.location(call, item)) is not None:
            reply.fields["Location"] = location
        return reply

    def location(self, call: Call, item: Stored) -> str | None:
        """The URI reference of the new item (RFC 9110 section 10.2.2)."""
        return f"/v1/{call.resource.name}/{item.id}"


class ItemEndpoint:
    """GET, PUT, PATCH and DELETE of one item."""

    def get(self, call: Call) -> Reply:
        """The current representation."""
        item, representation = self.load(call), call.policies.representation
        whole = representation.of(call.resource, item)
        shown = call.policies.selection.apply(call, whole)
        # A part of the item is another representation, with an entity tag of its own.
        current = representation.validators(call.resource, item) if shown == whole else None
        return representation.selected(call, shown, current)

    def put(self, call: Call) -> Reply:
        """Replace the item, or create it where clients choose identifiers (RFC 9110 section 9.3.4)."""
        if not call.resource.client_ids:
            self.load(call)
        _, document = call.policies.reader.read(call, JSON)
        call.policies.validator.check(call, document, "replace")
        return call.policies.locking.commit(call, lambda: self.replacement(call, document))

    def replacement(self, call: Call, document: Document) -> Act:
        """The plan of PUT: replace the stored item, or create one."""
        item = self.find(call)
        if item is None:
            self.check_creation(call)
        self.check_preconditions(call, item)
        if item is None:
            return lambda tx: self.put_created(call, self.insert(call, tx, document))
        if call.resource.versioned:
            call.policies.locking.check_version(call, item, document["version"])
        data = self.replaced_data(call, item, document)
        return lambda tx: self.replaced(call, call.policies.locking.replace(call, tx, item, data))

    def replaced_data(self, call: Call, item: Stored, document: Document) -> Document:
        """What PUT stores: nothing of the former writable members remains."""
        return {**call.resource.writable(document), **self.server_data(call, item)}

    def server_data(self, call: Call, item: Stored) -> Document:
        """The members that only the server sets."""
        return {name: item.data[name] for name in call.resource.server_properties}

    def insert(self, call: Call, tx: Transaction, document: Document) -> Stored:
        """A new item under the identifier that the client chose."""
        data = {**call.resource.writable(document), **call.resource.initial}
        return call.policies.locking.insert(call, tx, call.parameters["id"], data)

    def check_creation(self, call: Call) -> None:
        """Let PUT create: where clients choose ids, this one is well-formed, and nobody else has it."""
        if not call.resource.client_ids:
            self.absent(call)
        id = call.parameters["id"]
        taken = call.store.find(call.resource.name, id)
        if taken is not None and call.policies.authenticator.sees(call.principal, taken.owner):
            raise Raced
        if taken is not None:
            self.absent(call)
        if not re.fullmatch(r"[A-Za-z0-9._~-]{1,64}", id):
            detail = "An identifier has 1 to 64 letters, digits, and . _ ~ - only."
            raise Problem("invalid_parameter", detail, parameter="id")

    def put_created(self, call: Call, item: Stored) -> Reply:
        """201 (RFC 9110 section 9.3.4), without validators: the stored bytes are not the sent ones."""
        reply = call.policies.representation.reply(call, 201, self.document(call, item))
        reply.fields["Location"] = quote(call.path)
        return reply

    def replaced(self, call: Call, item: Stored) -> Reply:
        """200 with the representation (RFC 9110 section 9.3.4), without validators."""
        return call.policies.representation.reply(call, 200, self.document(call, item))

    def patch(self, call: Call) -> Reply:
        """Change parts of the item (RFC 5789), once for each idempotency key."""
        key = call.policies.idempotency.key(call) if "idempotency-key" in call.headers else None
        self.load(call)
        media_type, patch = call.policies.reader.read(call, *PATCH_TYPES)
        plan = lambda: self.modification(call, media_type, patch)  # noqa: E731
        return call.policies.idempotency.run(call, key, patch, plan)

    def modification(self, call: Call, media_type: str, patch: Any) -> Act:
        """The plan of PATCH: apply to the current state, validate the result, store it whole."""
        item = self.load(call)
        self.check_preconditions(call, item)
        data = self.patched_data(call, item, media_type, patch)
        return lambda tx: self.patched(call, call.policies.locking.replace(call, tx, item, data))

    def patched_data(self, call: Call, item: Stored, media_type: str, patch: Any) -> Document:
        """What PATCH stores; 422 where the result is not valid (RFC 5789 section 2.2)."""
        before = self.document(call, item)
        policies = call.policies
        after = policies.patcher.apply(media_type, before, patch)
        failures = policies.validator.failures(call.resource, after, "replace")
        failures += self.read_only_failures(call, media_type, before, after)
        if call.resource.versioned and policies.patcher.version(media_type, patch) is None:
            failures = [f for f in failures if f["pointer"] != "/version"]
            failures.append(policies.validator.failure(["version"], "required", "is required in a patch"))
        if failures:
            policies.validator.refuse(call, failures)
        if call.resource.versioned:
            policies.locking.check_version(call, item, after["version"])
        return {**call.resource.writable(after), **self.server_data(call, item)}

    def read_only_failures(
        self, call: Call, media_type: str, before: Document, after: Any
    ) -> list[dict[str, str]]:
        """A patch that cannot be applied completely is not applied: read-only members keep their value."""
        if not isinstance(after, dict):
            return []
        lock = {"version"} if media_type == MERGE_PATCH and call.resource.versioned else set()
        changed = [name for name in call.resource.read_only if after.get(name) != before.get(name)]
        failure = call.policies.validator.failure
        return [failure([name], "read_only", "is read-only") for name in changed if name not in lock]

    def patched(self, call: Call, item: Stored) -> Reply:
        """200 with the new representation and its validators."""
        return call.policies.representation.item(call, 200, item)

    def delete(self, call: Call) -> Reply:
        """Remove the item (RFC 9110 section 9.3.5)."""
        return call.policies.locking.commit(call, lambda: self.removal(call))

    def removal(self, call: Call) -> Act:
        """The plan of DELETE."""
        item = self.load(call)
        self.check_preconditions(call, item)

        def act(tx: Transaction) -> Reply:
            call.policies.locking.remove(call, tx, item)
            return self.deleted(call, item)

        return act

    def deleted(self, call: Call, item: Stored) -> Reply:
        """204 (RFC 9110 section 9.3.5)."""
        return Reply(204)

    def find(self, call: Call) -> Stored | None:
        """The item, if the caller may see it."""
        item = call.store.find(call.resource.name, call.parameters["id"])
        visible = item is not None and call.policies.authenticator.sees(call.principal, item.owner)
        return item if visible else None

    def load(self, call: Call) -> Stored:
        """The item, or 404."""
        return self.find(call) or self.absent(call)

    def absent(self, call: Call) -> NoReturn:
        """404, also for what belongs to others (RFC 9110 section 15.5.5)."""
        raise Problem("not_found", f"There is no {call.resource.title.lower()} with this identifier.")

    def document(self, call: Call, item: Stored) -> Document:
        """The members that GET shows."""
        return call.policies.representation.of(call.resource, item)

    def check_preconditions(self, call: Call, item: Stored | None) -> None:
        """412 where a precondition is false; last of all checks (RFC 9110 section 13.2.1)."""
        call.policies.preconditions.check(call, call.policies.representation.validators(call.resource, item))


class TransitionEndpoint:
    """POST to an action below an item moves it from one state to the next."""

    def post(self, call: Call) -> Reply:
        """Perform the transition, once for each idempotency key."""
        key = call.policies.idempotency.key(call) if "idempotency-key" in call.headers else None
        return call.policies.idempotency.run(call, key, None, lambda: self.transition(call))

    def transition(self, call: Call) -> Act:
        """The plan: one winner leaves the state, all others get 409."""
        item = call.policies.item.load(call)
        change = next(t for t in call.resource.transitions if t.action == call.parameters["action"])
        if not self.permitted(item.data["status"], change.before):
            self.refuse(call, item.data["status"], change.before)
        data = {**item.data, "status": change.after}
        return lambda tx: self.moved(call, call.policies.locking.replace(call, tx, item, data))

    def permitted(self, status: str, before: str) -> bool:
        """Whether the transition leaves from this state."""
        return status == before

    def refuse(self, call: Call, status: str, before: str) -> NoReturn:
        """409 that names the state (RFC 9110 section 15.5.10)."""
        detail = f"The status is {status}; this action needs {before}."
        raise Problem("invalid_state", detail, field="status", current_status=status)

    def moved(self, call: Call, item: Stored) -> Reply:
        """200 with the representation of the item."""
        reply = call.policies.representation.reply(call, 200, call.policies.item.document(call, item))
        reply.fields["Content-Location"] = f"/v1/{call.resource.name}/{item.id}"
        return reply


class LookupEndpoint:
    """POST with ids shows several items at once."""

    most = 100

    def post(self, call: Call) -> Reply:
        """The items that the caller may see, in the order of the ids; all others are left out."""
        _, document = call.policies.reader.read(call, JSON)
        ids = document.get("ids") if isinstance(document, dict) else None
        if not isinstance(ids, list) or len(ids) > self.most or not all(isinstance(id, str) for id in ids):
            failure = call.policies.validator.failure
            failures = [failure(["ids"], "invalid", f"must be an array of up to {self.most} ids")]
            call.policies.validator.refuse(call, failures)
        shown = [call.policies.item.document(call, item) for item in self.items(call, ids)]
        return call.policies.representation.reply(call, 200, {"data": shown})

    def items(self, call: Call, ids: list[str]) -> list[Stored]:
        """The items, each checked for its owner."""
        found = [call.store.find(call.resource.name, id) for id in ids]
        sees = call.policies.authenticator.sees
        return [item for item in found if item is not None and sees(call.principal, item.owner)]
