"""A client and its recorder for one test, without a pytest run around them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from harness.client.budget import Budget
from harness.client.client import Client
from harness.client.ownership import Ownership
from harness.client.recorder import Recorder
from harness.rules.rule import Effect
from harness.target.credentials.resolved import Credential
from harness.target.target import DEFAULT, Limits, Target


class Anything(Ownership):
    """Lets any request pass."""

    def why_not(self, method: str, url: str) -> str | None:
        return None


def sending_anything(recorder: Recorder) -> Recorder:
    """The recorder, without its guard."""
    recorder.ownership = Anything()
    return recorder


@contextmanager
def client_of(
    url: str,
    *,
    headers: dict[str, str] | None = None,
    secrets: dict[str, str] | None = None,
    effects: Effect = Effect.BURST,
    timeout: float = 10.0,
    requests: int = 1000,
    guarded: bool = True,
) -> Iterator[Client]:
    """A client of a server.

    Args:
        guarded: whether it changes nothing but what the run owns; False where a test is about how requests are sent.
    """
    limits = Limits(effects=effects, timeout=timeout, max_requests=requests)
    target = Target(url, {DEFAULT: Credential(headers or {})}, secrets or {}, limits)
    client = Client.open(target, Recorder(target, Budget(requests)))
    if not guarded:
        sending_anything(client.recorder)
    try:
        yield client
    finally:
        client.close()


unguarded = partial(client_of, guarded=False)
"""For tests of the transport itself."""
