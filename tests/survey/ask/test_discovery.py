"""Discovery on real sockets: what is requested, what is found, what is left alone."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from harness.bad_input import BadInput
from harness.profile.models import Profile, Resource
from harness.profile.write import write
from harness.rules.rule import Effect
from harness.survey import table
from harness.survey.ask import choice, remaining
from harness.survey.infer import pointers
from harness.survey.nothing_found import nothing_found
from harness.survey.outcome import Survey, Unsurveyed
from tests import servers
from tests.servers import Answer, Seen
from tests.survey.surveying import Api, described, surveyed


def beside(api: Api, pages: dict[str, Any]) -> servers.Respond:
    """The API, with other responses at some paths: a text is HTML, or a script where the path ends in .js."""

    def respond(seen: Seen) -> Answer:
        path = seen.path.partition("?")[0]
        if path not in pages:
            return api(seen)
        value = pages[path]
        if isinstance(value, Answer):
            return value
        if isinstance(value, str):
            kind = "text/javascript" if path.endswith(".js") else "text/html"
            return Answer(200, value.encode(), [("Content-Type", kind)])
        return Answer(200, json.dumps(value).encode(), [("Content-Type", "application/json")])

    return respond


DOCUMENT = described("/things")
INIT = f'window.onload = function() {{ var o = {{ "swaggerDoc": {json.dumps(DOCUMENT)} }} }} // swagger-ui'


@pytest.mark.parametrize(
    ("pages", "place"),
    [
        (
            {
                "/api-docs": '<div id="swagger-ui"></div><script>x({url: "/d/a.json"})</script>',
                "/d/a.json": DOCUMENT,
            },
            0,
        ),
        (
            {
                "/api-docs": '<script src="/api-docs/swagger-ui-init.js">',
                "/api-docs/swagger-ui-init.js": INIT,
            },
            0,
        ),
        ({"/docs": '<redoc spec-url="spec.json"></redoc>', "/spec.json": DOCUMENT}, 0),
        ({"/": {"links": [{"rel": "service-desc", "href": "d"}]}, "/d": DOCUMENT}, 1),
        (
            {
                "/": '<a href="/reference/">documentation</a>',
                "/reference/": '<p data-url="/d"></p>',
                "/d": DOCUMENT,
            },
            1,
        ),
        (
            {
                "/.well-known/api-catalog": {"linkset": [{"anchor": "/", "service-desc": [{"href": "/d"}]}]},
                "/d": DOCUMENT,
            },
            0,
        ),
        ({"/": Answer(302, b"", [("Location", "/v7/")]), "/v7/openapi.json": DOCUMENT}, 0),
        ({"/": DOCUMENT}, 1),
    ],
    ids=["Swagger UI", "embedded", "Redoc", "links", "page", "catalog", "redirect", "base"],
)
def test_documents_are_found_where_the_api_names_them(pages: dict[str, Any], place: int) -> None:
    with servers.http(beside(Api(), pages)) as server:
        found = surveyed(server.url, Effect.READ)
        asked = [seen.path for seen in server.seen]
    assert found.openapi is not None
    assert [one.name for one in found.profile.resources] == ["things"]
    if place:
        # What the entry point names comes before the usual places.
        assert "/openapi.json" not in asked


def test_at_most_a_dozen_requests_look_for_a_document() -> None:
    with servers.http(servers.always(404, b"{}")) as server:
        surveyed(f"{server.url}/a/b", Effect.READ)
        looked = [seen for seen in server.seen if "openapi+json" in (seen.field("accept") or "")]
    assert len(looked) == 12


def test_a_page_that_answers_every_path_costs_no_more_requests() -> None:
    page = b'<html><div id="swagger-ui"></div><script>var c = {url: "/nowhere.json"}</script></html>'
    with servers.http(servers.always(200, page, "text/html")) as server:
        surveyed(server.url, Effect.READ)
        assert len(server.seen) <= 16


@pytest.mark.parametrize(
    "index",
    [
        {"_links": {"child": [{"href": "things"}, {"href": "others"}]}},
        '<a href="/things">things</a> <a href="others">others</a>',
        {"inner": "/inner"},
    ],
)
def test_collections_behind_an_index_are_found(index: Any) -> None:
    api = Api(("/things", "/others"))
    pages = {"/": index, "/inner": {"things": "/things", "others": "/others"}}
    with servers.http(beside(api, pages)) as server:
        found = surveyed(server.url)
    assert {one.collection for one in found.profile.resources} == {"/things", "/others"}
    assert all(one.missing("create") is None for one in found.profile.resources)
    assert api.items == {}


@pytest.mark.parametrize("asked", [True, False], ids=["for those who ask", "never"])
def test_a_home_document_is_asked_for_by_its_type(asked: bool) -> None:
    api = Api(("/things",))
    home_type = "application/json-home"
    home = {"resources": {"https://h/rel/things": {"href": "/things"}}}
    version = {"version": {"id": "v3", "status": "stable"}}

    def respond(seen: Seen) -> Answer:
        if seen.path != "/" or seen.method != "GET":
            return api(seen)
        if asked and seen.field("accept") == home_type:
            return Answer(200, json.dumps(home).encode(), [("Content-Type", home_type)])
        return Answer(200, json.dumps(version).encode(), [("Content-Type", "application/json")])

    with servers.http(respond) as server:
        found = surveyed(server.url)
    assert [one.collection for one in found.profile.resources] == (["/things"] if asked else [])
    assert api.items == {}


def test_a_collection_that_an_index_showed_is_not_requested_twice_for_that() -> None:
    with servers.http(beside(Api(), {"/": {"things": "/things"}})) as server:
        surveyed(server.url, Effect.READ)
        plain = [seen.path for seen in server.seen if "json" in (seen.field("accept") or "")]
    assert plain.count("/things") == 1


def test_everything_that_an_index_lists_is_reported() -> None:
    paths = tuple(f"/r{number}" for number in range(40))
    api = Api(paths)
    with servers.http(beside(api, {"/": {path.strip("/"): path for path in paths}})) as server:
        found = surveyed(server.url, Effect.READ)
    assert len(found.profile.resources) + len(found.unsurveyed) == 40
    assert any("40 collections found, 10 surveyed" in line for line in found.warnings)


TENANTS = ("/Accounts", "/Accounts/{sid}/calls")


def tenants() -> dict[str, Any]:
    """The document of an API whose accounts are listed, but neither created nor removed."""
    document = described(*TENANTS)
    del document["paths"]["/Accounts"]["post"]
    return document


def test_the_only_tenant_of_a_credential_is_used() -> None:
    api = Api(TENANTS, tenants(), items={"/Accounts/AC1": {"id": "AC1"}})
    with servers.http(api) as server:
        found = surveyed(server.url)
        unsafe = {seen.path for seen in server.seen if seen.method not in ("GET", "HEAD", "OPTIONS")}
    calls = found.profile.resource("calls")
    assert calls.collection == "/Accounts/AC1/calls"
    assert calls.missing("create") is None
    assert all(path.startswith("/Accounts/AC1/calls") for path in unsafe)
    assert list(api.items) == ["/Accounts/AC1"]


def test_one_of_several_tenants_is_asked_for_in_one_line() -> None:
    items = {f"/Accounts/AC{number}": {"id": f"AC{number}"} for number in (1, 2)}
    api = Api(TENANTS, tenants(), items=dict(items))
    with servers.http(api) as server:
        found = surveyed(server.url)
        assert not any("/calls" in seen.path for seen in server.seen)
        (line,) = [one.because for one in found.unsurveyed if one.name == "calls"]
        assert 'parameters = { sid = "AC1" }' in line
        again = surveyed(server.url, profile={"parameters": {"sid": "AC2"}})
    assert again.profile.resource("calls").collection == "/Accounts/AC2/calls"
    assert api.items == items


def test_parameters_that_nothing_lists_are_asked_for() -> None:
    nested = "/repos/{owner}/{repo}/issues"
    api = Api(("/things", nested), described("/things", nested))
    with servers.http(api) as server:
        found = surveyed(server.url, Effect.READ)
    (one,) = found.unsurveyed
    assert one.because == 'needs parameters = { owner = "...", repo = "..." } in conformance.toml'
    assert found.warnings[0].startswith("2 collections found, 1 surveyed")


def test_what_a_list_of_resources_leaves_out_is_said() -> None:
    paths = ("/things", "/others")
    listed = {"resources": [{"collection": "/things"}]}
    with servers.http(Api(paths, described(*paths))) as server:
        narrow = surveyed(server.url, Effect.READ, profile=listed)
        whole = surveyed(server.url, Effect.READ, profile={**listed, "explore": "all"})
        named = surveyed(server.url, Effect.READ, profile={**listed, "only": ["things"]})
    assert [one.collection for one in narrow.profile.resources] == ["/things"]
    assert [(one.collection, one.because) for one in narrow.unsurveyed] == [("/others", remaining.UNNAMED)]
    assert narrow.warnings[0].startswith("2 collections found, 1 surveyed; 1 not tested, such as /others: ")
    assert {one.collection for one in whole.profile.resources} == set(paths)
    assert whole.unsurveyed == named.unsurveyed == []


def test_the_richest_and_safest_collections_come_first() -> None:
    names = ["payments", "orders", "customers", "readings"]
    able = dict.fromkeys(names, ("list", "create", "read", "delete"))
    able["customers"] = ("list", "create", "read", "replace", "update", "delete")
    able["readings"] = ("list", "create", "read")
    resources = [
        Resource(collection=f"/{name}", capabilities=dict.fromkeys(able[name], True))  # type: ignore[misc]
        for name in names
    ]
    ready, rest = choice.ranked(resources, {})
    assert [one.name for one in ready] == ["customers", "orders", "payments", "readings"]
    assert rest == []


def test_the_next_command_is_one_line() -> None:
    found = Survey(Profile(resources=[Resource(collection="/a")]))
    assert remaining.line(found, "http://h") == ""
    found.unsurveyed = [
        Unsurveyed("b", "/b", "GET POST", remaining.LATER),
        Unsurveyed("c", "/c", "", remaining.LINKED),
    ]
    assert remaining.line(found, "http://h") == (
        "3 collections found, 1 surveyed; next: pytest --target-url http://h --resource /b --resource /c"
    )


def test_nothing_found_says_what_was_asked_and_what_comes_next() -> None:
    with servers.http(servers.always(401, b"{}")) as server:
        what, then = nothing_found(surveyed(server.url, Effect.READ))
    assert "GET http://" in what
    assert "401 12 times" in what
    assert "--header 'Authorization: Bearer $TOKEN'" in then


def test_nothing_found_names_the_url_that_the_response_names() -> None:
    body = json.dumps({"links": {"self": "/rest/"}, "errors": []}).encode()
    with servers.http(servers.always(404, body)) as server:
        _, then = nothing_found(surveyed(server.url, Effect.READ))
        assert then == f"the response names another URL: pytest --target-url {server.url}/rest/"


def test_every_collection_that_was_not_surveyed_is_printed() -> None:
    found = Survey(Profile())
    found.unsurveyed = [
        Unsurveyed(f"r{number}", f"/r{number}", "GET POST", remaining.LATER) for number in range(60)
    ]
    printed = table.show(found, 1, width=80)
    assert all(f"/r{number} " in printed for number in range(60))
    assert max(map(len, printed.splitlines())) <= 80


def test_a_profile_keeps_parameters() -> None:
    text = write(Profile(parameters={"sid": "AC1", "a b": "x"}))
    assert Profile.model_validate(tomllib.loads(text)).parameters == {"sid": "AC1", "a b": "x"}


def test_a_resource_without_a_parent_gives_its_place_to_the_next() -> None:
    paths = [f"/r{number}" for number in range(12)]
    below = [f"/Accounts/{{sid}}/a{number}" for number in range(12)]
    document = described("/Accounts", *below, *paths)
    del document["paths"]["/Accounts"]["post"]
    with servers.http(Api((*paths, "/Accounts"), document)) as server:
        found = surveyed(server.url, Effect.READ)
        assert len(found.profile.resources) == 10
    assert len(found.unsurveyed) == 15
    assert len([line for line in found.warnings if "left out" in line]) <= 3


def test_the_survey_goes_on_until_something_could_be_created() -> None:
    paths = [f"/r{number:02}" for number in range(14)]
    api = Api(tuple(paths), described(*paths))

    def respond(seen: Seen) -> Answer:
        if seen.method == "POST" and not seen.path.startswith("/r12"):
            return Answer(403, b"{}", [("Content-Type", "application/json")])
        return api(seen)

    with servers.http(respond) as server:
        found = surveyed(server.url)
    assert found.profile.resource("r12").missing("create") is None
    assert len(found.profile.resources) == 11
    assert api.items == {}


def test_a_resource_that_the_user_names_takes_parameters() -> None:
    nested = "/repos/{owner}/{repo}/issues"
    api = Api((nested,), described(nested), items={"/repos/ada/notes": {}})
    profile = {"resources": [{"collection": nested}], "parameters": {"owner": "ada", "repo": "notes"}}
    with servers.http(api) as server:
        found = surveyed(server.url, Effect.READ, profile=profile)
        with pytest.raises(BadInput, match="no `parent`"):
            surveyed(server.url, Effect.READ, profile={"resources": [{"collection": nested}]})
    assert found.profile.resource("issues").collection == "/repos/ada/notes/issues"


def test_the_survey_does_not_go_on_without_a_credential() -> None:
    paths = [f"/r{number:02}" for number in range(14)]
    document = json.dumps(described(*paths)).encode()

    def respond(seen: Seen) -> Answer:
        if seen.path == "/openapi.json":
            return Answer(200, document, [("Content-Type", "application/json")])
        return Answer(401, b"{}", [("Content-Type", "application/json"), ("WWW-Authenticate", "Bearer")])

    with servers.http(respond) as server:
        found = surveyed(server.url)
        assert not any(seen.path == "/r13" for seen in server.seen)
    assert len(found.profile.resources) == 10


def test_an_index_at_a_usual_base_is_found_where_the_root_is_empty() -> None:
    api = Api(("/things",), prefix="/api/v1")
    with servers.http(beside(api, {"/api/v1/": {"things": "/api/v1/things"}})) as server:
        found = surveyed(server.url)
    assert [one.collection for one in found.profile.resources] == ["/api/v1/things"]
    assert found.profile.resources[0].capabilities["create"].there


def test_usual_bases_are_not_looked_at_where_the_user_gave_a_path() -> None:
    with servers.http(beside(Api(()), {})) as server:
        surveyed(f"{server.url}/shop", Effect.READ)
    assert "/api/" not in {seen.path for seen in server.seen}


def test_bodies_follow_the_schemas_that_an_index_of_tastypie_names() -> None:
    index = {"entry": {"list_endpoint": "/api/v1/entry/", "schema": "/api/v1/entry/schema/"}}
    fields = {
        "id": {"type": "integer", "verbose_name": "ID", "blank": True, "default": ""},
        "title": {"type": "string", "nullable": False, "blank": False, "default": "No default provided."},
        "stars": {"type": "integer", "nullable": False, "default": 0},
        "resource_uri": {"type": "string", "readonly": True, "default": "No default provided."},
        "author": {"type": "related", "nullable": True},
    }
    pages = {"/api/v1/": index, "/api/v1/entry/schema/": {"fields": fields}}
    with servers.http(beside(Api(()), pages)) as server:
        found = surveyed(server.url, Effect.READ)
    (entry,) = found.profile.resources
    assert (entry.collection, entry.item) == ("/api/v1/entry/", "/api/v1/entry/{id}/")
    assert entry.create_schema is not None
    assert entry.create_schema["properties"] == {"title": {"type": "string"}, "stars": {"type": "integer"}}
    assert entry.create_schema["required"] == ["title"]


def test_a_page_that_links_to_some_collections_leads_to_the_index_of_all() -> None:
    api = Api(("/things", "/others"), prefix="/api/v1")
    index = {"things": "/api/v1/things", "others": "/api/v1/others"}
    with servers.http(beside(api, {"/": '<a href="/api/v1/things">API</a>', "/api/v1/": index})) as server:
        found = surveyed(server.url, Effect.READ)
    known = {one.collection for one in (*found.profile.resources, *found.unsurveyed)}
    assert known == {"/api/v1/things", "/api/v1/others"}
    assert [seen.path for seen in server.seen].count("/api/v1/") == 1


def test_a_create_answered_with_an_array_of_one_key() -> None:
    assert pointers.id_pointer("/id", [{"id": 7}], None) == ("/0/id", "7")
    assert pointers.id_pointer("/id", [{"id": 7}, {"id": 8}], None) is None


def test_an_index_below_a_page_leads_to_the_collections_of_the_only_server() -> None:
    # PowerDNS: a page at the root, an index at /api, and templates of RFC 6570.
    server_ = {"id": "localhost", "url": "/api/v1/servers/localhost", "kind": "main"}
    pages = {
        "/": "<html><title>A server</title></html>",
        "/api": [{"url": "/api/v1", "version": 1}],
        "/api/v1": [{"features": [], "server_url": "/api/v1/servers{/server}"}],
        "/api/v1/servers": [{**server_, "zones_url": "/api/v1/servers/localhost/zones{/zone}"}],
        "/api/v1/servers/localhost": server_,
        "/api/v1/servers/localhost/zones": [{"id": "a.example.", "name": "a.example."}],
    }
    with servers.http(beside(Api(), pages)) as server:
        found = surveyed(server.url, Effect.READ).profile.resources
    assert {"/api/v1/servers", "/api/v1/servers/localhost/zones"} == {one.collection for one in found}
