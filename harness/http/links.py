"""Link fields (RFC 8288 section 3), parsed strictly and apart from any I/O.

Libraries at hand either split at every comma and semicolon (httpx), or drop what a judge has to see: a repeated `rel`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_QUOTED = re.compile(r'"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*)"')
_SPACE = re.compile(r"[ \t]*")
# RFC 3986, except square brackets, which many put into queries (`page[size]`) and all clients bear.
_URI = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")


class LinkSyntax(ValueError):
    """The field's value does not match the grammar."""


@dataclass(frozen=True)
class Link:
    """One link-value.

    Attributes:
        target: the URI reference between the angle brackets.
        parameters: name, in lower case, and value in the order of the field; None where there is no value.
    """

    target: str
    parameters: tuple[tuple[str, str | None], ...] = ()

    def values(self, name: str) -> list[str | None]:
        """The values of all parameters of that name."""
        return [value for key, value in self.parameters if key == name]

    @property
    def relations(self) -> tuple[str, ...]:
        """Relation types, in lower case: those of the first `rel`; later ones are ignored (section 3.3)."""
        rel = next(iter(self.values("rel")), None)
        return tuple((rel or "").lower().split())


def links(value: str) -> list[Link]:
    """The link-values of a Link field, of which a list may have empty elements (RFC 9110 section 5.6.1).

    Args:
        value: the field's value; several lines joined by commas.

    Raises:
        LinkSyntax: it does not match the grammar; says what was expected, and where.
    """
    found: list[Link] = []
    place = 0
    while True:
        place = _after(_SPACE, value, place)
        if place == len(value):
            return found
        if value[place] == ",":
            place += 1
            continue
        link, place = _link(value, place)
        found.append(link)
        if place < len(value) and value[place] != ",":
            raise _wrong("a comma or a semicolon", value, place)


def target(value: str | None, relation: str) -> str | None:
    """The target of the first link with a relation type; None where there is none, or the field is malformed."""
    try:
        found = links(value or "")
    except LinkSyntax:
        return None
    return next((link.target for link in found if relation in link.relations), None)


def wrong(found: Iterable[Link]) -> list[str]:
    """What breaks RFC 8288 in links that match the grammar, as sentences about single links."""
    faults = []
    for link in found:
        count = len(link.values("rel"))
        if not _URI.fullmatch(link.target):
            faults.append(f"<{link.target}> is not a URI reference (RFC 3986)")
        if count == 0:
            faults.append(f"<{link.target}> has no rel")
        elif count > 1:
            faults.append(f"<{link.target}> has rel {count} times")
        elif not link.relations:
            faults.append(f"<{link.target}> has an empty rel")
    return faults


def _link(value: str, place: int) -> tuple[Link, int]:
    end = value.find(">", place)
    if value[place] != "<" or end < 0:
        raise _wrong("a URI reference in angle brackets", value, place)
    reference = value[place + 1 : end]
    parameters: list[tuple[str, str | None]] = []
    place = _after(_SPACE, value, end + 1)
    while place < len(value) and value[place] == ";":
        place = _after(_SPACE, value, place + 1)
        name = _TOKEN.match(value, place)
        if name is None:
            raise _wrong("the name of a parameter", value, place)
        given, place = None, _after(_SPACE, value, name.end())
        if place < len(value) and value[place] == "=":
            place = _after(_SPACE, value, place + 1)
            quoted, token = _QUOTED.match(value, place), _TOKEN.match(value, place)
            if quoted is not None:
                given, place = re.sub(r"\\(.)", r"\1", quoted[1]), quoted.end()
            elif token is not None:
                given, place = token[0], token.end()
            else:
                raise _wrong("a token or a quoted string", value, place)
            place = _after(_SPACE, value, place)
        parameters.append((name[0].lower(), given))
    return Link(reference, tuple(parameters)), place


def _after(pattern: re.Pattern[str], value: str, place: int) -> int:
    match = pattern.match(value, place)
    return match.end() if match else place


def _wrong(wanted: str, value: str, place: int) -> LinkSyntax:
    rest = value[place : place + 30]
    return LinkSyntax(f"{wanted} expected at {f'{rest!r}' if rest else 'the end'}")
