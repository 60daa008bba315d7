"""Cursors: damaged ones, and what they disclose. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Sequence
from urllib.parse import unquote

REFUSALS = (400, 410, 422)
TOLERATED = (404,)
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]+")
_LOST = re.compile(r"[^\x21-\x7e]|[#&%\"<>\\^`{|}]")
"""Characters that no URI contains unescaped (RFC 3986 section 2), or that end a parameter."""
_CODE = re.compile(
    r"(?i)\bselect\b.+\bfrom\b|\bwhere\b.+[=<>]|\border by\b|\boffset \d|\b(?:java|javax|org|com|System)(?:\.\w+){2,}"
    r"|\b__\w+__\b|<class '|O:\d+:\"|ActiveSupport|Doctrine"
)
MEANINGFUL = 4
"""Least length of an id that is recognised in a cursor; a shorter one may occur by chance."""


def spoilt(cursor: str) -> list[tuple[str, str]]:
    """Cursors that the API has not issued, each with a description; none equals the genuine one."""
    middle = len(cursor) // 2
    made = [
        ("its first character changed", _changed(cursor, 0)),
        ("its middle character changed", _changed(cursor, middle)),
        ("a late character changed", _changed(cursor, max(0, len(cursor) - 3))),
        ("cut in half", cursor[:middle] or "0"),
        ("its last four characters cut off", cursor[:-4] or "0"),
        ("four characters appended", cursor + "AAAA"),
        ("its halves exchanged", cursor[middle:] + cursor[:middle]),
        ('base64 of {"id":0}', base64.b64encode(b'{"id":0}').decode()),
        ("SQL", "' OR 1=1"),
        ("garbage", "no-cursor-of-yours"),
        ("a negative number", "-1"),
        ("a long number", "9" * 21),
    ]
    seen = {cursor}
    kept = []
    for what, value in made:
        if value not in seen:
            seen.add(value)
            kept.append((what, value))
    return kept


def _changed(text: str, place: int) -> str:
    char = text[place : place + 1]
    other = {"9": "8", "Z": "Y", "z": "y"}.get(char) or (
        chr(ord(char) + 1) if char.isalnum() and char.isascii() else "A"
    )
    return text[:place] + other + text[place + 1 :]


def accepted(
    status: int, ids: Sequence[str] | None, first: Sequence[str], genuine: Sequence[str], *, keyset: bool
) -> str | None:
    """The fault of the response to a cursor that the API never issued, or None.

    Args:
        ids: on the page in the response; None where it has no array.
        first: on the first page.
        genuine: on the page of the genuine cursor: a decoder that ignores the changed part does no harm.
        keyset: whether cursors are declared as ids, so that any value is valid.
    """
    if status >= 500:
        return "a server error"
    if status in REFUSALS or status in TOLERATED or keyset:
        return None
    if not 200 <= status < 300:
        return None if 400 <= status < 500 else f"status {status}"
    if ids is None or list(ids) == list(genuine):
        return None
    if list(ids) == list(first):
        return "the list silently restarts"
    return "it is accepted as a cursor" + ("" if ids else ", and shows no items")


def lost(cursor: str) -> str:
    """Characters of a cursor that a query cannot contain unescaped."""
    return "".join(sorted(set(_LOST.findall(cursor))))


def plain(cursor: str) -> bool:
    """Whether a cursor has only unreserved characters, which need no escaping (RFC 3986 section 2.3)."""
    return _UNRESERVED.fullmatch(cursor) is not None


def layers(cursor: str) -> list[str]:
    """The texts in a cursor, or in a part of it, after decoding base64 or base64url up to three times."""
    found: list[str] = []
    texts = [unquote(cursor)]
    for _ in range(3):
        texts = [
            inner
            for text in texts
            for part in re.split(r"[.:|~\"]", text)
            if (inner := _decoded(part)) is not None
        ]
        found += texts
    return found


def showing(cursor: str, ids: Collection[str]) -> str | None:
    """What a merely encoded cursor discloses: an item's id, SQL, or a class name; None for nothing.

    Args:
        ids: of the run's items that a cursor might contain.
    """
    for text in [cursor, *layers(cursor)]:
        for id in ids:
            if len(id) >= MEANINGFUL and re.search(rf"(?<![0-9A-Za-z]){re.escape(id)}(?![0-9A-Za-z])", text):
                return f"the id {id}" + ("" if text == cursor else f" in {_short(text)}")
        code = _CODE.search(text)
        if code is not None:
            return f"{code[0]!r}"
    return None


def _decoded(text: str) -> str | None:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) < 4 or not re.fullmatch(r"[A-Za-z0-9+/]+", plain):
        return None
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        found = raw.decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return found if found.isprintable() else None


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
