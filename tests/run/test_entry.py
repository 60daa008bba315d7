"""The URL of a document, of a page about it, and of an item, as the target URL."""

from __future__ import annotations

import json

import pytest

from harness.profile.models import Profile
from harness.run.entry import settled
from harness.target.target import Target, parse_url
from tests.servers import Answer, Seen, http

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "/v1"}],
    "paths": {"/orders": {"get": {"responses": {"200": {"description": "ok"}}}}},
}
PAGE = '<html><script>SwaggerUIBundle({url: "/openapi.json"})</script></html>'


def answer(
    status: int, body: bytes, *, field: tuple[str, str] = ("Content-Type", "application/json")
) -> Answer:
    return Answer(status, body, [field])


def api(seen: Seen) -> Answer:
    path = seen.path.partition("?")[0]
    if path == "/docs":
        return answer(307, b"", field=("Location", "/docs/"))
    if path == "/docs/":
        return answer(200, PAGE.encode(), field=("Content-Type", "text/html"))
    found = {
        "/openapi.json": DOCUMENT,
        "/v1/orders": {"items": [{"id": 7}]},
        "/v1/orders/7": {"id": 7},
        "/v1/orders/7/lines/3": {"line": "three"},
        "/v1/2024.json": {"sales": 3},
    }.get(path)
    if found is None:
        return answer(404, b'{"error": "nothing here"}')
    return answer(200, json.dumps(found).encode())


@pytest.mark.parametrize(
    ("given", "base", "document"),
    [
        ("/openapi.json", "/v1", "/openapi.json"),
        ("/docs#/default/list_orders", "/v1", "/openapi.json"),
        ("/v1/orders/7", "/v1/orders", None),
        # Left as they are: what they lead to is something else.
        ("/v1/orders/7/lines/3", "/v1/orders/7/lines/3", None),
        ("/v1/2024.json", "/v1/2024.json", None),
        ("/missing/docs", "/missing/docs", None),
        ("/v1/orders", "/v1/orders", None),
    ],
)
def test_the_base_url(given, base, document):
    with http(api) as server:
        target, written = settled(Target(parse_url(server.url + given)), Profile(), None)
        assert target.url == server.url + base
        assert written.openapi == (None if document is None else server.url + document)
        assert bool(target.instead) == (base != given.partition("#")[0])


def test_what_the_user_names_stays():
    with http(api) as server:
        target, written = settled(Target(f"{server.url}/openapi.json"), Profile(), "other.yaml")
        assert (target.url, written.openapi) == (f"{server.url}/v1", None)


def test_nothing_listens():
    with http(api) as server:
        pass
    assert (
        settled(Target(f"{server.url}/openapi.json"), Profile(), None)[0].url == f"{server.url}/openapi.json"
    )
