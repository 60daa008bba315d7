"""Cancelling operations that the run has started."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import httpx

from harness.client.claims import foreseeable
from harness.client.client import Client
from harness.http.content import last_segment
from harness.survey.openapi.operations import JSON
from harness.survey.outcome import Survey

from .following import Followed, begun, monitor_path
from .starting import Cancellation, Operation, cancellation

TRIES = 3
"""Operations that are started until one is still running when it is cancelled."""


@dataclass(frozen=True)
class Running:
    """An operation of the run, and the request that cancels it."""

    seen: Followed
    way: Cancellation
    url: str

    def cancel(self, client: Client) -> httpx.Response:
        """Cancel it; as JSON where the target takes no merge patch."""
        with client.recorder.ownership.granting(self.way.method, self.url):
            if self.way.body is None:
                return client.request(self.way.method, self.url)
            headers = {"Content-Type": self.way.media_type}
            reply = client.request(self.way.method, self.url, json=self.way.body, headers=headers)
            if reply.status_code != 415 or not self.way.declared:
                return reply
            return client.request(
                self.way.method, self.url, json=self.way.body, headers={"Content-Type": JSON}
            )


def way(client: Client, seen: Followed, survey: Survey, others: Iterable[Followed] = ()) -> Running | None:
    """How an operation is cancelled; None where nothing says how, or where it may not be the run's own.

    An API may answer a start with an operation that was running before. Two starts that gave two operations show that
    it does not; where nobody declares the request, the id must be one that cannot be guessed, besides.

    Args:
        others: operations that the run has started as well.
    """
    if seen.url is None or any(one.url == seen.url for one in others):
        return None
    path = monitor_path(client, seen.url)
    found = cancellation(seen.operation, path, survey.documented, survey.promises.cancels)
    if found is None:
        return None
    if not found.declared and foreseeable(last_segment(seen.url) or ""):
        return None
    return Running(seen, found, seen.url if found.path == path else client.url(found.path))


def another(client: Client, operation: Operation, survey: Survey, first: Followed) -> Running | None:
    """An operation that was started now, and may be cancelled; None where it may not."""
    return way(client, begun(client, operation), survey, [first])
