"""What a reader could make of an encoded text: each decoding of it, with a mapping back to positions in the original.

Two kinds of encoding are undone. Escapes stand for single characters: percent-encoding (RFC 3986 section 2.1), escapes
of JSON strings (RFC 8259 section 7), HTML character references, quoted-printable (RFC 2045 section 6.7), JSON Pointers
(RFC 6901 section 3), the NULs of UTF-16, and the line breaks of base64 in mail. Blocks stand for whole texts: base64,
in both alphabets and at every alignment, padded or not (RFC 4648 sections 4 and 5), and hexadecimal digits (section 8).
Pure: bytes in, bytes out.
"""

from __future__ import annotations

import binascii
import html
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

DEEPEST = 4
"""Encodings around each other that are undone: a text within JSON, in a page, adds one to a chain."""
MOST = 256
"""Readings of one text that are made at most; a text that has more is made to have them."""
Span = tuple[int, int]
Back = Callable[[Span], Span]
_Runs = Mapping[bytes, int]
"""Blocks, and how often each is in a text."""


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


def read(text: bytes, sought: Sought, look: Callable[[Reading], bytes]) -> None:
    """Show the text itself, then its decodings, those of fewer encodings first.

    Args:
        look: is shown each, and gives the bytes that are decoded in turn: as many, what need not be looked at again
            overwritten.
    """
    whole = Reading(text, _same)
    level: list[tuple[Reading, _Runs]] = [(Reading(look(whole), _same), {})]
    seen: set[tuple[bytes, Span]] = set()
    for depth in range(DEEPEST):
        deeper = []
        for outer, done in level:
            for inner, runs in _decodings(outer.data, sought, done):
                found = Reading(inner.data, _after(inner.back, outer.back)) if depth else inner
                # The same text may be in two places, encoded differently.
                key = (
                    found.data,
                    (found.back((0, 1))[0], found.back((len(found.data) - 1, len(found.data)))[1]),
                )
                if key in seen:
                    continue
                seen.add(key)
                rest = look(found)
                if len(seen) >= MOST:
                    return
                deeper.append((Reading(rest, found.back), runs))
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


def _decodings(data: bytes, sought: Sought, done: _Runs) -> Iterator[tuple[Reading, _Runs]]:
    """The decodings of one encoding, with the blocks that need not be decoded in them.

    Args:
        done: blocks that are in `data` as they stood in what it was made of, and were decoded there.
    """
    blocks = _base64(data, sought)
    runs = Counter(blocks)
    for marker, pattern, decode in _ESCAPES:
        if marker not in data:
            continue
        if marker == b"\\" and not sought.quotes and data.count(marker) == data.count(b'\\"'):
            # So has JSON with entity tags in it.
            continue
        if (found := _unescaped(data, pattern, decode)) is not None:
            yield found, runs
    fresh = [run for run in blocks if runs[run] > done.get(run, 0)]
    if fresh:
        for found in _blocks(data, sought, fresh):
            yield found, {}


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


def _quoted(escape: bytes) -> bytes | None:
    if not escape.startswith(b"="):
        return None
    return b"" if escape.endswith(b"\n") else bytes.fromhex(escape[1:].decode())


def _pointer(escape: bytes) -> bytes:
    return b"~" if escape == b"~0" else b"/"


def _nothing(_: bytes) -> bytes:
    return b""


_QUOTED = rb"=(?:[2-9A-Fa-f][0-9A-Fa-f]|[ \t]*\r?\n)"
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
    (b"=", re.compile(_QUOTED), _quoted),
    # The beginning of a parameter's value often looks like an escape.
    (b"=", re.compile(rb"(?:\A|[?&;])[\w.-]+=|" + _QUOTED), _quoted),
    (b"~", re.compile(rb"~[01]"), _pointer),
    (b"\0", re.compile(rb"\0"), _nothing),
    (b"\n", re.compile(rb"(?<=[A-Za-z0-9+/_-]{60})\r?\n"), _nothing),
)

# -- blocks --------------------------------------------------------------------------------------------

_BETWEEN = 4
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_BLANKED = bytes(char if char in _ALPHABET else ord(" ") for char in range(256))
_STANDARD = bytes.maketrans(b"-_", b"+/")


def _base64(data: bytes, sought: Sought) -> list[bytes]:
    """What may be base64, in order."""
    shortest = -(-sought.least * 4 // 3)
    # Many times faster than a pattern.
    return [run for run in data.translate(_BLANKED).split() if len(run) >= shortest]


def _base64_spans(data: bytes, blocks: Collection[bytes]) -> Iterator[Span]:
    blanked = b" %b " % data.translate(_BLANKED)
    at = 0
    for block in blocks:
        at = blanked.index(b" %b " % block, at)
        yield at, at + len(block)
        at += len(block)


def _blocks(data: bytes, sought: Sought, blocks: list[bytes]) -> Iterator[Reading]:
    """What blocks of a text hold that may be what is sought, those of one encoding together."""
    digits, likely = _patterns(sought)
    found = _Blocks(blocks, lambda: _base64_spans(data, blocks), data, 4, 3)
    found.decode(b"A", binascii.a2b_base64, likely)
    if found.parts:
        yield found.reading()
    # A run of hexadecimal digits would be one of base64, too, and longer.
    if digits.search(b" ".join(blocks)):
        spans = [run.span() for run in digits.finditer(data)]
        found = _Blocks([data[start:end] for start, end in spans], lambda: spans, data, 2, 1)
        found.decode(b"0", binascii.a2b_hex, likely)
        if found.parts:
            yield found.reading()


class _Blocks:
    """Blocks of one encoding, decoded all at once with zeros between them, at each alignment in turn.

    Args:
        blocks: in order.
        spans: their places, asked for where something is found.
        data: the text that holds them.
        coded, plain: so many characters stand for so many bytes.
    """

    def __init__(
        self, blocks: list[bytes], spans: Callable[[], Iterable[Span]], data: bytes, coded: int, plain: int
    ) -> None:
        self.parts: list[bytes] = []
        self._blocks, self._spans, self._data = blocks, spans, data
        self._coded, self._plain = coded, plain
        # Where each part begins: in what is decoded, and among the characters of the joined blocks.
        self._firsts: list[int] = []
        self._origins: list[tuple[int, int]] = []
        self._runs: list[Span] = []
        self._starts: list[int] = []

    def decode(self, zero: bytes, decode: Callable[[bytes], bytes], likely: re.Pattern[bytes]) -> None:
        """Decode all blocks.

        Args:
            zero: the character that stands for no bits.
            likely: finds what may hold what is sought.
        """
        joined, length = (zero * _BETWEEN).join([*self._blocks, b""]).translate(_STANDARD), 0
        for skipped in range(self._coded):
            whole = (len(joined) - skipped) // self._coded * self._coded
            for part in likely.finditer(decode(joined[skipped : skipped + whole])):
                self.parts.append(part.group())
                self._firsts.append(length)
                self._origins.append((skipped, part.start()))
                length += len(part.group()) + 1

    def reading(self) -> Reading:
        return Reading(b"\n".join(self.parts), self._back)

    def _back(self, span: Span) -> Span:
        place = bisect_right(self._firsts, span[0]) - 1
        skipped, origin = self._origins[place]
        start, end = (at - self._firsts[place] + origin for at in span)
        return self._in_text(
            skipped + start * self._coded // self._plain, skipped - (-end * self._coded // self._plain)
        )

    def _in_text(self, first: int, last: int) -> Span:
        if not self._runs:
            self._runs = list(self._spans())
            lengths = (len(block) + _BETWEEN for block in self._blocks)
            self._starts = [0, *accumulate(lengths)][:-1]
        place = bisect_right(self._starts, first) - 1
        start, end = self._runs[place]
        whole = end
        start, end = start + first - self._starts[place], min(end, start + last - self._starts[place])
        # Its padding says nothing without it.
        while end >= whole and self._data[end : end + 1] == b"=":
            end += 1
        return min(start, end), end


@lru_cache(16)
def _patterns(sought: Sought) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Finds hexadecimal digits, and in what is decoded, what may hold what is sought."""
    least = sought.least
    more = rb"" if sought.ascii_only else rb"\x80-\xff"
    return (
        re.compile(rb"[0-9A-Fa-f]{%d,}" % (2 * least)),
        re.compile(rb"[\0\t\n\r -~" + more + rb"]{%d,}" % least),
    )
