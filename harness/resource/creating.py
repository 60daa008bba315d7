"""Requests that may create something: each is in the ledger before it is sent, and settled by its answer."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx

from harness.client.budget import BudgetSpent
from harness.client.claims import Claim, foreseeable
from harness.client.marks import Marker, Marks
from harness.http.content import MISSING, at, id_text, json_of, last_segment
from harness.http.item_urls import id_at, key, key_in, leaves_its_place, strictly_below
from harness.ledger.entries import CreatePlan, Entry
from harness.ledger.interrupt import uninterrupted
from harness.profile.resource import enveloped
from harness.resource import list_comparison, proving
from harness.resource.archived_items import archive_of
from harness.resource.long_running import later
from harness.resource.placing import PUT, Placing, left
from harness.rules.checks import Undecided

ARCHIVE = "archive"
"""The capability to put items away by PATCH, so that lists no longer show them."""
REDIRECTED_TO_GET = (302, 303)
"""Statuses of an answer to a POST that may have acted, and leads to another resource (RFC 9110 section 15.4.4)."""


class Creating(Placing):
    """The part of a resource under test that creates, and accounts for what is created."""

    @property
    def create_url(self) -> str:
        raise NotImplementedError

    def body(self) -> dict[str, Any]:
        raise NotImplementedError

    def lost(self, marker: Marker | None, *, last: bool = False) -> list[str] | None:
        raise NotImplementedError

    @property
    def staying(self) -> str:
        """Why items that are created here cannot be removed; empty as long as nothing says so."""
        delete = self.known.capabilities.get("delete")
        if self.known.missing(ARCHIVE) is None:
            return self.client.recorder.budget.why_staying(key(self.url))
        if delete is not None and not delete.there:
            return delete.because
        return self.client.recorder.budget.why_staying(key(self.url))

    def has_room(self) -> bool:
        """Whether one more item may be created: not too many stay behind."""
        budget = self.client.recorder.budget
        return not self.staying or budget.count_create(key(self.url), 0, self.known.leave_behind - 1)

    def count_creates(self, number: int) -> None:
        """Count what is about to be created; where it cannot be removed, there is a bound for the whole run.

        Raises:
            Undecided: it is reached.
        """
        why, most = self.staying, self.known.leave_behind
        if not self.client.recorder.budget.count_create(key(self.url), number, most if why else None):
            raise Undecided(
                f"items of {self.known.name} cannot be removed ({why}), and a run leaves at most {most} behind: set "
                "`leave_behind` in its [[resources]] table to allow more"
            )

    def fields_for_create(self, headers: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
        """Header fields that a create needs: the media type, and an idempotency key where one is required."""
        fields: dict[str, str | None] = {"Content-Type": self.known.media_type}
        keyed = self.known.idempotency
        if keyed is not None and keyed.required and keyed.body is None:
            fields[keyed.field] = str(uuid.uuid4())
        fields.update(headers or {})
        return fields

    def post(
        self,
        body: Any = MISSING,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        obey_throttling: bool = True,
    ) -> httpx.Response:
        """Send a create: POST to the collection, or PUT to a new item; whatever it creates is removed at the end.

        Args:
            body: JSON to send; a valid body when omitted and no `content` is given.
            content: bytes to send instead; where they are not JSON, `body` is what they represent.
            headers: fields beside those that every create needs.
            obey_throttling: on 429 and 503, wait as Retry-After says and repeat.
        """
        options: dict[str, Any] = {
            "headers": self.fields_for_create(headers),
            "obey_throttling": obey_throttling,
        }
        if content is not None:
            options["content"] = content
            body = self._parsed(content) if body is MISSING else body
        else:
            body = options["json"] = self.body() if body is MISSING else body
        if self.puts:
            return self.put_as_new(body, options)
        self.reserve(bodies=[body])
        plan = self.ledger.plans[-1]
        with uninterrupted():
            try:
                before = list_comparison.beforehand(self.subject, plan.marker, unusual=content is not None)
                reply = self.client.post(self.create_url, **options)
            except BaseException as problem:
                # Content that is not an object, and no response: the connection was closed to reject it.
                self._settle(plan, sent=left(problem) and (content is None or isinstance(body, Mapping)))
                raise
            self._account(reply, plan, before)
        return reply

    def reserve(self, requests: int = 1, bodies: Sequence[Any] = ()) -> None:
        """Put aside what removing so many items may cost; `account()` for each answer, in order, settles it.

        Args:
            bodies: what the creates send, one each, so that their items can be found without an answer.

        Raises:
            Undecided: nothing may be created there: no budget, no ledger, or it changes what is not ours.
        """
        collection = list_comparison.begin(self.subject)
        if requests > 1 and not collection.made and collection.distinct is None and not collection.tried:
            # The first create is made alone.
            with suppress(Undecided):
                proving.confirm(self.subject, collection)
            list_comparison.begin(self.subject)
        cost = self._entry(self.url).requests
        self.count_creates(requests)
        try:
            self.client.recorder.budget.reserve(requests * cost)
        except Undecided:
            self.client.recorder.budget.count_create(key(self.url), -requests)
            raise
        for number in range(requests):
            body = bodies[number] if number < len(bodies) else MISSING
            try:
                self._plan(body)
            except Undecided:
                self.client.recorder.budget.release((requests - number) * cost)
                self.client.recorder.budget.count_create(key(self.url), number - requests)
                raise

    def account(self, reply: httpx.Response | None, *, sent: bool = True) -> None:
        """Take what the answer to a create says was created into the ledger.

        Args:
            reply: None where no answer came.
            sent: whether the request may have reached the target, where none came.
        """
        plan = next(plan for plan in self.ledger.plans if plan.entry.url == self.url)
        if reply is None:
            self._settle(plan, sent=sent)
        else:
            self._account(reply, plan)

    def account_for(
        self,
        plan: CreatePlan,
        id: str,
        reply: httpx.Response,
        before: list_comparison.Beforehand = list_comparison.NOTHING,
    ) -> None:
        """Take one item of a batch into the ledger.

        Args:
            reply: the response as if the item had been created alone.
            before: what was observed before the batch.
        """
        self._account(reply, plan, before, id=id)

    def adopt(self, id: str, reply: httpx.Response | None = None, body: Any = MISSING) -> None:
        """Add an item of the run to the ledger that no response named, or not at its URL.

        Args:
            reply: the answer to its create, where there is one.
            body: of its create.
        """
        # Nobody else gets a random id that the run has chosen.
        put = self.puts and not foreseeable(id)
        made = proving.claim(self.subject, id, reply, body, self.marker(body), put=put)
        if made.refused:
            return
        entry = self._entry(made.url, marks=made.marks)
        if not self.ledger.holds(entry.url):
            with suppress(BudgetSpent):
                self.client.recorder.budget.reserve(entry.requests)
            self.ledger.add(entry)

    def id_in(self, reply: httpx.Response) -> str | None:
        """The id of what a response says was created: from its content, else from Location."""
        if self.later(reply) is not None:
            return None
        if self.puts and reply.request.method == PUT:
            return id_at(str(reply.request.url), self.client.url(self.known.item))
        id = id_text(at(json_of(reply), self.known.id))
        location = reply.headers.get("location")
        return id if id is not None or not location else self._id_in_location(location)

    def _id_in_location(self, location: str) -> str | None:
        """The id at the end of Location; None where it leads elsewhere: to another origin, or not below the target."""
        try:
            url = self.client.resolve(location, self.create_url)
        except Undecided:
            # It is no URI reference.
            return None
        if leaves_its_place(urlsplit(location).path):
            return None
        try:
            place, target, own = key(url), key(self.client.target.url), key(self.url)
        except httpx.InvalidURL:
            return None
        if not strictly_below(place, target) or place == own or strictly_below(own, place):
            return None
        last = last_segment(url)
        return None if last is None else key_in(last, own.rpartition("/")[2]) or last

    def later(self, reply: httpx.Response) -> str | None:
        """What in the answer to a create says that it only began; None where it represents the item itself."""
        value = json_of(reply)

        def is_item(location: str) -> bool:
            try:
                url = self.client.resolve(location, self.create_url).partition("?")[0]
            except Undecided:
                return False
            return (id := last_segment(url)) is not None and url.rstrip("/") == self.item_url(id).rstrip("/")

        return later(reply.status_code, reply.headers, value, id_text(at(value, self.known.id)), is_item)

    def _parsed(self, content: bytes) -> Any:
        """The body that bytes are, in the shape of responses."""
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            return None
        if self.known.bare and isinstance(value, dict):
            inside = at(value, self.known.within)
            return enveloped(inside if isinstance(inside, dict) else value, self.known.representation)
        return value

    def _plan(self, body: Any) -> None:
        marker = self.marker(body) if body is not MISSING else None
        self.ledger.plan(
            self._entry(self.url), self.known, marker, lambda last: self.lost(marker, last=last), body
        )

    def enter(self, entry: Entry) -> None:
        """Take what is about to be created at a known URL into the ledger, and put its removal aside.

        Raises:
            Undecided: nothing may be created.
        """
        self.count_creates(1)
        try:
            self.client.recorder.budget.reserve(entry.requests)
            self.ledger.add(entry)
        except BudgetSpent:
            self.client.recorder.budget.count_create(key(self.url), -1)
            raise
        except Undecided:
            self.client.recorder.budget.count_create(key(self.url), -1)
            self.client.recorder.budget.release(entry.requests)
            raise

    def _settle(self, plan: CreatePlan, *, sent: bool) -> None:
        """A create without an answer."""
        if sent:
            self.ledger.lose(plan)
            with suppress(Undecided):
                list_comparison.after_create(self.subject, None, plan.marker, "")
        else:
            self.ledger.drop(plan)

    def _account(
        self,
        reply: httpx.Response,
        plan: CreatePlan,
        before: list_comparison.Beforehand = list_comparison.NOTHING,
        id: str | None = None,
    ) -> None:
        if id is None and reply.is_success:
            id = self.id_in(reply)
        made = None
        if id is not None:
            made = self.take(id, reply, plan)
            with suppress(Undecided):
                list_comparison.born(self.subject, made, reply, before)
        elif reply.status_code in (201, *REDIRECTED_TO_GET) or (
            reply.is_success and self.later(reply) is not None
        ):
            self.ledger.lose(plan)
        else:
            self.ledger.drop(plan)
        if not 400 <= reply.status_code < 500:
            list_comparison.after_create(self.subject, made, plan.marker, proving.exchange_id(reply))

    def take(self, id: str, reply: httpx.Response, plan: CreatePlan) -> Claim:
        """Settle a create whose response has an id: its item goes into the ledger if it belongs to the run."""
        with suppress(ValueError):
            self.ledger.lost.remove(plan)
            self.ledger.plans.append(plan)
        made = proving.claim(self.subject, id, reply, plan.body, plan.marker)
        if made.refused:
            self.ledger.lose(plan, made.refused)
        elif self.ledger.holds(made.url):
            # A replay under an idempotency key names an item that is known already.
            self.ledger.drop(plan)
        else:
            collection = self.client.recorder.ownership.collection(self.url)
            sure = bool(collection.complete or collection.distinct)
            self.ledger.made(plan, made.url, made.marks, sure=sure)
        return made

    def _entry(self, url: str, body: Any = MISSING, marks: Marks | None = None) -> Entry:
        known = self.known.capabilities.get("delete")
        read = self.known.capabilities.get("read")
        if marks is None and body is not MISSING:
            marks = proving.marks_of(self.subject, self.marker(body))
        return Entry(
            url,
            self.client,
            self.known.locking.if_match,
            known is None or known.there,
            marks=marks,
            readable=read is None or read.there,
            archive=archive_of(self.known),
        )
