"""A client for the target's host without TLS, which never carries a credential of the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.rules.rule import Effect
from harness.target.target import Limits, Target


@contextmanager
def without_tls(client: Client, origin: str) -> Iterator[Client]:
    """A client that only reads, and whose requests are recorded, bounded and counted like those of another.

    Args:
        client: for the target over TLS.
        origin: such as http://api.example.com.
    """
    limits = client.target.limits
    target = Target(
        origin + client.target.base_path,
        limits=Limits(Effect.READ, limits.max_requests, limits.rps, timeout=limits.timeout),
    )
    recorder = Recorder(target, client.recorder.budget)
    recorder.log = client.recorder.log
    opened = Client.open(target, recorder)
    try:
        yield opened
    finally:
        opened.close()
        recorder.close()


def usual_origin(url: str) -> str | None:
    """The origin at port 80 of an https URL's host; None if its port is not 443, since then nothing is usual."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.port not in (None, 443):
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"http://{host}"
