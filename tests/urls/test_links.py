"""Judgement of links, catalogues and spellings: literal inputs."""

from __future__ import annotations

import pytest

from harness.http.exchange import Body, Exchange
from suites.urls.catalogue import descriptions, faults_of, references
from suites.urls.equivalents import another, is_fault, shows, spellings
from suites.urls.links import Found, broken, is_followed, leads_astray, links

BASE = "https://api.example.com/v1"


def answer(status: int = 200, url: str = f"{BASE}/orders", **fields: str) -> Exchange:
    return Exchange(
        "s1",
        "GET",
        url,
        (),
        Body(),
        status=status,
        response_fields=tuple((k.replace("_", "-"), v) for k, v in fields.items()),
    )


def test_links_of_all_kinds_that_lead_to_something_to_read() -> None:
    content = {
        "_links": {"self": {"href": "/v1/orders"}, "cancel": {"href": "/v1/orders/1/cancel"}},
        "links": {"next": f"{BASE}/orders?page=2"},
        "data": [
            {"links": [{"rel": "item", "href": "orders/1"}, {"rel": "up", "href": "/x", "method": "DELETE"}]}
        ],
    }
    found = links(answer(Link='</v1/orders?page=9>; rel="last", </v1/d>; rel="delete"'), content)
    assert {(one.relation, one.url) for one in found} == {
        ("self", f"{BASE}/orders"),
        ("next", f"{BASE}/orders?page=2"),
        ("item", f"{BASE}/orders/1"),
        ("last", f"{BASE}/orders?page=9"),
    }


def test_templates_and_malformed_fields_give_no_link() -> None:
    assert (
        links(answer(Link="nonsense"), {"_links": {"self": {"href": "/o{?page}", "templated": True}}}) == []
    )


@pytest.mark.parametrize(
    ("url", "astray"),
    [
        (f"{BASE}/orders", False),
        ("https://cdn.example.com/x", False),
        ("http://api.example.com/v1/orders", True),
        ("http://orders.svc/v1", True),
        ("http://localhost:8080/v1", True),
        ("http://10.0.0.7/v1", True),
        ("http://backend:8080/v1", True),
    ],
)
def test_links_that_nobody_outside_can_follow(url: str, astray: bool) -> None:
    assert (leads_astray(Found("self", url, ""), BASE) is not None) is astray


def test_a_target_on_an_internal_network_may_link_there() -> None:
    assert leads_astray(Found("self", "http://10.0.0.8/v1", ""), "http://10.0.0.7/v1") is None


def test_only_links_on_the_target_are_followed() -> None:
    assert is_followed(Found("self", f"{BASE}/orders", ""), BASE)
    assert not is_followed(Found("self", f"{BASE}0/orders", ""), BASE)


@pytest.mark.parametrize(
    ("status", "expected"), [(404, True), (410, True), (500, True), (200, False), (401, False), (503, False)]
)
def test_broken(status: int, expected: bool) -> None:
    assert broken(answer(status)) is expected


def test_spellings() -> None:
    found = {one.what: one.url for one in spellings(f"{BASE}/orders?x=1", "/v1")}
    assert found == {
        "a slash at the end": f"{BASE}/orders/?x=1",
        "two slashes": f"{BASE}//orders?x=1",
        "a dot segment": f"{BASE}/./orders?x=1",
        "a dot-dot segment": f"{BASE}/x/../orders?x=1",
        "%6F for o": f"{BASE}/%6Frders?x=1",
        "capital letters": f"{BASE}/ORDERS?x=1",
    }
    assert "a slash at the end removed" in {one.what for one in spellings(f"{BASE}/orders/", "/v1")}


def test_another_spelling_may_be_refused_and_must_not_fail() -> None:
    assert is_fault(answer(404), answer()) is None
    assert is_fault(answer(503), answer()) is None
    assert is_fault(answer(500), answer()) is not None
    assert is_fault(answer(500), answer(500)) is None


def test_a_page_for_browsers_is_no_representation() -> None:
    assert shows(answer(content_type="application/json"))
    assert not shows(answer(content_type="text/html"))
    assert not shows(answer(404, content_type="application/json"))


def test_lists_are_compared_by_their_top_level() -> None:
    assert not another({"data": [1]}, {"data": [2]})
    assert another({"data": [1]}, {"links": {}})
    assert another([], {})


def test_catalogues() -> None:
    url = "https://api.example.com/.well-known/api-catalog"
    good = {"linkset": [{"anchor": BASE, "service-desc": [{"href": "/v1/openapi.json"}]}]}
    assert faults_of(good, url, BASE) == []
    assert references(good, url) == descriptions(good, url) == [f"{BASE}/openapi.json"]
    item = {"linkset": [{"anchor": url, "item": [{"href": BASE}]}]}
    assert (faults_of(item, url, BASE), references(item, url), descriptions(item, url)) == ([], [BASE], [])
    assert faults_of({"linkset": [{"anchor": "https://other.example"}]}, url, BASE) == [
        f"nothing in it names {BASE}"
    ]
    assert faults_of({"links": []}, url, BASE) == ["no array `linkset`"]
    assert len(faults_of({"linkset": [1, {"service-doc": {"href": "x"}, "anchor": 1}]}, url, BASE)) == 3
