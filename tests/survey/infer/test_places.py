"""Where items stand that are not at <collection>/{id}: what they say themselves, and OData's keys."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from harness.http.exchange import Body, Exchange
from harness.profile.models import Resource
from harness.rules.rule import Effect
from harness.survey.infer import places
from tests import servers
from tests.survey.surveying import Api, surveyed


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"UserName": "ada", "@odata.id": "http://a/People('ada')"}, ("/UserName", "ada")),
        ({"No": 7, "@odata.editLink": "Orders(7)"}, ("/No", "7")),
        ({"No": 7, "@odata.editLink": "Orders(No=7)"}, ("/No", "7")),
        ({"number": "b 2", "_links": {"self": {"href": "/boxes/b%202"}}}, ("/number", "b 2")),
        ({"number": 8, "_links": {"self": {"href": "/boxes/7"}}}, None),
        ({"number": 8, "url": 3}, None),
        ({"number": 8}, None),
        ("text", None),
    ],
)
def test_the_member_that_names_an_item(item: Any, found: tuple[str, str] | None) -> None:
    assert places.named(item) == found


@pytest.mark.parametrize(
    ("collection", "id", "answer", "found"),
    [
        ("/users", "a", {"@odata.context": "x"}, ["/users('{id}')"]),
        ("/orders/", 7, {"@odata.context": "x"}, ["/orders({id})"]),
        ("", "a", {"@odata.context": "x"}, ["('{id}')"]),
        ("/users", "a", {"value": []}, []),
        ("/users", "a", [], []),
    ],
)
def test_keys_of_odata(collection: str, id: Any, answer: Any, found: list[str]) -> None:
    assert list(places.odata(collection, id, answer)) == found


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("http://a/users('7')", ["('{id}')"]),
        ("http://a/users/7", ["/{id}"]),
        ("http://a/usersof/7", []),
        ("http://a/other('7')", []),
    ],
)
def test_an_item_beside_a_collection_that_is_the_target_itself(link: str, found: list[str]) -> None:
    assert list(places.templates("7", {}, link, "http://a/users", str)) == found


def odata_like(api: Api) -> Any:
    """Lists as OData does, with keys in brackets; its answers do not say so."""

    def answer(seen: servers.Seen) -> servers.Answer:
        keyed = re.fullmatch(r"/things\('(\w+)'\)", seen.path)
        if keyed is None and seen.path.startswith("/things/"):
            return servers.Answer(404, b"{}", [("Content-Type", "application/json")])
        given = api(replace(seen, path=f"/things/{keyed[1]}") if keyed else seen)
        value = json.loads(given.body) if given.body else None
        if isinstance(value, dict) and "items" in value:
            listed = {"@odata.context": "http://a/$metadata#things", "value": value["items"]}
            return replace(given, body=json.dumps(listed).encode())
        return given

    return answer


@pytest.mark.parametrize("effects", [Effect.READ, Effect.WRITE])
def test_items_of_odata_are_found_where_the_collection_is_the_target(effects: Effect) -> None:
    api = Api()
    api.items["/things/9"] = {"id": "9", "name": "theirs"}
    with servers.http(odata_like(api)) as server:
        found = surveyed(f"{server.url}/things", effects)
    (things,) = found.profile.resources
    assert things.item == "('{id}')"
    assert things.missing("read") is None
    assert list(api.items) == ["/things/9"]
    assert found.leftovers == []


@pytest.mark.parametrize(
    ("status", "location", "slashed"),
    [
        (301, "/v1/posts/", True),
        (308, "http://a/v1/posts/", True),
        (301, "posts/", True),
        (200, "/v1/posts/", False),
        (301, "/login/", False),
        (302, "http://b/v1/posts/", False),
        (302, "http://[", False),
    ],
)
def test_a_redirect_to_the_same_url_with_a_slash(status: int, location: str, slashed: bool) -> None:
    known, url = Resource(collection="/posts"), "http://a/v1/posts"
    exchange = Exchange("1", "GET", url, (), Body(), status=status, response_fields=(("Location", location),))
    found = places.with_slash(known, exchange, url)
    assert (found is not None) is slashed
    if found is not None:
        assert (found.collection, found.item, found.name) == ("/posts/", "/posts/{id}/", "posts")
