"""Instants: whole microseconds since the epoch, and how they are written."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime


def now() -> int:
    """The present instant, in microseconds."""
    return time.time_ns() // 1000


def rfc3339(instant: int) -> str:
    """A timestamp with microseconds, in UTC (RFC 3339)."""
    return datetime.fromtimestamp(instant / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def http_date(instant: int) -> str:
    """An IMF-fixdate (RFC 9110 section 5.6.7), truncated to the second."""
    return formatdate(instant // 1_000_000, usegmt=True)


def seconds(value: str) -> int | None:
    """The whole seconds an HTTP-date names; None where it is not a valid HTTP-date."""
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
