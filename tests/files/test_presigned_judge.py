"""Presigned URLs: recognised, changed in one respect, and how long they are valid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from suites.files.presigned_judge import (
    filled,
    for_other,
    instant,
    is_signed,
    lifetime,
    longer,
    other_signature,
    pairs,
    places,
    signed_urls,
    without_query,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
S3 = (
    "https://b.s3.amazonaws.com/a.bin?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261130T120000Z"
    "&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=0123456789abcdef"
)
AZURE = "https://a.blob.core.windows.net/c/a.bin?se=2026-11-30T12%3A15%3A00Z&sp=w&sig=AbC%2Bd%2FeF0123%3D"
FRONT = "https://cdn.example.com/a.bin?Expires=1796041800&Signature=AbCdEf0123456789&Key-Pair-Id=K1"


@pytest.mark.parametrize("url", [S3, AZURE, FRONT])
def test_signed_urls_are_recognised(url: str) -> None:
    assert is_signed(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.com/a.png?X-Amz-Date=1",
        "https://api.example.com/orders?token=abc",
        "https://api.example.com/orders?expires=1796041800",
    ],
)
def test_others_are_not(url: str) -> None:
    assert not is_signed(url)


@pytest.mark.parametrize("url", [S3, AZURE, FRONT])
def test_one_character_of_the_signature_is_changed(url: str) -> None:
    changed = other_signature(url)
    assert changed is not None
    assert len(changed) == len(url)
    assert sum(one != other for one, other in zip(url, changed, strict=True)) == 1
    differing = [one for one, other in zip(pairs(url), pairs(changed), strict=True) if one != other]
    assert [name.lower() for name, _ in differing] in (["x-amz-signature"], ["sig"], ["signature"])


def test_escapes_of_a_signature_stay_escapes() -> None:
    changed = other_signature("https://h/a?sig=%2B%2B%2B%2Bab%2B%2F%2F&se=1")
    assert changed is None or changed.count("%") == 7


@pytest.mark.parametrize(
    ("url", "part"),
    [
        (S3, "X-Amz-Expires=4500"),
        (AZURE, "se=2026-11-30T13%3A15%3A00Z"),
        (FRONT, "Expires=1796045400"),
        ("https://h/a?sig=x&expires=1796041800000", "expires=1796045400000"),
    ],
)
def test_the_end_is_moved_by_an_hour(url: str, part: str) -> None:
    changed = longer(url)
    assert changed is not None
    assert part in changed


def test_a_url_without_an_end_is_not_changed() -> None:
    assert longer("https://h/a?sig=x") is None


def test_the_name_is_replaced_in_path_and_query() -> None:
    assert for_other("https://h/n-1?key=n-1&sig=x", "n-1", "n-2") == "https://h/n-2?key=n-2&sig=x"
    assert for_other("https://h/7f3a?sig=x", "n-1", "n-2") is None


def test_the_query_is_removed() -> None:
    assert without_query(S3) == "https://b.s3.amazonaws.com/a.bin"


@pytest.mark.parametrize(
    ("url", "document", "pointer", "expected"),
    [
        ("https://h/a", {"expires_at": "2026-11-30T12:10:00Z"}, None, (600, "expires_at")),
        ("https://h/a", {"expires_in": 300}, None, (300, "expires_in")),
        ("https://h/a", {"valid": {"until": 1796040900}}, "/valid/until", (900, "/valid/until")),
        (S3, None, None, (900, "the parameter X-Amz-Expires")),
        (AZURE, {}, None, (900, "the parameter se")),
        (FRONT, {}, None, (1800, "the parameter Expires")),
        ("https://h/a?sig=x", {}, None, None),
        ("https://h/a", {"expires_at": "soon"}, None, None),
    ],
)
def test_lifetimes(url: str, document: Any, pointer: str | None, expected: tuple[float, str] | None) -> None:
    assert lifetime(url, document, pointer, NOW) == expected


def test_instants() -> None:
    assert instant("Mon, 30 Nov 2026 12:00:00 GMT") == NOW
    assert instant(NOW.timestamp() * 1000) == NOW
    assert instant(str(int(NOW.timestamp()))) == NOW
    assert instant("tomorrow") is None
    assert instant(True) is None


def test_a_body_is_filled() -> None:
    body = {"name": "{name}", "path": "in/{name}.bin", "list": ["{type}"], "seconds": "{seconds}", "n": 1}
    texts = {"name": "a", "type": "image/png", "seconds": 60}
    assert filled(body, texts) == {
        "name": "a",
        "path": "in/a.bin",
        "list": ["image/png"],
        "seconds": 60,
        "n": 1,
    }
    assert places(body, "type")
    assert not places(body, "size")


def test_signed_urls_in_a_representation() -> None:
    value = {"a": "see " + S3, "b": [{"url": S3}, "/blobs/1?sig=x&se=1"], "c": "https://h/a?page=2"}
    assert signed_urls(value) == [S3, "/blobs/1?sig=x&se=1"]
    assert not signed_urls("https://[/a?sig=x&se=1")
