"""Documented reads below an item: a route that is not there, and something that the item does not have."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from harness.client.client import exchange_of
from harness.ledger.ledger import Ledger
from harness.profile.models import Resource
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from suites.openapi.below import unserved
from tests.clients import client_of
from tests.servers import Answer, Seen, http

pytestmark = pytest.mark.topic(name="openapi")

NO_ROUTE, NO_ITEM = {"error": "no route"}, {"error": "no such thing"}


def shop(seen: Seen) -> Answer:
    """Orders with a history; no order has a photo; notes are documented, and have no route."""
    answers = {
        "/orders/1": (200, {"id": "1"}),
        "/orders/1/history": (200, []),
        "/orders/1/photo": (404, NO_ITEM),
    }
    status, value = answers.get(seen.path, (404, NO_ITEM if seen.path == "/orders/2" else NO_ROUTE))
    return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json")])


@pytest.mark.parametrize(("below", "denied"), [("history", 0), ("photo", 0), ("notes", 1)])
def test_only_a_route_that_is_not_there_is_denied(below: str, denied: int) -> None:
    documented = {"/orders/{id}": ["GET"], f"/orders/{{order}}/{below}": ["GET"]}
    survey: Any = SimpleNamespace(documented=documented)
    with http(shop) as server, client_of(server.url) as client:
        resource = ResourceUnderTest(Resource(collection="/orders"), client, Ledger())
        unknown, absent = (exchange_of(client.get(path)) for path in ("/nothing", "/orders/2"))
        created = client.get("/orders/1")
        found = unserved(Item(resource, "1", {}, created), survey, unknown, absent)
    assert len(found) == denied
