"""Judgement of responses of a server of tus 1.0.0 (https://tus.io/protocols/resumable-upload). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.http.exchange import Exchange
from harness.survey.openapi.promises import DocumentedAnswer

VERSION = "1.0.0"
FIELDS = frozenset({"tus-resumable", "tus-version"})
NAMES = frozenset({"tus", "upload", "uploads", "files", "resumable"})
"""Last segments of paths at which one request is spent to ask whether tus is offered there."""
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,17})\Z", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where uploads are created.

    Attributes:
        said: who says so.
        sure: whether that is more than a guess from the name.
    """

    url: str
    said: str
    sure: bool


def place(
    given: str | None,
    answers: Iterable[DocumentedAnswer],
    documented: Mapping[str, Collection[str]],
    exchanges: Iterable[Exchange],
    base: str,
) -> Place | None:
    """Where tus uploads are created; None where the API shows no sign of it.

    Args:
        given: path of the profile.
        answers: documented responses with header fields.
        documented: methods by path of the document.
        exchanges: of the survey.
        base: the target URL.
    """
    if given is not None:
        return Place(base + given, "the profile", True)
    for one in answers:
        fields = {name.lower() for name in (*one.required, *one.optional)}
        if one.method in ("POST", "OPTIONS") and "{" not in one.path and fields & FIELDS:
            return Place(base + one.path, "the document", True)
    for exchange in exchanges:
        if exchange.method in ("POST", "OPTIONS") and any(exchange.field(name) for name in FIELDS):
            return Place(exchange.url, exchange.summary(), True)
    for path, methods in documented.items():
        last = urlsplit(path).path.rstrip("/").rpartition("/")[2].lower()
        if last in NAMES and "POST" in methods and "{" not in path:
            return Place(base + path, f"the name of POST {path}", False)
    return None


@dataclass(frozen=True)
class Offer:
    """What a server says of itself in its response to OPTIONS.

    Attributes:
        versions: of the protocol; empty where Tus-Version is absent.
        extensions: names; None where Tus-Extension is absent.
        largest: size of the largest upload in bytes; None where it is not given.
        algorithms: of checksums.
    """

    versions: tuple[str, ...] = ()
    extensions: tuple[str, ...] | None = None
    largest: int | None = None
    algorithms: tuple[str, ...] = ()

    def has(self, extension: str) -> bool:
        """Whether an extension is announced."""
        return extension in (self.extensions or ())

    def may_have(self, extension: str) -> bool:
        """Whether an extension is announced, or nothing is said of extensions."""
        return self.extensions is None or extension in self.extensions


def offer(fields: Mapping[str, str]) -> Offer:
    """What the fields of a response to OPTIONS say."""
    extensions = fields.get("tus-extension")
    return Offer(
        _listed(fields.get("tus-version")),
        None if extensions is None else _listed(extensions),
        number(fields.get("tus-max-size")),
        _listed(fields.get("tus-checksum-algorithm")),
    )


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(one.strip() for one in (value or "").split(",") if one.strip())


def number(value: str | None) -> int | None:
    """A whole number that is not negative, as fields of tus have it; None for anything else."""
    text = (value or "").strip()
    return int(text) if _NUMBER.match(text) else None


def created_faults(status: int, fields: Mapping[str, str]) -> list[str]:
    """What is wrong with a response that creates an upload (creation extension)."""
    faults = [] if fields.get("location") else ["no Location"]
    return faults + _unversioned(fields)


def status_faults(fields: Mapping[str, str], offset: int, length: int) -> list[str]:
    """What is wrong with the fields of a successful response to HEAD (core protocol, HEAD).

    Args:
        offset, length: of the upload, in bytes.
    """
    faults = []
    shown = fields.get("upload-offset")
    if number(shown) != offset:
        faults.append(f"Upload-Offset is {shown or 'absent'}, not {offset}")
    shown = fields.get("upload-length")
    if number(shown) != length:
        faults.append(f"Upload-Length is {shown or 'absent'}, not {length}")
    directives = {one.strip().lower() for one in fields.get("cache-control", "").split(",")}
    if "no-store" not in directives:
        faults.append(f"Cache-Control is {fields.get('cache-control') or 'absent'}, not no-store")
    return faults + _unversioned(fields)


def append_faults(fields: Mapping[str, str], offset: int) -> list[str]:
    """What is wrong with the fields of a successful response to PATCH (core protocol, PATCH).

    Args:
        offset: before the request plus the bytes sent.
    """
    shown = fields.get("upload-offset")
    faults = [] if number(shown) == offset else [f"Upload-Offset is {shown or 'absent'}, not {offset}"]
    return faults + _unversioned(fields)


def _unversioned(fields: Mapping[str, str]) -> list[str]:
    shown = fields.get("tus-resumable")
    return [] if shown == VERSION else [f"Tus-Resumable is {shown or 'absent'}, not {VERSION}"]


def resumed_faults(before: int, sent: int, after: int) -> str | None:
    """What is wrong with the offset after an interruption, or None.

    Args:
        before: offset that was acknowledged before it.
        sent: bytes of the upload that were sent in all when the connection ended.
        after: offset that the server gives now.
    """
    if after < before:
        return f"the offset fell from {before}, which was acknowledged, to {after}"
    if after > sent:
        return f"the offset is {after}, though only {sent} bytes were sent"
    return None


def difference(expected: bytes, got: bytes) -> str | None:
    """Where two contents differ, in words; None where they are equal."""
    if expected == got:
        return None
    first = next(
        (place for place, pair in enumerate(zip(expected, got, strict=False)) if pair[0] != pair[1]),
        min(len(expected), len(got)),
    )
    return f"{len(got)} bytes instead of {len(expected)}, different from byte {first} on"
