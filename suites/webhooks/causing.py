"""What causes an event of a webhook."""

from __future__ import annotations

import time
from typing import Any

from harness.profile.webhooks import ITSELF
from harness.resource import causing
from harness.resource.causing import Cause


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
    return causing.cause_of(text, given.client, given.make_resource, f"webhooks.events: {event!r}")
