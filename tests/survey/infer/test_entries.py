"""Which target URLs are those of documents and items, and the base URL that follows from them."""

from __future__ import annotations

import pytest

from harness.survey.infer.entries import base_of, collection_of, is_item_of, may_be_document, may_be_item

ORIGIN = "http://h:8000"


@pytest.mark.parametrize(
    "path",
    [
        "/openapi.json",
        "/api/v3/openapi.yaml",
        "/swagger/index.html",
        "/v3/api-docs",
        "/docs",
        "/api/schema",
        "/redoc",
        "/swagger",
    ],
)
def test_urls_of_documents(path):
    assert may_be_document(ORIGIN + path)
    assert not may_be_item(ORIGIN + path)


@pytest.mark.parametrize("path", ["", "/v1", "/api", "/orders", "/rest/v1", "/documents", "/odata/v4/shop"])
def test_urls_that_are_asked_nothing(path):
    assert not may_be_document(ORIGIN + path)
    assert not may_be_item(ORIGIN + path)


@pytest.mark.parametrize(
    ("path", "collection"),
    [
        ("/orders/7", "/orders"),
        ("/v1/orders/ord_8f2k", "/v1/orders"),
        ("/orders/6f9619ff-8b86-d011-b42d-00cf4fc964ff", "/orders"),
        ("/odata/Books(7)", "/odata/Books"),
    ],
)
def test_urls_of_items(path, collection):
    assert may_be_item(ORIGIN + path)
    assert collection_of(ORIGIN + path) == ORIGIN + collection


@pytest.mark.parametrize(
    ("document", "base"),
    [
        ({"openapi": "3.1.0"}, ""),
        ({"openapi": "3.1.0", "servers": [{"url": "/v1"}]}, "/v1"),
        ({"openapi": "3.1.0", "servers": [{"url": "/"}]}, ""),
        # A production host is never contacted: only its path is taken.
        ({"openapi": "3.1.0", "servers": [{"url": "https://api.example.com/v2"}]}, "/v2"),
        (
            {
                "openapi": "3.1.0",
                "servers": [{"url": "https://api.example.com/v2"}, {"url": "http://h:8000/stage"}],
            },
            "/stage",
        ),
        # Relative to the document (OpenAPI 3.1 section 4.8.5).
        ({"openapi": "3.1.0", "servers": [{"url": "v1"}]}, "/api/v1"),
        ({"openapi": "3.1.0", "servers": [{"url": "."}]}, "/api"),
        ({"swagger": "2.0", "basePath": "/api/v1/"}, "/api/v1"),
        ({"swagger": "2.0"}, ""),
        ({"openapi": "3.1.0", "servers": "no array"}, ""),
        ({"openapi": "3.1.0", "servers": [7]}, ""),
    ],
)
def test_the_base_url_by_a_document(document, base):
    assert base_of(document, f"{ORIGIN}/api/openapi.json", ORIGIN) == ORIGIN + base


@pytest.mark.parametrize(
    ("item", "listed", "url", "true"),
    [
        ({"id": 7, "name": "a"}, [{"id": 7}], "/orders/7", True),
        ({"data": {"id": "7"}}, {"data": [{"id": "7"}]}, "/orders/7", True),
        ({"orderId": 7}, {"orders": [{"orderId": 7}]}, "/orders/7", True),
        ({"ID": 7}, {"value": [{"ID": 7}]}, "/Books(7)", True),
        # Another number than its id, no list above it, and a list itself.
        ({"id": 8}, [{"id": 7}], "/orders/7", False),
        ({"id": 7}, {"name": "shop"}, "/orders/7", False),
        ([{"id": 7}], [{"id": 7}], "/orders/7", False),
    ],
)
def test_an_item_and_its_list(item, listed, url, true):
    assert is_item_of(item, listed, ORIGIN + url) is true
