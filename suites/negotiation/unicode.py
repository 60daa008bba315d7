"""JSON in UTF-8, and texts that come back as they were sent (RFC 8259 section 8)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """A text that a lossy way through the server spoils.

    Attributes:
        what: what is in it.
        text: to be put behind an ASCII word.
        strange: whether RFC 8259 leaves open what becomes of it, so that only a server error is wrong.
    """

    what: str
    text: str
    strange: bool = False


SAMPLES = (
    Sample("an emoji beyond the basic plane", "\U0001f600"),
    Sample("combining marks", "e\u0301a\u030a"),
    Sample("right-to-left letters", "\u05e9\u05dc\u05d5\u05dd"),
    Sample("an escaped U+0000", "\0", strange=True),
    Sample("an escaped lone surrogate", "\ud83d", strange=True),
)


def utf8_fault(octets: bytes) -> str | None:
    """Why octets are not JSON in UTF-8 (RFC 8259 section 8.1), or None where they are."""
    if octets.startswith(b"\xef\xbb\xbf"):
        return "a byte order mark begins the content"
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in octets[:4]:
        return "the content is in UTF-16 or UTF-32"
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"octet {error.start} of the content ({octets[error.start]:#04x}) is not UTF-8"
    return None


def lost(sent: str, got: object, *, normalises: bool = False) -> str | None:
    """What became of a text, or None where it came back as it was sent.

    Args:
        normalises: whether the API documents that it normalises texts.
    """
    if sent == got:
        return None
    if not isinstance(got, str):
        return f"is {got!r} now"
    if normalises and any(
        got == unicodedata.normalize(form, sent) for form in ("NFC", "NFD", "NFKC", "NFKD")
    ):
        return None
    return f"{_how(sent, got)}: sent {sent!a}, read {got!a}"


def _how(sent: str, got: str) -> str:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        if got == unicodedata.normalize(form, sent):
            return f"was rewritten to {form}"
    for coding in ("latin-1", "cp1252"):
        try:
            if got == sent.encode("utf-8", "surrogatepass").decode(coding):
                return f"is UTF-8 read as {coding}"
        except UnicodeDecodeError:
            continue
    if sent.startswith(got):
        return "was cut"
    if "?" in got or "\ufffd" in got:
        return "has replacement characters"
    return "was altered"
