"""Races keep the run's bounds: budget, effects, origin, redaction; and leave their evidence."""

from __future__ import annotations

import pytest

from harness.client.budget import Budget, BudgetSpent
from harness.client.client import Client, exchange_of
from harness.client.recorder import Recorder, Refused, TargetDied
from harness.race import Request, race
from harness.rules.checks import Undecided
from harness.rules.rule import Effect
from harness.target.credentials.resolved import Credential
from harness.target.target import Limits, Target
from tests.clients import sending_anything, unguarded
from tests.race.serving import serving

SECRET = "correct-horse-battery"


def test_requests_and_warm_ups_are_spent_from_the_budget() -> None:
    with serving() as server, unguarded(server.url, requests=13) as client:
        race(client, Request("GET", "/a").times(4))
        assert client.recorder.budget.sent == 8
        race(client, Request("GET", "/a").times(4))
        assert client.recorder.budget.sent == 12
        with pytest.raises(BudgetSpent):
            race(client, Request("GET", "/a").times(4))
        assert len(server.log()) == 8


@pytest.mark.parametrize("effects", [Effect.READ, Effect.WRITE])
def test_writes_are_raced_only_where_bursts_are_allowed(effects: Effect) -> None:
    with serving() as server, unguarded(server.url, effects=effects) as client:
        with pytest.raises(Refused, match=f"not .* under --effects {effects.name.lower()}"):
            race(client, Request("POST", "/a", json={}).times(2))
        assert len(race(client, Request("GET", "/a").times(2)).counted) == 2
        assert {entry["method"] for entry in server.log()} == {"GET"}


def test_other_origins_are_refused() -> None:
    with serving() as server, serving() as other, unguarded(server.url) as client:
        with pytest.raises(Refused, match="not on the target's origin"):
            race(client, [Request("GET", "/a"), Request("GET", f"{other.url}/a")])
        assert client.recorder.budget.sent == 0
        assert server.log() == other.log() == []


def test_a_target_given_up_is_not_raced() -> None:
    with serving() as server, unguarded(server.url) as client:
        client.recorder.died = "it died"
        with pytest.raises(TargetDied):
            race(client, Request("GET", "/a").times(2))
        assert server.log() == []


def test_one_request_is_no_race() -> None:
    with (
        serving() as server,
        unguarded(server.url) as client,
        pytest.raises(ValueError, match="two requests"),
    ):
        race(client, [Request("GET", "/a")])


def test_what_cannot_be_sent_is_undecided() -> None:
    with (
        serving() as server,
        unguarded(server.url) as client,
        pytest.raises(Undecided, match="cannot be sent"),
    ):
        race(client, Request("POST", "/a", json={"a": float("nan")}).times(2))


def test_a_field_that_http_does_not_allow_leaves_its_member_out() -> None:
    with serving() as server, unguarded(server.url) as client:
        bad = Request("GET", "/a", headers={"X-Bad": "a\r\nb"})
        result = race(client, [Request("GET", "/a"), bad, Request("GET", "/a")])
    assert len(result.counted) == 2
    assert "the request is not valid HTTP" in result.losses()


def test_each_member_is_an_exchange_without_secrets() -> None:
    fields = {"Authorization": f"Bearer {SECRET}"}
    with serving() as server, unguarded(server.url, headers=fields, secrets={"TOKEN": SECRET}) as client:
        result = race(
            client, [Request("POST", f"/a?key={SECRET}", json={"n": n, "t": SECRET}) for n in range(3)]
        )
        assert all(f"Bearer {SECRET}" in entry["head"] for entry in server.log())
        recorded = client.recorder.exchanges
    assert SECRET not in repr(recorded)
    assert SECRET not in repr(result.figure("a race"))
    raced = recorded[-3:]
    assert [exchange.id for exchange in raced] == [
        member.exchange.id for member in result.members if member.exchange
    ]
    for exchange, member in zip(raced, result.members, strict=True):
        assert member.reply is not None
        assert exchange_of(member.reply) is exchange
        assert exchange.status == 200
        assert exchange.started == member.released
        assert exchange.ended == member.done
        assert "$TOKEN" in exchange.as_curl()
    assert len({exchange.connection for exchange in raced}) == 3


def test_members_may_race_under_other_credentials() -> None:
    with serving() as server:
        credentials = {"default": Credential({"X-User": "alice"}), "other": Credential({"X-User": "bob"})}
        target = Target(server.url, credentials, {}, Limits())
        client = Client.open(target, sending_anything(Recorder(target, Budget(100))))
        members = [
            Request("GET", "/a"),
            Request("GET", "/b", credential="other"),
            Request("GET", "/c", credential=None),
            Request("GET", "/d", headers={"x-user": None}),
        ]
        result = race(client, members)
        client.close()
        users = {
            entry["head"].split()[1]: "alice"
            if "alice" in entry["head"]
            else "bob"
            if "bob" in entry["head"]
            else ""
            for entry in server.log()
        }
    assert users == {"/a": "alice", "/b": "bob", "/c": "", "/d": ""}
    assert [member.exchange.credential for member in result.members if member.exchange] == [
        "default",
        "other",
        "",
        "default",
    ]
