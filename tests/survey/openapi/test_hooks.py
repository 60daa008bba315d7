"""Webhooks, callbacks and the operations that take a receiver, on literal documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.hooks import DeclaredEvent, Hooks, Taker, hooks

pytestmark = pytest.mark.topic(name="survey")
SCHEMA = {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}}
DELETE = {"delete": {"responses": {"204": {"description": "gone"}}}}


def content(schema: dict[str, Any], **media: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema, **media}}}


def members(**found: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(found)[:1], "properties": found}


TEXT = {"type": "string"}
DELIVERED = {"post": {"requestBody": content(SCHEMA)}}


def found(paths: dict[str, Any], **more: Any) -> Hooks:
    return hooks({"openapi": "3.1.0", "paths": paths, **more}, "")


def with_callback(expression: str, **members_: Any) -> dict[str, Any]:
    return {
        "requestBody": content(members(**members_)),
        "callbacks": {"changed": {expression: DELIVERED}},
    }


def test_the_runtime_expression_names_the_member_that_takes_the_url() -> None:
    post = with_callback("{$request.body#/callbackUrl}", callbackUrl=TEXT)
    made = found({"/subscriptions": {"post": post}, "/subscriptions/{id}": DELETE})
    assert made.events == (DeclaredEvent("changed", "POST /subscriptions", SCHEMA),)
    assert made.takers == (
        Taker("/subscriptions", "/callbackUrl", {"callbackUrl": "{url}"}, removable=True, apart=True),
    )


@pytest.mark.parametrize("expression", ["{$request.body#/to/url}/data", "{$request.body#/to/url}?token=1"])
def test_the_member_may_be_inside_another_and_be_followed_by_a_path(expression: str) -> None:
    (taker,) = found({"/jobs": {"post": with_callback(expression, to=members(url=TEXT))}}).takers
    assert taker.body == {"to": {"url": "{url}"}}
    assert not taker.apart
    assert not taker.removable


@pytest.mark.parametrize(
    "expression",
    ["{$request.query.callbackUrl}/data", "{$request.header.X-Callback}", "http://{$request.body#/host}/"],
)
def test_a_url_from_elsewhere_is_declared_and_cannot_be_given(expression: str) -> None:
    made = found({"/streams": {"post": with_callback(expression, host=TEXT)}})
    assert made.events
    assert not made.takers
    assert made.other == (f"POST /streams: {expression}",)


def test_events_secret_and_id_are_found_by_name_and_by_their_enum() -> None:
    kinds = {"type": "array", "items": {"enum": ["order.created", "order.paid"]}}
    sent, shown = members(url=TEXT, events=kinds, secret=TEXT), members(subscriptionId=TEXT)
    post = {"requestBody": content(sent), "responses": {"201": content(shown)}}
    paths = {"/web-hooks": {"post": post}, "/web-hooks/{id}": DELETE, "/orders": {"post": post}}
    (taker,) = found(paths, webhooks={"order.created": DELIVERED}).takers
    assert taker.body == {"url": "{url}", "events": ["{event}"], "secret": "{secret}"}
    assert taker.choices == ("order.created", "order.paid")
    assert taker.id == "/subscriptionId"


def test_a_secret_that_the_response_shows_is_not_sent() -> None:
    post = {
        "requestBody": content(members(url=TEXT, secret=TEXT)),
        "responses": {"201": content(members(id=TEXT, secret=TEXT))},
    }
    (taker,) = found({"/hooks": {"post": post}}, webhooks={"x": DELIVERED}).takers
    assert taker.body == {"url": "{url}"}
    assert taker.secret == "/secret"


def test_an_example_is_kept_but_for_the_url() -> None:
    post = {
        "requestBody": content(members(url=TEXT), example={"url": "https://c.example/h", "format": "json"})
    }
    (taker,) = found({"/hooks": {"post": post}}, **{"x-webhooks": {"x": DELIVERED}}).takers
    assert taker.body == {"url": "{url}", "format": "json"}


def test_without_webhooks_and_callbacks_nothing_is_declared() -> None:
    assert found({"/webhooks": {"post": {"requestBody": content(members(url=TEXT))}}}) == Hooks()


def test_contents_are_those_of_the_event_else_of_the_callbacks() -> None:
    made = Hooks(
        (
            DeclaredEvent("order.created", "", SCHEMA),
            DeclaredEvent("done", "POST /jobs", SCHEMA),
            DeclaredEvent("bare"),
        )
    )
    assert [one.name for one in made.contents(["OrderCreated"], None)] == ["order.created"]
    assert [one.name for one in made.contents(["other"], "/jobs")] == ["done"]
    assert made.contents(["bare"], None) == []
    assert [one.name for one in made.of(Taker("/jobs", "/url"))] == ["done"]
    assert [one.name for one in made.of(Taker("/hooks", "/url"))] == ["order.created", "bare"]


@pytest.mark.parametrize(
    "broken",
    [
        {"webhooks": 3},
        {"webhooks": {"x": None}},
        {"webhooks": {"x": {"$ref": "#/components/pathItems/none"}}},
        {"paths": {"/a": {"post": {"callbacks": []}}}},
        {"paths": {"/a": {"post": {"callbacks": {"x": {"{$request.body#/a}": 3}}}}}},
    ],
)
def test_what_is_no_declaration_is_ignored(broken: dict[str, Any]) -> None:
    assert hooks({"openapi": "3.1.0", "paths": {}, **broken}, "") == Hooks()
