"""Notes of httplint on a response's status and fields.

Content is not passed on: its recording is decoded, truncated and redacted, so notes would be about the recording.
Other rules judge lengths, codings and labels of content (WIRE, METH-002, NEGO).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from harness.http.exchange import Exchange
from harness.target.redact import MASK

_MASKED = re.compile(re.escape(MASK) + r"|\$[A-Z][A-Z0-9_]{2,}")


@dataclass(frozen=True)
class Note:
    """A note of httplint's.

    Attributes:
        kind: module and class within httplint, such as `field.params.PARAM_REPEATS`.
        level: `bad`, `warning`, `info` or `good`.
        field: lower-case name of the header field that it concerns; empty for none.
        text: one sentence.
    """

    kind: str
    level: str
    field: str
    text: str


def notes(exchange: Exchange, offset: float = 0.0) -> list[Note]:
    """The notes on one response; empty without a response.

    Args:
        offset: seconds that the wall clock is ahead of the clock of the exchange.
    """
    if exchange.status is None:
        return []
    # Imported here, as it loads tables of character sets and locales.
    from httplint.message import HttpRequestLinter, HttpResponseLinter

    asked = HttpRequestLinter(no_content=True)
    asked.process_request_topline(exchange.method.encode(), _target(exchange.url), b"1.1")
    asked.process_headers(_encoded(exchange.request_fields))
    response = HttpResponseLinter(start_time=exchange.started + offset, no_content=True)
    response.request = asked
    response.is_head_response = exchange.method == "HEAD"
    version = exchange.http_version.removeprefix("HTTP/") or "1.1"
    response.process_response_topline(version.encode(), str(exchange.status).encode())
    response.base_uri = exchange.url
    response.process_headers(_encoded(exchange.response_fields))
    response.finish_content(True)
    return [_plain(note) for note in response.notes]


def _encoded(fields: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    """The fields as received, without those that were redacted."""
    return [
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in fields
        if not (_MASKED.search(name) or _MASKED.search(value))
    ]


def _target(url: str) -> bytes:
    return ("/" + url.partition("://")[2].partition("/")[2]).encode("utf-8", "replace")


def _plain(note: object) -> Note:
    kind = f"{type(note).__module__.removeprefix('httplint.')}.{type(note).__name__}"
    named = note.vars.get("field_name", "") or note.vars.get("header_name", "")  # type: ignore[attr-defined]
    subject = str(note.subject)  # type: ignore[attr-defined]
    field = str(named) or subject.removeprefix("field-") if subject.startswith("field-") else str(named)
    text = html.unescape(str(note.summary))  # type: ignore[attr-defined]
    return Note(kind, str(note.level.value), field.lower(), " ".join(text.split()))  # type: ignore[attr-defined]
