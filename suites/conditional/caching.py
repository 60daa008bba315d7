"""Judgement of what caches may do with a response, and what they did (RFC 9111). Pure; no I/O.

Cache-Control is parsed here: httplint parses it only as part of a whole message, and http-sf reads only Structured
Fields.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from harness.http.fields import entity_tag, http_date, number_in
from harness.rules.verdict import Level

Fields = Mapping[str, str]
_DIRECTIVE = re.compile(
    r"""([!#$%&'*+\-.^_`|~0-9A-Za-z]+)               # a token
        (?:=(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"((?:[^"\\]|\\.)*)"))?""",
    re.VERBOSE,
)
_ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")*')
_SECONDS = re.compile(r"[0-9]+", re.ASCII)
DELTAS = ("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error")
TOLERANCE = 5.0
"""Seconds by which the clocks of several servers behind one name may differ."""


@dataclass(frozen=True)
class Directive:
    """A cache directive (RFC 9111 section 5.2).

    Attributes:
        name: in lower case.
        argument: without its quotes; None where there is none.
        quoted: whether it was quoted.
    """

    name: str
    argument: str | None = None
    quoted: bool = False


def directives(value: str) -> list[Directive] | None:
    """The directives of a Cache-Control field in their order, or None where it is not a list of directives."""
    found, position = [], 0
    while position <= len(value):
        element = _ELEMENT.match(value, position)
        assert element is not None
        position = element.end() + 1
        text = element[0].strip(" \t")
        if element.end() < len(value) and value[element.end()] != ",":
            return None
        if not text:
            continue
        one = _DIRECTIVE.fullmatch(text)
        if one is None:
            return None
        name, token, quoted = one[1].lower(), one[2], one[3]
        found.append(Directive(name, token if quoted is None else quoted, quoted is not None))
    return found


class Control:
    """A Cache-Control field; without directives where it is absent or malformed."""

    def __init__(self, value: str | None) -> None:
        self.given = directives(value or "") or []

    def says(self, name: str) -> bool:
        """Whether a directive is present without an argument; with one, it concerns single fields only."""
        return any(one.name == name and one.argument is None for one in self.given)

    def seconds(self, name: str) -> int | None:
        """The argument of the first directive of that name, where it is a number of seconds."""
        for one in self.given:
            if one.name == name and _SECONDS.fullmatch(one.argument or ""):
                return number_in(one.argument or "")
        return None


@dataclass(frozen=True)
class CachingFault:
    """A fault in the caching fields of a response, and its level."""

    level: Level
    text: str


def control_faults(value: str) -> list[CachingFault]:
    """The faults of a Cache-Control field in a response (RFC 9111 section 5.2.2)."""
    found = directives(value)
    if found is None:
        return [CachingFault(Level.MUST, f"Cache-Control: {value} is not a list of directives")]
    faults = []
    for one in found:
        if one.name not in DELTAS:
            continue
        if one.quoted:
            faults.append(
                CachingFault(Level.MUST, f"Cache-Control: {value}: the seconds of {one.name} are in quotes")
            )
        elif one.argument is None or not _SECONDS.fullmatch(one.argument):
            faults.append(
                CachingFault(Level.SHOULD, f"Cache-Control: {value}: {one.name} has no number of seconds")
            )
    control = Control(value)
    age, shared = control.seconds("max-age"), control.seconds("s-maxage")
    declared = [
        one for one in (f"max-age={age}" if age else "", f"s-maxage={shared}" if shared else "") if one
    ]
    contradictions = [("no-store", one) for one in declared if control.says("no-store")]
    if control.says("public") and control.says("private"):
        contradictions.append(("public", "private"))
    if shared and control.says("private"):
        contradictions.append(("private", f"s-maxage={shared}"))
    for name in DELTAS:
        values = {one.argument for one in found if one.name == name}
        if len(values) > 1:
            contradictions.append((f"{name}={min(map(str, values))}", f"{name}={max(map(str, values))}"))
    faults += [
        CachingFault(Level.SHOULD, f"Cache-Control: {value}: {one} contradicts {other}")
        for one, other in contradictions
    ]
    return faults


UNSTATED = "neither Cache-Control nor Expires"


def cacheability_faults(fields: Fields) -> list[CachingFault]:
    """The faults of the caching fields of a 200 to GET.

    Args:
        fields: by their names in lower case.
    """
    faults = []
    if "cache-control" in fields:
        faults += control_faults(fields["cache-control"])
    elif "expires" not in fields:
        faults.append(CachingFault(Level.SHOULD, UNSTATED))
    if "last-modified" in fields:
        modified, date = http_date(fields["last-modified"]), http_date(fields.get("date"))
        if modified is None:
            faults.append(
                CachingFault(Level.MUST, f"Last-Modified: {fields['last-modified']} is not an HTTP-date")
            )
        elif date is not None and (modified - date).total_seconds() > TOLERANCE:
            text = f"Last-Modified: {fields['last-modified']} is later than Date: {fields['date']}"
            faults.append(CachingFault(Level.MUST, text))
    return faults


def lifetime(fields: Fields, *, shared: bool = False) -> float | None:
    """Seconds for which a response is declared fresh (section 4.2.1); None where it declares nothing."""
    control = Control(fields.get("cache-control"))
    declared = control.seconds("s-maxage") if shared else None
    declared = control.seconds("max-age") if declared is None else declared
    if control.says("no-store") or control.says("no-cache"):
        return 0.0
    if declared is not None:
        return float(declared)
    if "expires" not in fields:
        return None
    until, date = http_date(fields["expires"]), http_date(fields.get("date"))
    # An invalid date counts as one in the past (section 5.3).
    return 0.0 if until is None or date is None else max(0.0, (until - date).total_seconds())


def vary(fields: Fields) -> set[str]:
    """The field names that Vary lists, in lower case."""
    return {name.strip().lower() for name in fields.get("vary", "").split(",") if name.strip()}


def licence(fields: Fields, credentials: Collection[str]) -> str | None:
    """What allows a shared cache to serve a response to another user without validation, or None.

    Args:
        fields: of a response to a request with credentials, by lower-case name.
        credentials: lower-case names of the fields that carried them.

    Otherwise a shared cache does not store a response to a request with Authorization (section 3.5).
    """
    control = Control(fields.get("cache-control"))
    if control.says("private") or control.says("no-store"):
        return None
    if "*" in vary(fields):
        return None
    if set(credentials) & vary(fields):
        # Caches keep users apart; `public` still invites each of them to store what is not public.
        return "public" if control.says("public") and lifetime(fields, shared=True) != 0 else None
    fresh = lifetime(fields, shared=True)
    if fresh == 0:
        return None
    if control.says("public"):
        return "public"
    if control.seconds("s-maxage") is not None:
        return f"s-maxage={control.seconds('s-maxage')}"
    if "authorization" in credentials:
        return "must-revalidate" if control.says("must-revalidate") else None
    return f"a freshness of {fresh:.0f} s for a request without Authorization" if fresh else None


def reusable(one: Fields, other: Fields) -> bool:
    """Whether a cache may serve one response in place of the other, where Vary does not distinguish them.

    It may while the response is fresh (heuristically with Last-Modified, section 4.2.2), and later where its validator
    makes the server answer 304.
    """
    if Control(one.get("cache-control")).says("no-store"):
        return False
    fresh = lifetime(one)
    if fresh or (fresh is None and "last-modified" in one):
        return True
    tags = [entity_tag(fields.get("etag")) for fields in (one, other)]
    if tags[0] is not None and tags[1] is not None:
        return tags[0].opaque == tags[1].opaque
    return (
        tags == [None, None] and "last-modified" in one and one["last-modified"] == other.get("last-modified")
    )


def storable(fields: Fields) -> bool:
    """Whether a cache may serve a response later without asking, or after validating it."""
    if Control(fields.get("cache-control")).says("no-store"):
        return False
    return bool(lifetime(fields)) or "etag" in fields or "last-modified" in fields


def staleness(read: Fields, write: Fields) -> str | None:
    """Why a read that misses a write is not the API's fault, or None where it is its fault (section 4.4).

    Args:
        read: fields of the old representation, received after the write.
        write: fields of the response to the write.
    """
    fresh = lifetime(read, shared="age" in read)
    by = read.get("via") or read.get("x-cache") or ""
    if "age" in read:
        if "via" in read and read["via"] == write.get("via"):
            return None
        return (
            f"a cache answered (Age: {read['age']}{', ' + by if by else ''}) that the write may have bypassed"
        )
    return f"the response is declared fresh for {fresh:.0f} s" if fresh else None
