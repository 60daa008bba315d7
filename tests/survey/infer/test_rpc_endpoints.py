"""Endpoints that take calls, not resources: told as what they are, and left alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.http.exchange import Body, Exchange
from harness.rules.rule import Effect
from harness.survey.infer.rpc_endpoints import style_of
from harness.survey.nothing_found import nothing_found
from tests import servers
from tests.survey.surveying import surveyed


def answered(
    content: Any, status: int = 400, media: str = "application/json", path: str = "/api"
) -> Exchange:
    text = content if isinstance(content, str) else json.dumps(content)
    fields = (("Content-Type", media),)
    return Exchange("1", "GET", f"http://a{path}", (), Body(), status, "", "", fields, Body(text, len(text)))


@pytest.mark.parametrize(
    ("exchange", "style"),
    [
        # graphql-http, Apollo Server, express-graphql, graphql-yoga, Strawberry, Hasura.
        (answered({"errors": [{"message": "Missing query"}]}), "GraphQL"),
        (
            answered({"errors": [{"message": "GraphQL operations must contain a non-empty `query` or a "}]}),
            "GraphQL",
        ),
        (answered({"errors": [{"message": "Must provide query string."}]}), "GraphQL"),
        (answered({"errors": [{"message": "blocked as a CSRF: send apollo-require-preflight"}]}), "GraphQL"),
        (answered("No GraphQL query found in the request", media="text/plain"), "GraphQL"),
        (answered("{}", 200, "application/graphql-response+json"), "GraphQL"),
        (answered("<title>GraphiQL</title>", 200, "text/html"), "GraphQL"),
        (answered({"errors": [{"message": "resource not found"}]}, 405, path="/v1/graphql"), "GraphQL"),
        (answered("Method Not Allowed", 405, "text/plain", "/graphql"), "GraphQL"),
        (answered({"jsonrpc": "2.0", "error": {"code": -32600}, "id": None}), "JSON-RPC"),
        (answered({"jsonrpc": "2.0", "result": [], "id": 1}, 200), "JSON-RPC"),
        (answered({"detail": "Method Not Allowed"}, 405, path="/rpc"), "RPC"),
        (answered({"errors": [{"message": "unknown"}]}, 200, path="/graphql"), "GraphQL"),
        # Other APIs.
        (answered({"errors": [{"message": "unknown"}]}, 200), None),
        (answered({"detail": "Method Not Allowed"}, 405), None),
        (answered({"errors": [{"message": "The limit must be a number"}]}), None),
        (answered({"errors": [{"title": "Bad query parameter", "detail": "?"}]}), None),
        (answered({"errors": [], "items": []}, 200), None),
        (answered([{"message": "query string"}], 200), None),
        (answered({"queries": "/queries"}, 200), None),
        (answered("No query string", 200, "text/plain"), None),
        (answered("<title>Things</title>", 200, "text/html"), None),
        (answered("Not Found", 404, "text/plain", "/graphql"), None),
    ],
)
def test_styles(exchange: Exchange, style: str | None) -> None:
    assert style_of(exchange) == style


@pytest.mark.parametrize("status", [200, 400])
def test_nothing_is_written_to_an_endpoint_that_takes_calls(status: int) -> None:
    body = json.dumps({"errors": [{"message": "Must provide query string."}]}).encode()
    with servers.http(servers.always(status, body)) as server:
        found = surveyed(f"{server.url}/graphql", Effect.BURST)
        assert set(server.methods) == {"GET"}
    assert found.profile.resources == []
    assert nothing_found(found)[0].startswith("no REST collection was found")
    assert "is GraphQL" in nothing_found(found)[0]
