"""Conditional writes to one item by one method, with their effect read back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from harness.client.budget import BudgetSpent
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, json_of, shown, shown_at
from harness.http.fields import FRESH, EntityTag, entity_tag, http_date
from harness.race.outcomes import equal
from harness.resource.contested import Contested
from harness.resource.resource import ResourceUnderTest
from harness.resource.soft_delete import looks_deleted
from harness.rules.checks import Undecided, control, expect, inconclusive

from .judge import Write, other_tag

VALUES = 6
REFUSALS = 3
"""Writes with the current tag that must all be refused before that is reported."""


class Guarded:
    """A new item, and one method that changes or removes it.

    Args:
        method: PUT, PATCH or DELETE, which the resource has.
        window: seconds after which a read must show a completed write.

    Attributes:
        answer: the response to the last attempt.
        before: the response to a GET before the deletion.
    """

    answer: httpx.Response
    before: httpx.Response

    def __init__(self, resource: ResourceUnderTest, method: str, window: float) -> None:
        self.resource, self.method, self.window = resource, method, window
        self.item = resource.create()
        self.contested: Contested | None = None
        self.values: list[Any] = []
        self.written: Any = MISSING
        self._turn = 0
        if method != "DELETE":
            self.contested = Contested(self.item, window, patching=method == "PATCH")
            self.values = self.contested.values(VALUES)

    def look(self) -> httpx.Response:
        """The response to a GET of the item that bypasses caches.

        Raises:
            Undecided: it cannot be read.
        """
        reply = self.item.get(headers=FRESH)
        control(reply.status_code == 200, f"the item should be readable: {exchange_of(reply).summary()}")
        return reply

    @property
    def tag(self) -> EntityTag | None:
        """Its current entity tag."""
        return entity_tag(self.look().headers.get("etag"))

    @property
    def version(self) -> Any:
        """Its current version member; `MISSING` where writes carry none."""
        if self.contested is None or self.resource.known.locking.version is None:
            return MISSING
        return shown_at(json_of(self.look()), self.contested.version_place)

    def needed(self) -> dict[str, str | None]:
        """The condition that every write needs: If-Match where the target requires it, otherwise none."""
        fields = self.item.write_fields()
        return {name: value for name, value in fields.items() if name == "If-Match"}

    def next_value(self) -> Any:
        """A value for the member that writes change, different from the one before."""
        self._turn += 1
        return self.values[(self._turn - 1) % len(self.values)] if self.values else None

    def write(
        self, value: Any, fields: Mapping[str, str | None], *, version: Any = MISSING
    ) -> httpx.Response:
        """Send the write.

        Args:
            value: for the member that writes change.
            fields: in addition to those that the content needs.
            version: to base it on; the current one when omitted.
        """
        client = self.resource.client
        if self.contested is None:
            self.before = self.look()
            return client.delete(self.item.url, headers=dict(fields))
        self.written = value
        based_on = self.version if version is MISSING else version
        request = self.contested.request([value], version=based_on)
        headers = {**dict(request.headers), **fields}
        return client.request(request.method, request.url, json=request.json, headers=headers)

    def is_shown(self, reply: httpx.Response) -> bool:
        """Whether a response shows the value that was written last."""
        if self.contested is None:
            return self.gone(reply)
        return reply.status_code == 200 and equal(
            shown_at(json_of(reply), self.contested.places[0]), self.written
        )

    def gone(self, reply: httpx.Response) -> bool:
        """Whether a response shows that the item is deleted; some items remain readable with a marker."""
        if reply.status_code != 200:
            # Absence may be 404, 410 or 403; before, the item was readable.
            return 400 <= reply.status_code < 500
        value, marker = json_of(reply), self.resource.known.soft_delete
        marked = marker is not None and at(value, self.resource.known.representation + marker)
        return bool(marked) or looks_deleted(json_of(self.before), value) is not None

    def settled(self, window: float) -> tuple[bool, httpx.Response]:
        """Whether a read shows the value written last, now or within the window in seconds; and the last read."""
        last: list[httpx.Response] = []

        def look() -> bool:
            last[:] = [self.item.get(headers=FRESH)]
            return self.is_shown(last[0])

        shows = eventually(look, window)
        if shows and self.contested is None:
            # Only once it is seen: a deletion that was answered but not done is left to the cleanup.
            self.resource.ledger.forget(self.item.url)
        return shows, last[0]

    def succeed(self, fields: Mapping[str, str | None], what: str, value: Any = MISSING) -> httpx.Response:
        """The positive control: a write that must succeed and be shown.

        Args:
            fields: its condition.
            what: the condition, as described in a reason.
            value: to write; a new one when omitted.

        Returns:
            The read that shows it.

        Raises:
            Undecided: it does not.
        """
        reply = self.write(self.next_value() if value is MISSING else value, fields)
        summary = exchange_of(reply).summary()
        if reply.status_code == 412 and self.contested is not None:
            performed, read = self.settled(0)
            expect(
                not performed,
                "no effect of a write that is answered 412",
                f"{summary} with {what}, and {exchange_of(read).summary()} shows the write",
            )
        control(reply.is_success, f"a {self.method} with {what} should succeed: {summary}")
        shows, read = self.settled(self.window)
        if not shows:
            inconclusive(f"{summary} with {what}, but {exchange_of(read).summary()} does not show it")
        return read

    def attempt(self, fields: Mapping[str, str | None], what: str, *, version: Any = MISSING) -> Write:
        """Send a write with a false condition."""
        reply = self.answer = self.write(self.next_value(), fields, version=version)
        performed, _ = self.settled(self.window if reply.is_success else 0)
        return Write(f"{exchange_of(reply).summary()} with {what}", reply.status_code, performed)


def writing(resource: ResourceUnderTest, *methods: str) -> list[str]:
    """Those of the methods (all of PUT, PATCH and DELETE when omitted) that the resource supports for items."""
    there = {
        "PUT": resource.can("replace"),
        "PATCH": resource.can("update") and bool(resource.known.patch),
        "DELETE": resource.can("delete"),
    }
    return [method for method in methods or there if there[method]]


def locked_by_version(resource: ResourceUnderTest) -> bool:
    """Whether changes are based on a version in the content instead of an entity tag."""
    return resource.known.locking.version is not None and not resource.can("etag")


@dataclass(frozen=True)
class Attempts:
    """The results of writes with a false condition, by each method.

    Attributes:
        writes: of the methods whose control succeeded.
        undecided: why the controls of the others failed.
        stuck: how the declared version fails to change with writes.
        barred: how writes with the current tag are refused.
    """

    writes: list[Write]
    undecided: list[str]
    stuck: list[str] = field(default_factory=list)
    barred: list[str] = field(default_factory=list)


def stale_writes(resource: ResourceUnderTest, window: float) -> Attempts:
    """A write by each method with a false If-Match, or with a stale version where versions are used for locking.

    Before each, the same write with a current condition succeeds.
    """
    by_version = locked_by_version(resource)
    methods = writing(resource, "PUT", "PATCH") if by_version else writing(resource)

    def attempt(guarded: Guarded, found: Attempts) -> None:
        if not by_version:
            try:
                found.writes.append(_stale_tag(guarded))
            except Undecided:
                barred = current_tag_refused(Guarded(resource, guarded.method, window))
                if barred is None:
                    raise
                found.barred.append(barred)
        elif (stuck := version_stuck(guarded)) is not None:
            found.stuck.append(stuck)
        else:
            found.writes.append(stale_version(guarded))

    return _attempts(resource, methods, window, attempt)


def versions_beside_tags(resource: ResourceUnderTest, window: float) -> Attempts:
    """A write by PUT and by PATCH with a stale version, where the version is declared beside entity tags.

    None where writes must carry If-Match as well: a server may then go by that alone.
    """
    both = resource.known.locking.version is not None and not locked_by_version(resource)

    def attempt(guarded: Guarded, found: Attempts) -> None:
        if (stuck := version_stuck(guarded)) is not None:
            found.stuck.append(stuck)
        elif not guarded.needed():
            found.writes.append(stale_version(guarded))

    return _attempts(resource, writing(resource, "PUT", "PATCH") if both else (), window, attempt)


def _attempts(
    resource: ResourceUnderTest,
    methods: Iterable[str],
    window: float,
    attempt: Callable[[Guarded, Attempts], None],
) -> Attempts:
    """What the attempts by several methods came to; one that cannot be decided does not end the others."""
    found = Attempts([], [])
    for method in methods:
        try:
            attempt(Guarded(resource, method, window), found)
        except BudgetSpent:
            raise
        except Undecided as reason:
            found.undecided.append(str(reason))
    return found


def version_stuck(guarded: Guarded) -> str | None:
    """How the declared version fails to change with a successful write; None if it changes."""
    before = guarded.version
    tag = guarded.tag
    needed = guarded.needed() if tag is None or tag.weak else {"If-Match": str(tag)}
    guarded.succeed(needed, f"the current version ({shown(before)})")
    after = guarded.version
    if not equal(before, after):
        return None
    return f"{shown(before)} before and after a {guarded.method} that changed the item"


def stale_version(guarded: Guarded) -> Write:
    """A write that carries the version before the last change; before it, one with the current version succeeds."""
    before = guarded.version
    guarded.succeed(guarded.needed(), f"the current version ({shown(before)})")
    after = guarded.version
    return guarded.attempt(
        guarded.needed(), f"the version {shown(before)}, now {shown(after)}", version=before
    )


def current_tag_refused(guarded: Guarded) -> str | None:
    """How a write with the item's current strong tag is refused, and one without a condition succeeds; else None.

    Asked several times, and only while GET shows the same tag before and after: other clients, or other nodes, may
    change it in between.
    """
    if guarded.needed():
        return None
    said = ""
    for _ in range(REFUSALS):
        tag = guarded.tag
        # Several nodes that take turns may each have tags of their own.
        if tag is None or tag.weak or {guarded.tag, guarded.tag} != {tag}:
            return None
        reply = guarded.write(guarded.next_value(), {"If-Match": str(tag)})
        if reply.status_code not in (412, 500) or guarded.tag != tag:
            return None
        said = f"{exchange_of(reply).summary()} with If-Match: {tag}, which GET shows before and after"
    plain = guarded.write(guarded.next_value(), {})
    shows, _ = guarded.settled(guarded.window) if plain.is_success else (False, plain)
    return f"{said}; {exchange_of(plain).summary()} without a condition" if shows else None


def _stale_tag(guarded: Guarded) -> Write:
    tag = guarded.tag
    if tag is None:
        inconclusive("a GET of the item has no ETag any more")
    stale = other_tag(tag)
    # A weak tag never matches: a conforming server refuses even the current one (section 13.1.1).
    condition = guarded.needed() if tag.weak else {"If-Match": str(tag)}
    what = f"If-Match: {tag}, its current tag," if condition else "no condition"
    if guarded.method == "DELETE":
        delete_another(guarded, conditional=not tag.weak)
    else:
        guarded.succeed(condition, what)
        if guarded.tag != tag:
            stale = tag
    return guarded.attempt({"If-Match": str(stale)}, f"If-Match: {stale}, which is not its tag")


def delete_another(guarded: Guarded, *, conditional: bool) -> None:
    """The control of a DELETE, on another item as it removes it, with or without its tag in If-Match.

    Raises:
        Undecided: it does not succeed, or the item remains.
    """
    other = Guarded(guarded.resource, "DELETE", guarded.window)
    tag = other.tag
    condition = {"If-Match": str(tag)} if conditional and tag is not None else other.needed()
    other.succeed(condition, f"If-Match: {tag}, its current tag," if condition else "no condition")


def ignores_if_match(resource: ResourceUnderTest, method: str, window: float) -> bool:
    """Whether a method is performed although its If-Match is false; False where that cannot be found out."""
    try:
        guarded = Guarded(resource, method, window)
        tag = guarded.tag
        return tag is not None and guarded.attempt({"If-Match": str(other_tag(tag))}, "a false tag").performed
    except BudgetSpent:
        raise
    except Undecided:
        return False


def just_now(reply: httpx.Response) -> bool:
    """Whether the representation changed less than two seconds before it was sent."""
    date, modified = (http_date(reply.headers.get(name)) for name in ("date", "last-modified"))
    return date is not None and modified is not None and (date - modified).total_seconds() < 2
