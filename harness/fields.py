"""Parsing of header fields, apart from any I/O; on kept libraries where there are some."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")


def imf_fixdate(value: str) -> datetime | None:
    """A timestamp in any of the forms of RFC 9110 section 5.6.7, or None."""
    try:
        moment = parsedate_to_datetime(value.strip())
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def retry_after(value: str | None, date: str | None = None) -> float | None:
    """Seconds to wait that a Retry-After field asks for (RFC 9110 section 10.2.3), or None.

    Args:
        value: the field's value.
        date: the response's Date field, by which an HTTP-date is told from "now" on the server's own clock.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    moment = imf_fixdate(value)
    if moment is None:
        return None
    now = imf_fixdate(date) if date else None
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def methods(value: str) -> list[str] | None:
    """The methods in an Allow field (RFC 9110 section 10.2.1: `#method`, possibly empty), or None.

    None stands for a value that is not a list of tokens.
    """
    found = [element.strip() for element in value.split(",")]
    found = [element for element in found if element]
    return found if all(TOKEN.match(element) for element in found) else None
