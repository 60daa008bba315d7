"""What is declared is used once, and what fails is kept; what works, and what nobody declares, costs little."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from harness.lists.page import PageInfo
from harness.lists.traversal import Page
from harness.profile.models import State
from harness.survey.ask.declared import lacks
from tests import servers
from tests.survey.surveying import Api, described, surveyed

LIST = "/things"


class Failing(Api):
    """A CRUD API in which some requests are answered 500."""

    when: str = ""

    def __call__(self, seen: servers.Seen) -> servers.Answer:
        keyed = seen.field("idempotency-key") is not None
        if (self.when == "key" and keyed) or (
            self.when in ("name", "sort") and f"?{self.when}=" in seen.path
        ):
            return servers.Answer(500, b"{}", [("Content-Type", "application/json")])
        return super().__call__(seen)


def failing(when: str) -> Failing:
    api = Failing(document=document())
    api.when = when
    return api


def document() -> dict[str, Any]:
    """It documents keys, a filter and an order."""
    found: dict[str, Any] = json.loads(json.dumps(described(LIST)))
    operations = found["paths"][LIST]
    text = {"type": "string"}
    operations["post"]["parameters"] = [{"name": "Idempotency-Key", "in": "header", "schema": text}]
    schema = operations["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"]["size"] = {"type": "integer"}
    operations["get"]["parameters"] = [
        {"name": "name", "in": "query", "schema": text},
        {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["size"]}},
    ]
    return found


@pytest.mark.parametrize(
    ("when", "broken"), [("", None), ("key", "idempotency"), ("name", "filter"), ("sort", "sort")]
)
def test_a_declared_feature_that_fails_is_a_suspicion(when: str, broken: str | None) -> None:
    api = failing(when)
    with servers.http(api) as server:
        found = surveyed(server.url)
    (things,) = found.profile.resources
    assert [one.capability for one in found.suspicions] == ([broken] if broken else [])
    for name in ("idempotency", "filter", "sort"):
        expected = State.BROKEN if name == broken else State.DECLARED
        assert things.capabilities[name].state is expected, things.capabilities[name]
    seen = {one.id for one in found.exchanges}
    assert all(set(one.exchanges) <= seen for one in (*found.suspicions, *found.learnt))
    assert api.items == {}


def test_a_list_without_the_new_item_is_a_suspicion() -> None:
    api = Api(lists=False)
    with servers.http(api) as server:
        found = surveyed(server.url, profile={"resources": [{"collection": LIST, "body": {"name": "Ada"}}]})
    assert [(one.capability, "is not in the list" in one.text) for one in found.suspicions] == [
        ("list", True)
    ]
    assert api.items == {}


@pytest.mark.parametrize(
    ("ids", "items", "shown", "following", "lacking"),
    [
        (("1", "2"), 2, PageInfo(), None, True),
        ((), 0, PageInfo(), None, True),
        (("1", "7"), 2, PageInfo(), None, False),
        (("1", "2"), 2, PageInfo(total=3), None, False),
        (("1", "2"), 2, PageInfo(signals={"/more": True}), None, False),
        (("1", "2"), 2, PageInfo(), "http://a/things?page=2", False),
        # An item without a readable id may be the one.
        (("1",), 2, PageInfo(), None, False),
        # It may be cut off.
        (tuple(map(str, range(100, 120))), 20, PageInfo(), None, False),
    ],
)
def test_a_list_lacks_an_item_only_where_it_is_whole(
    ids: tuple[str, ...], items: int, shown: PageInfo, following: str | None, lacking: bool
) -> None:
    page = Page(1, "http://a/things", httpx.Response(200), [], [{}] * items, ids, shown, following)
    assert lacks(page, "7") is lacking
