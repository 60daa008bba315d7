"""Flows of several requests, each on a connection of its own, that take turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from harness.client.client import exchange_of
from harness.http.content import at, json_of
from harness.profile.models import Resource
from harness.race.outcomes import equal
from harness.resource.canary import body_with_canary
from harness.resource.contested import Contested, ContestedRead
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import inconclusive

from .judge import BUSY, Glance

CONFLICTS = (409, 412)


class Flow:
    """Creates an item, reads it, and changes it twice.

    Args:
        name: for findings.
        resource: under the credential of the flow.
        window: seconds after which a read must show a completed write.
    """

    def __init__(self, name: str, resource: ResourceUnderTest, window: float) -> None:
        self.name, self.resource, self.window = name, resource, window
        self.looked: ContestedRead | None = None
        self.refused: list[str] = []
        self.own: Any = None
        self.values: list[Any] = []

    def create(self) -> None:
        self.item: Item = self.resource.create(body_with_canary(self.resource))
        self.item.prove()
        self.contested = Contested(self.item, self.window)
        self.values = self.contested.values(2)

    def look(self) -> None:
        self.looked = self.contested.look()
        self.own = self.looked.value if self.own is None else self.own

    def write(self, value: Any) -> None:
        """Change the item, on condition of what the flow read last where writes need a condition."""
        reply = self._send(value)
        if reply.status_code in CONFLICTS:
            # An item may change by itself between the read and the write.
            self.looked = self.contested.look()
            reply = self._send(value)
        if reply.status_code in BUSY:
            inconclusive(f"{self.name}: {exchange_of(reply).summary()}")
        if reply.is_success:
            self.own = value
        else:
            self.refused.append(f"{self.name}: {exchange_of(reply).summary()}")

    def _send(self, value: Any) -> httpx.Response:
        assert self.looked is not None
        request = self.contested.request(
            [value], etag=self.looked.etag, version=self.looked.version, condition=False
        )
        return self.contested.send(request)

    def settle(self) -> None:
        self.looked = self.contested.settled(lambda value: equal(value, self.own))

    def glance(self, others: Sequence[Flow]) -> tuple[int, str | None]:
        """The status of one more read, and what is wrong with it."""
        reply = self.item.get()
        summary = exchange_of(reply).summary()
        if not reply.is_success:
            return reply.status_code, None
        value = at(json_of(reply), self.contested.places[0])
        written = tuple((one.name, one.own) for one in others if one is not self)
        return reply.status_code, Glance(summary, value, self.own, written).fault(self.name)


def run(flows: Sequence[Flow]) -> None:
    """Let flows take turns: each sends one request, then the next one does."""
    for flow in flows:
        flow.create()
    for flow in flows:
        flow.look()
    for flow in flows:
        flow.write(flow.values[0])
    for flow in flows:
        flow.settle()
    for flow in reversed(flows):
        flow.write(flow.values[1])
    for flow in flows:
        flow.settle()


def changeable(known: Resource) -> bool:
    """Whether items can be replaced or updated."""
    return known.missing("replace") is None or (known.missing("update") is None and bool(known.patch))
