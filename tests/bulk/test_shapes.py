"""How batches are written."""

from __future__ import annotations

from suites.bulk.shapes import Request, Shape

ITEM = {"name": "A"}
CREATE = Request("POST", "/api/v1/things", ITEM, "k-1")


def test_items() -> None:
    assert Shape().content([Shape().element(0, CREATE)]) == [ITEM]
    wrapped = Shape("/items", "/thing", key="/key")
    assert wrapped.content([wrapped.element(0, CREATE)]) == {"items": [{"thing": ITEM, "key": "k-1"}]}
    assert Shape("/items", key="/key").element(0, CREATE) == {"name": "A", "key": "k-1"}
    assert Shape("/items").element(0, Request("POST", "/", ["no object"])) == ["no object"]


def test_requests() -> None:
    shape = Shape("/requests", "/body", requests=True, correlation="id", fields="headers", key="/headers/Key")
    assert shape.element(1, CREATE) == {
        "method": "POST",
        "path": "/api/v1/things",
        "id": "2",
        "headers": {"Content-Type": "application/json", "Key": "k-1"},
        "body": ITEM,
    }
    assert shape.element(0, Request("GET", "/api/v1/things")) == {
        "method": "GET",
        "path": "/api/v1/things",
        "id": "1",
    }


def test_paths_below_a_base() -> None:
    assert Shape(base="/api/v1").path("/api/v1/things/5") == "things/5"
    assert Shape(base="/api/v1/").path("/api/v1/things") == "/things"
    assert Shape(base="/other").path("/api/v1/things") == "/api/v1/things"
    assert Shape().path("/api/v1/things") == "/api/v1/things"
