"""The rate limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import http_sf
import httpx
import pytest

from harness.reference import ALICE, BOB, Policies, build, times
from harness.reference.rate_limits import Limiter
from harness.reference.server import serve

Race = Callable[..., list[httpx.Response]]


class Clock:
    """The time of the servers, in microseconds: a busy machine cannot let a window pass between two requests."""

    def __init__(self) -> None:
        self.now = times.now()

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(times, "now", clock)
    return clock


@pytest.fixture
def servers(database: Path, clock: Clock) -> Iterator[list[str]]:
    """Two servers that share a quota of 5 requests in 1 second."""
    policies = replace(Policies(), limiter=Limiter(limit=5, window=1))
    with serve(build(policies, database)) as one, serve(build(policies, database)) as two:
        yield [one, two]


def test_the_quota_is_reported_enforced_and_restored(
    servers: list[str], client_of: Callable[[str, str], httpx.Client], clock: Clock
) -> None:
    with client_of(servers[0], ALICE) as client, client_of(servers[1], BOB) as other:
        granted = [client.get("/limited") for _ in range(5)]
        refused = client.get("/limited", headers={"X-Forwarded-For": "203.0.113.9"})
        assert [r.headers["X-RateLimit-Remaining"] for r in granted] == list("43210")
        assert {r.status_code for r in granted} == {200}
        assert refused.status_code == 429
        assert refused.json()["code"] == "rate_limited"
        assert refused.headers["Cache-Control"] == "no-store"
        for reply in (*granted, refused):
            (policy, parameters), *_ = http_sf.parse(
                reply.headers["RateLimit-Policy"].encode(), tltype="list"
            )
            assert (policy, parameters) == ("default", {"q": 5, "w": 1})
            (policy, parameters), *_ = http_sf.parse(reply.headers["RateLimit"].encode(), tltype="list")
            assert policy == "default"
            assert parameters["r"] >= 0
            assert parameters["t"] >= 1
        assert other.get("/limited").status_code == 200
        clock.now += int(refused.headers["Retry-After"]) * 1_000_000
        assert client.get("/limited").status_code == 200


def test_the_quota_holds_over_connections_and_servers(servers: list[str], race_on: Race) -> None:
    replies = race_on(servers, 16, lambda client, n: client.get("/limited"))
    assert sum(r.status_code == 200 for r in replies) == 5


def test_invalid_credentials_are_not_limited(servers: list[str]) -> None:
    assert {httpx.get(servers[0] + "/limited").status_code for _ in range(8)} == {401}
