"""HTTP/1.1: everything but the last octet is with the server before any request is complete, with TLS and without."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client.client import content_of, exchange_of
from harness.race import Race, Request, race
from harness.race.lanes import lanes_of
from harness.race.race import _warm_up as warm_up
from harness.race.requests import OWN
from harness.race.track import Track
from tests.clients import unguarded
from tests.race.serving import Server, serving

MEMBERS = 16


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for a condition; a test that would wait for ever fails."""
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until, "the condition never held"
        time.sleep(0.002)


def held(server: Server, requests: list[Request], **options: object) -> tuple[Race, list[dict[str, object]]]:
    """A race, at whose gate the server was seen to have all of each request but its end; what was complete by then."""
    before: list[dict[str, object]] = []

    def at_gate() -> None:
        wait_until(lambda: len(server.pending()) == len(requests))
        before.extend(server.log())

    with unguarded(server.url) as client:
        return race(client, requests, at_gate=at_gate, **options), before  # type: ignore[arg-type]


@pytest.mark.parametrize("tls", [False, True], ids=["TCP", "TLS"])
def test_no_request_is_complete_before_the_release(tls: bool, certificate: Path) -> None:
    requests = [Request("POST", f"/orders/{n}", json={"number": n}) for n in range(MEMBERS)]
    with serving(certificate=certificate if tls else None) as server:
        result, complete_at_gate = held(server, requests)
        log = server.log()
    assert complete_at_gate == []
    assert result.protocol == "HTTP/1.1"
    first_release = min(member.released for member in result.members if member.released is not None)
    assert len(log) == MEMBERS
    assert all(entry["complete"] >= first_release for entry in log)
    # Each request came in two parts at least, the former before the release.
    assert all(entry["before"] is not None and entry["before"] < first_release for entry in log)
    assert len({entry["connection"] for entry in log}) == MEMBERS
    assert result.overlap == MEMBERS
    assert result.overlapped


@pytest.mark.parametrize("tls", [False, True], ids=["TCP", "TLS"])
def test_contents_arrive_whole(tls: bool, certificate: Path) -> None:
    contents = ["", "x", "naïve ☃", "y" * 300_000]
    requests = [Request("PUT", "/a", content=text) for text in contents]
    with serving(certificate=certificate if tls else None) as server:
        result, _ = held(server, requests)
        received = sorted((entry["body"].encode("latin-1") for entry in server.log()), key=len)
    assert received == [text.encode() for text in contents]
    for text, member in zip(contents, result.members, strict=True):
        assert member.reply is not None
        assert member.reply.json()["got"].encode("latin-1") == text.encode()
        assert content_of(member.reply) == member.reply.content


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD"])
def test_of_a_request_without_content_the_end_of_the_header_block_is_held(method: str) -> None:
    with serving() as server:
        result, complete_at_gate = held(server, Request(method, "/orders/1").times(MEMBERS))
        log = server.log()
    assert complete_at_gate == []
    assert [entry["body"] for entry in log] == [""] * MEMBERS
    assert {member.status for member in result.members} == {200}


def test_members_keep_their_order_and_their_own_replies() -> None:
    requests = [
        Request("POST", "/a", json={"a": 1}, headers={"X-Mark": "first"}),
        Request("DELETE", "/b"),
        Request("PATCH", "/c", content=b"[]", headers={"Content-Type": "application/json-patch+json"}),
    ]
    with serving() as server:
        result, _ = held(server, requests)
        heads = {str(entry["method"]): str(entry["head"]).lower() for entry in server.log()}
    assert [exchange_of(member.reply).method for member in result.members if member.reply] == [
        "POST",
        "DELETE",
        "PATCH",
    ]
    assert "x-mark: first" in heads["POST"]
    assert "content-type: application/json-patch+json" in heads["PATCH"]


def test_connections_are_warmed_once_and_kept() -> None:
    with serving() as server, unguarded(server.url) as client:
        rounds = [race(client, Request("GET", "/a").times(4)) for _ in range(3)]
        assert server.warm_ups() == 4
        assert len(server.log()) == 12
        assert len({entry["connection"] for entry in server.log()}) == 4
    assert all(len(result.counted) == 4 for result in rounds)


def test_connections_know_whether_they_were_raced_on() -> None:
    def warm(track: Track, count: int) -> list[str | None]:
        raise AssertionError("they are warm")

    with serving() as server, unguarded(server.url) as client:
        race(client, Request("GET", "/").times(3))
        assert lanes_of(client.recorder).track(3, warm, 5.0).raced  # type: ignore[union-attr]


def test_connections_that_are_only_warmed_were_not_raced_on() -> None:
    with serving() as server, unguarded(server.url) as client:
        track = lanes_of(client.recorder).track(3, lambda on, n: warm_up(client, OWN, on, n, 5.0), 5.0)
        assert track is not None
        assert not track.raced
        track.close()


def test_ordinary_requests_of_the_same_client_are_not_held() -> None:
    with serving() as server, unguarded(server.url) as client:
        during = []
        race(
            client,
            Request("POST", "/a", json={}).times(4),
            at_gate=lambda: during.append(client.post("/ordinary", json={"b": 2}).status_code),
        )
        assert client.get("/after").status_code == 200
        paths = [str(entry["head"]).split()[1] for entry in server.log()]
    assert during == [200]
    assert paths[0] == "/ordinary"
    assert paths[-1] == "/after"


def test_a_failure_at_the_gate_releases_nothing() -> None:
    def fail() -> None:
        raise KeyboardInterrupt

    with serving() as server, unguarded(server.url) as client:
        with pytest.raises(KeyboardInterrupt):
            race(client, Request("POST", "/a", json={}).times(4), at_gate=fail)
        assert len(race(client, Request("POST", "/b", json={}).times(4)).counted) == 4
        assert {str(entry["head"]).split()[1] for entry in server.log()} == {"/b"}


def test_interim_responses_are_not_answers() -> None:
    with serving("interim") as server, unguarded(server.url) as client:
        result = race(client, Request("POST", "/a", json={}).times(3))
    assert [member.status for member in result.members] == [200] * 3
