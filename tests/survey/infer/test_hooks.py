"""How receivers are subscribed, and what causes events, on literal documents and resources."""

from __future__ import annotations

import tomllib

import pytest

from harness.profile.models import Capability, Resource, State
from harness.profile.webhooks import Webhooks
from harness.survey.infer.hooks import cause_of, declared, missing
from harness.survey.openapi.hooks import DeclaredEvent, Hooks, Taker

BODY = {"url": "{url}", "events": ["{event}"]}


def resource(collection: str, *able: str) -> Resource:
    there = {name: Capability(state=State.DETECTED, because="seen") for name in able}
    return Resource(collection=collection, name=collection.strip("/"), body={"a": 1}, capabilities=there)


ORDERS = resource("/orders", "create", "delete", "list", "read")
PAYMENTS = resource("/payments", "create", "list", "read")
EVENTS = tuple(map(DeclaredEvent, ("order.deleted", "order.created", "payment.created")))
HOOKS = Taker("/hooks", "/url", BODY, removable=True)


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        ("order.created", "orders"),
        ("orderCreated", "orders"),
        ("ORDER_CREATED", "orders"),
        ("newOrder", "orders"),
        ("orders.new", "orders"),
        ("onOrderAdded", "orders"),
        ("order.deleted", "delete orders"),
        ("payment.deleted", None),
        ("order.paid", None),
        ("created", None),
        ("invoice.created", None),
        ("order.created.deleted", None),
    ],
)
def test_causes_are_read_from_names(event: str, cause: str | None) -> None:
    assert cause_of(event, [ORDERS, PAYMENTS]) == cause


def test_a_create_comes_first_and_a_second_event_must_stay_away() -> None:
    made = declared(Hooks(EVENTS, (HOOKS,)), [ORDERS])
    assert made is not None
    assert made.subscribe == "/hooks"
    assert made.body == BODY
    assert list(made.events.items()) == [("order.created", "orders"), ("order.deleted", "delete orders")]


def test_where_no_event_can_be_chosen_every_receiver_gets_all() -> None:
    made = declared(Hooks(EVENTS, (Taker("/hooks", "/url", {"url": "{url}"}, removable=True),)), [ORDERS])
    assert made is not None
    assert made.events == {"order.created": "orders"}


def test_a_callback_of_a_create_is_caused_by_it() -> None:
    own = (DeclaredEvent("done", "POST /payments"),)
    taker = Taker("/payments", "/to", {"to": "{url}"}, removable=True, apart=False)
    made = declared(Hooks(own, (taker,)), [PAYMENTS])
    assert made is not None
    assert made.events == {"done": "subscribe"}
    assert declared(Hooks(own, (taker,)), [ORDERS]) is None


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Hooks(EVENTS), "the webhooks order.deleted, order.created, payment.created, and no operation"),
        (Hooks(EVENTS, other=("POST /s: {$request.query.to}",)), "(POST /s: {$request.query.to})"),
        (
            Hooks(EVENTS, (Taker("/hooks", "/url", BODY),)),
            "no DELETE that ends a subscription of POST /hooks",
        ),
        (Hooks(EVENTS, (Taker("/hooks", "/url"),)), "no example of the content of POST /hooks"),
        (
            Hooks(EVENTS[:1], (HOOKS,)),
            "nothing tells what causes one: declare it in the profile: webhooks = {",
        ),
    ],
)
def test_what_is_missing_comes_with_the_line_of_the_profile(found: Hooks, said: str) -> None:
    resources = [PAYMENTS]
    assert declared(found, resources) is None
    line = missing(found, resources)
    assert said in line
    assert "\n" not in line
    table = tomllib.loads(line[line.index("webhooks = ") :])["webhooks"]
    assert list(Webhooks.model_validate(table).events.values()) == ["payments"]
