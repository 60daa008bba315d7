"""What a reader could make of an encoded text: each decoding of it, with the way back to where a part of it stands.

Two kinds of encoding are undone. Escapes stand for single characters: percent-encoding (RFC 3986 section 2.1), escapes
of JSON strings (RFC 8259 section 7), HTML character references, quoted-printable (RFC 2045 section 6.7), the NULs of
UTF-16, and the line breaks of base64 in mail. Blocks stand for whole texts: base64, in both alphabets and at every
alignment, padded or not (RFC 4648 sections 4 and 5), and hexadecimal digits (section 8). Pure: bytes in, bytes out.
"""

from __future__ import annotations

import binascii
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

DEEPEST = 4
"""Encodings around each other that are undone: a text within JSON, in a page, adds one to a chain."""
MOST = 96
"""Readings of one text that are made at most; a text that has more is made to have them."""
Span = tuple[int, int]
Back = Callable[[Span], Span]


class Reading(NamedTuple):
    """One decoding of a text.

    Attributes:
        data: the decoded bytes.
        back: from the place of a part of `data` to the place of the encoded characters that it came from, in the text.
    """

    data: bytes
    back: Back


class Sought(NamedTuple):
    """What is looked for in readings: what cannot hold it is not decoded.

    Attributes:
        least: bytes that it has at least.
        ascii_only: whether it is all ASCII.
        quotes: whether it has a quotation mark.
    """

    least: int
    ascii_only: bool = False
    quotes: bool = True


def readings(text: bytes, sought: Sought) -> Iterator[Reading]:
    """The text itself, then its decodings, those of fewer encodings first."""
    whole = Reading(text, _same)
    level, seen, count = [whole], {text}, 1
    blocks: set[bytes] = set()
    yield whole
    for _ in range(DEEPEST):
        deeper = []
        for outer in level:
            for inner in _decodings(outer.data, sought, blocks):
                if inner.data in seen:
                    continue
                seen.add(inner.data)
                found = inner if outer is whole else Reading(inner.data, _after(inner.back, outer.back))
                yield found
                count += 1
                if count >= MOST:
                    return
                deeper.append(found)
        level = deeper


def escapes(text: bytes) -> Iterator[Span]:
    """The places of all escapes in a text of a URL, of JSON or of HTML."""
    for marker, pattern, decode in _ESCAPES:
        if marker in text and marker in b"%\\&":
            for found in pattern.finditer(text):
                if decode(found.group()) is not None:
                    yield found.span()


def _same(span: Span) -> Span:
    return span


def _after(inner: Back, outer: Back) -> Back:
    return lambda span: outer(inner(span))


def _decodings(data: bytes, sought: Sought, blocks: set[bytes]) -> Iterator[Reading]:
    for marker, pattern, decode in _ESCAPES:
        if marker not in data:
            continue
        if marker == b"\\" and not sought.quotes and data.count(marker) == data.count(b'\\"'):
            # So has JSON with entity tags in it.
            continue
        if (found := _unescaped(data, pattern, decode)) is not None:
            yield found
    yield from _blocks(data, sought, blocks)


# -- escapes -------------------------------------------------------------------------------------------


def _unescaped(
    data: bytes, pattern: re.Pattern[bytes], decode: Callable[[bytes], bytes | None]
) -> Reading | None:
    parts: list[bytes] = []
    # Where each escape begins and ends, decoded and encoded.
    firsts: list[int] = []
    marks: list[tuple[int, int, int]] = []
    at = length = 0
    for found in pattern.finditer(data):
        plain = decode(found.group())
        if plain is None:
            continue
        start, end = found.span()
        parts += (data[at:start], plain)
        length += start - at
        firsts.append(length)
        length += len(plain)
        marks.append((length, start, end))
        at = end
    if not marks:
        return None
    parts.append(data[at:])

    def back(span: Span) -> Span:
        place = bisect_right(firsts, span[0]) - 1
        first = span[0]
        if place >= 0:
            ended, start, end = marks[place]
            # What looks like quoted-printable may be the value of a parameter, whose `=` stays.
            inside = start + data.startswith(b"=", start)
            first = inside if span[0] < ended else end + span[0] - ended
        place = bisect_right(firsts, span[1] - 1) - 1
        last = span[1]
        if place >= 0:
            ended, start, end = marks[place]
            last = end if span[1] - 1 < ended else end + span[1] - ended
        return first, last

    return Reading(b"".join(parts), back)


def _percent(escape: bytes) -> bytes:
    return bytes.fromhex(escape[1:].decode())


_SHORT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def _string(escape: bytes) -> bytes:
    if escape[1:2] not in (b"u", b"x"):
        return _SHORT.get(escape[1:], escape[1:])
    text = escape.decode().replace("\\u", "").replace("\\x", "").strip("{}")
    if len(text) == 8:
        return bytes.fromhex(text).decode("utf-16-be").encode()
    return chr(int(text, 16)).encode("utf-8", "surrogatepass")


@lru_cache(4096)
def _reference(escape: bytes) -> bytes | None:
    text = escape.decode()
    plain = html.unescape(text)
    return None if plain == text else plain.encode("utf-8", "surrogatepass")


def _quoted(escape: bytes) -> bytes:
    return bytes.fromhex(escape[1:].decode()) if len(escape) == 3 and escape[1:2].isalnum() else b""


def _nothing(_: bytes) -> bytes:
    return b""


_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPES: tuple[tuple[bytes, re.Pattern[bytes], Callable[[bytes], bytes | None]], ...] = (
    (b"%", re.compile(rb"%[0-9A-Fa-f]{2}"), _percent),
    (
        b"\\",
        re.compile(
            _HIGH + _LOW + rb"|\\u[0-9a-fA-F]{4}|\\u\{0*[0-9a-fA-F]{1,5}\}|\\x[0-9a-fA-F]{2}|\\[\"'\\/bfnrt]"
        ),
        _string,
    ),
    (b"&", re.compile(rb"&(?:#[0-9]{1,9};?|#[xX][0-9a-fA-F]{1,8};?|[A-Za-z][A-Za-z0-9]{1,31};)"), _reference),
    (b"=", re.compile(rb"=(?:[2-9A-Fa-f][0-9A-Fa-f]|[ \t]*\r?\n)"), _quoted),
    (b"\0", re.compile(rb"\0"), _nothing),
    (b"\n", re.compile(rb"(?<=[A-Za-z0-9+/_-]{60})\r?\n"), _nothing),
)

# -- blocks --------------------------------------------------------------------------------------------

_BETWEEN = 4
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_BLANKED = bytes(char if char in _ALPHABET else ord(" ") for char in range(256))
_STANDARD = bytes.maketrans(b"-_", b"+/")


def _blocks(data: bytes, sought: Sought, done: set[bytes]) -> Iterator[Reading]:
    """Blocks of the same encoding are decoded at once, with nothing between them, at each alignment in turn.

    Args:
        done: blocks that were decoded before; takes up those of `data`.
    """
    base64, digits, likely = _patterns(sought)
    shortest = -(-sought.least * 4 // 3)
    # Many times faster than the pattern.
    runs = [run for run in data.translate(_BLANKED).split() if len(run) >= shortest and run not in done]
    if not runs:
        # Nor is there a run of hexadecimal digits, which would be one of these, and longer.
        return
    fresh = frozenset(runs)
    done |= fresh
    # Zeros between them, in both encodings.
    joined = (b"A" * _BETWEEN).join([*runs, b""]).translate(_STANDARD)
    for skipped in range(4):
        plain = binascii.a2b_base64(joined[skipped : skipped + (len(joined) - skipped) // 4 * 4])
        if likely.search(plain):
            yield Reading(plain, _block_back(data, base64, fresh, skipped, 4, 3))
    if digits.search(b" ".join(runs)):
        runs = digits.findall(data)
        joined = (b"0" * _BETWEEN).join([*runs, b""])
        for skipped in range(2):
            plain = binascii.a2b_hex(joined[skipped : skipped + (len(joined) - skipped) // 2 * 2])
            if likely.search(plain):
                yield Reading(plain, _block_back(data, digits, frozenset(runs), skipped, 2, 1))


@lru_cache(16)
def _patterns(sought: Sought) -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    least = sought.least
    more = rb"" if sought.ascii_only else rb"\x80-\xff"
    return (
        re.compile(rb"[A-Za-z0-9+/_-]{%d,}" % -(-least * 4 // 3)),
        re.compile(rb"[0-9A-Fa-f]{%d,}" % (2 * least)),
        re.compile(rb"[\0\t\n\r -~" + more + rb"]{%d}" % least),
    )


def _block_back(
    data: bytes, pattern: re.Pattern[bytes], blocks: frozenset[bytes], skipped: int, coded: int, plain: int
) -> Back:
    """The way back from what `coded` characters for each `plain` bytes made."""

    runs: list[Span] = []
    firsts: list[int] = []

    def back(span: Span) -> Span:
        if not runs:
            at = 0
            for run in pattern.finditer(data):
                if run.group() not in blocks:
                    continue
                runs.append(run.span())
                firsts.append(at)
                at += run.end() - run.start() + _BETWEEN
        first = skipped + span[0] * coded // plain
        last = skipped - (-span[1] * coded // plain)
        place = bisect_right(firsts, first) - 1
        start, end = runs[place]
        start, end = start + first - firsts[place], min(end, start + last - firsts[place])
        if end == runs[place][1]:
            # Its padding says nothing without it.
            while data[end : end + 1] == b"=":
                end += 1
        return min(start, end), end

    return back
