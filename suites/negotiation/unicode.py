"""JSON in UTF-8, and texts that are returned unchanged (RFC 8259 section 8)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class TextSample:
    """A text that a lossy conversion in the server damages.

    Attributes:
        what: what is in it.
        text: appended to an ASCII word.
        strange: whether RFC 8259 leaves its handling open, so that only a server error is a fault.
    """

    what: str
    text: str
    strange: bool = False


SAMPLES = (
    TextSample("an emoji beyond the basic plane", "\U0001f600"),
    TextSample("combining marks", "e\u0301a\u030a"),
    TextSample("right-to-left letters", "\u05e9\u05dc\u05d5\u05dd"),
    TextSample("an escaped U+0000", "\0", strange=True),
    TextSample("an escaped lone surrogate", "\ud83d", strange=True),
)


def utf8_fault(content: bytes) -> str | None:
    """Why content is not JSON in UTF-8 (RFC 8259 section 8.1), or None."""
    if content.startswith(b"\xef\xbb\xbf"):
        return "a byte order mark begins the content"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:4]:
        return "the content is in UTF-16 or UTF-32"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"byte {error.start} of the content ({content[error.start]:#04x}) is not UTF-8"
    return None


def lost(sent: str, got: object, *, normalises: bool = False) -> str | None:
    """How a text was changed, or None where it was returned as sent.

    Args:
        normalises: whether the API documents that it normalises texts.
    """
    if sent == got:
        return None
    if not isinstance(got, str):
        return f"is now {got!r}"
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
