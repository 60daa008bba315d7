"""How a version is chosen, and what responses say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.bad_input import BadInput
from harness.http.exchange import Body, Exchange
from harness.profile.models import Versions
from harness.profile.read import load
from harness.survey.openapi.operations import endpoints
from harness.survey.openapi.selectors import Selector, selectors
from suites.versions.selecting import (
    Choice,
    choices,
    elsewhere,
    label,
    other_versions,
    reusable,
    strange,
    translated,
    unmapped,
)

FIELD = Choice("field", "/orders", "Api-Version", ("1", "2"))


def answer(**fields: str) -> Exchange:
    shown = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Exchange("1", "GET", "http://a/v1/orders", (), Body(), 200, response_fields=shown)


def test_the_document_says_how() -> None:
    number = {"name": "X-Api-Version", "in": "header", "schema": {"enum": ["1", "2"]}}
    token = {"name": "token", "in": "query", "required": True, "schema": {"type": "string"}}
    media = {"application/vnd.shop.v1+json": {}, "application/vnd.shop.v2+json": {}, "application/json": {}}
    document: dict[str, Any] = {
        "openapi": "3.0.0",
        "paths": {
            "/a": {"get": {"parameters": [number]}},
            "/b": {"get": {"parameters": [number, token]}},
            "/c/{id}": {"get": {"parameters": [number]}},
            "/d": {"get": {"responses": {"200": {"content": media}}}},
            "/e": {"get": {"parameters": [{**number, "name": "version"}]}},
            "/f": {"get": {"parameters": [{**number, "name": "api-version", "in": "query"}]}},
        },
    }
    assert selectors(document, list(endpoints(document, ""))) == (
        Selector("field", "/a", "X-Api-Version", ("1", "2")),
        Selector("media type", "/d", "Accept", tuple(media)[:2]),
        Selector("query", "/f", "api-version", ("1", "2")),
    )


@pytest.mark.parametrize(
    ("servers", "values"),
    [
        (["/api/v1", "/api/v2/"], ("/api/v1", "/api/v2")),
        (["/v1/shop", "/v1.1/shop"], ("/v1/shop", "/v1.1/shop")),
        (["/v1"], None),
        (["/v1", "/v1"], None),
        (["/v1", "/beta"], None),
        (["/v1", "https://other.example/v2"], None),
        (["/v{n}", "/v2"], None),
        (["/a", "/b"], None),
    ],
)
def test_versions_among_the_servers(servers: list[str], values: tuple[str, ...] | None) -> None:
    needed = {"name": "q", "in": "query", "required": True}
    document: dict[str, Any] = {
        "openapi": "3.0.0",
        "servers": [{"url": url} for url in servers],
        "paths": {"/a/{id}": {"get": {}}, "/b": {"get": {"parameters": [needed]}}, "/c": {"get": {}}},
    }
    found = selectors(document, list(endpoints(document, "")))
    assert [one.values for one in found] == ([] if values is None else [values])
    for choice in choices(None, found, None):
        url = choice.request(choice.values[1], f"http://a{choice.path}", "")[0]
        assert url == f"http://a{choice.values[1]}/c"


def test_further_paths_with_the_same_versions() -> None:
    number = {"name": "Api-Version", "in": "header", "schema": {"enum": ["1", "2"]}}
    paths = {f"/{name}": {"get": {"parameters": [number]}} for name in "abcdef"}
    document: dict[str, Any] = {"openapi": "3.0.0", "paths": paths}
    (found,) = selectors(document, list(endpoints(document, "")))
    assert (found.path, found.others) == ("/a", ("/b", "/c", "/d"))


def test_the_profile_comes_first() -> None:
    documented = (Selector("field", "/a", "Api-Version", ("1",)),)
    assert choices(None, documented, "/a") == [Choice("field", "/a", "Api-Version", ("1",))]
    declared = Versions(scheme="field", name="api-version", declared=["1", "2"])
    assert choices(declared, documented, "/b") == [Choice("field", "/b", "api-version", ("1", "2"))]
    paths = Versions(scheme="path", declared=["/v1", "/v2"], read="/c")
    assert [one.path for one in choices(paths, documented, "/b")] == ["/c", "/a"]
    assert choices(Versions(), (), "/a") == []


def test_requests() -> None:
    assert FIELD.request("2", "http://a/v1/orders", "/v1") == (
        "http://a/v1/orders",
        {"Api-Version": "2"},
        {},
    )
    query = Choice("query", "/orders", "api-version", ("1",))
    assert query.request("1", "http://a/orders", "") == ("http://a/orders", {}, {"api-version": "1"})
    path = Choice("path", "/orders", "", ("/v1", "/v2"))
    assert path.request("/v2", "http://a/v1/orders", "/v1")[0] == "http://a/v2/orders"
    assert elsewhere("http://a/api/v1/orders/1", "/api/v1", "/api/v2/") == "http://a/api/v2/orders/1"


@pytest.mark.parametrize(
    ("choice", "values"),
    [
        (FIELD, ["999", "0", "abc"]),
        (Choice("field", "/", "v", ("0", "abc")), ["999"]),
        (Choice("path", "/", "", ("/api/v1", "/api/v2")), ["/api/v999", "/api/v0", "/api/vabc"]),
        (
            Choice("media type", "/", "Accept", ("application/vnd.a.v1+json",)),
            ["application/vnd.a.v999+json", "application/vnd.a.v0+json", "application/vnd.a.vabc+json"],
        ),
        (Choice("path", "/", "", ("/stable",)), []),
    ],
)
def test_versions_that_there_are_not(choice: Choice, values: list[str]) -> None:
    assert strange(choice) == values


def test_labels() -> None:
    assert label(answer(api_version="2 "), FIELD) == "2"
    assert label(answer(content_version="2"), FIELD) == "2"
    assert label(answer(content_type="application/json"), FIELD) is None
    media = Choice("media type", "/", "Accept", ("application/vnd.a.v1+json",))
    assert label(answer(content_type="application/vnd.a.v1+json"), media) == "application/vnd.a.v1+json"
    assert label(answer(content_type="application/vnd.a.v2+json"), media) == "v2"
    assert label(answer(content_type='application/json; version="1"'), media) == 'version="1'


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({}, True),
        ({"cache_control": "max-age=60"}, True),
        ({"cache_control": "private, no-cache"}, False),
        ({"cache_control": "no-store"}, False),
        ({"cache_control": "max-age=0, must-revalidate"}, False),
        ({"expires": "0"}, False),
    ],
)
def test_what_a_cache_may_use_again(fields: dict[str, str], may: bool) -> None:
    assert reusable(answer(**fields)) is may


def test_members_by_other_names() -> None:
    members = {"/customer": "/buyer", "/amount": "/amount", "/gone": "/gone"}
    here = {"customer": "Ada", "amount": 1}
    assert unmapped(here, {"buyer": "Ada", "amount": 1}, members) == []
    assert unmapped(here, {"customer": "Ada", "amount": 2}, members) == [
        "/buyer is missing, /customer is 'Ada'",
        "/amount is 2, /amount is 1",
    ]
    assert translated({"customer": "Ada", "note": "x"}, members) == {"buyer": "Ada", "note": "x"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[versions]\nscheme = "field"\ndeclared = ["1"]\n', "name"),
        ('[versions]\nscheme = "path"\n', "declared"),
        ('[versions]\nscheme = "path"\ndeclared = ["v1"]\n', "begin with /"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "conformance.toml").write_text(text)
    with pytest.raises(BadInput, match=says):
        load(None, tmp_path, {})


def test_media_types_of_one_version_may_differ_in_their_format() -> None:
    values = ("application/vnd.a.v1+json", "application/vnd.a.v1.raw+json", "application/vnd.a.v2+json")
    media = Choice("media type", "/", "Accept", values)
    assert other_versions(media, values[0]) == [values[2]]
    assert other_versions(media, values[2]) == list(values[:2])
    assert other_versions(FIELD, "1") == ["2"]
