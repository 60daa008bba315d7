"""Actions that add to a member of an item: by how much, as two of them one after the other show."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol

import httpx
import jsonpointer

from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.race import Request
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided, evidence

LENGTH = "/#"
"""End of what stands for the length of an array."""
MOST = 2
"""Actions of one resource that are tried."""
_COUNTS_WRITES = re.compile(
    r"_*v(ersion)?|.*(version|revision|modified|updated|etag|sequence|generation).*|rev|seq", re.I
)


class Adding(Protocol):
    """An action that the document has; `harness.survey.openapi.adding` finds them."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def body(self) -> Any: ...
    @property
    def keyed(self) -> bool: ...
    def of(self, item_path: str) -> str | None: ...


def steps(states: Sequence[Any], added: Any) -> dict[str, int]:
    """By how much each whole number, and the length of each array, of an item grows with each action. Pure.

    Args:
        states: before the first action, between the two, and after the second.
        added: content of the actions; where it has whole numbers, numbers grow by one of them.

    Returns:
        By pointer; that of a length ends in `LENGTH`.
    """
    numbers = [_numbers(state) for state in states]
    wanted = {abs(one) for one in _numbers(added).values()}
    found = {}
    for place, last in numbers[-1].items():
        shown = [one.get(place, 0) for one in numbers[:-1]] + [last]
        step = shown[1] - shown[0]
        alike = all(later - earlier == step for earlier, later in pairwise(shown))
        fits = step == 1 if place.endswith(LENGTH) else not wanted or abs(step) in wanted
        if step and alike and fits:
            found[place] = step
    return {
        place: step for place, step in found.items() if not _COUNTS_WRITES.fullmatch(place.rpartition("/")[2])
    }


def _numbers(value: Any, pointer: str = "") -> dict[str, int]:
    if type(value) is int:
        return {pointer: value}
    if isinstance(value, list):
        return {pointer + LENGTH: len(value)}
    found: dict[str, int] = {}
    for name, inner in value.items() if isinstance(value, Mapping) else ():
        found |= _numbers(inner, f"{pointer}/{jsonpointer.escape(str(name))}")
    return found


class Adder:
    """An action of one item, with what it adds.

    Args:
        field: of the idempotency key.

    Attributes:
        place: of the member in a representation without an envelope; see `steps()`.
        step: what each action adds to it.

    Raises:
        Undecided: it is refused, or two of them do not add the same.
    """

    def __init__(self, item: Item, action: Adding, path: str, field: str, window: float) -> None:
        self.item, self.action, self.field, self.window = item, action, field, window
        self.url = item.url_of(path)
        item.prove()
        states = [item.state()]
        for _ in range(2):
            reply = self.send(str(uuid.uuid4()))
            if not reply.is_success:
                raise Undecided(f"it is refused: {exchange_of(reply).summary()}")
            eventually(lambda: item.state() != states[-1], window)
            states.append(item.state())
        found = steps(states, action.body)
        if not found:
            raise Undecided("no member shows the same sum added twice")
        self.place, self.step = next(iter(found.items()))
        self.value = _numbers(states[-1])[self.place]

    @property
    def name(self) -> str:
        """The action, for a finding."""
        return f"{self.action.method} {self.action.path}"

    def request(self, key: str) -> Request:
        """The action under a key, if it takes one."""
        fields: dict[str, str | None] = {}
        if self.action.body is not None:
            fields["Content-Type"] = "application/json"
        if self.action.keyed:
            fields[self.field] = key
        return Request(self.action.method, self.url, fields, json=self.action.body)

    def send(self, key: str) -> httpx.Response:
        """Perform the action alone."""
        one = self.request(key)
        return self.item.client.request(one.method, one.url, json=one.json, headers=one.headers)

    def grown(self, times: int, window: float | None = None) -> int:
        """How often the action took effect since the last look: `times`, or what shows when the window is over.

        Args:
            window: seconds; the profile's when omitted.

        Raises:
            Undecided: the member has changed otherwise.
        """

        def count() -> int | None:
            now = _numbers(self.item.state()).get(self.place)
            grown = None if now is None else now - self.value
            return None if grown is None or grown % self.step else grown // self.step

        eventually(lambda: count() == times, self.window if window is None else window)
        found = count()
        if found is None:
            raise Undecided(
                f"{self.place} does not change by {self.step} any more: does another client write?"
            )
        self.value += found * self.step
        return found


def adders(
    resource: ResourceUnderTest, documented: Sequence[Adding], field: str, window: float
) -> Iterator[Adder]:
    """Documented actions of a resource that were seen to add, each on an item of its own."""
    known = resource.known
    own = [(one, path) for one in documented if (path := one.of(known.item)) is not None]
    for action, path in own[:MOST]:
        try:
            yield Adder(resource.create(), action, path, field, window)
        except Undecided as problem:
            evidence(f"{action.method} {action.path} was not judged: {problem}")
