"""Paths of a document: relative to the target, and below the server that it names."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.document import parse
from harness.survey.openapi.operations import relative, server_path
from harness.survey.openapi.resources import documented

from .documents import ORDERS


def test_documented_paths_and_methods() -> None:
    shown = documented(parse(ORDERS.encode(), "a"), "")
    assert shown["/v1/orders/{orderId}"] == ["DELETE", "GET", "PATCH", "PUT"]
    assert list(shown) == sorted(shown)


@pytest.mark.parametrize(
    ("path", "server", "base", "shown"),
    [
        ("/orders", "/v1", "/v1", "/orders"),
        ("/orders", "/v1", "", "/v1/orders"),
        ("/orders", "", "", "/orders"),
        ("/v1/orders", "", "/v1", "/orders"),
        ("/v1/orders", "/api", "/v1", "/orders"),
        ("/v1", "", "/v1", "/"),
        ("/v10/orders", "", "/v1", "/v10/orders"),
        ("/orders", "/internal", "/v1", "/orders"),
        ("/orders", "/api/v1", "/api", "/v1/orders"),
        ("/orders", "", "/v1", "/orders"),
    ],
)
def test_paths_relative_to_the_target(path: str, server: str, base: str, shown: str) -> None:
    assert relative(path, server, base) == shown


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"servers": [{"url": "https://a.example/v1/"}]}, "/v1"),
        ({"servers": [{"url": "/v1"}]}, "/v1"),
        ({"servers": [{"url": "./v1"}]}, "/v1"),
        ({"servers": [{"url": "/"}]}, ""),
        ({"servers": []}, ""),
        ({"servers": "x"}, ""),
        ({"servers": [{"url": 5}]}, ""),
        ({"servers": [{"url": "http://[bad"}]}, ""),
        ({"servers": [{"url": "https://{h}/{v}", "variables": {"h": {}, "v": {"default": "v2"}}}]}, "/v2"),
        ({"servers": [{"url": "https://h/{v}"}]}, ""),
        ({"swagger": "2.0", "basePath": "/v1/"}, "/v1"),
        ({"swagger": "2.0"}, ""),
    ],
)
def test_server_path(document: dict[str, Any], path: str) -> None:
    assert server_path(document) == path
