"""Integrity fields: Content-Digest and Repr-Digest (RFC 9530). Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import http_sf

ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512", "md5": "md5", "sha": "sha1"}
"""Those that are checked, by their names in the IANA registry."""
FIELDS = ("content-digest", "repr-digest")


@dataclass(frozen=True)
class Digest:
    """One digest of a field.

    Attributes:
        algorithm: its name in the field.
        value: its bytes.
    """

    algorithm: str
    value: bytes


def digests(value: str) -> list[Digest] | None:
    """The digests of a field; None where it is no Dictionary of Byte Sequences (RFC 9530 section 2)."""
    try:
        parsed: Any = http_sf.parse(value.encode("latin-1", "replace"), tltype="dictionary")
    except (http_sf.StructuredFieldError, ValueError):
        return None
    made = []
    for name, (item, _) in parsed.items():
        if not isinstance(item, bytes):
            return None
        made.append(Digest(str(name), item))
    return made


def wrong(value: str, content: bytes) -> tuple[str | None, int]:
    """What is wrong with a field, given what it is the digest of, and how many digests were compared.

    Args:
        value: of Content-Digest or Repr-Digest.
        content: the bytes that it is about.
    """
    found = digests(value)
    if found is None:
        return "it is no dictionary of byte sequences, such as sha-256=:…:", 0
    compared = 0
    for one in found:
        hashed = ALGORITHMS.get(one.algorithm)
        if hashed is None:
            continue
        compared += 1
        own = hashlib.new(hashed, content, usedforsecurity=False).digest()
        if own != one.value:
            shown = (
                f"{one.algorithm} is {one.value.hex()[:16]}…, that of {len(content)} bytes {own.hex()[:16]}…"
            )
            return shown, compared
    return None, compared
