"""Places of secrets in a text, and the text with something else in their place. Pure.

A place is widened to whole escapes, and in JSON to whole numbers: what is around it stays well-formed.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from typing import NamedTuple

from harness.target.readings import escapes


class SecretPlace(NamedTuple):
    """A place in a text.

    Attributes:
        start, end: in bytes.
        stands: its replacement.
    """

    start: int
    end: int
    stands: str


_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\Z)|[^\s"{}\[\],:]+', re.S)
_QUOTE = ord('"')
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_LITERALS = (b"true", b"false", b"null")


def settled(data: bytes, places: Collection[SecretPlace]) -> list[SecretPlace]:
    """The places of secrets as they are replaced: whole escapes, whole numbers of JSON, of several the longest."""
    broken = sorted(escapes(data))
    firsts = [first for first, _ in broken]

    def around(at: int) -> tuple[int, int]:
        """The escape that a place is inside of."""
        # Those of different kinds may lie within each other.
        for first, last in broken[max(0, bisect_left(firsts, at) - 3) : bisect_left(firsts, at)]:
            if first < at < last:
                return first, last
        return at, at

    widened = [SecretPlace(around(one.start)[0], around(one.end)[1], one.stands) for one in places]
    if data.lstrip()[:1] in (b"{", b"["):
        widened = _tokens(data, widened)
    kept: list[SecretPlace] = []
    length = 0
    for one in sorted(widened, key=lambda one: (one.start, -one.end)):
        if kept and one.start < kept[-1].end:
            last = kept.pop()
            stands = one.stands if one.end - one.start > length else last.stands
            length = max(length, one.end - one.start)
            kept.append(SecretPlace(last.start, max(last.end, one.end), stands))
        else:
            kept.append(one)
            length = one.end - one.start
    return kept


def _tokens(data: bytes, places: list[SecretPlace]) -> list[SecretPlace]:
    """In JSON, a number goes as a whole and becomes a string; `true`, `false` and `null` stay."""
    bare = [token.span() for token in _TOKEN.finditer(data) if data[token.start()] != _QUOTE]
    firsts = [first for first, _ in bare]
    kept = []
    for one in places:
        first, last = bare[max(0, bisect_right(firsts, one.start) - 1)] if bare else (0, 0)
        token = data[first:last]
        if not first <= one.start < one.end <= last:
            kept.append(one)
        elif _NUMBER.fullmatch(token):
            kept.append(SecretPlace(first, last, f'"{one.stands}"'))
        elif token not in _LITERALS:
            kept.append(one)
    return kept


def replaced(data: bytes, places: list[SecretPlace]) -> bytes:
    """The text with what stands for them in its places, which are in order and do not overlap."""
    parts: list[bytes] = []
    at = 0
    for one in places:
        parts += (data[at : one.start], one.stands.encode("utf-8", "surrogateescape"))
        at = one.end
    return b"".join([*parts, data[at:]])
