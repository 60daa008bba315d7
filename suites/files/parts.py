"""Parts of a representation: Content-Range, and the parts of multipart/byteranges. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from harness.client.streams import Window
from harness.http.fields import number_in

_RANGE = re.compile(r"\s*bytes\s+(\d+)-(\d+)/(\d+|\*)\s*\Z", re.IGNORECASE | re.ASCII)
_UNSATISFIED = re.compile(r"\s*bytes\s+\*/(\d+)\s*\Z", re.IGNORECASE | re.ASCII)
_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE)


@dataclass(frozen=True)
class ContentRange:
    """A Content-Range of bytes (RFC 9110 section 14.4).

    Attributes:
        first, last: positions, both inclusive.
        length: of the whole representation; None where it is `*`.
    """

    first: int
    last: int
    length: int | None

    @property
    def window(self) -> Window:
        return self.first, self.last

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def content_range(value: str | None) -> ContentRange | None:
    """The range that a field names; None where it is not well-formed, or is no range of bytes."""
    found = _RANGE.match(value or "")
    if found is None:
        return None
    first, last = number_in(found[1]), number_in(found[2])
    length = None if found[3] == "*" else number_in(found[3])
    return ContentRange(first, last, length) if first <= last and (length is None or last < length) else None


def unsatisfied(value: str | None) -> int | None:
    """The length in the Content-Range of a 416, `bytes */1234`; None where it is not in this form."""
    found = _UNSATISFIED.match(value or "")
    return None if found is None else number_in(found[1])


def counts_bytes(value: str | None) -> bool:
    """Whether a Content-Range is about bytes, and not about items or another unit."""
    return value is None or bool(re.match(r"\s*bytes\b|\s*\d", value, re.IGNORECASE))


def accepts_bytes(value: str | None) -> bool | None:
    """What Accept-Ranges says of ranges of bytes (RFC 9110 section 14.3); None where nothing is said."""
    if value is None:
        return None
    return "bytes" in [one.strip().lower() for one in value.split(",")]


@dataclass(frozen=True)
class BodyPart:
    """One part of multipart/byteranges.

    Attributes:
        range: what its Content-Range names; None where it has none, or a malformed one.
        size: of its content.
        sha256: of its content.
    """

    range: ContentRange | None
    size: int
    sha256: str


def boundary_of(content_type: str | None) -> str | None:
    """The boundary of multipart/byteranges; None for other types, and where it has none."""
    value = content_type or ""
    if value.partition(";")[0].strip().lower() != "multipart/byteranges":
        return None
    found = _BOUNDARY.search(value)
    return None if found is None else found[1] or found[2]


def body_parts(content: bytes, boundary: str) -> list[BodyPart] | None:
    """The parts of a multipart body (RFC 2046 section 5.1.1); None where its last delimiter is missing."""
    mark = b"--" + boundary.encode()
    pieces = (b"\r\n" + content).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        return None
    made = []
    for piece in pieces[1:-1]:
        head, _, body = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        fields = [line.partition(":") for line in head.decode("latin-1").split("\r\n")]
        named = next((value for name, _, value in fields if name.strip().lower() == "content-range"), None)
        made.append(BodyPart(content_range(named), len(body), hashlib.sha256(body).hexdigest()))
    return made
