"""Documented actions of items: which of them change nothing beside the item, on literal documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.actions import Action, actions

ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def found(path: str, **operation: Any) -> tuple[Action, ...]:
    return actions({"openapi": "3.1.0", "paths": {path: {"post": {"parameters": [ID], **operation}}}}, "")


@pytest.mark.parametrize(
    "word", ["vote", "like", "unlike", "star", "lock", "views", "enable", "close", "mark"]
)
def test_actions_of_the_item_alone(word: str) -> None:
    path = f"/posts/{{id}}/{word}"
    assert found(path) == (Action("POST", path, "/posts/{id}"),)


@pytest.mark.parametrize(
    "word", ["pay", "refund", "send", "ship", "transfer", "invite", "delete", "comments", "deploy", "email"]
)
def test_actions_that_may_reach_further_are_left_out(word: str) -> None:
    assert found(f"/posts/{{id}}/{word}") == ()


@pytest.mark.parametrize("word", ["cancel", "archive", "approve", "publish", "unpublish"])
def test_actions_that_decide_of_the_item_are_told_apart(word: str) -> None:
    path = f"/posts/{{id}}/{word}"
    assert found(path) == (Action("POST", path, "/posts/{id}", mild=False),)


def test_an_action_after_a_colon() -> None:
    assert [one.item for one in found("/posts/{id}:lock")] == ["/posts/{id}"]


@pytest.mark.parametrize(
    "operation",
    [
        {"requestBody": {"required": True, "content": {"application/json": {}}}},
        {"parameters": [ID, {"name": "weight", "in": "query", "required": True}]},
        {"deprecated": True},
    ],
)
def test_what_needs_more_than_the_url_is_left_out(operation: dict[str, Any]) -> None:
    assert found("/posts/{id}/vote", **operation) == ()


def test_an_action_of_a_collection_is_none() -> None:
    assert found("/posts/close") == ()


def test_the_path_for_an_item_with_another_name_of_the_parameter() -> None:
    (one,) = found("/posts/{post_id}/vote")
    assert one.of("/posts/{id}") == "/posts/{id}/vote"
    assert one.of("/comments/{id}") is None
