"""Judgement of other ways to a client's items, and of protected members, on literal inputs."""

from __future__ import annotations

import pytest

from harness.http.contract import Contract, OperationAnswer
from harness.profile.models import Profile
from harness.survey.outcome import Survey
from suites.authorization.protected import read_only_members
from suites.authorization.scopes import claiming, declared_public, exports, names_owner, naming, owners

pytestmark = pytest.mark.topic(name="authorization")


@pytest.mark.parametrize(
    "name", ["owner", "user_id", "userId", "ownerId", "tenant", "organisation_id", "createdBy", "account-id"]
)
def test_members_that_say_whose_an_item_is(name: str) -> None:
    assert names_owner(name)


@pytest.mark.parametrize("name", ["id", "name", "users", "username2", "power", "status", "customer_note"])
def test_other_members(name: str) -> None:
    assert not names_owner(name)


def test_what_client_b_has_as_well_says_nothing_about_client_a() -> None:
    item = {"data": {"owner": "alice", "tenant": "shop", "account_id": 7, "name": "x", "user": None}}
    others = [{"data": {"owner": "bob", "tenant": "shop", "account_id": 8}}]
    assert owners(item, others, "/data") == {"owner": "alice", "account_id": "7"}
    assert owners([], others) == {}


def test_documented_parameters_come_first_and_each_alone() -> None:
    found = list(naming({"owner": "alice"}, ["limit", "customer_id"], None))
    assert found == [{"customer_id": "alice"}, {"owner": "alice"}, {"user_id": "alice"}]
    assert list(naming({}, ["owner"], "a-1")) == [{"owner": "a-1"}, {"user_id": "a-1"}]
    assert list(naming({}, ["owner"], None)) == []


def documented(*secured: str) -> Survey:
    paths = [
        "/orders",
        "/orders/export",
        "/orders/feed",
        "/orders/{id}",
        "/orders/{id}/receipt",
        "/other/export",
    ]
    return Survey(Profile(), documented={one: ["GET"] for one in paths}, secured=list(secured))


def test_exports_are_documented_gets_below_the_collection_that_need_a_credential() -> None:
    assert exports("/orders", documented()) == ["/orders/export", "/orders/feed"]
    assert exports("/orders", documented("GET /orders", "GET /orders/export")) == ["/orders/export"]


def test_a_path_is_public_where_the_document_asks_for_credentials_elsewhere_only() -> None:
    survey = documented("GET /orders", "GET /orders/{id}")
    assert declared_public("/orders/{id}/receipt", survey)
    assert not declared_public("/orders/{id}", survey)
    assert not declared_public("/orders/{id}/receipt", documented())


def test_members_are_read_only_at_any_depth() -> None:
    schema = {
        "$ref": "#/$defs/Order",
        "$defs": {
            "Order": {
                "properties": {
                    "id": {"readOnly": True},
                    "payment": {"allOf": [{"$ref": "#/$defs/Payment"}]},
                    "note": {"type": "string"},
                }
            },
            "Payment": {"properties": {"status": {"readOnly": True, "enum": ["open", "paid"]}, "method": {}}},
        },
    }
    answers = (OperationAnswer("GET", "/orders/{id}", "200", {"application/json": 0}),)
    found = read_only_members(Contract(answers, (schema,)), "/orders/{id}")
    assert found == {"/id": [], "/payment/status": ["open", "paid"]}
    assert read_only_members(Contract(), "/orders/{id}") == {}


def test_a_field_takes_the_value_of_the_member_that_is_about_the_same() -> None:
    members = {"ownerId": "u-1", "tenantId": "t-1"}
    found = claiming(["X-Tenant-Id", "X-User-Id", "owner"], members, "alice")
    assert found == {"X-Tenant-Id": "t-1", "X-User-Id": "alice", "owner": "u-1"}
    assert claiming(["X-User-Id"], {}, None) == {}
