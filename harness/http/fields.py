"""Parsing of header fields, apart from any I/O; on kept libraries where there are some."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 2.0**31
"""Seconds as which a longer time is taken (RFC 9111 section 1.2.2)."""
FRESH = {"Cache-Control": "no-cache"}
"""A read that no cache may answer by itself (RFC 9111 section 5.2.1.4)."""
MOST_DIGITS = 18
LARGEST = 999_999_999_999_999_999
TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_DAY, _MONTH = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)", "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = r"\d\d:\d\d:\d\d"
_HTTP_DATES = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"{_DAY}, \d\d {_MONTH} \d{{4}} {_TIME} GMT",
        rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-{_MONTH}-\d\d {_TIME} GMT",
        rf"{_DAY} {_MONTH} (?: \d|\d\d) {_TIME} \d{{4}}",
    )
)


def imf_fixdate(value: str) -> datetime | None:
    """A timestamp in any of the forms of RFC 9110 section 5.6.7, or None."""
    try:
        moment = parsedate_to_datetime(value.strip())
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def retry_after(value: str | None, date: str | None = None) -> float | None:
    """Seconds to wait that a Retry-After field asks for (RFC 9110 section 10.2.3), at most `LONGEST`; or None.

    Args:
        value: the field's value.
        date: the response's Date field, the server's own clock, against which an HTTP-date is measured.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST)
    moment = imf_fixdate(value)
    if moment is None:
        return None
    now = imf_fixdate(date) if date else None
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def number_in(digits: str) -> int:
    """A number written in decimal digits; one of more digits than anything needs is as large as they allow.

    Python refuses to read thousands of digits, which any field can have.
    """
    if len(digits) <= MOST_DIGITS:
        return int(digits)
    return -LARGEST if digits.startswith("-") else LARGEST


def methods(value: str) -> list[str] | None:
    """The methods in an Allow field (RFC 9110 section 10.2.1: `#method`, possibly empty), or None.

    None for a value that is not a list of tokens.
    """
    found = [element.strip() for element in value.split(",")]
    found = [element for element in found if element]
    return found if all(TOKEN.match(element) for element in found) else None


@dataclass(frozen=True)
class EntityTag:
    """An entity tag (RFC 9110 section 8.8.3).

    Attributes:
        opaque: what is quoted, with its quotes.
        weak: whether `W/` precedes it.
    """

    opaque: str
    weak: bool = False

    def __str__(self) -> str:
        return f"W/{self.opaque}" if self.weak else self.opaque

    def toggled(self) -> EntityTag:
        """The same tag as the other kind: equal by weak comparison, never by strong."""
        return EntityTag(self.opaque, not self.weak)


def entity_tag(value: str | None) -> EntityTag | None:
    """The entity tag that an ETag field holds, or None where there is none or it is malformed."""
    found = _ENTITY_TAG.fullmatch((value or "").strip())
    return None if found is None else EntityTag(found[2], found[1] is not None)


def http_date(value: str | None) -> datetime | None:
    """A timestamp in one of the three forms of HTTP-date (RFC 9110 section 5.6.7), or None."""
    if value is None or not any(form.fullmatch(value.strip()) for form in _HTTP_DATES):
        return None
    return imf_fixdate(value)
