"""A client and its recorder for one test, without a pytest run around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from harness.budget import Budget
from harness.client import Client
from harness.credentials.carried import Credential
from harness.recorder import Recorder
from harness.rules import Effect
from harness.target import DEFAULT, Limits, Target


@contextmanager
def client_of(
    url: str,
    *,
    headers: dict[str, str] | None = None,
    secrets: dict[str, str] | None = None,
    effects: Effect = Effect.BURST,
    timeout: float = 10.0,
    requests: int = 1000,
    grants: Iterable[str] = (),
) -> Iterator[Client]:
    """A client of a server.

    Args:
        grants: paths at which it may do anything, as a test says.
    """
    limits = Limits(effects=effects, timeout=timeout, max_requests=requests)
    target = Target(url, {DEFAULT: Credential(headers or {})}, secrets or {}, limits)
    client = Client.open(target, Recorder(target, Budget(requests)))
    for path in grants:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            client.recorder.ownership.grant(method, client.url(path))
    try:
        yield client
    finally:
        client.close()
