"""NEGO: what is looked for in all exchanges: JSON that is not UTF-8. Pure."""

from __future__ import annotations

from harness.http.content import is_json
from harness.http.exchange import Exchange
from harness.rules.passive import Judge, each

REPLACEMENT = "\ufffd"
GZIP = f"\x1f{REPLACEMENT}\x08"
"""How content in gzip begins (RFC 1952 section 2.3.1): without a label it is a finding of NEGO-008."""


def not_utf8(exchange: Exchange) -> str | None:
    """What shows that JSON in a response is not UTF-8 (RFC 8259 section 8.1), or None.

    The text has U+FFFD for what could not be decoded. A genuine U+FFFD has three bytes, a wrong sequence one or two, or
    three of its own, which are left open here.
    """
    body, kind = exchange.response_body, exchange.media_type
    coding = (exchange.field("content-encoding") or "identity").strip().lower()
    if not is_json(kind or "") or body.cut or coding != "identity" or exchange.method == "HEAD":
        return None
    wrong = body.text.count(REPLACEMENT)
    missing = len(body.text.encode(errors="replace")) - body.size
    if not wrong or not 0 < missing <= 2 * wrong or body.text.startswith(GZIP):
        return None
    return f"Content-Type: {kind} with bytes that are not UTF-8 in {body.size} bytes of content"


JUDGES = (Judge("NEGO-002", "JSON as UTF-8", each(not_utf8)),)
