"""JSON that is not UTF-8, on literal exchanges."""

from __future__ import annotations

import gzip

import pytest

from harness.http.exchange import Body, Exchange
from suites.negotiation.passive import not_utf8


def got(
    content: bytes, kind: str = "application/problem+json", *, cut: bool = False, **more: str
) -> Exchange:
    body = Body(content.decode(errors="replace"), len(content), cut)
    fields = (("Content-Type", kind), *((name.replace("_", "-"), value) for name, value in more.items()))
    return Exchange("1", "GET", "http://h/a", (), Body(), 404, response_fields=fields, response_body=body)


@pytest.mark.parametrize("text", ["naïve", "à \u2013 ü", "\u20ac"])
def test_other_encodings(text: str) -> None:
    content = b'{"detail": "' + text.encode("cp1252") + b'"}'
    assert "not UTF-8" in str(not_utf8(got(content)))


@pytest.mark.parametrize(
    "exchange",
    [
        got('{"detail": "naïve \ufffd"}'.encode()),
        got(b'{"detail": "plain"}'),
        got(b"na\xefve", "text/plain"),
        got(b'{"a": "\xef', cut=True),
        got(b'{"a": "\xef"}', Content_Encoding="gzip"),
        # Gzip without a label is told by NEGO-008.
        got(gzip.compress(b'{"detail": "plain"}' * 20, mtime=0)),
        # Something else has changed the length.
        Exchange(
            "1",
            "GET",
            "http://h/a",
            (),
            Body(),
            200,
            response_fields=(("Content-Type", "application/json"),),
            response_body=Body('{"a": "\ufffd", "token": "$TOKEN"}', 80),
        ),
    ],
)
def test_what_is_left_open(exchange: Exchange) -> None:
    assert not_utf8(exchange) is None
