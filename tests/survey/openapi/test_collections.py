"""Which paths of a document are collections: suffixes, tenants, streams, actions and settings."""

from __future__ import annotations

from typing import Any

import pytest

from harness.profile.models import Resource
from harness.survey.openapi.resources import below, resources

OK: dict[str, Any] = {"responses": {"200": {"description": ""}}}


def listing(kind: str = "application/json", schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """A GET operation that returns a list, unless another schema is given."""
    content = {kind: {"schema": schema or {"type": "array", "items": {"type": "object"}}}}
    return {"responses": {"200": {"description": "", "content": content}}}


def found(paths: dict[str, list[str] | dict[str, Any]]) -> dict[str, Resource]:
    """The resources of a document with these paths, by collection."""
    given = {path: one if isinstance(one, dict) else dict.fromkeys(one, OK) for path, one in paths.items()}
    document = {"openapi": "3.0.3", "paths": given}
    top = resources(document, "")
    return {one.collection: one for one in [*top, *below(document, "", top)]}


def test_a_suffix_is_part_of_the_paths_and_not_of_the_name() -> None:
    made = found(
        {
            "/v1/Accounts.json": ["get", "post"],
            "/v1/Accounts/{Sid}.json": ["get", "post"],
            "/v1/Accounts/{AccountSid}/Calls.json": ["get", "post"],
            "/v1/Accounts/{AccountSid}/Calls/{Sid}.json": ["get", "delete"],
        }
    )
    accounts = made["/v1/Accounts.json"]
    calls = made["/v1/Accounts/{AccountSid}/Calls.json"]
    assert (accounts.name, accounts.item) == ("Accounts", "/v1/Accounts/{id}.json")
    assert (calls.name, calls.item) == ("Calls", "/v1/Accounts/{AccountSid}/Calls/{id}.json")
    assert calls.parent == "Accounts"
    assert calls.missing("delete") is None
    assert accounts.missing("delete") is not None


def test_collections_below_parameters_that_nothing_lists_are_found() -> None:
    made = found(
        {
            "/repos/{owner}/{repo}": ["get", "delete"],
            "/repos/{owner}/{repo}/issues": ["get", "post"],
            "/repos/{owner}/{repo}/issues/{number}": ["get", "patch"],
            "/repos/{owner}/{repo}/issues/{number}/comments": ["get", "post"],
            "/repos/{owner}/{repo}/issues/{number}/comments/{id}": ["get", "delete"],
        }
    )
    assert made["/repos/{owner}/{repo}/issues"].parent is None
    assert made["/repos/{owner}/{repo}/issues/{number}/comments"].parent == "issues"
    assert len(made) == 2


@pytest.mark.parametrize(
    "paths",
    [
        pytest.param(
            {
                "/api/v1/watch/pods": ["get"],
                "/api/v1/watch/pods/{name}": ["get"],
                "/api/v1/pods": ["get", "post"],
                "/api/v1/pods/{name}": ["get", "delete"],
            },
            id="watch",
        ),
        pytest.param({"/events": {"get": listing("text/event-stream"), "post": OK}}, id="SSE"),
        pytest.param(
            {"/log": {"get": listing("application/x-ndjson")}, "/log/{id}": ["get"]}, id="JSON lines"
        ),
        pytest.param({"/subscriptions/{id}/events": ["get", "post"]}, id="events without items"),
        pytest.param({"/orders:search": ["get", "post"], "/orders:search/{id}": ["get"]}, id="custom method"),
        pytest.param({"/orders/search": ["get", "post"], "/orders/search/{id}": ["get"]}, id="action"),
        pytest.param({"/orders/{id}/cancel": ["post"], "/orders/{id}/log": ["get"]}, id="operations"),
        pytest.param(
            {"/nodes/{id}/proxy": ["get", "post"], "/nodes/{id}/proxy/{path}": ["get", "put"]}, id="proxy"
        ),
        pytest.param(
            {
                "/user": {
                    "get": listing(schema={"type": "object", "properties": {"id": {"type": "string"}}})
                },
                "/user/{id}": ["get"],
            },
            id="the user",
        ),
        pytest.param(
            {"/settings": {"get": listing(schema={"type": "object", "properties": {}}), "post": OK}},
            id="settings",
        ),
    ],
)
def test_streams_actions_and_settings_are_no_collections(paths: dict[str, Any]) -> None:
    assert set(found(paths)) <= {"/api/v1/pods"}


@pytest.mark.parametrize(
    "paths",
    [
        {"/events": ["get", "post"], "/events/{id}": ["get", "delete"]},
        {"/tokens": ["get", "post"], "/tokens/{id}": ["delete"]},
        {"/watches": ["get", "post"], "/watches/{id}": ["get"]},
    ],
)
def test_collections_with_such_names_are_found(paths: dict[str, Any]) -> None:
    (one,) = found(paths).values()
    assert one.missing("create") is None


def test_nothing_is_created_where_no_path_of_items_is_documented() -> None:
    made = found({"/settings/admins": {"get": listing(), "post": OK}})
    assert "could not be removed" in (made["/settings/admins"].missing("create") or "")


def test_a_parent_is_found_by_the_word_before_the_parameter() -> None:
    made = found(
        {
            "/api/v1/namespaces": ["get", "post"],
            "/api/v1/namespaces/{name}": ["get", "delete"],
            "/apis/apps/v1/namespaces/{namespace}/jobs": ["get", "post"],
            "/apis/apps/v1/namespaces/{namespace}/jobs/{name}": ["get", "delete"],
        }
    )
    assert made["/apis/apps/v1/namespaces/{namespace}/jobs"].parent == "namespaces"


def test_items_that_a_document_addresses_by_their_url_belong_to_their_collection() -> None:
    reference = {"$ref": "#/components/schemas/Order"}
    shown = {"responses": {"200": {"content": {"application/json": {"schema": reference}}}}}
    listed = {"type": "object", "properties": {"results": {"type": "array", "items": reference}}}
    document = {
        "openapi": "3.0.3",
        "paths": {
            "/orders/": {"get": listing(schema=listed), "post": {"responses": {"202": {"description": ""}}}},
            "{order_href}": {"get": shown, "delete": OK},
        },
        "components": {"schemas": {"Order": {"type": "object", "properties": {"name": {"type": "string"}}}}},
    }
    (orders,) = resources(document, "")
    assert orders.item == "/orders/{id}/"
    assert orders.missing("create") is None
    assert orders.missing("delete") is None
