"""Requests under an idempotency key, in the target's own syntax, and their effects.

Effects are counted on the target: listed items with the body's own text. Where no member accepts such a text, or the
list does not show it, the ids in the responses are counted instead.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import httpx
import jsonpointer

from harness import payloads
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.client.raw import connection
from harness.http.content import MISSING, at, differences, json_of, normalised, replaced, shown
from harness.payloads.constraints import joined, member
from harness.profile.models import Idempotency
from harness.race import Request
from harness.resource.item import Item
from harness.resource.matching import carriers, places
from harness.resource.resource import LONGEST_LAG, ResourceUnderTest
from harness.resource.tags import tag_pointer
from harness.rules.checks import Undecided, applies, control, note
from harness.rules.verdict import Level

DRAFT = "Internet-Draft draft-ietf-httpapi-idempotency-key-header-07"
IN_PROGRESS = (409, 425)
MARKS = ("idempotent-replayed", "idempotency-replayed", "idempotency-replay", "x-idempotent-replayed")


def new_key() -> str:
    """A key that no client has used: a UUID, as the Internet-Draft advises (section 2.2)."""
    return str(uuid.uuid4())


class Keyed:
    """Creates items of one resource under idempotency keys.

    Args:
        resource: its profile says how the key is sent.
    """

    def __init__(self, resource: ResourceUnderTest) -> None:
        self.resource = resource
        self.how = resource.known.idempotency or Idempotency()

    def under(self, credential: str) -> Keyed:
        """The same, as another client."""
        return Keyed(self.resource.under(credential))

    @property
    def promised(self) -> Level | None:
        """The level of at-most-once: MUST if the API promises it; None, for the rule's own level, otherwise."""
        return Level.MUST if self.how.exactly_once else None

    # -- requests --------------------------------------------------------------------------------------

    def fields(self, key: str) -> dict[str, str | None]:
        """The header field that carries the key; none where the body does."""
        if self.how.body is not None:
            return {}
        return {self.how.field: f'"{key}"' if self.how.key_format == "string" else key}

    def body(self, body: Any, key: str) -> Any:
        """The body with the key in it, where the API takes it there."""
        if self.how.body is None:
            return body
        return replaced(body, self.resource.known.representation + self.how.body, key)

    def post(self, key: str, body: Any) -> httpx.Response:
        """POST under a key; what it creates is removed at the end."""
        return self.resource.post(self.body(body, key), headers=self.fields(key))

    def without_key(self, body: Any) -> httpx.Response:
        """The same POST with no key at all."""
        if self.how.body is None:
            return self.resource.post(body, headers={self.how.field: None})
        return self.resource.post(replaced(body, self.resource.known.representation + self.how.body, MISSING))

    def request(self, key: str, body: Any) -> Request:
        """The same POST as a member of a race."""
        headers = self.resource.fields_for_create(self.fields(key))
        return Request("POST", self.resource.create_url, headers, json=self.body(body, key))

    def first(self, key: str, body: Any) -> httpx.Response:
        """The positive control: a valid POST under a fresh key.

        Raises:
            Undecided: it is refused.
        """
        reply = self.post(key, body)
        control(reply.is_success, f"a valid keyed create should succeed: {exchange_of(reply).summary()}")
        return reply

    def honoured(self) -> None:
        """The positive control of rules about unusual retries: a plain retry takes effect once.

        Raises:
            Undecided: a valid create is refused.
            NotApplicable: keys are not honoured at all, which IDEM-001 reports.
        """
        key, body = new_key(), self.resource.body()
        replies = [self.first(key, body), self.post(key, body)]
        one = len(self.items(body, replies)) < 2
        applies(one, f"a plain retry takes effect once (see IDEM-001): {summaries(replies)}")

    def lose_answer(self, key: str, body: Any) -> None:
        """POST under a key on a connection that is closed before the answer is read.

        `resource.reserve()` comes before it, `found_again()` after it.
        """
        resource, recorder = self.resource, self.resource.client.recorder
        # The same bytes as those of the retry: a server may compute a fingerprint of them.
        content = resource.written(self.body(body, key))
        fields = _lines(resource.fields_for_create(self.fields(key)))
        started = time.monotonic()
        with connection(resource.client) as wire:
            sent = wire.send_only("POST", resource.create_url, fields, content)
        request = httpx.Request(
            "POST", resource.create_url, headers=[(n.encode(), v.encode()) for n, v in sent]
        )
        why = "the harness closed the connection without reading the answer"
        hints: dict[str, object] = {"credential": resource.client.credential}
        recorder.log.record(request, content, None, b"", why, started, time.monotonic(), hints)

    def until_done(self, key: str, body: Any) -> list[httpx.Response]:
        """Retries until one is answered with neither a server error nor 409 or 425; at most five."""
        replies = []
        for pause in (0.1, 0.1, 0.3, 1.0, 1.5):
            # Even an impatient client does not retry at once.
            time.sleep(pause)
            replies.append(self.post(key, body))
            if replies[-1].status_code not in IN_PROGRESS and replies[-1].status_code < 500:
                break
        return replies

    # -- other bodies ----------------------------------------------------------------------------------

    def other_body(self) -> Any:
        """A valid body that differs in a member that a fingerprint should cover.

        Raises:
            Undecided: no such body is accepted under a key of its own.
        """
        for pointer in [*self._required(), None]:
            tried = self._altered(pointer)
            if tried is not None and self.post(new_key(), tried).is_success:
                return self._altered(pointer)
        raise Undecided(f"{self.resource.name} has no known member that accepts another value")

    def another_body(self, body: Any) -> Any | None:
        """A body in which only a second required member has another valid value; None without one."""
        pointers = self._required()[1:]
        tried = self._altered(pointers[0]) if pointers else None
        if tried is None or not self.post(new_key(), tried).is_success:
            return None
        return self._altered(pointers[0], body)

    def _altered(self, pointer: str | None, body: Any = MISSING) -> Any:
        """A body in which one member has another value; a new body when omitted."""
        body, known = self.resource.body() if body is MISSING else body, self.resource.known
        chosen = known if pointer is None else known.model_copy(update={"change": pointer})
        found = payloads.changed(chosen, body)
        return None if found is None or found[1] == self.how.body else found[0]

    def _required(self) -> list[str]:
        """Pointers of at most two required members that are no references, inside the representation."""
        known = self.resource.known
        if known.create_schema is None:
            return []
        inner = joined(known.create_schema, member(known.create_schema, known.representation) or {})
        names = [name for name in inner.get("required") or () if isinstance(name, str)]
        found = [
            "/" + jsonpointer.escape(name) for name in names if not re.search(r"(?i)(id|key|ref)s?$", name)
        ]
        return [one for one in found if one not in (*known.unique, self.how.body)][:2]

    def refused_for_content(self, reply: httpx.Response, body: Any) -> bool:
        """Whether a repetition may have been refused for its content, not for its key.

        A unique member may cause that; otherwise the same body is sent once more under a fresh key.
        """
        if reply.status_code < 400 or reply.status_code >= 500:
            return False
        return self.resource.can("unique") or not self.post(new_key(), body).is_success

    # -- effects ---------------------------------------------------------------------------------------

    def id(self, reply: httpx.Response) -> str | None:
        """The id of the item that a successful response says was created."""
        return self.resource.id_in(reply) if reply.is_success else None

    def ids(self, replies: Iterable[httpx.Response]) -> list[str]:
        """The distinct ids of the items that responses say were created."""
        return list(dict.fromkeys(id for reply in replies if (id := self.id(reply)) is not None))

    def items(self, body: Any, replies: Sequence[httpx.Response] = ()) -> list[str]:
        """Ids of all items that a body created; each is removed at the end.

        Args:
            body: as it was sent, apart from the key.
            replies: all answers to it.
        """
        named = self.ids(replies)
        listed = self._listed(body, named)
        for id in listed or ():
            self.resource.adopt(id, None, body)
        return named if listed is None else listed

    def found_again(
        self, body: Any, replies: Sequence[httpx.Response] = (), *, reserved: int = 1
    ) -> list[str]:
        """As `items()`, after requests whose answers were not read.

        Args:
            reserved: how many of them there were.
        """
        named = self.ids(replies)
        listed = self._listed(body, named)
        for id in listed or ():
            self.resource.adopt(id, None, body)
        for _ in range(reserved):
            self.resource.account(None, sent=listed is None)
        return named if listed is None else listed

    @property
    def countable(self) -> bool:
        return self.resource.can("tag") and self.resource.can("list")

    def note_how_counted(self) -> None:
        """Add a note where effects could not be counted on the target."""
        if not self.countable:
            note(
                "effects were counted by the ids in the responses: no listed member takes a text that identifies items"
            )

    def _listed(self, body: Any, named: list[str]) -> list[str] | None:
        """Ids of listed items that carry the body's text; None where the list cannot be trusted for that."""
        pointer = tag_pointer(self.resource.known, body) if self.countable else None
        if pointer is None:
            return None
        found: list[str] = []

        def seen() -> bool:
            members = self.resource.members()
            found[:] = carriers(
                members.items,
                places(self.resource.known, pointer),
                at(body, pointer),
                self.resource.listed_id,
            )
            return set(named) <= set(found)

        window = LONGEST_LAG if self.resource.can("lag") else 0.0
        return found if eventually(seen, window) else None

    def not_ours(self, reply: httpx.Response, body: Any) -> bool:
        """Whether a successful response shows another text than the body's; its item is then left alone."""
        pointer = tag_pointer(self.resource.known, body) if self.resource.can("tag") else None
        shows = at(json_of(reply), pointer) if pointer is not None and reply.is_success else MISSING
        if pointer is None or shows is MISSING or shows == at(body, pointer):
            return False
        id = self.id(reply)
        if id is not None:
            self.resource.ledger.forget(self.resource.item_url(id))
        return True

    def item(self, reply: httpx.Response, body: Any) -> Item:
        """The item that a response says was created.

        Raises:
            Undecided: the response has no id.
        """
        id = self.id(reply)
        if id is None:
            raise Undecided(f"the response to a create has no id: {exchange_of(reply).summary()}")
        return Item(self.resource, id, body, reply)


def summaries(replies: Iterable[httpx.Response]) -> str:
    """Responses in one line of a finding."""
    return "; ".join(exchange_of(reply).summary() for reply in replies)


def unlike_result(first: httpx.Response, again: httpx.Response, volatile: Sequence[str] = ()) -> list[str]:
    """How a replay differs from the result of the first request, in sentences; none where it is the same.

    Args:
        volatile: locations that change by themselves.
    """
    found = []
    if first.status_code != again.status_code:
        found.append(f"status {again.status_code} instead of {first.status_code}")
    location, repeated = first.headers.get("location"), again.headers.get("location")
    if location is not None and repeated != location:
        found.append(f"{'no Location' if repeated is None else f'Location {repeated}'} instead of {location}")
    one, two = json_of(first), json_of(again)
    if (one is MISSING) != (two is MISSING):
        found.append("one of the two has JSON content, the other does not")
    elif one is not MISSING:
        for where in differences(normalised(one, volatile=volatile), normalised(two, volatile=volatile))[:3]:
            found.append(f"{where} is {shown(at(two, where), 40)} instead of {shown(at(one, where), 40)}")
    return found


def is_replay(first: httpx.Response, other: httpx.Response) -> bool:
    """Whether the response to another operation is the stored result of the first."""
    if not other.is_success:
        return False
    one, two = json_of(first), json_of(other)
    if one is MISSING or two is MISSING:
        location = first.headers.get("location")
        return one is two and location is not None and other.headers.get("location") == location
    return isinstance(one, dict) and bool(one) and not differences(one, two)


def mark_of_replay(fields: Mapping[str, str]) -> str | None:
    """The field that marks a response as a replay, or None."""
    return next((f"{name}: {fields[name]}" for name in MARKS if name in fields), None)


def _lines(fields: Mapping[str, str | None]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in fields.items() if value is not None]
