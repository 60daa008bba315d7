"""Surveys of servers on real sockets: what is found, how many requests that takes, what is left behind."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from harness.bad_input import BadInput
from harness.profile.models import State
from harness.rules.rule import Effect
from harness.survey.ask import allowance
from tests import servers
from tests.survey.surveying import Api, described, surveyed

NESTED = ("/shops", "/shops/{shop}/shelves", "/shops/{shop}/shelves/{shelf}/boxes")


def test_parents_are_created_first_and_removed_last() -> None:
    api = Api(NESTED, described(*NESTED))
    with servers.http(api) as server:
        found = surveyed(server.url)
        removed = [seen.path for seen in server.seen if seen.method == "DELETE"]
    boxes = found.profile.resource("boxes")
    assert boxes.parent == "shelves"
    assert "{" not in boxes.collection
    assert boxes.capabilities["create"].there
    assert found.templates["boxes"]["collection"] == NESTED[2]
    assert api.items == {}
    assert removed[-1].count("/") == 2


def test_nothing_is_created_below_others_items_when_only_reading() -> None:
    api = Api(NESTED, described(*NESTED))
    api.items["/shops/9"] = {"id": "9", "name": "theirs"}
    with servers.http(api) as server:
        found = surveyed(server.url, Effect.READ)
        assert set(server.methods) == {"GET"}
    assert found.profile.resource("shelves").collection == "/shops/9/shelves"
    assert any("boxes is left out" in warning for warning in found.warnings)


def test_bodies_are_mended_by_what_the_server_says() -> None:
    api = Api(strict={"title": "", "size": ""})
    with servers.http(api) as server:
        found = surveyed(f"{server.url}/things")
    (things,) = found.profile.resources
    assert things.collection == ""
    assert things.name == "things"
    assert set(things.body or {}) == {"title", "size"}
    assert things.capabilities["create"].state is State.DETECTED
    assert api.items == {}


def test_an_item_that_is_found_again_by_its_name_is_not_taken_for_a_new_one() -> None:
    api = Api(document=described("/things"), natural="name")
    with servers.http(api) as server:
        found = surveyed(server.url)
    (things,) = found.profile.resources
    assert things.fresh == ["/name"]
    assert things.unique == []


def test_another_persons_item_is_never_met_by_a_made_up_name() -> None:
    api = Api(document=described("/things"), natural="name")
    with servers.http(api) as server:
        surveyed(server.url)
        first = next(iter(server.seen)).path
        names = {seen.body for seen in server.seen if seen.method == "POST" and seen.path == "/things"}
        again = len(server.seen)
        surveyed(server.url)
        others = {
            seen.body for seen in server.seen[again:] if seen.method == "POST" and b'"name"' in seen.body
        }
    assert first == "/"
    assert not names & others


@pytest.mark.parametrize("effects", [Effect.READ, Effect.WRITE])
@pytest.mark.parametrize("documented", [True, False])
def test_twelve_resources_stay_within_the_requests_of_a_survey(effects: Effect, documented: bool) -> None:
    paths = tuple(f"/r{number}" for number in range(12))
    api = Api(paths, described(*paths) if documented else None)
    root = {path.strip("/"): path for path in paths}
    with servers.http(lambda seen: root_of(root) if seen.path == "/" else api(seen)) as server:
        found = surveyed(server.url, effects)
        sent = len(server.seen)
        if effects is Effect.READ:
            assert set(server.methods) <= {"GET", "HEAD", "OPTIONS"}
    assert sent <= allowance.MOST
    assert len(found.profile.resources) >= 8
    assert api.items == {}


def root_of(links: Any) -> servers.Answer:
    return servers.Answer(200, json.dumps(links).encode(), [("Content-Type", "application/json")])


def test_a_document_that_lies_about_where_it_is_served() -> None:
    for servers_entry in ([{"url": "https://api.example.com/v7"}], [{"url": "/nowhere"}], []):
        api = Api(document=described("/things", servers=servers_entry), prefix="/api")
        with servers.http(api) as server:
            found = surveyed(server.url)
            assert all(seen.field("host") in server.url for seen in server.seen)
        (things,) = found.profile.resources
        assert things.collection == "/api/things"
        assert things.capabilities["create"].there
        assert any("served below /api" in warning for warning in found.warnings)


def test_documented_paths_that_are_not_there_are_contradicted() -> None:
    api = Api(("/things",), described("/things", "/ghosts"))
    with servers.http(api) as server:
        found = surveyed(server.url)
    ghosts = found.profile.resource("ghosts")
    assert ghosts.capabilities["list"].state is State.CONTRADICTED
    assert any(
        (odd.resource, odd.capability) == ("ghosts", "list") and "404" in odd.text for odd in found.suspicions
    )
    assert not any(odd.resource == "things" for odd in found.suspicions)


def test_a_schema_that_the_server_rejects_contradicts_nothing() -> None:
    api = Api(document=described("/things"), strict={"title": ""})
    with servers.http(api) as server:
        found = surveyed(server.url)
    (things,) = found.profile.resources
    assert things.capabilities["create"].there
    assert set(things.body or {}) == {"title"}


def test_a_server_that_creates_and_never_lists() -> None:
    api = Api(document=described("/things"), lists=False)
    with servers.http(api) as server:
        found = surveyed(server.url)
    (things,) = found.profile.resources
    assert things.capabilities["create"].there
    assert not things.capabilities["limit"].there
    assert not things.capabilities["filter"].there
    # An invalid body that was accepted made an item that shows no text of ours: left, and told.
    assert [f"{server.url}{path}" for path in api.items] == found.leftovers
    assert all("name" not in item for item in api.items.values())


def test_two_thousand_operations() -> None:
    paths = [f"/r{number}" for number in range(400)]
    api = Api(tuple(paths), described(*paths))
    with servers.http(api) as server:
        found = surveyed(server.url)
        assert len(server.seen) <= allowance.MOST
    assert any("400 collections found" in warning for warning in found.warnings)
    assert api.items == {}


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_to_another_host_is_not_followed(status: int) -> None:
    with (
        servers.http(servers.always(200, b"[]")) as other,
        servers.http(servers.always(status, b"", "text/html", ("Location", f"{other.url}/login"))) as server,
    ):
        found = surveyed(server.url)
        assert other.seen == []
    assert found.profile.resources == []
    assert any("redirects to" in warning for warning in found.warnings)


def test_a_template_without_a_parent_is_one_clear_line() -> None:
    with servers.http(Api()) as server, pytest.raises(BadInput, match="no `parent`"):
        surveyed(server.url, profile={"resources": [{"collection": "/a/{id}/b"}]})


def odata_like(api: Api, *, tells: bool = True) -> Any:
    """An API like OData's: /things('7'), while /things/7 is nothing; its answers say so, or do not."""

    def answer(seen: servers.Seen) -> servers.Answer:
        if seen.path == "/":
            return root_of({"@odata.context": "$metadata", "value": [{"kind": "EntitySet", "url": "things"}]})
        keyed = re.fullmatch(r"/things\('(\w+)'\)", seen.path)
        if keyed is None and seen.path.startswith("/things/"):
            return servers.Answer(404, b"{}", [("Content-Type", "application/json")])
        given = api(replace(seen, path=f"/things/{keyed[1]}") if keyed else seen)
        if seen.method == "POST" and given.status == 201 and tells:
            made = json.loads(given.body)
            made["@odata.id"] = f"http://{seen.field('host')}/things('{made['id']}')"
            return replace(given, body=json.dumps(made).encode())
        return given

    return answer


def test_an_item_is_where_the_answer_to_its_create_says() -> None:
    api = Api()
    with servers.http(odata_like(api)) as server:
        (things,) = surveyed(server.url).profile.resources
    assert things.item == "/things('{id}')"
    assert all(things.capabilities[one].there for one in ("create", "read", "replace", "delete"))
    assert api.items == {}


def test_an_item_that_is_listed_and_cannot_be_found_is_reported_as_left_behind() -> None:
    api = Api()
    with servers.http(odata_like(api, tells=False)) as server:
        found = surveyed(server.url)
        # The second is made to see that it is another one.
        assert len(found.leftovers) == len(api.items) == 2
    assert not found.profile.resources[0].capabilities["create"].there


class Files(Api):
    """Renames an item when its `name` is written, and names new ones itself."""

    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        if method == "PUT" and path in self.items:
            id = json.loads(content)["name"].replace(" ", "-")
            item = self.items.pop(path)
            item = self.items[f"{path.rpartition('/')[0]}/{id}"] = {**item, "id": id}
            return 200, item
        return super()._answer(method, path, content)


def test_a_write_that_moves_the_item_is_no_replacement_and_leaves_nothing() -> None:
    api = Files()
    with servers.http(api) as server:
        found = surveyed(f"{server.url}/things")
    (things,) = found.profile.resources
    assert not things.capabilities["replace"].there
    assert "moves the item" in things.capabilities["replace"].because
    assert things.capabilities["delete"].there
    assert api.items == {}
    assert found.leftovers == []
