"""The model server notes every request that a run must never send."""

from __future__ import annotations

import json

import pytest

from tests.safety.behaviour import LOCATIONS, NO_IDS, Behaviour
from tests.safety.model_server import Model
from tests.servers import Answer, Seen


def send(model: Model, method: str, path: str, **body: object) -> Answer | None:
    return model(Seen(method, path, [], json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("method", "path", "decodes"),
    [
        ("PUT", "/api/orders/1", 1),
        ("PATCH", "/api/orders/2", 1),
        ("DELETE", "/api/orders/3", 1),
        ("POST", "/api/orders/3", 1),
        ("POST", "/api/orders/3/pay", 1),
        ("POST", "/api/customers/3/notes", 1),
        ("XQZW", "/api/orders/3", 1),
        ("DELETE", "/api/customers/3", 1),
        ("DELETE", "/api/orders/9/../3", 1),
        ("DELETE", "/api/orders/9%2F..%2F3", 1),
        ("DELETE", "/api/orders//3", 1),
        ("DELETE", "/api/orders/..\\orders\\3", 1),
        ("DELETE", "/api/orders", 1),
        ("DELETE", "/api/orders/", 1),
        ("PUT", "/api/orders/.", 1),
        ("PATCH", "/api/orders/%2e", 1),
        ("DELETE", "/api/orders/..", 1),
        ("DELETE", "/api/orders/%2E%2E", 1),
        ("DELETE", "/api/orders/%252e%252e", 2),
        ("POST", "/api", 1),
        ("DELETE", "/", 1),
        ("PUT", "/other/orders/3", 1),
        ("DELETE", "/api/orders?id=3", 1),
    ],
)
def test_what_a_run_must_never_send_is_noted(method: str, path: str, decodes: int) -> None:
    model = Model()
    model.reset(Behaviour(decodes=decodes))  # type: ignore[arg-type]
    send(model, method, path, note="x")
    assert len(model.violations) == 1
    assert path in model.violations[0]


@pytest.mark.parametrize("id", ["03", " 3", "3.0", "3;v=1", "3\0"])
def test_an_id_in_another_spelling_reaches_the_item_where_a_server_takes_it(id: str) -> None:
    for lenient in (False, True):
        model = Model()
        model.reset(Behaviour(lenient=lenient))
        send(model, "DELETE", f"/api/orders/{id.replace(' ', '%20')}")
        assert len(model.violations) == lenient


def test_what_a_run_made_is_its_own_until_somebody_takes_it_over() -> None:
    model = Model()
    model.reset(Behaviour(ids="reused", takes_over=True))
    send(model, "POST", "/api/orders", note="ours")
    send(model, "PUT", "/api/orders/5", note="ours, changed")
    send(model, "PUT", "/api/orders/new", note="ours")
    send(model, "DELETE", "/api/orders/new")
    send(model, "DELETE", "/api/orders/77")
    send(model, "DELETE", "/api/orders/5")
    assert (model.violations, model.overwritten, model.ours()) == ([], [], [])
    send(model, "DELETE", "/api/orders/5")
    assert model.violations == ["DELETE /api/orders/5 reached the item 5 of somebody else"]


@pytest.mark.parametrize("creates", ["first", "third", "by reference", "by kind"])
def test_a_create_that_changes_what_was_there_is_counted(creates: str) -> None:
    model = Model()
    model.reset(Behaviour(creates=creates))  # type: ignore[arg-type]
    theirs = model.theirs()
    send(model, "POST", "/api/orders", note="ours", customer_ref="REF-0001", kind="large")
    (one,) = model.overwritten
    assert model.violations == []
    assert model.theirs()[one.id] != theirs[one.id]
    assert model.theirs().keys() == theirs.keys()


def test_what_is_restored_belongs_to_somebody_else() -> None:
    model = Model()
    send(model, "POST", "/api/orders", note="ours")
    model.restore()
    assert model.ours() == []
    send(model, "DELETE", "/api/orders/5")
    assert len(model.violations) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_no_offence(method: str) -> None:
    model = Model()
    for path in ("/api", "/api/orders", "/api/orders/1", "/", "/api/orders/.."):
        send(model, method, path)
    assert model.violations == []
    model.at_another_origin(Seen(method, "/api/orders/1", [], b""))
    assert len(model.violations) == 1


@pytest.mark.parametrize("location", LOCATIONS)
def test_every_answer_can_be_made(location: str) -> None:
    for answer_id in ("own", "foreign", "latest", "same", "none", *NO_IDS):
        model = Model()
        model.reset(Behaviour(answer_id=answer_id, location=location))
        answer = send(model, "POST", "/api/orders", note="ours")
        assert answer is not None
        assert answer.status == 201
        assert all(value.isprintable() for _, value in answer.fields)
        assert model.ours() == ["5"]
