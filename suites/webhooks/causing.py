"""What causes an event: an item is created or deleted, or a request is sent."""

from __future__ import annotations

import time
from typing import Any

from harness.client.client import exchange_of
from harness.profile.webhooks import ITSELF
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import control, inconclusive


class Cause:
    """Causes an event each time it is called; returns a text that its deliveries show, if anything does.

    Attributes:
        began: when the request that caused the latest event was sent, on the monotonic clock.
    """

    began = 0.0

    def __call__(self) -> str:
        raise NotImplementedError


class Creates(Cause):
    """Creates an item. One that is made before shows that creates are new, so that later ones send nothing else."""

    def __init__(self, resource: ResourceUnderTest) -> None:
        self.resource = resource
        resource.create().prove()

    def __call__(self) -> str:
        self.began = time.monotonic()
        return self.resource.create().id


class Deletes(Cause):
    """Deletes an item that was created before."""

    def __init__(self, resource: ResourceUnderTest) -> None:
        self.item = resource.create()
        self.item.prove()

    def __call__(self) -> str:
        self.began = time.monotonic()
        reply = self.item.delete()
        control(reply.is_success, f"the item should be deleted: {exchange_of(reply).summary()}")
        return self.item.id


class Sends(Cause):
    """Sends a request of the profile."""

    def __init__(self, given: Any, method: str, path: str) -> None:
        self.client, self.method, self.path = given.client, method, path
        self.client.may_change(method, path)

    def __call__(self) -> str:
        self.began = time.monotonic()
        reply = self.client.request(self.method, self.path)
        control(reply.is_success, f"the request of [webhooks] should succeed: {exchange_of(reply).summary()}")
        return ""


class Itself(Cause):
    """Nothing to do: each request that takes a receiver has caused the event for it."""

    def __call__(self) -> str:
        self.began = self.began or time.monotonic()
        return ""


def cause_of(given: Any, event: str) -> Cause:
    """What the profile says causes an event.

    Raises:
        Undecided: it names a resource that is not tested.
    """
    text = given.how.events[event]
    if text == ITSELF:
        return Itself()
    method, _, rest = text.partition(" ")
    if rest.startswith("/"):
        return Sends(given, method, rest)
    name = rest or method
    try:
        resource = given.make_resource(name)
    except KeyError:
        inconclusive(
            f"webhooks.events: {event!r} is caused by {name!r}, and no resource of that name is tested"
        )
    return Deletes(resource) if rest else Creates(resource)
