"""How clients choose a version, which values name none, and what a response says of its version. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.http.content import MISSING, at
from harness.http.exchange import Exchange
from harness.profile.models import Versions
from harness.survey.openapi.selectors import Scheme, Selector

STRANGE = ("999", "0", "abc")
"""Versions that no API has."""
_NUMBER = re.compile(r"\d+(\.\d+)*(?!.*\d)")
_MEDIA_NUMBER = re.compile(r"\bv\d+\b", re.IGNORECASE)
_LABELS = ("content-version", "api-version", "x-api-version", "resource-version", "x-version")


@dataclass(frozen=True)
class Choice:
    """How a request chooses a version.

    Attributes:
        path: what is read, relative to the target's URL.
        name: of the field or parameter; of paths, the path of one version where it is not that of the target's URL.
        values: versions that are served: values, media types, or paths on the origin.
        others: further paths with the same versions.
    """

    scheme: Scheme
    path: str
    name: str
    values: tuple[str, ...]
    others: tuple[str, ...] = ()

    def request(self, value: str, url: str, base: str) -> tuple[str, dict[str, str | None], dict[str, str]]:
        """URL, fields and query parameters of a GET of one version.

        Args:
            url: of `path`, absolute.
            base: the path of the target's URL.
        """
        if self.scheme == "path":
            return elsewhere(url, self.name or base, value), {}, {}
        if self.scheme == "query":
            return url, {}, {self.name: value}
        return url, {self.name: value}, {}


def choices(declared: Versions | None, documented: Sequence[Selector], first: str | None) -> list[Choice]:
    """How clients choose a version: as the profile says, and as the document does.

    Args:
        first: a path that can be read, where the profile names none.
    """
    found = [Choice(one.scheme, one.path, one.name, one.values, one.others) for one in documented]
    if declared is None or declared.scheme is None or not declared.declared:
        return found
    path = declared.read or first
    if path is None:
        return found
    name = {"media type": "Accept", "path": ""}.get(declared.scheme, declared.name or "")
    own = Choice(declared.scheme, path, name, tuple(declared.declared))
    rest = [one for one in found if (one.scheme, one.name.lower()) != (own.scheme, name.lower())]
    return [own, *(one for one in rest if not one.scheme == own.scheme == "path")]


def elsewhere(url: str, base: str, other: str) -> str:
    """A URL below the target's, in another version.

    Args:
        base: the path of the target's URL, such as `/v1`; it ends the target's URL.
        other: the path of the other version.
    """
    origin = re.match(r"https?://[^/]+", url)
    start = origin[0] if origin else ""
    rest = url[len(start) :]
    return start + other.rstrip("/") + rest[len(base) :] if rest.startswith(base) else url


def strange(choice: Choice) -> list[str]:
    """Values in the form of a version that name none."""
    pattern = choice.values[0]
    made = []
    for value in STRANGE:
        one = _NUMBER.sub(value, pattern) if choice.scheme in ("path", "media type") else value
        if one not in choice.values and one != pattern:
            made.append(one)
    return list(dict.fromkeys(made))


def label(exchange: Exchange, choice: Choice) -> str | None:
    """The version that a response names: in the field that chooses it or a like one, or in its media type."""
    for name in (choice.name, *_LABELS):
        if name and name.lower() != "accept" and (found := exchange.field(name)) is not None:
            return found.strip()
    kind = exchange.field("content-type") or ""
    if choice.scheme == "media type":
        plain = re.sub(r"\s", "", kind).lower()
        for value in choice.values:
            if re.sub(r"\s", "", value).lower() in (plain, plain.partition(";")[0]):
                return value
        match = re.search(r"\bv\d+\b|version=\"?[\w.-]+", kind, re.IGNORECASE)
        return match[0] if match else None
    return None


def other_versions(choice: Choice, value: str) -> list[str]:
    """The values that name another version; media types of one version may differ in their format."""
    number = _MEDIA_NUMBER.search(value)
    return [
        one
        for one in choice.values
        if one != value
        and (
            choice.scheme != "media type"
            or number is None
            or (found := _MEDIA_NUMBER.search(one)) is None
            or found[0].lower() != number[0].lower()
        )
    ]


def reusable(exchange: Exchange) -> bool:
    """Whether a cache may answer the next request with this response without asking (RFC 9111 section 4)."""
    control = [one.strip().lower() for one in (exchange.field("cache-control") or "").split(",")]
    if {"no-store", "no-cache"} & {one.partition("=")[0] for one in control}:
        return False
    ages = [one.partition("=")[2].strip('"') for one in control if one.startswith(("max-age=", "s-maxage="))]
    return any(one != "0" for one in ages) if ages else exchange.field("expires") not in ("0", "-1")


def unmapped(
    here: Any, there: Any, members: Mapping[str, str], roots: tuple[str, str] = ("", "")
) -> list[str]:
    """Members whose values differ between two versions of one item, in words.

    Args:
        members: location in one version, and in the other.
        roots: location of the representation in either.
    """
    found = []
    for one, other in members.items():
        first, second = at(here, roots[0] + one), at(there, roots[1] + other)
        if first is MISSING:
            continue
        if second is MISSING:
            found.append(f"{other} is missing, {one} is {first!r}")
        elif first != second:
            found.append(f"{other} is {second!r}, {one} is {first!r}")
    return found


def translated(body: Any, members: Mapping[str, str]) -> Any:
    """A body in the words of the other version; only members at its top are renamed."""
    names = {one.removeprefix("/"): other.removeprefix("/") for one, other in members.items()}
    plain = {one: other for one, other in names.items() if "/" not in one + other}
    return {plain.get(name, name): value for name, value in body.items()} if isinstance(body, dict) else body
