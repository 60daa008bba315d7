"""The OpenAPI document of a run, as its report keeps it for the comparison with a later one. Pure."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

LARGEST = 4_000_000
"""Characters of a packed document; a larger one is not kept."""
LARGEST_UNPACKED = 64_000_000
"""Bytes; a report may come from anywhere."""
MEMBER = "document"


def packed(document: Mapping[str, Any], clean: Callable[[str], str] = str) -> str | None:
    """A document as one text: JSON, compressed with zlib, in base64; None where that is too large.

    Args:
        clean: removes secrets from a text.
    """
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
    made = base64.b64encode(zlib.compress(clean(text).encode("utf-8", "replace"), 6)).decode()
    return made if len(made) <= LARGEST else None


def unpacked(text: str) -> bytes | None:
    """The JSON of a packed document; None where the text is none."""
    try:
        inflater = zlib.decompressobj()
        content = inflater.decompress(base64.b64decode(text, validate=True), LARGEST_UNPACKED)
    except (ValueError, zlib.error):
        return None
    return content if inflater.eof else None


def is_report(content: bytes) -> bool:
    """Whether the content of a file begins as a `conformance.json` does."""
    return re.match(rb'\s*\{\s*"format":\s*"conformance/', content[:200]) is not None


def of_report(content: bytes) -> bytes | None:
    """The document that a `conformance.json` keeps, as JSON; None where it is no report, or keeps none."""
    if not is_report(content):
        return None
    try:
        kept = json.loads(content).get(MEMBER)
    except (ValueError, RecursionError, AttributeError):
        return None
    return unpacked(kept) if isinstance(kept, str) else None
