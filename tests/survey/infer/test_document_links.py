"""Where responses name the OpenAPI document: shapes of pages and entry points as frameworks send them."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.infer import document_links

FASTAPI = """<!DOCTYPE html><html><head><link type="text/css" rel="stylesheet"
 href="https://cdn.example/swagger-ui-dist@5/swagger-ui.css"><link rel="shortcut icon" href="/favicon.png"></head>
<body><div id="swagger-ui"></div><script src="https://cdn.example/swagger-ui-dist@5/swagger-ui-bundle.js"></script>
<script>const ui = SwaggerUIBundle({ url: '/api/openapi.json', "dom_id": "#swagger-ui" })</script></body></html>"""
SPRINGDOC = """<html><head><title>Swagger UI</title></head><body><div id="swagger-ui"></div>
<script src="./swagger-ui-bundle.js"></script><script src="./swagger-initializer.js" charset="UTF-8"></script></body>"""
INITIALISER = """window.onload = function() { window.ui = SwaggerUIBundle({ url: "",
  "configUrl" : "/v3/api-docs/swagger-config", "validatorUrl" : "" }); };  // swagger-ui"""
EXPRESS = (
    """<title>Swagger UI</title><div id="swagger-ui"></div><script src="./swagger-ui-init.js"></script>"""
)
EXPRESS_INIT = """window.onload = function() { var url = window.location.search.match(/url=([^&]+)/);
 var options = { "swaggerDoc": {"openapi": "3.0.0", "info": {"title": "a"}, "paths": {"/a": {"get": {}}}},
 "customOptions": {} }; url = options.swaggerUrl || url; /* swagger-ui */ }"""
REDOC = """<html><body><redoc spec-url="openapi.yaml"></redoc><script src="redoc.standalone.js"></script></body>"""
REDOC_CALL = (
    """<div id="r"></div><script>Redoc.init("/spec.json", {}, document.getElementById("r"))</script>"""
)
RAPIDOC = """<rapi-doc spec-url = "/openapi.json?v=1&amp;full=true" theme="dark"></rapi-doc>"""
SCALAR = """<script id="api-reference" data-url="/reference/openapi.json"></script>"""
SCALAR_CALL = """<script>Scalar.createApiReference('#app', { url: 'openapi/v1.json' })</script>"""
ELEMENTS = """<elements-api apiDescriptionUrl="/doc" router="hash"/>"""
YASG = """<script id="swagger-settings" type="application/json">{}</script><link href="/static/drf-yasg/style.css">"""


@pytest.mark.parametrize(
    ("page", "first"),
    [
        (FASTAPI, "/api/openapi.json"),
        (SPRINGDOC, "./swagger-initializer.js"),
        (INITIALISER, "/v3/api-docs/swagger-config"),
        (EXPRESS, "./swagger-ui-init.js"),
        (REDOC, "openapi.yaml"),
        (REDOC_CALL, "/spec.json"),
        (RAPIDOC, "/openapi.json?v=1&full=true"),
        (SCALAR, "/reference/openapi.json"),
        (SCALAR_CALL, "openapi/v1.json"),
        (ELEMENTS, "/doc"),
        (YASG, "?format=openapi"),
        ('<a href="/home">x</a> <a href="/api-docs">documentation</a>', "/api-docs"),
        ('<link href="/d.json" rel="service-desc" type="application/json">', "/d.json"),
    ],
)
def test_pages_name_the_document(page: str, first: str) -> None:
    assert document_links.in_page(page)[0] == first


def test_a_page_without_documentation_names_nothing() -> None:
    assert document_links.in_page("<script>var url = '/track';</script><a href='/about'>x</a>") == []


def test_documents_inside_pages_are_read() -> None:
    found = document_links.embedded(EXPRESS_INIT)
    assert found is not None
    assert list(found["paths"]) == ["/a"]
    redoc = '<script>const __redoc_state = {"spec":{"data":{"swagger":"2.0","paths":{}}}};</script>'
    assert document_links.embedded(redoc) == {"swagger": "2.0", "paths": {}}
    assert document_links.embedded('"spec": {"url": "/x"}') is None
    assert document_links.embedded('"spec": {"openapi": ') is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"links": [{"rel": "service-desc", "href": "/api"}, {"rel": "self", "href": "/"}]}, ["/api"]),
        ({"_links": {"service-desc": {"href": "/d"}, "orders": {"href": "/orders"}}}, ["/d"]),
        (
            {"linkset": [{"anchor": "/", "service-desc": [{"href": "https://h/d", "type": "x"}]}]},
            ["https://h/d"],
        ),
        ({"configUrl": "/c", "urls": [{"url": "/v3/api-docs/a", "name": "a"}]}, ["/v3/api-docs/a", "/c"]),
        ({"openapi_url": "/o.json", "orders": "/orders"}, ["/o.json"]),
        ({"docs": "https://h/swagger", "orders": "https://h/orders"}, ["https://h/swagger"]),
        ({"orders": "/orders"}, []),
        ([1], []),
    ],
)
def test_content_names_the_document(value: Any, found: list[str]) -> None:
    assert document_links.in_content(value) == found


def test_link_fields_name_the_document() -> None:
    field = '</d.json>; rel="service-desc"; type="application/json", </next>; rel=next'
    assert document_links.in_fields(field) == ["/d.json"]
    assert document_links.in_fields("no link") == []


def test_a_response_names_its_own_place() -> None:
    assert document_links.own_place("/v2", None) == ["/v2"]
    assert document_links.own_place(None, {"links": {"self": "http://h/rest/"}}) == ["http://h/rest/"]
    assert document_links.own_place(None, [1]) == []
