"""Which members name an item of another resource: only these are tried with items of other clients."""

from __future__ import annotations

from typing import Any

import pytest

from harness.profile.models import Resource
from suites.authorization.references import links_to

pytestmark = pytest.mark.topic(name="authorization")


def resource(name: str, **more: Any) -> Resource:
    return Resource(collection=f"/{name}", name=name, **more)


TASKS = resource("tasks", body={"title": "x", "project_id": "p1"})


def test_a_member_called_like_the_resource_links_to_it() -> None:
    assert list(links_to(resource("projects"), [TASKS])) == [("tasks", "project_id")]
    schema = {"type": "object", "properties": {"projectId": {"type": "string"}, "name": {"type": "string"}}}
    notes = resource("notes", create_schema=schema)
    assert list(links_to(resource("projects"), [notes, TASKS])) == [
        ("notes", "projectId"),
        ("tasks", "project_id"),
    ]


@pytest.mark.parametrize("name", ["orders", "project", "pro", "tasks"])
def test_others_do_not(name: str) -> None:
    named = resource("notes", body={"projects": [], "project_ids": ["a"], "owner_project_id": "a"})
    assert list(links_to(resource(name), [named])) == []


@pytest.mark.parametrize("name", ["users", "accounts", "customers", "members", "contacts", "wallets"])
def test_whom_one_may_write_or_pay_to_is_no_secret(name: str) -> None:
    transfers = resource("transfers", body={"account_id": "a", "user_id": "b", "customer_id": "c"})
    assert list(links_to(resource(name), [transfers])) == []
