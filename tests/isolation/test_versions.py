"""Two versions on one server: a flood of one, while a client of the other is measured."""

from __future__ import annotations

import json
import threading
import time

import pytest

from harness.rules.verdict import Verdict
from tests import servers
from tests.matrix.declared import AT_ONCE, HOSTILE
from tests.matrix.trials import run_of, too_busy
from tests.servers import Answer, Seen

PROFILE = """
[credentials.default]
bearer = "alice-token"
[credentials.other]
bearer = "other-token"
[load]
path = "/orders"
other_version = "/v2/orders"
rate = 20
flood = 40
seconds = 1.5
slow = 2
[[resources]]
collection = "/orders"
"""
QUEUED = 3.0
"""Seconds that a request waits at most."""


class Versions:
    """Orders in two versions; in one process, or each in its own.

    Args:
        shared: whether both use one connection to the database.
    """

    def __init__(self, shared: bool) -> None:
        self.shared, self.lock, self.free = shared, threading.Lock(), 0.0

    def __call__(self, seen: Seen) -> Answer:
        path = seen.path.partition("?")[0]
        if path not in ("/v1/orders", "/v2/orders"):
            return Answer(404, b"{}", [("Content-Type", "application/json")])
        if seen.method not in ("GET", "HEAD"):
            return Answer(405, b"{}", [("Content-Type", "application/json"), ("Allow", "GET, HEAD")])
        if self.shared:
            with self.lock:
                now = time.monotonic()
                work = 0.2 if "other-token" in (seen.field("Authorization") or "") else 0.0
                self.free = now + min(QUEUED, max(0.0, self.free - now) + work)
                wait = self.free - now
            time.sleep(wait)
        return Answer(200, json.dumps({"data": []}).encode(), [("Content-Type", "application/json")])


@pytest.mark.parametrize(
    ("shared", "verdict"), [(False, Verdict.PASS), (True, Verdict.WARN)], ids=["apart", "one pool"]
)
def test_a_flood_of_one_version(shared: bool, verdict: Verdict) -> None:
    with servers.http(Versions(shared)) as server:
        report = run_of(
            ["ISOL-004"], f"{server.url}/v1", "--effects", "load", profile=AT_ONCE + HOSTILE + PROFILE
        )
    (found,) = report.findings
    if found.verdict is Verdict.INCONCLUSIVE and too_busy([found]):
        pytest.skip(f"the machine was too busy to measure latency: {found.reason}")
    assert found.verdict is verdict, found.reason
    assert "GET /v2/orders during a flood of /orders" in "".join([found.reason, *found.evidence])
