"""Judgement of fields whose syntax a specification defines: Retry-After, RateLimit-Policy, RateLimit. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import http_sf

from harness.http.exchange import Exchange
from harness.http.fields import imf_fixdate
from harness.quota.fields import LONGEST_RESET, combined, older_policy, sf_list, whole

DAY = 86_400
_DELAY = re.compile(r"[0-9]+\Z")
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LONG_DAYS = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = r"[0-2]\d:[0-5]\d:[0-6]\d"
_IMF_FIXDATE = re.compile(rf"{_DAYS}, \d\d {_MONTHS} \d{{4}} {_TIME} GMT\Z")
_OBSOLETE = re.compile(
    rf"(?:{_LONG_DAYS}, \d\d-{_MONTHS}-\d\d {_TIME} GMT|{_DAYS} {_MONTHS} [ \d]\d {_TIME} \d{{4}})\Z"
)


def retry_after_fault(value: str) -> str | None:
    """Why a Retry-After is neither an HTTP-date nor a delay in whole seconds, or None (RFC 9110 section 10.2.3)."""
    value = value.strip(" \t")
    if _DELAY.match(value):
        return None
    if _IMF_FIXDATE.match(value):
        moment = imf_fixdate(value)
        if moment is None:
            return "no such date"
        written = value[:3]
        right = _NAMES[moment.weekday()]
        return None if written == right else f"a wrong day of the week ({moment:%d %b %Y} is a {right})"
    if _OBSOLETE.match(value):
        return "an obsolete form of HTTP-date, which senders must not generate"
    if re.fullmatch(r"-\d+(?:\.\d+)?", value):
        return "negative"
    if re.fullmatch(r"\d*\.\d+|\d+\.\d*|\d+(?:\.\d+)?[eE][+-]?\d+", value):
        return "a fraction, and the delay is in whole seconds"
    if "," in value and all(_DELAY.match(part.strip()) for part in value.split(",")):
        return "sent more than once"
    return "neither an HTTP-date nor a delay in whole seconds"


def retry_after_excess(exchange: Exchange, window: float | None) -> str | None:
    """Why a valid Retry-After asks for a wait that nobody can mean, or None.

    Args:
        window: of the quota in seconds; None where it is not known.
    """
    value = (exchange.field("retry-after") or "").strip()
    longest = max(DAY, 2 * (window or 0))
    if _DELAY.match(value):
        seconds = float(value)
    else:
        moment = imf_fixdate(value)
        date = imf_fixdate(exchange.field("date") or "") or datetime.now(UTC)
        if moment is None:
            return None
        seconds = (moment - date).total_seconds()
    if seconds <= longest:
        return None
    return f"{value} asks to wait {seconds / DAY:.1f} days"


def policy_faults(value: str) -> list[str]:
    """What is wrong with a RateLimit-Policy; empty where it is right, or in the syntax of an older draft."""
    if older_policy(value) is not None:
        return []
    return _faults(value, "RateLimit-Policy", ("q",), {"q": 0, "w": 1})


def state_faults(value: str) -> list[str]:
    """What is wrong with a RateLimit; empty where it is right, or right in the syntax of an older draft."""
    older = combined(value)
    if older is not None:
        resets = [("reset", older.get("reset"))]
        return _absolute(value, resets)
    faults = _faults(value, "RateLimit", ("r",), {"r": 0, "t": 0})
    return faults or _absolute(value, [("t", given.get("t")) for _, given in sf_list(value) or []])


def _absolute(value: str, resets: Iterable[tuple[str, Any]]) -> list[str]:
    """Resets that can only be points in time; every draft has seconds from now."""
    return [
        f"RateLimit: {value}: {name}={reset} is no delay in seconds, as if it were a point in time"
        for name, reset in resets
        if (whole(reset) or 0) > LONGEST_RESET
    ]


def is_older(policy: str | None, state: str | None) -> bool:
    """Whether these fields are in the syntax of a draft up to -07."""
    if state is not None:
        return combined(state) is not None
    return policy is not None and older_policy(policy) is not None


def _faults(value: str, field: str, required: tuple[str, ...], least: dict[str, int]) -> list[str]:
    items = sf_list(value)
    if items is None:
        return [f"{field}: {value} is not a List (RFC 9651)"]
    if not items:
        return [f"{field}: {value or 'empty'} names no policy"]
    faults = []
    for item, parameters in items:
        shown = f"{field}: {value}: item {_shown(item)}"
        # The draft's own example has a Token in RateLimit; only the items of RateLimit-Policy MUST be Strings.
        if field == "RateLimit-Policy" and not isinstance(item, str):
            faults.append(f"{shown} is not a String")
        elif not isinstance(item, str | http_sf.Token):
            faults.append(f"{shown} names no policy")
        for name in required:
            if name not in parameters:
                faults.append(f"{shown} has no {name}")
        for name, smallest in least.items():
            given = parameters.get(name)
            number = whole(given)
            if name in parameters and (number is None or number < smallest):
                wanted = "a non-negative Integer" if smallest == 0 else "a positive Integer"
                faults.append(f"{shown} has {name}={_shown(given)}, which is not {wanted}")
        if field == "RateLimit-Policy" and "qu" in parameters and not isinstance(parameters["qu"], str):
            faults.append(f"{shown} has qu={_shown(parameters['qu'])}, which is not a String")
        if "pk" in parameters and not isinstance(parameters["pk"], bytes):
            faults.append(f"{shown} has pk={_shown(parameters['pk'])}, which is not a Byte Sequence")
    return faults


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
