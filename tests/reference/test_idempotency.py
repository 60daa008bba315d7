"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header-07)."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from harness.reference import ALICE, Policies, build
from harness.reference.call import Call, Reply
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.server import serve
from harness.reference.store import StoredItem

Race = Callable[..., list[httpx.Response]]

PAYMENT = {"amount": 5, "currency": "EUR"}


def pay(client: httpx.Client, key: str, **change: object) -> httpx.Response:
    return client.post("/payments", json={**PAYMENT, **change}, headers={"Idempotency-Key": key})


def made(client: httpx.Client, reference: str) -> int:
    return len(client.get("/payments", params={"reference": reference}).json()["data"])


def test_replay_returns_the_stored_result(alice: httpx.Client) -> None:
    key = uuid.uuid4().hex
    first, second = pay(alice, key, reference=key), pay(alice, f'"{key}"', reference=key)
    assert (first.status_code, second.status_code, second.content) == (201, 201, first.content)
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert made(alice, key) == 1


def test_other_payload_other_caller_other_operation(alice: httpx.Client, bob: httpx.Client) -> None:
    key = uuid.uuid4().hex
    first = pay(alice, key)
    assert pay(alice, key, amount=6).status_code == 422
    assert pay(alice, key).content == first.content
    other = pay(bob, key)
    assert other.status_code == 201
    assert other.json()["id"] != first.json()["id"]
    order = {"customer": "Ada", **PAYMENT}
    assert alice.post("/orders", json=order, headers={"Idempotency-Key": key}).json()["customer"] == "Ada"
    assert pay(alice, uuid.uuid4().hex).json()["id"] != first.json()["id"]


def test_failures_are_not_stored(alice: httpx.Client) -> None:
    key = uuid.uuid4().hex
    assert [pay(alice, key, amount=a).status_code for a in (0, 0, 1, 1, 2)] == [422, 422, 201, 201, 422]


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "x" * 4096, "a b", "' OR 1=1--", b"\xc3\xa9", '"a'])
def test_hostile_keys_never_fail_badly(alice: httpx.Client, key: str | bytes) -> None:
    reply = alice.post(
        "/payments",
        json=PAYMENT,
        headers={b"Idempotency-Key": key if isinstance(key, bytes) else key.encode()},
    )
    assert reply.status_code == 400 or (key == '"a' and reply.status_code == 201)


def test_two_keys_are_refused_and_long_ones_accepted(alice: httpx.Client) -> None:
    two = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    assert alice.post("/payments", json=PAYMENT, headers=two).status_code == 400
    assert pay(alice, uuid.uuid4().hex.ljust(255, "x")).status_code == 201
    assert pay(alice, '"><script>').status_code == 201


def test_keyed_patch_is_applied_once(alice: httpx.Client, order: str) -> None:
    fields = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json-patch+json"}
    for _ in range(2):
        reply = alice.patch(order, json=[{"op": "add", "path": "/tags/-", "value": "x"}], headers=fields)
        assert reply.status_code == 200
    assert alice.get(order).json()["tags"] == ["a", "b", "x"]


def test_concurrent_duplicates_have_one_effect(alice: httpx.Client, race: Race) -> None:
    for _ in range(3):
        key = uuid.uuid4().hex
        replies = race(12, lambda client, n, key=key: pay(client, key, reference=key))
        assert {r.status_code for r in replies} <= {201, 409}
        assert len({r.json()["id"] for r in replies if r.status_code == 201}) == 1
        assert made(alice, key) == 1


def test_two_servers_on_one_database(database: Path, race_on: Race) -> None:
    with serve(build(database=database)) as one, serve(build(database=database)) as two:
        for round in range(3):
            key = f"key-{round}"
            replies = race_on([one, two], 12, lambda client, n, key=key: pay(client, key, reference=key))
            assert {r.status_code for r in replies} <= {201, 409}
            with httpx.Client(base_url=two, headers={"Authorization": f"Bearer {ALICE}"}) as client:
                assert made(client, key) == 1


class CrashingOnce(CollectionEndpoint):
    """Fails after the effect, before the commit."""

    crashes = 1

    def created(self, call: Call, item: StoredItem) -> Reply:
        if self.crashes:
            self.crashes -= 1
            raise RuntimeError("secret detail")
        return super().created(call, item)


def test_a_server_error_leaves_no_effect_and_may_be_retried(database: Path) -> None:
    app = build(replace(Policies(), collection=CrashingOnce()), database)
    with (
        serve(app) as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {ALICE}"}) as client,
    ):
        failed = pay(client, "k", reference="r")
        assert failed.status_code == 500
        assert failed.json()["code"] == "internal_error"
        assert "secret" not in failed.text
        assert made(client, "r") == 0
        assert pay(client, "k", reference="r").status_code == 201
        assert made(client, "r") == 1


def test_a_crashed_claim_lapses(database: Path) -> None:
    with (
        serve(build(database=database)) as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {ALICE}"}) as client,
    ):
        pay(client, "k")
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE keys SET status = NULL")
        assert pay(client, "k").status_code == 409
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE keys SET since = since - 31000000")
        assert pay(client, "k").status_code == 201
