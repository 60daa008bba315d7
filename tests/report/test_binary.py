"""Binary content in reports: its size, type and hash, and none of its bytes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.http.content import is_binary
from harness.http.exchange import Body, Exchange
from harness.report.decisive import namings
from harness.report.formats import har, markdown
from harness.report.html import page
from harness.report.model import Report
from tests.report.sample import build

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
SHA = "ab" * 32


@pytest.mark.parametrize(
    ("content", "kind", "binary"),
    [
        (PNG, "image/png", True),
        (PNG, "application/octet-stream; a=b", True),
        (PNG, None, True),
        (b"--x\r\n\r\n" + PNG, "multipart/form-data; boundary=x", True),
        (b"plain", "application/octet-stream", False),
        ("grün".encode(), None, False),
        ("gr\u00fcn".encode()[:3], "application/pdf", False),
        ("grün".encode("latin-1") + b"!", "text/plain", False),
        ("{}".encode("utf-16"), "application/json", False),
        (b"\x00", "application/vnd.api+json", False),
        (b"<svg/>\x01", "image/svg+xml", False),
    ],
)
def test_what_is_binary(content: bytes, kind: str | None, binary: bool) -> None:
    assert is_binary(content, kind) is binary


def with_binary() -> Report:
    """The sample, where every exchange has binary content."""
    report = build()
    body = Body("", 4096, cut=True, sha256=SHA)
    changed = [
        replace(one, request_body=body, response_body=body) if one.status else one for one in report.exchanges
    ]
    return report.model_copy(update={"exchanges": changed})


def test_views_show_size_and_hash() -> None:
    report = with_binary()
    shown = page.render(report)
    assert f"4,096 bytes, binary, SHA-256 {SHA}" in shown
    assert "--data-binary @FILE" in shown
    assert "the body is binary and was not kept" in shown
    entries = json.loads(har.render(report))["log"]["entries"]
    content = next(one for one in entries if one["response"]["status"])["response"]["content"]
    assert "text" not in content
    assert content["comment"] == f"4,096 bytes, binary, SHA-256 {SHA}; not kept"
    assert markdown.render(report)


def test_the_exchange_that_sent_most_of_what_a_sentence_quotes_is_named() -> None:
    def sent(id: str, *fields: tuple[str, str]) -> Exchange:
        return Exchange(id, "GET", "http://a.example/f", fields, Body(), status=206)

    first = sent("1", ("Range", "bytes=0-1"), ("If-Range", '"x"'))
    last = sent("2", ("Range", "bytes=0-1"), ("If-Range", '"y"'))
    text = 'GET /f -> 206 for Range: bytes=0-1, If-Range: "x", which is not current'
    assert [one.exchange.id for one in namings(text, [first, last])] == ["1"]
    assert [one.exchange.id for one in namings("GET /f -> 206", [first, last])] == ["2"]
