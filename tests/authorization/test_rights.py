"""Names of members and paths that say what a client may do, or how many items there are."""

from __future__ import annotations

from typing import Any

import pytest

from harness.profile.models import Profile
from harness.survey.openapi.promises import Promises
from harness.survey.openapi.queries import QueryParameter
from harness.survey.openapi.unrequested import ServerMember
from harness.survey.outcome import Survey
from suites.authorization.protected import names_right, rights_members, usual_rights
from suites.authorization.scopes import counted_at, counting, searching

pytestmark = pytest.mark.topic(name="authorization")


@pytest.mark.parametrize(
    "name",
    [
        "role",
        "roles",
        "user_role",
        "is_admin",
        "isAdmin",
        "is_staff",
        "permissions",
        "balance",
        "balance_cents",
        "credit_limit",
        "email_verified",
        "owner",
        "owner_id",
        "tenantId",
    ],
)
def test_members_that_say_what_somebody_may_do(name: str) -> None:
    assert names_right(name)


@pytest.mark.parametrize(
    "name", ["status", "name", "rolled_out", "administrative_note", "done", "price", "level_of_detail"]
)
def test_members_that_do_not(name: str) -> None:
    assert not names_right(name)


def test_only_rights_of_the_item_itself() -> None:
    found = [
        ServerMember("/users/{user_id}", "role", ("user", "admin")),
        ServerMember("/users/{user_id}", "nickname"),
        ServerMember("/orders/{id}", "owner"),
    ]
    assert rights_members(found, "/users/{id}") == {"/role": ["user", "admin"]}
    assert usual_rights("role") == ("admin", "owner")
    assert usual_rights("balance") == ()


SURVEY = Survey(
    Profile(),
    documented={"/orders/count": ["GET"], "/orders/export": ["GET"], "/orders/{id}": ["GET"]},
    promises=Promises(
        queries=(
            QueryParameter("/orders", "q"),
            QueryParameter("/orders/search", "q"),
            QueryParameter("/orders/search", "page"),
            QueryParameter("/search", "term"),
            QueryParameter("/geo/cities", "name"),
            QueryParameter("/orders/{id}/search", "q"),
        )
    ),
)


def test_searches_of_a_collection_and_of_the_whole_api() -> None:
    assert searching("/orders", SURVEY) == [("/orders/search", "q"), ("/search", "term")]
    assert searching("/payments", SURVEY) == [("/search", "term")]


def test_counts_below_a_collection() -> None:
    assert counting("/orders", SURVEY) == ["/orders/count"]
    assert counting("/payments", SURVEY) == []


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (7, 7),
        ({"count": 7}, 7),
        ({"total": 7, "pages": 2}, 7),
        ({"orders": 7}, 7),
        ({"paid": 7, "open": 2}, None),
        ({"count": True}, None),
        ([7], None),
        ("7", None),
        (None, None),
    ],
)
def test_the_number_of_a_count(value: Any, count: int | None) -> None:
    assert counted_at(value) == count
