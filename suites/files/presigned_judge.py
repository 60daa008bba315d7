"""Presigned URLs: how they are recognised, changed in one respect, and how long they are valid. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from harness.http.content import at

SIGNATURES = frozenset(
    {"x-amz-signature", "x-goog-signature", "x-oss-signature", "signature", "sig", "hmac", "hash", "token"}
)
"""Parameters that hold a signature: of S3 and its like, Google, Alibaba, Azure, CloudFront, and home-made ones."""
EXPIRIES = frozenset(
    {
        "x-amz-expires",
        "x-goog-expires",
        "x-oss-expires",
        "expires",
        "expires_at",
        "expires_in",
        "expiry",
        "exp",
        "se",
    }
)
"""Parameters that hold a lifetime in seconds, or the time at which it ends."""
MEMBERS = ("expires_at", "expiresAt", "expires", "expiry", "expiration", "expires_in", "expiresIn")
"""Members of a response that say the same."""
LONGEST = 10**8
"""A number of seconds that is larger is a time, not a lifetime."""
HOUR = 3600


def pairs(url: str) -> list[tuple[str, str]]:
    """The parameters of a URL as they are written, in order."""
    query = urlsplit(url).query
    return [(name, value) for name, _, value in (one.partition("=") for one in query.split("&") if one)]


def is_signed(url: str) -> bool:
    """Whether a URL has a signature and a lifetime."""
    try:
        names = {name.lower() for name, _ in pairs(url)}
    except ValueError:
        return False
    return bool(names & SIGNATURES and names & EXPIRIES)


def signed_urls(value: Any, depth: int = 4) -> list[str]:
    """The URLs with a signature and a lifetime in a JSON value, down to a depth."""
    if isinstance(value, str):
        return [value] if value.startswith(("/", "http://", "https://")) and is_signed(value) else []
    inner = value.values() if isinstance(value, Mapping) else value[:50] if isinstance(value, list) else ()
    return [url for one in inner for url in signed_urls(one, depth - 1)] if depth else []


def with_pairs(url: str, given: list[tuple[str, str]]) -> str:
    """The URL with other parameters, written as they are."""
    query = "&".join(f"{name}={value}" for name, value in given)
    return urlunsplit(urlsplit(url)._replace(query=query))


def without_query(url: str) -> str:
    """The URL without its query."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def other_signature(url: str) -> str | None:
    """The URL with one character of its signature changed; None where it has none that is recognised."""
    given = pairs(url)
    for place, (name, value) in enumerate(given):
        if name.lower() in SIGNATURES and len(value) >= 8:
            # The last characters of base64 may have no meaning.
            middle = next(
                at
                for at in range(len(value) // 2, len(value))
                if value[at].isalnum() and "%" not in value[at - 2 : at]
            )
            other = "1" if value[middle] != "1" else "0"
            given[place] = (name, value[:middle] + other + value[middle + 1 :])
            return with_pairs(url, given)
    return None


def longer(url: str, by: int = HOUR) -> str | None:
    """The URL with a later end; None where its lifetime is not recognised."""
    given = pairs(url)
    for place, (name, value) in enumerate(given):
        if name.lower() not in EXPIRIES:
            continue
        later = _later(unquote(value), by)
        if later is not None:
            given[place] = (name, quote(later, safe=""))
            return with_pairs(url, given)
    return None


def _later(value: str, by: int) -> str | None:
    if value.isdecimal() and value.isascii():
        # Times may be in milliseconds.
        return str(int(value) + (by * 1000 if int(value) > 10**12 else by))
    moment = instant(value)
    if moment is None:
        return None
    if re.match(r"\d{4}-", value):
        written = (moment + timedelta(seconds=by)).strftime("%Y-%m-%dT%H:%M:%S")
        return written + ("Z" if value.endswith("Z") else "+00:00")
    return format_datetime(moment + timedelta(seconds=by), usegmt=True)


def for_other(url: str, name: str, other: str) -> str | None:
    """The URL with another name of the object; None where the name is not in it.

    Args:
        name, other: of the same length, of letters, digits and hyphens.
    """
    parts = urlsplit(url)
    if name not in parts.path and name not in parts.query:
        return None
    return urlunsplit(
        parts._replace(path=parts.path.replace(name, other), query=parts.query.replace(name, other))
    )


def instant(value: Any) -> datetime | None:
    """The time that a value names: seconds or milliseconds since the epoch, RFC 3339, or an HTTP date."""
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if value > 10**12 else value
        return datetime.fromtimestamp(seconds, UTC) if 0 <= seconds < 10**11 else None
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        try:
            found = parsedate_to_datetime(value)
        except (TypeError, ValueError, IndexError):
            return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def seconds_left(value: Any, now: datetime) -> float | None:
    """For how many seconds after `now` something is valid: from a time, or a number of seconds; None for neither."""
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < LONGEST:
        return float(value)
    moment = instant(value)
    return None if moment is None else (moment - now).total_seconds()


def lifetime(url: str, document: Any, pointer: str | None, now: datetime) -> tuple[float, str] | None:
    """For how many seconds a URL is valid, and what says so; None where nothing does.

    Args:
        document: the response that it was in.
        pointer: location of the time at which it expires, where the profile has one.
        now: when the response came.
    """
    if pointer is not None:
        left = seconds_left(at(document, pointer), now)
        return None if left is None else (left, pointer)
    for name in MEMBERS if isinstance(document, Mapping) else ():
        left = seconds_left(document.get(name), now)
        if left is not None:
            return left, name
    for name, value in pairs(url):
        if name.lower() in EXPIRIES:
            left = seconds_left(unquote(value), now)
            if left is not None:
                return left, f"the parameter {name}"
    return None


def filled(value: Any, texts: Mapping[str, Any]) -> Any:
    """A body with its placeholders replaced; one that is a whole text may become a number."""
    if isinstance(value, str):
        whole = value.strip("{}")
        if value == f"{{{whole}}}" and whole in texts:
            return texts[whole]
        for name, text in texts.items():
            value = value.replace(f"{{{name}}}", str(text))
        return value
    if isinstance(value, Mapping):
        return {name: filled(inner, texts) for name, inner in value.items()}
    return [filled(inner, texts) for inner in value] if isinstance(value, list) else value


def places(value: Any, placeholder: str) -> bool:
    """Whether a body has a placeholder."""
    if isinstance(value, str):
        return f"{{{placeholder}}}" in value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(places(one, placeholder) for one in inner)
