"""Content that a client sent and gets back, on literal exchanges."""

from __future__ import annotations

import pytest

from harness.http.exchange import Body, Exchange
from harness.resource.file_store import returned_as_sent


def put(content: str, kind: str = "application/json; charset=utf-8", method: str = "PUT") -> Exchange:
    return Exchange("1", method, "http://h/a/1", (("Content-Type", kind),), Body(content, len(content)), 204)


def got(content: str) -> Exchange:
    fields = (("Content-Type", "application/json"),)
    body = Body(content, len(content))
    return Exchange("2", "GET", "http://h/a/1", (), Body(), 200, response_fields=fields, response_body=body)


def test_content_that_is_returned_as_it_was_sent() -> None:
    assert returned_as_sent(got('{"a":'), [put("x"), put('{"a":')])


@pytest.mark.parametrize(
    "sent", [put("x"), put('{"a":', "text/plain"), put('{"a":', method="PATCH"), put("")]
)
def test_other_content_is_the_servers(sent: Exchange) -> None:
    assert not returned_as_sent(got('{"a":'), [sent])
    assert not returned_as_sent(got(""), [sent])
