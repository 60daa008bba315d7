"""Content codings of responses: which were applied, requested and declared."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

LEAST = 2048
"""Length in bytes above which a response is worth compressing."""
GZIP = b"\x1f\x8b\x08"

UNASKED = ("identity", "", "gzip;q=0")
"""Values of Accept-Encoding that accept no coding."""


def applied(value: str | None) -> list[str]:
    """Codings that a Content-Encoding field lists, in lower case; `identity` is none."""
    found = [one.strip().lower() for one in (value or "").split(",")]
    return [one.removeprefix("x-") for one in found if one not in ("", "identity")]


@dataclass(frozen=True)
class CodedAnswer:
    """A GET with an Accept-Encoding.

    Attributes:
        asked: the value of Accept-Encoding.
        codings: those that Content-Encoding lists.
        octets: the content as received.
        decodes: whether the codings could be undone.
        same: whether the decoded content equals that of a GET without coding; None where undecided.
    """

    asked: str
    codings: tuple[str, ...]
    octets: bytes
    decodes: bool
    same: bool | None


def untruthful(answer: CodedAnswer) -> str | None:
    """The fault of Content-Encoding (RFC 9110 section 8.4), or None."""
    listed = ", ".join(answer.codings)
    if not answer.decodes:
        return f"Content-Encoding: {listed}, but the content is not coded so"
    if answer.codings == ("gzip",) and cut_off(answer.octets):
        return (
            f"Content-Encoding: {listed}, but the gzip content ends before its trailer (RFC 1952 section 2.3)"
        )
    if answer.octets.startswith(GZIP) and not answer.codings:
        return "the content is gzip, but no Content-Encoding says so"
    if answer.codings and answer.same is False:
        return f"Content-Encoding: {listed}, but the decoded content differs from that without coding"
    return None


def cut_off(octets: bytes) -> bool:
    """Whether gzip content is not empty, and ends too early."""
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        while octets and not decoder.eof:
            decoder.decompress(octets, LEAST)
            octets = decoder.unconsumed_tail
    except zlib.error:
        return False
    return not decoder.eof


def unasked(answer: CodedAnswer) -> str | None:
    """The applied codings that the request does not accept (RFC 9110 section 12.5.3), or None."""
    accepted = {one.partition(";")[0].strip() for one in answer.asked.split(",") if "q=0" not in one}
    wrong = [one for one in answer.codings if one not in accepted]
    return f"Content-Encoding: {', '.join(wrong)}" if wrong else None
