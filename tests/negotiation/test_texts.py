"""Judging texts and content codings on literal octets."""

from __future__ import annotations

import gzip
import json

import pytest

from suites.negotiation.coding import CodedAnswer, applied, unasked, untruthful
from suites.negotiation.unicode import SAMPLES, lost, utf8_fault


@pytest.mark.parametrize("octets", [b"{}", "é\U0001f600".encode(), b"", b'"\\ud83d"'])
def test_utf8(octets: bytes) -> None:
    assert utf8_fault(octets) is None


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        ("é".encode("latin-1"), "byte 0 of the content (0xe9) is not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"a":1}'.encode("utf-16"), "UTF-16"),
        ('{"a":1}'.encode("utf-16-le"), "UTF-16"),
        ('"\ud83d"'.encode("utf-8", "surrogatepass"), "byte 1"),
    ],
)
def test_not_utf8(octets: bytes, shown: str) -> None:
    assert shown in (utf8_fault(octets) or "")


@pytest.mark.parametrize(
    ("sent", "got", "shown"),
    [
        ("a e\u0301", "a \u00e9", "rewritten to NFC"),
        ("a \u00e9", "a e\u0301", "rewritten to NFD"),
        ("a \U0001f600", "a ", "was cut"),
        ("a \U0001f600", "a ????", "replacement characters"),
        ("a \U0001f600", "a \ufffd", "replacement characters"),
        ("a \u00e9", "a \u00c3\u00a9", "UTF-8 read as latin-1"),
        ("a \u05e9", "b", "was altered"),
        ("a", None, "is now None"),
    ],
)
def test_lost_texts(sent: str, got: object, shown: str) -> None:
    assert shown in (lost(sent, got) or "")


def test_texts_that_came_back() -> None:
    for sample in SAMPLES:
        assert lost(sample.text, sample.text) is None
    assert lost("e\u0301", "\u00e9", normalises=True) is None
    assert lost("\U0001f600", "?", normalises=True) is not None


def test_samples_can_be_sent_as_json() -> None:
    assert all(json.loads(json.dumps(sample.text)) == sample.text for sample in SAMPLES)


@pytest.mark.parametrize(
    ("value", "codings"),
    [
        (None, []),
        ("", []),
        ("identity", []),
        ("GZIP", ["gzip"]),
        ("x-gzip", ["gzip"]),
        ("deflate, br", ["deflate", "br"]),
    ],
)
def test_codings_listed(value: str | None, codings: list[str]) -> None:
    assert applied(value) == codings


def answer(
    asked: str = "gzip", *codings: str, octets: bytes = b"{}", decodes: bool = True, same: bool | None = True
) -> CodedAnswer:
    return CodedAnswer(asked, codings, octets, decodes, same)


def test_a_true_coding() -> None:
    assert untruthful(answer()) is None
    assert untruthful(answer("gzip", "gzip", octets=gzip.compress(b"{}"))) is None
    assert untruthful(answer("br", "br", same=None)) is None
    # The representation differs by itself: nothing is said of the coding.
    assert untruthful(answer(same=False)) is None


def test_a_false_coding() -> None:
    assert "no Content-Encoding" in (untruthful(answer(octets=gzip.compress(b"{}"))) or "")
    assert "not coded so" in (untruthful(answer("gzip", "gzip", decodes=False)) or "")
    assert "differs from that without coding" in (untruthful(answer("gzip", "gzip", same=False)) or "")


@pytest.mark.parametrize(
    ("asked", "codings", "wrong"),
    [
        ("gzip", ("gzip",), None),
        ("gzip", (), None),
        ("br", ("gzip",), "Content-Encoding: gzip"),
        ("identity", ("gzip",), "Content-Encoding: gzip"),
        ("", ("br",), "Content-Encoding: br"),
        ("gzip;q=0", ("gzip",), "Content-Encoding: gzip"),
        ("gzip;q=0", (), None),
    ],
)
def test_codings_that_nobody_asked_for(asked: str, codings: tuple[str, ...], wrong: str | None) -> None:
    assert unasked(answer(asked, *codings)) == wrong
