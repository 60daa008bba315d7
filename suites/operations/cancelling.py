"""Cancelling operations that the run has started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from harness.client.claims import foreseeable
from harness.client.client import Client
from harness.http.content import last_segment

from .following import Followed, begun
from .starting import Operation, cancellation

TRIES = 3
"""Operations that are started until one is still running when it is cancelled."""


@dataclass(frozen=True)
class Running:
    """An operation of the run, and the request that cancels it."""

    seen: Followed
    method: str
    url: str

    def cancel(self, client: Client) -> httpx.Response:
        """Cancel it."""
        with client.recorder.ownership.granting(self.method, self.url):
            return client.request(self.method, self.url)


def monitor_path(client: Client, url: str) -> str:
    """The path of a monitor relative to the target URL, without its query."""
    path = urlsplit(url).path
    return path.removeprefix(urlsplit(client.target.url).path.rstrip("/"))


def way(
    client: Client, seen: Followed, documented: Mapping[str, Iterable[str]], others: Iterable[Followed] = ()
) -> Running | None:
    """How an operation is cancelled; None where nothing says how, or where it may not be the run's own.

    An API may answer a start with an operation that was running before. Two starts that gave two operations show that
    it does not; where nobody declares the request, the id must be one that cannot be guessed, besides.

    Args:
        others: operations that the run has started as well.
    """
    if seen.url is None or any(one.url == seen.url for one in others):
        return None
    found = cancellation(seen.operation, monitor_path(client, seen.url), documented)
    if found is None:
        return None
    method, path, declared = found
    if not declared and foreseeable(last_segment(seen.url) or ""):
        return None
    return Running(seen, method, seen.url if method == "DELETE" and path in seen.url else client.url(path))


def another(
    client: Client, operation: Operation, documented: Mapping[str, Iterable[str]], first: Followed
) -> Running | None:
    """An operation that was started now, and may be cancelled; None where it may not."""
    return way(client, begun(client, operation), documented, [first])
