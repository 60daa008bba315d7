"""Links of documented responses: where they lead."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING
from harness.survey.openapi.operations import endpoints
from harness.survey.openapi.response_links import ResponseLink, followed, response_links

ITEM = {"get": {"operationId": "getOrder"}, "delete": {"operationId": "deleteOrder"}}


def found(**links: Any) -> list[ResponseLink]:
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": "/v1"}],
        "paths": {
            "/orders": {"post": {"responses": {"201": {"links": links}, "400": {"links": links}}}},
            "/orders/{id}": ITEM,
        },
        "components": {"links": {"item": {"operationId": "getOrder", "parameters": {"id": "1"}}}},
    }
    return list(response_links(document, list(endpoints(document, "/v1"))))


@pytest.mark.parametrize(
    "link",
    [
        {"operationId": "getOrder", "parameters": {"id": "1"}},
        {"operationRef": "#/paths/~1orders~1{id}/get", "parameters": {"path.id": "1"}},
        {"$ref": "#/components/links/item"},
    ],
)
def test_ways_to_name_an_operation(link: Any) -> None:
    assert found(self=link) == [ResponseLink("POST", "/orders", "self", "/orders/{id}", (("id", "1"),))]


@pytest.mark.parametrize(
    "link",
    [
        {"operationId": "deleteOrder", "parameters": {"id": "1"}},
        {"operationId": "getOrder", "parameters": {"other": "1"}},
        {"operationId": "getOrder"},
        {"operationId": "unknown", "parameters": {"id": "1"}},
        {"operationRef": "other.yaml#/paths/~1orders/get"},
        {},
        7,
    ],
)
def test_links_that_are_left_out(link: Any) -> None:
    assert found(self=link) == []


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("$response.body#/id", "/orders/a%2Fb"),
        ("$response.body#/number", "/orders/7"),
        ("$response.body#/none", None),
        ("$response.body#/list", None),
        ("$response.header.X-Id", "/orders/h"),
        ("$request.path.id", None),
        ("{$response.body#/id}-x", None),
        ("constant", "/orders/constant"),
        (3, "/orders/3"),
        (None, None),
    ],
)
def test_values(expression: Any, path: str | None) -> None:
    link = ResponseLink("POST", "/orders", "self", "/orders/{id}", (("id", expression),))
    body = {"id": "a/b", "number": 7, "list": []}
    assert followed(link, body, {"x-id": "h"}) == path
    assert followed(ResponseLink("POST", "/a", "a", "/b", ()), MISSING, {}) == "/b"
