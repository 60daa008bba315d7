"""One item that several writers change at once: what they send, and what the target shows afterwards."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from harness import payloads
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, json_of, replaced, shown, shown_at
from harness.http.fields import FRESH
from harness.profile import models as profile
from harness.race import Member, Race, Request
from harness.race.outcomes import Attempt, distinct, equal, refused, won
from harness.resource.item import Item
from harness.resource.patch_documents import MERGE_PATCH
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import control, inconclusive, not_applicable


@dataclass(frozen=True)
class ContestedRead:
    """What a GET of an item showed.

    Attributes:
        value: at the place that the writers change.
        etag: its entity tag, None without.
        version: its version member; `MISSING` where there is none.
    """

    reply: httpx.Response
    value: Any
    etag: str | None
    version: Any


class Contested:
    """An item and the writers that change one member of it.

    Args:
        item: what they change.
        window: seconds after which a read must show a completed write.
        patching: prefer PATCH, where both are there.
        pointers: the members that every write sets, inside the representation; one that may change when omitted.
    """

    def __init__(
        self, item: Item, window: float, *, patching: bool = False, pointers: Sequence[str] = ()
    ) -> None:
        self.item, self.window = item, window
        self.resource: ResourceUnderTest = item.resource
        self.known: profile.Resource = self.resource.known
        self.method = method_of(self.resource, patching)
        self.pointers = list(pointers) or [changeable(self.known, item.sent)]
        self.base = item.put_body() if self.method == "PUT" else item.sent

    @property
    def places(self) -> list[str]:
        return [self.known.representation + pointer for pointer in self.pointers]

    def values(self, count: int) -> list[Any]:
        """So many values for the first member, all different and unlike the one that it was created with.

        Raises:
            Undecided: there are not two.
        """
        pointer = self.pointers[0]
        found = distinct(others(self.known, self.base, pointer), count)
        if len(found) < 2:
            inconclusive(f"no member of {self.resource.name} is known to accept many values: set `change`")
        return found

    def request(
        self,
        values: Sequence[Any],
        *,
        etag: str | None = None,
        version: Any = MISSING,
        condition: bool = True,
    ) -> Request:
        """A write of these values to the members, on condition of the entity tag or the version."""
        fields: dict[str, str | None] = {"Content-Type": self.known.media_type}
        if etag is not None and (condition or self.known.locking.if_match):
            fields["If-Match"] = etag
        if self.method == "PUT":
            body = copy.deepcopy(self.base)
            for place, value in zip(self.places, values, strict=True):
                body = replaced(body, place, value)
            if version is not MISSING:
                body = replaced(body, self.version_place, version)
        else:
            fields["Content-Type"] = patch_type(self.known)
            body = self._patch(values, version)
        return Request(self.method, self.item.url, fields, json=body)

    def _patch(self, values: Sequence[Any], version: Any) -> Any:
        changes = list(zip(self.places, values, strict=True))
        if "json-patch" in patch_type(self.known):
            tests = (
                [] if version is MISSING else [{"op": "test", "path": self.version_place, "value": version}]
            )
            return [
                *tests,
                *({"op": "replace", "path": place, "value": value} for place, value in changes),
            ]
        body: Any = {}
        if version is not MISSING:
            changes.append((self.version_place, version))
        for place, value in changes:
            body = replaced(body, place, value)
        return body

    @property
    def version_place(self) -> str:
        return self.known.version_pointer or self.known.representation

    def look(self) -> ContestedRead:
        """What the item shows now.

        Raises:
            Undecided: it cannot be read.
        """
        reply = self.item.get(headers=FRESH)
        control(reply.is_success, f"the item should be readable: {exchange_of(reply).summary()}")
        return self.seen(reply)

    def seen(self, reply: httpx.Response) -> ContestedRead:
        value = json_of(reply)
        version = MISSING if self.known.locking.version is None else shown_at(value, self.version_place)
        return ContestedRead(reply, shown_at(value, self.places[0]), reply.headers.get("etag"), version)

    def all_values(self, reply: httpx.Response) -> list[Any]:
        value = json_of(reply)
        return [shown_at(value, place) for place in self.places]

    def settled(self, holds: Callable[[Any], bool]) -> ContestedRead:
        """What the item shows once the value holds, or at the end of the window."""
        last: list[ContestedRead] = []

        def look() -> bool:
            last[:] = [self.look()]
            return holds(last[0].value)

        eventually(look, self.window)
        return last[0]

    def send(self, request: Request) -> httpx.Response:
        """The request by itself, not raced."""
        return self.resource.client.request(
            request.method, request.url, json=request.json, headers=dict(request.headers)
        )

    def check_conditions(self, *, by_version: bool = False) -> None:
        """The control of all conditional writes: a current condition is accepted, a stale one is not.

        Raises:
            NotApplicable: the target gives no condition that could be tested, or ignores it.
            Undecided: a write with a current condition is not accepted, or does not show.
        """
        before = self.look()
        what = "version" if by_version else "entity tag"
        if not by_version:
            if before.etag is None:
                not_applicable("GET of the item carries no ETag")
            if before.etag.startswith("W/"):
                reply = self.send(self._single(self.values(2)[0], before.etag, before.version))
                ignored = (
                    f"; but {exchange_of(reply).summary()}: it is ignored, or compared weakly"
                    if won(reply.status_code)
                    else ""
                )
                not_applicable(
                    f"ETag: {before.etag} is weak: If-Match never matches it (RFC 9110 section 13.1.1){ignored}"
                )
        elif before.version is MISSING:
            inconclusive(f"the item has no version at {self.version_place} (see COND-008)")
        first, second = self.values(2)[:2]
        condition = None if by_version and not self.known.locking.if_match else before.etag
        reply = self.send(self._single(first, condition, before.version))
        control(
            reply.is_success,
            f"a write with the current {what} should succeed: {exchange_of(reply).summary()}",
        )
        after = self.settled(lambda value: equal(value, first))
        control(
            equal(after.value, first),
            f"{self.places[0]} should be {shown(first)} after that was written, and is {shown(after.value)}",
        )
        unchanged = equal(after.version, before.version) if by_version else after.etag == before.etag
        if unchanged and by_version:
            inconclusive(f"the {what} is the same before and after a change (see COND-008)")
        if unchanged:
            not_applicable(f"the {what} is the same before and after a change, so it protects nothing")
        condition = after.etag if by_version else before.etag
        version = before.version if by_version else after.version
        stale = self.send(self._single(second, condition, version))
        if won(stale.status_code):
            field = "version" if by_version else "If-Match"
            not_applicable(
                f"a stale {field} is ignored even without a race, so a race would show nothing: "
                f"{exchange_of(stale).summary()}"
            )
        control(
            refused(stale.status_code), f"a stale {what} should be refused: {exchange_of(stale).summary()}"
        )

    def _single(self, value: Any, etag: str | None, version: Any) -> Request:
        return self.request([value, *self.rest()], etag=etag, version=version)

    def rest(self) -> list[Any]:
        """Values of the members beside the first, as they were created."""
        return [at(self.base, place) for place in self.places[1:]]

    def storm(self, now: ContestedRead, count: int) -> tuple[list[Any], list[Request]]:
        """So many writes with the same condition, each with a value of its own."""
        values = [value for value in self.values(count + 1) if not equal(value, now.value)][:count]
        return values, [self._single(value, now.etag, now.version) for value in values]


def attempts(result: Race, values: Sequence[Any]) -> list[Attempt]:
    """The members of a race as attempts; one that never left is none."""
    return [
        Attempt(value, member.status)
        for value, member in zip(values, result.members, strict=True)
        if left(member)
    ]


def left(member: Member) -> bool:
    """Whether a member may have reached the target."""
    return member.released is not None or member.reply is not None


def statuses(result: Race) -> list[int | None]:
    return [member.status for member in result.members if left(member)]


def method_of(resource: ResourceUnderTest, patching: bool = False) -> str:
    """The method that changes an item: PUT or PATCH.

    Raises:
        NotApplicable: there is none.
    """
    there = {"PUT": resource.can("replace"), "PATCH": resource.can("update") and bool(resource.known.patch)}
    found = [method for method in ("PATCH", "PUT") if there[method]]
    if not found:
        not_applicable(f"items of {resource.name} can neither be replaced (PUT) nor updated (PATCH)")
    return found[0] if patching else found[-1]


def patch_type(known: profile.Resource) -> str:
    """The media type of a PATCH: one whose content looks like the item, if that is taken."""
    taken = known.patch or [MERGE_PATCH]
    return MERGE_PATCH if MERGE_PATCH in taken else taken[0]


def changeable(known: profile.Resource, body: Any) -> str:
    """The member that writers change.

    Raises:
        Undecided: none is known.
    """
    return _changed(known, body)[1]


def changeable_body(known: profile.Resource, body: dict[str, Any]) -> dict[str, Any]:
    """A body in which the member that writers change has a value of its own.

    Raises:
        Undecided: there is no such member.
    """
    return _changed(known, body)[0]


def _changed(known: profile.Resource, body: Any) -> tuple[dict[str, Any], str]:
    found = payloads.changed(known, body)
    if found is None:
        inconclusive(f"no member of {known.name} is known to be changeable by an update: set `change`")
    return found


def changeable_members(known: profile.Resource, body: Any, most: int) -> list[str]:
    """Up to so many members that writers may change, the safest first."""
    found: list[str] = []
    for _ in range(most):
        names = [pointer.rsplit("/", 1)[-1] for pointer in found]
        left_over = known.model_copy(update={"change": None, "read_only": [*known.read_only, *names]})
        one = payloads.changed(left_over, body)
        if one is None or one[1] in found:
            break
        found.append(one[1])
    return found


def others(known: profile.Resource, body: Any, pointer: str) -> Iterator[Any]:
    """Other values of a member, without end."""
    chosen = known.model_copy(update={"change": pointer})
    for _ in itertools.count():
        found = payloads.changed(chosen, body)
        if found is None:
            return
        yield at(found[0], known.representation + pointer)
