"""What causes an event: an item is created or deleted, or a request is sent."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

from harness.client.client import Client, exchange_of
from harness.payloads import run_token
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import control, inconclusive

_numbers = itertools.count(1)


class Cause:
    """Causes an event each time it is called; returns a text that the event shows, if anything does.

    Attributes:
        began: when the request that caused the latest event was sent, on the monotonic clock.
        resource: whose item it is; None where it is of no item.
        item: the item of the latest event; None where it is of none.
    """

    began = 0.0
    resource: ResourceUnderTest | None = None
    item: Item | None = None

    def __call__(self) -> str:
        raise NotImplementedError


class Creates(Cause):
    """Creates an item. One that is made before shows that creates are new, so that later ones send nothing else."""

    def __init__(self, resource: ResourceUnderTest) -> None:
        self.resource = resource
        resource.create().prove()

    def __call__(self) -> str:
        assert self.resource is not None
        self.began = time.monotonic()
        self.item = self.resource.create()
        return self.item.id


class Deletes(Cause):
    """Deletes an item that was created before."""

    def __init__(self, resource: ResourceUnderTest) -> None:
        self.resource = resource
        self.item = resource.create()
        self.item.prove()

    def __call__(self) -> str:
        assert self.item is not None
        self.began = time.monotonic()
        reply = self.item.delete()
        control(reply.is_success, f"the item should be deleted: {exchange_of(reply).summary()}")
        return self.item.id


class Sends(Cause):
    """Sends a request of the profile.

    Args:
        where: in the profile it is named.
        body: JSON content, in which `{mark}` becomes a text of its own for each event; None for no content.
    """

    def __init__(self, client: Client, method: str, path: str, where: str, body: Any = None) -> None:
        self.client, self.method, self.path, self.where, self.body = client, method, path, where, body
        self.client.may_change(method, path)

    def __call__(self) -> str:
        mark = f"{run_token.current()}-{next(_numbers)}-" if self.body is not None else ""
        content = None if self.body is None else _filled(self.body, mark)
        self.began = time.monotonic()
        reply = self.client.request(self.method, self.path, json=content)
        control(
            reply.is_success, f"the request of {self.where} should succeed: {exchange_of(reply).summary()}"
        )
        return mark


def _filled(value: Any, mark: str) -> Any:
    if isinstance(value, str):
        return value.replace("{mark}", mark)
    if isinstance(value, dict):
        return {name: _filled(inner, mark) for name, inner in value.items()}
    return [_filled(inner, mark) for inner in value] if isinstance(value, list) else value


def cause_of(
    text: str,
    client: Client,
    make_resource: Callable[[str], ResourceUnderTest],
    where: str,
    body: Any = None,
) -> Cause:
    """What the profile says causes an event.

    Args:
        text: the name of a resource, `delete NAME`, or a request such as `POST /imports`.
        where: in the profile it says so, for messages.
        body: JSON content of that request.

    Raises:
        Undecided: it names a resource that is not tested.
    """
    method, _, rest = text.partition(" ")
    if rest.startswith("/"):
        return Sends(client, method, rest, where, body)
    name = rest or method
    try:
        resource = make_resource(name)
    except KeyError:
        inconclusive(f"{where} is caused by {name!r}, and no resource of that name is tested")
    return Deletes(resource) if rest else Creates(resource)
