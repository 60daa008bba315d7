"""What is wrong with the responses to requests for ranges. Pure; content is compared by size and SHA-256.

What RFC 9110 leaves to the server is no fault: to ignore Range, to send less than was asked for, to join ranges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.client.streams import Window
from harness.rules.verdict import Impact, Level

from .parts import BodyPart, ContentRange, content_range, counts_bytes, unsatisfied

MULTIPART = "multipart/byteranges"
SAME_FIELDS = ("cache-control", "content-location", "expires", "vary")
"""Fields of a 200 that a 206 must have, too, beside Date and ETag (RFC 9110 section 15.3.7)."""


@dataclass(frozen=True)
class Whole:
    """The whole representation.

    Attributes:
        size: in bytes.
        sha256: of all of it.
        part: SHA-256 of a part; None where that is not known.
        fields: of its 200, with names in lower case.
    """

    size: int
    sha256: str
    part: Callable[[Window], str | None]
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A response to a request with Range.

    Attributes:
        asked: value of Range.
        summary: the exchange, for a finding.
        size, sha256: of its content.
        fields: with names in lower case.
        parts: of multipart/byteranges; None where it is none, or cannot be read.
        problem: why its content was not read to its end; empty where it was.
    """

    asked: str
    summary: str
    status: int
    size: int
    sha256: str
    fields: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[BodyPart] | None = None
    problem: str = ""

    @property
    def shown(self) -> str:
        """The response in a sentence."""
        named = self.fields.get("content-range")
        end = f", and then: {self.problem}" if self.problem else ""
        return f"{self.summary} for Range: {self.asked}, {self.size} bytes{end}" + (
            f", Content-Range: {named}" if named is not None else ""
        )

    @property
    def multipart(self) -> bool:
        return self.fields.get("content-type", "").partition(";")[0].strip().lower() == MULTIPART

    @property
    def range(self) -> ContentRange | None:
        return content_range(self.fields.get("content-range"))

    @property
    def windows(self) -> list[Window]:
        """The parts of the representation that it says it has."""
        ranges = [self.range, *(one.range for one in self.parts or ())]
        return [one.window for one in ranges if one is not None]


@dataclass(frozen=True)
class Fault:
    """What is wrong.

    Attributes:
        expected, observed: as `expect()` takes them.
        impact: where it is not the rule's own.
    """

    expected: str
    observed: str
    level: Level
    impact: Impact | None = None


def resolved(asked: str, size: int) -> Window | None:
    """The positions that `bytes=0-9`, `bytes=5-` or `bytes=-3` stands for (RFC 9110 section 14.1.2).

    None where it cannot be satisfied.
    """
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", asked)
    if match is None or not any(match.groups()) or not size:
        return None
    if not match[1]:
        return (max(0, size - int(match[2])), size - 1) if int(match[2]) else None
    first = int(match[1])
    last = int(match[2]) if match[2] else size - 1
    return (first, min(last, size - 1)) if first < size else None


def single_ranges(size: int) -> list[str]:
    """Ranges of each form that a representation of that size can satisfy."""
    middle = 100 if size > 200 else size // 2
    made = [
        "bytes=0-0",
        f"bytes=0-{min(99, size - 1)}",
        f"bytes={middle}-",
        f"bytes=-{min(50, size)}",
        f"bytes={size - 1}-{size - 1}",
        f"bytes={middle}-{size + 999}",
    ]
    return list(dict.fromkeys(made))


def broken(answer: Answer) -> Fault | None:
    """Whether a response ends before its end (RFC 9112 section 6.3): a client sees a failed connection."""
    return Fault("a response as long as it says", answer.shown, Level.SHOULD) if answer.problem else None


def ignored(answer: Answer, whole: Whole) -> bool:
    """Whether Range was ignored: the whole representation came with 200."""
    return (
        not answer.problem
        and answer.status == 200
        and (answer.size, answer.sha256) == (whole.size, whole.sha256)
    )


def single_fault(answer: Answer, whole: Whole) -> Fault | None:
    """What is wrong with the response to one satisfiable range (RFC 9110 sections 14.2 and 15.3.7)."""
    wanted = resolved(answer.asked, whole.size)
    if wanted is None or ignored(answer, whole) or answer.problem:
        return broken(answer)
    if answer.status == 200:
        return Fault(
            "the whole representation in a 200, or a part of it in a 206",
            f"{answer.shown}, where the whole representation has {whole.size}",
            Level.MUST,
            Impact.CRITICAL,
        )
    if answer.status != 206:
        return Fault("206 with the range, or 200 with everything", answer.shown, Level.SHOULD)
    if answer.multipart:
        return Fault("one range, without multipart/byteranges", answer.shown, Level.MUST)
    found = answer.range
    if found is None:
        return Fault(
            "a Content-Range that says which bytes these are", answer.shown, Level.MUST, Impact.CRITICAL
        )
    return _wrong_bytes(answer.shown, found, answer.size, answer.sha256, whole) or _other_range(
        answer, found, wanted
    )


def _wrong_bytes(shown: str, found: ContentRange, size: int, sha256: str, whole: Whole) -> Fault | None:
    """What is wrong with the bytes that a Content-Range describes."""
    if found.length not in (None, whole.size):
        return Fault(
            f"the length of the whole representation in Content-Range, {whole.size}", shown, Level.MUST
        )
    known = whole.part(found.window)
    if size == found.size and (known is None or known == sha256):
        return None
    return Fault(
        f"the {found.size} bytes that Content-Range names, as the whole representation has them",
        shown if size != found.size else f"{shown}: these are other bytes",
        Level.MUST,
        Impact.CRITICAL,
    )


def _other_range(answer: Answer, found: ContentRange, wanted: Window) -> Fault | None:
    # A server may send less than was asked for; what does not begin there is of no use to a client.
    if found.first == wanted[0] and found.last <= wanted[1]:
        return None
    return Fault(f"the bytes {wanted[0]}-{wanted[1]}, which were asked for", answer.shown, Level.SHOULD)


def coded_fault(
    summary: str, part: bytes, fields: Mapping[str, str], whole: bytes, whole_fields: Mapping[str, str]
) -> Fault | None:
    """What is wrong with a range in a content coding: it is one of the coded representation (RFC 9110 section 14.1).

    Args:
        part, fields: of a 206 with Content-Encoding; the content as it was sent.
        whole, whole_fields: of the 200, with names in any case that the mapping takes.
    """
    coding, named = fields.get("content-encoding"), fields.get("content-range")
    if coding != whole_fields.get("content-encoding"):
        return None
    found = content_range(named)
    same = found is not None and part == whole[found.first : found.last + 1]
    if same and found is not None and found.length in (None, len(whole)):
        return None
    return Fault(
        f"a part of the representation in {coding}, which has {len(whole)} bytes, or one without a coding",
        f"{summary} with Content-Encoding: {coding}, Content-Range: {named}, {len(part)} bytes: no part of that",
        Level.MUST,
        Impact.CRITICAL,
    )


def field_fault(answer: Answer, whole: Whole) -> Fault | None:
    """Which field of the 200 a 206 lacks (RFC 9110 section 15.3.7)."""
    tag, own = whole.fields.get("etag"), answer.fields.get("etag")
    if tag is not None and tag != own:
        return Fault(
            f"the ETag of the whole representation, {tag}, without which parts cannot be put together safely",
            f"{answer.shown}, ETag: {own}",
            Level.MUST,
        )
    lacking = [name for name in SAME_FIELDS if name in whole.fields and name not in answer.fields]
    if "date" in whole.fields and "date" not in answer.fields:
        lacking.append("date")
    if lacking:
        names = ", ".join(name.title() for name in lacking)
        return Fault(
            "the fields that the 200 has", f"{answer.shown}, without {names}", Level.MUST, Impact.MINOR
        )
    return None


def unsatisfiable_fault(answer: Answer, whole: Whole) -> Fault | None:
    """What is wrong with the response to a range behind the end (RFC 9110 sections 14.2 and 15.5.17)."""
    expected = f"416 with Content-Range: bytes */{whole.size}, or 200 with everything"
    if ignored(answer, whole) or answer.problem:
        return broken(answer)
    if answer.status == 416:
        named = answer.fields.get("content-range")
        if named is None:
            return Fault(expected, f"{answer.shown}, without Content-Range", Level.SHOULD, Impact.MINOR)
        length = unsatisfied(named)
        if length is None and counts_bytes(named) and content_range(named) is None:
            return Fault(expected, f"{answer.shown}, which is not well-formed", Level.SHOULD, Impact.MINOR)
        return None if length == whole.size else Fault(expected, answer.shown, Level.SHOULD)
    if 200 <= answer.status < 300:
        # A client that resumes at the end takes this for more of the file.
        return Fault(expected, answer.shown, Level.MUST)
    return Fault(expected, answer.shown, Level.SHOULD)


def several_fault(answer: Answer, whole: Whole) -> Fault | None:
    """What is wrong with the response to several ranges (RFC 9110 sections 14.2 and 15.3.7.2)."""
    if ignored(answer, whole) or answer.problem or answer.status in (400, 416):
        return broken(answer)
    if answer.status == 200:
        return Fault("the whole representation in a 200", answer.shown, Level.MUST, Impact.CRITICAL)
    if answer.status != 206:
        return Fault("206 with the ranges, 200 with everything, or a refusal", answer.shown, Level.SHOULD)
    if not answer.multipart:
        found = answer.range
        if found is None:
            return Fault("multipart/byteranges, or one range with Content-Range", answer.shown, Level.MUST)
        return _wrong_bytes(answer.shown, found, answer.size, answer.sha256, whole)
    if "content-range" in answer.fields:
        return Fault("no Content-Range beside multipart/byteranges", answer.shown, Level.MUST)
    if answer.parts is None:
        return Fault("parts between the delimiters of the boundary", answer.shown, Level.MUST)
    for number, part in enumerate(answer.parts, 1):
        shown = f"{answer.shown}: part {number}"
        if part.range is None:
            return Fault("a Content-Range in each part", f"{shown} has none", Level.MUST)
        named = f"{part.range.first}-{part.range.last}/{part.range.length}"
        fault = _wrong_bytes(
            f"{shown} of {named}, {part.size} bytes", part.range, part.size, part.sha256, whole
        )
        if fault is not None:
            return fault
    return None


def amplified(answer: Answer, whole: Whole, ranges: int) -> bool:
    """Whether overlapping ranges make the server send the representation many times (RFC 9110 section 17.15)."""
    return answer.status == 206 and answer.size > 4 * whole.size + 250 * ranges


TINY = 1000
"""Ranges of one byte that are asked for at once."""
MULTIPLIED = 64 * 1024
"""Bytes of a response to tiny ranges that no server needs to mind."""


def tiny_ranges() -> str:
    """A thousand ranges of one byte, none beside another, in a field of less than 8,000 bytes, which servers take."""
    return "bytes=" + ",".join(f"{2 * (number % 50)}-{2 * (number % 50)}" for number in range(TINY))


def multiplied(answer: Answer, whole: Whole) -> bool:
    """Whether many tiny ranges make a response of many times the representation (RFC 9110 section 17.15)."""
    return answer.status == 206 and answer.size > max(4 * whole.size, MULTIPLIED)
