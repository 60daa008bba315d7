"""WIRE-010: which requests deserve a response, on literal exchanges; and runs on a server that hangs up."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from harness.client.client import Unanswered
from harness.client.lost import Lost, lost
from harness.http.exchange import Body, Exchange
from harness.rules.passive import record
from harness.rules.verdict import Verdict
from harness.run.execution import twice
from suites.wire.answers import CLOSED, MALFORMED, TOO_LONG, ordinary, reason, unanswered
from tests.matrix.declared import AT_ONCE, CLIENTS, RESOURCES
from tests.matrix.gateway import gateway
from tests.matrix.trials import run_of
from tests.wire.defects import NotFoundEndsTheWorker

LOST = Exchange(
    "g1",
    "GET",
    "http://api/v1/orders/7",
    (("Accept", "application/json"),),
    Body(),
    error="Server disconnected without sending a response.",
)


PROFILE = AT_ONCE + 'only = ["orders"]\n' + CLIENTS + RESOURCES["orders"]


class RefusalEndsTheWorker(NotFoundEndsTheWorker):
    """The same for content that cannot be parsed."""

    status = b" 400 "


@pytest.mark.parametrize(
    ("one", "deserves"),
    [
        (LOST, True),
        (replace(LOST, method="POST", request_body=Body('{"a":', 5)), True),
        (replace(LOST, method="TRACE"), False),
        (replace(LOST, raw="GET / HTTP/1.1"), False),
        (replace(LOST, url=f"http://api/v1/orders?q={'0' * 2_000}"), False),
        (replace(LOST, request_fields=(("X-Long", "0" * 8_000),)), False),
        (replace(LOST, request_fields=(("Expect", "100-continue"),)), False),
        (replace(LOST, method="PUT", request_body=Body("", 10_000_000)), False),
    ],
)
def test_which_requests_deserve_a_response(one: Exchange, deserves: bool) -> None:
    assert ordinary(one) is deserves


def test_only_what_was_lost_twice_counts() -> None:
    once = replace(LOST, id="g2", url="http://api/v1/orders/8")
    (fault,) = unanswered(record([LOST, once], "http://api/v1", unanswered={"g1"}))
    assert "/orders/7 -> Server disconnected" in fault.shown_by


def test_what_other_rules_lose_is_reported_once() -> None:
    with gateway(RefusalEndsTheWorker) as url:
        report = run_of(["ERR-003", "ERR-001", "WIRE-010"], url, "--effects", "write", profile=PROFILE)
    verdicts = {(one.rule, one.verdict) for one in report.findings}
    assert ("WIRE-010", Verdict.FAIL) in verdicts
    assert ("ERR-003", Verdict.INCONCLUSIVE) in verdicts
    assert Verdict.FAIL not in {verdict for code, verdict in verdicts if code != "WIRE-010"}
    (found,) = [one for one in report.findings if one.verdict is Verdict.FAIL]
    assert "POST" in found.reason
    shown = {one.id: one for one in report.exchanges}
    assert [shown[name].status for name in found.exchanges if shown[name].status is None]


@pytest.mark.parametrize(
    ("before", "counts"),
    [
        (replace(LOST, id="g0", status=200, error=None, ended=1.0), True),
        (replace(LOST, id="g0", status=200, error=None, ended=1.0, method="HEAD"), False),
        (replace(LOST, id="g0", status=204, error=None, ended=1.0, method="DELETE"), False),
        # Another worker's.
        (replace(LOST, id="h0", status=200, error=None, ended=1.0, method="HEAD"), True),
    ],
)
def test_content_after_head_and_204_is_judged_elsewhere(before: Exchange, counts: bool) -> None:
    garbled = replace(LOST, id="g1", error="illegal status line: bytearray(b'{HTTP/1.1 200')", started=2.0)
    found = record([before, garbled], "http://api/v1", unanswered={"g1"})
    assert bool(list(unanswered(found))) is counts


@pytest.mark.parametrize(
    ("error", "what"),
    [
        ("Server disconnected without sending a response.", CLOSED),
        (
            "peer closed connection without sending complete message body (received 9 bytes, expected 10)",
            CLOSED,
        ),
        ("""illegal status line: bytearray(b'or": null}HTTP/1.1 201 Created')""", TOO_LONG),
        ("illegal status line: bytearray(b'SSH-2.0-OpenSSH_9.2')", MALFORMED),
        ("illegal header line: bytearray(b'X Y: z')", MALFORMED),
    ],
)
def test_what_is_wrong_is_named(error: str, what: str) -> None:
    assert reason(error) == what


def test_what_is_malformed_counts_at_once_and_a_lost_connection_when_it_is_lost_again() -> None:
    closed, malformed = Unanswered(LOST, lost=Lost.CLOSED), Unanswered(LOST, lost=Lost.MALFORMED)
    assert twice(closed, None) == []
    assert twice(closed, Unanswered(replace(LOST, method="PUT"), lost=Lost.CLOSED)) == []
    assert twice(closed, closed) == [LOST, LOST]
    assert twice(malformed, None) == [LOST]


@pytest.mark.parametrize(
    ("problem", "what"),
    [
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), Lost.CLOSED),
        (httpx.ReadError("[Errno 104] Connection reset by peer"), Lost.CLOSED),
        (httpx.RemoteProtocolError("illegal chunk header: bytearray(b'x')"), Lost.MALFORMED),
        (httpx.RemoteProtocolError("<ConnectionTerminated error_code:0>"), None),
        (httpx.ReadTimeout("timed out"), None),
        (None, None),
    ],
)
def test_how_a_response_is_lost(problem: Exception | None, what: Lost | None) -> None:
    assert lost(problem) is what
