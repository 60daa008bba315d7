"""What the survey creates where no document describes it: keys with a comma, and nothing among settings."""

from __future__ import annotations

import json

import pytest

from harness.survey.infer.templates import settings
from tests.servers import Answer, Seen, http
from tests.survey.ask.test_conventions import Store, answer, only
from tests.survey.surveying import surveyed


def test_a_key_of_two_parts_is_used_as_the_location_writes_it() -> None:
    """A server may compare paths as they are: `,` and `%2C` are different (RFC 3986 section 2.2)."""

    def fault(body: object) -> object:
        there = body if isinstance(body, dict) else {}
        missing = [name for name in ("sku", "region") if not isinstance(there.get(name), str)]
        return (
            {"errors": [{"field": name, "message": "is required"} for name in missing]} if missing else None
        )

    store = Store(
        "/prices",
        "/prices/{id}",
        fault=fault,
        shown=lambda id, one: one,
        key=lambda one: f"{one['sku']},{one['region']}",
        pages={"/": {"prices": "/prices"}},
    )
    one, _ = only(store)
    assert [one.missing(name) for name in ("create", "read", "delete")] == [None, None, None]
    assert not store.items


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/settings", True),
        ("/v1/user-preferences/", True),
        ("/config.json", True),
        ("/configs", True),
        ("/settings/{id}/notes", False),
        ("/orders", False),
        ("/sunsettings", False),
    ],
)
def test_paths_that_are_named_like_settings(path: str, expected: bool) -> None:
    assert settings(path) is expected


def test_nothing_is_created_among_settings_that_no_document_describes() -> None:
    def api(seen: Seen) -> Answer:
        path = seen.path.partition("?")[0]
        if path == "/":
            return answer(200, {"settings": "/settings", "orders": "/orders"})
        if path in ("/settings", "/orders") and seen.method in ("GET", "HEAD"):
            return answer(200, [{"id": "theme", "value": "dark"}])
        if path == "/settings":
            return answer(201, {"id": "x"})
        return answer(404 if seen.method == "GET" else 405, {"message": "no"})

    with http(api) as server:
        found = surveyed(server.url)
    assert sorted(one.name for one in found.profile.resources) == ["orders", "settings"]
    assert not [one for one in server.seen if one.method == "POST" and one.path == "/settings"]


def test_a_media_type_that_the_base_url_asks_for_is_named_from_then_on() -> None:
    """Flask-Restless serves only clients that name the type of JSON:API, on each of its URLs."""
    store = Store("/people", "/people/{id}", pages={"/": {"people": "/people"}})

    def api(seen: Seen) -> Answer:
        named = "application/vnd.api+json" in (seen.field("accept") or "")
        if seen.method in ("GET", "HEAD") and not named:
            refusal = {"errors": [{"detail": "Accept must be the media type: application/vnd.api+json"}]}
            return Answer(406, json.dumps(refusal).encode(), [("Content-Type", "application/vnd.api+json")])
        return store(seen)

    with http(api) as server:
        found = surveyed(server.url)
    (one,) = found.profile.resources
    assert found.profile.accept == ["application/vnd.api+json"]
    assert found.accepting == "GET / -> 406 without it, 200 application/json with it"
    assert [one.missing(name) for name in ("list", "create", "read", "delete")] == [None] * 4
