"""Targets that make a race impossible: a result with the reason, never a hang, never a false overlap."""

from __future__ import annotations

import socket

import pytest

from harness.race import Race, Request, race
from harness.rules.checks import Undecided
from tests.clients import unguarded
from tests.race.serving import serving
from tests.race.test_gate import wait_until

STORM = Request("POST", "/orders", json={"a": 1}).times(8)


def raced(mode: str, timeout: float = 10.0) -> Race:
    with serving(mode) as server, unguarded(server.url, timeout=timeout) as client:
        return race(client, STORM)


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("close at once", ""),
        ("close parked", "closed the connection before the release"),
        ("answer early", "answered before its request was complete: 401"),
        ("never", "no response within the deadline"),
        ("stall", "the response was not complete within the deadline"),
        ("not HTTP", "not a complete HTTP/1.x response"),
    ],
)
def test_no_member_takes_part(mode: str, reason: str) -> None:
    # Only what never comes is waited for until the deadline.
    result = raced(mode, timeout=0.5 if "deadline" in reason else 10.0)
    assert result.counted == []
    assert not result.overlapped
    assert result.overlap == 0
    assert reason in result.losses()
    with pytest.raises(Undecided, match="only 0 of 8 requests took part") as undecided:
        result.members_or_inconclusive()
    assert reason in str(undecided.value)


def test_a_target_with_room_for_two_connections_is_raced_on_two() -> None:
    with serving("two") as server, unguarded(server.url, timeout=2.0) as client:
        first = race(client, STORM)
        again = race(client, STORM)
        # No idle connection takes the room from ordinary requests.
        assert client.get("/after").status_code == 200
    for result in (first, again):
        assert len(result.members_or_inconclusive()) == 2
        assert result.overlap == 2
        assert result.losses() == "6 x left out: the target answered on only 2 connections at once"
        assert sum(member.exchange is None for member in result.members) == 6


@pytest.mark.parametrize("mode", ["HTTP/1.0", "close"])
def test_a_target_that_closes_each_connection_is_raced_on_fresh_ones(mode: str) -> None:
    with serving(mode) as server, unguarded(server.url) as client:
        results = [race(client, STORM) for _ in range(2)]
        assert server.warm_ups() == 1
        assert len(server.log()) == 16
    for result in results:
        assert len(result.members_or_inconclusive(8)) == 8
        assert any("without a warm-up" in note for note in result.notes)


def test_members_that_are_reset_do_not_take_part() -> None:
    result = raced("reset half")
    assert len(result.members_or_inconclusive()) == 4
    assert "4 x the connection broke" in result.losses()
    assert all(
        member.exchange is not None and member.exchange.error for member in result.members if member.reason
    )


def test_throttled_members_do_not_take_part() -> None:
    result = raced("throttle")
    assert len(result.members_or_inconclusive()) == 3
    assert result.losses() == "5 x throttled with 429"


def test_fewer_than_two_left_is_inconclusive() -> None:
    with pytest.raises(Undecided, match="only 1 of 8 requests took part in the race: 7 x throttled with 503"):
        raced("throttle all but one").members_or_inconclusive()


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with unguarded(f"http://127.0.0.1:{port}", timeout=1.0) as client:
        result = race(client, STORM)
    assert result.protocol == ""
    assert all(member.exchange is None for member in result.members)
    with pytest.raises(Undecided, match="no connection"):
        result.members_or_inconclusive()


def test_members_that_are_answered_while_the_gate_is_shut_do_not_take_part() -> None:
    with serving("impatient") as server, unguarded(server.url) as client:
        result = race(
            client, STORM, at_gate=lambda: wait_until(lambda: list(server.pending().values()) == [-1] * 8)
        )
        assert server.log() == []
    assert result.losses() == "8 x answered before its request was complete: 408"
    assert not result.overlapped


def test_it_is_not_the_targets_death() -> None:
    with serving("never") as server, unguarded(server.url, timeout=0.5) as client:
        race(client, STORM)
        assert client.get("/orders").status_code == 200
