"""Where an OpenAPI document is looked for."""

from __future__ import annotations

import pytest

from harness.http.document_places import MOST, PLACES, candidates, is_place


@pytest.mark.parametrize(
    ("base", "shown", "first"),
    [
        ("http://h", "", "http://h/openapi.json"),
        ("http://h", "x-powered-by: Directus", "http://h/server/specs/oas"),
        ("http://h", '{"http_api_version": "1.22"}', "http://h/__api__"),
        ("http://h/v1", "", "http://h/v1/openapi.json"),
        ("http://h", "content-type: text/plain\nNOT_FOUND", "http://h/openapi/json"),
    ],
)
def test_the_likeliest_place_comes_first(base: str, shown: str, first: str) -> None:
    assert candidates(base, "http://h", shown)[0] == first


@pytest.mark.parametrize(
    ("base", "shown", "place"),
    [
        ("http://h/pulp/api/v3", "server: gunicorn", "http://h/pulp/api/v3/docs/api.json"),
        ("http://h", "server: gunicorn", "http://h/pulp/api/v3/docs/api.json"),
        ("http://h/api", "server: uvicorn", "http://h/api/schema/openapi.json"),
        ("http://h", "server: Kestrel", "http://h/openapi/v1.json"),
        ("http://h", '{"timestamp":1,"status":404,"path":"/"}', "http://h/v2/api-docs"),
        ("http://h", "x-powered-by: Express", "http://h/api-json"),
        ("http://h", "server: Werkzeug/3.1", "http://h/apidoc/openapi.json"),
        ("http://h", "", "http://h/.well-known/api-catalog"),
    ],
)
def test_signs_of_a_framework_make_its_places_likely(base: str, shown: str, place: str) -> None:
    assert place in candidates(base, "http://h", shown)


def test_a_dozen_requests_at_most() -> None:
    everything = "uvicorn gunicorn express kestrel tomcat php puma directus"
    assert len(candidates("http://h/a", "http://h", everything, ("http://h/b",))) == MOST == 12


def test_gunicorn_is_no_sign_of_unicorn() -> None:
    assert "http://h/swagger_doc" not in candidates("http://h", "http://h", "server: gunicorn")


def test_places_name_their_sources() -> None:
    assert all(place.path.startswith("/") and place.source for place in PLACES)


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("http://h/api/docs", True),
        ("http://h/openapi.json", True),
        ("http://h/other/openapi.json", True),
        ("http://h/api/swagger-ui/index.html", True),
        ("http://h/api/orders", False),
        ("http://h/api/orders/docs", False),
    ],
)
def test_requests_for_a_document_are_recognised(url: str, there: bool) -> None:
    assert is_place(url, "http://h/api") is there
