"""Secrets are taken out when an exchange is captured, before anything can keep it.

1. A credential's value is replaced by `$NAME` wherever it occurs: a curl line made of it runs after an `export`. It is
   found in whatever a reader could decode (`readings.py`), in any case of letters, and the smallest part of the text
   that holds it goes: JSON stays JSON, HTML stays HTML, a URL stays a URL.
2. Header fields, query parameters and JSON members whose names suggest a secret lose their value
   whatever it is, and so does a password in a URL (`named_secrets.py`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from hpack.table import HeaderTable

from harness.target.named_secrets import MASK, is_secret_field, masked
from harness.target.readings import Reading, Sought, read
from harness.target.secret_places import SecretPlace, replaced, settled
from harness.target.secrets import basic_pair

__all__ = ["MASK", "SHORTEST", "Redactor"]

SHORTEST = 4
"""Length from which a secret is replaced wherever it occurs. Shorter ones are replaced only under their own names."""
_WORD = 8
"""Characters below which a secret of letters or of digits alone is replaced where it is a whole word: `test` would
take `latest` with it."""
_BLOCK = 8
"""Length in bytes from which the base64 of a secret is distinctive, in any case."""
_PAIR = 4
"""Characters of a user and password in base64 that are looked for."""
_CACHED = 4096
_USUAL = frozenset(name.decode() for name, _ in HeaderTable.STATIC_TABLE)
"""Names of header fields that are nobody's secret (RFC 7541 appendix A)."""


class _Needle(NamedTuple):
    """What is looked for.

    Attributes:
        stands: its replacement.
        word: whether only a whole word is meant.
        padded: whether `=` that follow belong to it.
        part: whether its neighbours hold something of it, too.
    """

    stands: str
    word: bool = False
    padded: bool = False
    part: bool = False


class Redactor:
    """Replaces the known secrets of a run.

    Args:
        secrets: secret values by the name that shall be in their place (without `$`). To replace values of fewer
            than four characters everywhere would garble every text: they are where they are all that a field,
            parameter or member has that is called like one of `fields` or `places`.
        fields: names, in lower case, of header fields that carry a credential, beside those that always do.
        values: what those fields carry; in one of the Basic scheme, user and password are in base64 together.
        places: names, in lower case, of parameters and cookies that carry a credential.
    """

    def __init__(
        self,
        secrets: Mapping[str, str] = {},
        fields: Collection[str] = (),
        values: Collection[str] = (),
        places: Collection[str] = (),
    ) -> None:
        self._fields = frozenset(fields)
        self._places = frozenset(name.lower() for name in (*fields, *places))
        self.names: dict[str, str] = {}
        self._needles: dict[bytes, _Needle] = {}
        for name, value in secrets.items():
            self._take(name, value)
        for value in values:
            self._take_basic(value)
        # The same few fields and URLs come with every exchange.
        self.field = lru_cache(_CACHED)(self._field)
        self.url = lru_cache(_CACHED)(self._url)
        self.field_name = lru_cache(_CACHED)(self._field_name)
        self._secret_field = lru_cache(_CACHED)(self._is_secret_field)
        self._short_names_in = lru_cache(_CACHED)(self._names_in)
        self.shown = lru_cache(32)(self.text)
        self._shown: dict[tuple[str, str], tuple[str, str]] = {}
        self._prepare()

    def names_in(self, text: str) -> frozenset[str]:
        """The names of secrets that occur as `$NAME` in a redacted text."""
        return self._short_names_in(text) if len(text) < 200 else self._names_in(text)

    def _names_in(self, text: str) -> frozenset[str]:
        return frozenset(name for name in self.names.values() if f"${name}" in text)

    def learn(self, name: str, value: str) -> None:
        """Replace one more secret from now on; several may have one name. One that is known keeps its name."""
        # Others may be reading what exists.
        self.names, self._needles = dict(self.names), dict(self._needles)
        self._take(name, value)
        self._prepare()

    # -- what is looked for ----------------------------------------------------------------------------

    def _take(self, name: str, value: str) -> None:
        self.names.setdefault(value, name)
        if len(value) < SHORTEST:
            return
        plain = len(value) < _WORD and (value.isalpha() or value.isdigit())
        for data in _written(value):
            self._needles.setdefault(_folded(data), _Needle(f"${name}", plain))
        for coded in _coded(value.encode("utf-8", "surrogateescape")):
            self._needles.setdefault(_folded(coded), _Needle(f"${name}", part=True))

    def _take_basic(self, value: str) -> None:
        """Let `user:$NAME` stand for the two in base64, which curl makes again of it."""
        pair = basic_pair(value)
        if pair is None or pair[1] not in self.names:
            return
        coded = value.split()[1].rstrip("=").encode("utf-8", "surrogateescape")
        if len(coded) >= _PAIR:
            stands = f"{pair[0]}:${self.names[pair[1]]}"
            self._needles.setdefault(_folded(coded), _Needle(stands, padded=True))

    def _prepare(self) -> None:
        self._longest = max(map(len, self._needles), default=0)
        self._shortest = min(map(len, self._needles), default=0)
        self._sought = Sought(
            self._shortest,
            ascii_only=all(needle.isascii() for needle in self._needles),
            quotes=any(b'"' in needle for needle in self._needles),
        )
        # A block found there may be longer than the secret.
        self._parts = frozenset(
            one
            for one, what in self._needles.items()
            if what.part or any(one in other for other in self._needles if len(other) > len(one))
        )
        self._short = {value: name for value, name in self.names.items() if 0 < len(value) < SHORTEST}
        for cached in (
            *(self.field, self.url, self.field_name, self.shown),
            *(self._secret_field, self._short_names_in),
        ):
            cached.cache_clear()
        self._shown = {}

    # -- texts -----------------------------------------------------------------------------------------

    def secret(self, value: str) -> str:
        """The replacement of a value of a credential, however short."""
        known = self.values(value)
        return f"${self.names[value]}" if known == value and value in self.names else known

    def text(self, text: str) -> str:
        """The text without any known secret, nor members or parameters named like one."""
        return self._unnamed(self.values(text))

    def _unnamed(self, text: str) -> str:
        short = self._places and any(value in text for value in self._short)
        return masked(text, self._stands, self._shortened if short else None)

    def _shortened(self, name: str, value: str) -> str | None:
        known = self._short.get(value)
        return f"${known}" if known is not None and name.lower() in self._places else None

    def _stands(self, value: str) -> bool:
        """Whether a value is only the name that replaces it."""
        return value == MASK or (value.startswith("$") and value[1:] in self.names.values())

    def values(self, text: str) -> str:
        """The text without any known secret value."""
        if not self._needles:
            return text
        data = text.encode("utf-8", "surrogatepass")
        clean = self._replaced(data)
        if clean is data:
            return text
        try:
            return clean.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return clean.decode("utf-8", "replace")

    def beginning(self, data: bytes, most: int) -> str:
        """The first bytes as text without any known secret, also without half of one at the end."""
        if not self._needles:
            return self._unnamed(data[:most].decode("utf-8", "replace"))
        if len(data) <= most:
            return self._unnamed(self._replaced(data).decode("utf-8", "replace"))
        # Of what each encoding makes more, twice percent-encoded makes most.
        found = self._found(data[: most + 16 * self._longest])
        end = min([most, *(one.start for one in found if one.start < most < one.end)])
        kept = replaced(data[:end], [one for one in found if one.end <= end])
        return self._unnamed(kept.decode("utf-8", "replace"))

    def _url(self, url: str) -> str:
        """A URL without any secret; scheme, host and port stay, since they are no secret."""
        scheme, mark, rest = url.partition("://")
        if not mark:
            return self.text(url)
        host, slash, path = rest.partition("/")
        if "@" in host or "?" in host or "#" in host:
            return self.text(url)
        return f"{scheme}://{host}{self.text(slash + path)}"

    # -- fields ----------------------------------------------------------------------------------------

    def fields(self, given: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Header fields, fit to be kept: most have nothing to redact, which one look at all of them shows."""
        pairs = tuple(given)
        known = self._shown
        shown = {pair: known[pair] for pair in pairs if pair in known}
        fresh = [pair for pair in pairs if pair not in shown]
        if fresh:
            text = "\n".join(f"{name}\n{value}" for name, value in fresh)
            innocent = self.text(text) == text
            for name, value in fresh:
                plain = innocent and not self._secret_field(name)
                shown[name, value] = (
                    (name, value) if plain else (self._field_name(name), self._field(name, value))
                )
            # Of old ones there may be any number.
            if len(self._shown) > _CACHED:
                self._shown = {}
            self._shown.update(shown)
        return tuple([shown[pair] for pair in pairs])

    def _field_name(self, name: str) -> str:
        return name if name.lower() in _USUAL else self.values(name)

    def _is_secret_field(self, name: str) -> bool:
        return name.lower() in self._fields or is_secret_field(name.lower())

    def _field(self, name: str, value: str) -> str:
        """A header field's value, fit to be kept."""
        if self._secret_field(name):
            known = self.values(value)
            if name.lower() == "set-cookie":
                return _cookie(known)
            if name.lower() == "cookie":
                return "; ".join(
                    one if self._stands(one.partition("=")[2]) or self._stands(one) else _cookie(one)
                    for one in known.split("; ")
                )
            return known if known != value else MASK
        return self.text(value)

    # -- search ----------------------------------------------------------------------------------------

    def _replaced(self, data: bytes) -> bytes:
        """The bytes without any known secret: the same object where there is none."""
        found = self._found(data)
        return replaced(data, found) if found else data

    def _found(self, data: bytes) -> list[SecretPlace]:
        """The places of secrets, in order, none of which overlap."""
        # In order: of two that are at one place, the one that was named first counts.
        places: dict[SecretPlace, None] = {}
        if len(data) < self._shortest:
            return []

        def look(reading: Reading) -> bytes:
            folded = _folded(reading.data)
            rest: bytearray | None = None
            for needle, what in self._needles.items():
                if needle in folded:
                    for start, end in _places(folded, needle, what):
                        places[SecretPlace(*reading.back((start, end)), what.stands)] = None
                        if needle not in self._parts:
                            rest = bytearray(reading.data) if rest is None else rest
                            rest[start:end] = _GONE * (end - start)
            for start, end, stands in self._pieces(folded):
                places[SecretPlace(*reading.back((start, end)), stands)] = None
            return reading.data if rest is None else bytes(rest)

        read(data, self._sought, look)
        return settled(data, places) if places else []

    def _pieces(self, text: bytes) -> Iterator[SecretPlace]:
        """What is left of secrets where somebody has put dots for the rest, as pytest does in long texts."""
        for dots in _DOTS.finditer(text) if b"..." in text or _ELLIPSIS in text else ():
            start, end = dots.span()
            for needle, what in self._needles.items():
                for first in _all(needle[:SHORTEST], text[max(0, start - len(needle) + 1) : start]):
                    length = min(len(needle) - 1, start) - first
                    if needle.startswith(text[start - length : start]):
                        yield SecretPlace(start - length, start, what.stands)
                        break
                for last in reversed(_all(needle[-SHORTEST:], text[end : end + len(needle) - 1])):
                    length = last + SHORTEST
                    if needle.endswith(text[end : end + length]):
                        yield SecretPlace(end, end + length, what.stands)
                        break


_GONE = b"\x01"
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}".encode()
_DOTS = re.compile(rb"\.\.\.|" + _ELLIPSIS)


def _all(part: bytes, text: bytes) -> list[int]:
    """Where a part begins in a text."""
    found, start = [], text.find(part)
    while start >= 0:
        found.append(start)
        start = text.find(part, start + 1)
    return found


def _places(text: bytes, needle: bytes, what: _Needle) -> Iterable[tuple[int, int]]:
    start = text.find(needle)
    while start >= 0:
        end = start + len(needle)
        if what.padded:
            while text[end : end + 1] == b"=":
                end += 1
        if not (what.word and (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())):
            yield start, end
        start = text.find(needle, start + 1)


def _cookie(value: str) -> str:
    name, _, rest = value.partition("=")
    _, semicolon, attributes = rest.partition(";")
    return f"{name}={MASK}{semicolon}{attributes}"


_FOLD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ+", b"abcdefghijklmnopqrstuvwxyz ")


def _folded(data: bytes) -> bytes:
    """For comparison: in lower case, and with the `+` of a form decoded as a space."""
    return data.translate(_FOLD)


def _written(value: str) -> list[bytes]:
    """A secret as bytes: in UTF-8, in Latin-1, and in UTF-8 read as Latin-1, as header fields are."""
    data = value.encode("utf-8", "surrogateescape")
    found = [data]
    if not data.isascii():
        cases = (value, value.lower(), value.upper(), value.casefold())
        found = [one.encode("utf-8", "surrogateescape") for one in cases]
        found += [one.decode("latin-1").encode() for one in found]
        found += [one.encode("latin-1", "surrogateescape") for one in cases if _is_latin(one)]
    return list(dict.fromkeys(found))


def _is_latin(text: str) -> bool:
    return all(ord(char) < 0x100 for char in text)


def _coded(data: bytes) -> list[bytes]:
    """Bytes as they show in the base64 of a longer text, where it may have lost the case of its letters.

    All three alignments, less the characters that their neighbours share; of short ones, nothing.
    """
    found: list[bytes] = []
    for pad in range(3) if len(data) >= _BLOCK else ():
        coded = base64.b64encode(b"\0" * pad + data)
        inner = coded[(0, 2, 3)[pad] :].rstrip(b"=")
        usable = len(inner) if (pad + len(data)) % 3 == 0 else len(inner) - 1
        if usable >= _BLOCK:
            found += [inner[:usable], inner[:usable].replace(b"+", b"-").replace(b"/", b"_")]
    return found
