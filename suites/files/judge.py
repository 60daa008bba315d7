"""What is wrong with how a file is stored, shown and named. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_SIZES = re.compile(
    r"(?:file|content)?_?(?:size|length|bytes)(?:_?in_?bytes)?|filesize|contentlength", re.IGNORECASE
)
_HASHES = re.compile(r"(?:content_?|file_?)?sha_?-?256(?:_?(?:hash|sum|digest))?", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-fA-F]{64}\Z")
ACTIVE = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")
"""Media types in which a browser runs scripts."""
_FILENAME = re.compile(r';\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))', re.IGNORECASE)
_FILENAME_EXT = re.compile(r";\s*filename\*=[\w-]*'[\w-]*'([^\s;]+)", re.IGNORECASE)


def _members(value: Any, depth: int = 3) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and depth:
        for name, one in value.items():
            yield str(name), one
            yield from _members(one, depth - 1)


def metadata_fault(value: Any, size: int, sha256: str, sent: Mapping[str, str]) -> str | None:
    """What in the metadata of a file is not so: its size, its hash, a field of the form.

    Args:
        value: JSON that shows the file.
        size, sha256: of what was sent.
        sent: fields of the form, by name.
    """
    for name, one in _members(value):
        if _SIZES.fullmatch(name) and isinstance(one, int | str) and str(one).isdigit() and int(one) != size:
            return f"{name} is {one}, where {size} bytes were uploaded"
        if _HASHES.fullmatch(name) and isinstance(one, str) and _HEX.match(one) and one.lower() != sha256:
            return f"{name} is {one[:16]}…, and not that of what was uploaded, {sha256[:16]}…"
    inner = value.get("data", value) if isinstance(value, Mapping) else {}
    for name, text in sent.items():
        if isinstance(inner, Mapping) and isinstance(inner.get(name), str) and inner[name] != text:
            return f"{name} is {inner[name]!r}, where {text!r} was sent in the form"
    return None


def runs_scripts(fields: Mapping[str, str], beginning: bytes) -> str | None:
    """Why a browser that opens a download would run the script in it; None where it would not.

    Args:
        fields: of the response, names in lower case.
        beginning: of its content.
    """
    kind = fields.get("content-type", "").partition(";")[0].strip().lower()
    shown = not fields.get("content-disposition", "").strip().lower().startswith("attachment")
    policy = fields.get("content-security-policy", "")
    confined = "sandbox" in policy or re.search(r"(?:script|default)-src\s+'none'", policy) is not None
    if not shown or confined or b"<script" not in beginning:
        return None
    if kind in ACTIVE:
        return f"{kind} that a browser shows, with the script that was uploaded in it"
    if not kind and "nosniff" not in fields.get("x-content-type-options", "").lower():
        return "no Content-Type, so that a browser takes the content for HTML, and runs its script"
    return None


def unsniffed(fields: Mapping[str, str]) -> bool:
    """Whether a browser keeps to the Content-Type of a download, or saves it."""
    saved = fields.get("content-disposition", "").strip().lower().startswith("attachment")
    return saved or "nosniff" in fields.get("x-content-type-options", "").lower()


def suggested_name(disposition: str | None) -> str | None:
    """The name of the file in Content-Disposition (RFC 6266 section 4.3); None where it has none."""
    if disposition is None:
        return None
    extended = _FILENAME_EXT.search(disposition)
    if extended is not None:
        return re.sub(r"%([0-9a-fA-F]{2})", lambda one: chr(int(one[1], 16)), extended[1])
    plain = _FILENAME.search(disposition)
    return None if plain is None else re.sub(r"\\(.)", r"\1", plain[1]) if plain[1] is not None else plain[2]


def unsafe_name(name: str | None) -> str | None:
    """What makes a name in Content-Disposition unsafe (RFC 6266 section 4.3); None where nothing does."""
    if name is None:
        return None
    if re.search(r"[/\\]", name):
        return f"the name {name[:80]!r} has separators of a path"
    if re.search(r"[\x00-\x1f\x7f]", name):
        return f"the name {name[:80]!r} has control characters"
    return None


def split_fields(fields: Mapping[str, str], word: str) -> str | None:
    """The name of a response field that a line break in a file name has made; None where there is none."""
    return next((name for name in fields if word in name.lower()), None)
