"""What is wrong with what an operation showed. Pure; no I/O.

1. Every look counts until the operation ends, and those after its end.
2. A word that is not understood is not judged.
3. Retried work may fall back, and so may progress when the status changes: only a fall under one status is judged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from harness.http.exchange import Exchange
from harness.http.fields import imf_fixdate, retry_after

from .following import Look, describe


def unreadable(looks: Sequence[Look], *, plain: bool = False) -> str | None:
    """Why a client cannot read how far an operation is; None where it can.

    Args:
        plain: whether only Location leads there, which may be that of an item that is made later.
    """
    seen = False
    for look in looks:
        shown = look.exchange.summary()
        if look.status >= 500:
            return f"{shown} to a look at the monitor"
        if look.status in (404, 410) and (seen or (look is looks[-1] and not plain)):
            return f"{shown} {look.at:.2f} s after the start, while nothing had said that the operation has ended"
        if look.status >= 300:
            continue
        seen = True
        if look.status == 202 or look.final:
            # The status code says it.
            continue
        if look.state is None:
            return (
                f"{shown} with content that is no JSON object ({look.exchange.media_type or 'no media type'})"
            )
        if look.state.status is None:
            return f"{shown} without a status in its content"
    return None


def changed_id(looks: Sequence[Look]) -> str | None:
    """The two ids under which one monitor showed the operation; None where there is one."""
    ids = [look.state.id for look in looks if look.status < 300 and look.state is not None and look.state.id]
    other = next((id for id in ids if id != ids[0]), None)
    return None if other is None else f"the monitor showed the operation {ids[0]}, then {other}"


def not_final(looks: Sequence[Look], after: Sequence[Look]) -> str | None:
    """How an operation that had ended went on; None where its end was final.

    Args:
        after: looks after the one that showed the end. One that finds nothing does not count: an API may forget.
    """
    last = looks[-1] if looks else None
    if last is None or last.redirects or last.final or last.state is None or not last.state.ended:
        return None
    for look in after:
        state = look.state
        if look.status >= 300 or state is None or state.phase is None:
            continue
        if state.phase != last.state.phase:
            return f"it showed {describe(last)} at {last.at:.2f} s, and {describe(look)} afterwards"
        if state.result != last.state.result and last.state.result is not None:
            return f"it showed {describe(last)} with the result {last.state.result}, and then {state.result}"
    return None


def falling(looks: Sequence[Look]) -> str | None:
    """Where the progress of an operation fell under one status; None where it did not."""
    for one, next_one in pairwise(looks):
        a, b = one.state, next_one.state
        if a is None or b is None or a.progress is None or b.progress is None or a.status != b.status:
            continue
        if b.progress < a.progress:
            fell = f"progress {a.progress:g} at {one.at:.2f} s, and {b.progress:g} at {next_one.at:.2f} s"
            return f"{fell}, both {b.status}"
    return None


def wrong_result(looks: Sequence[Look], result: Exchange | None) -> str | None:
    """Why the link to the result of an operation that succeeded leads to nothing; None where it is followed well."""
    last = looks[-1] if looks else None
    if last is None or result is None:
        return None
    reached = result.status is not None and result.status < 400
    if reached or result.status in (401, 403, 429):
        return None
    return f"{describe(last)}, and then {result.summary()} where it leads to its result"


def unreported(look: Look) -> str | None:
    """Why a client does not learn what failed; None where the monitor says it."""
    if look.status >= 400:
        return f"{look.exchange.summary()}: the monitor answers as if itself had failed"
    if look.state is not None and look.state.phase == "failed" and look.state.error is None:
        return f"{look.exchange.summary()} with {describe(look)}, and nothing in it says what failed"
    return None


def cacheable(exchange: Exchange) -> str | None:
    """What lets caches keep a running operation's state; None where nothing does (RFC 9111 sections 5.2.2 and 5.3)."""
    control = (exchange.field("cache-control") or "").lower()
    directives = {part.strip().partition("=")[0] for part in control.split(",")}
    if directives & {"no-store", "no-cache"}:
        return None
    ages = [int(digits) for digits in re.findall(r"\b(?:s-maxage|max-age)\s*=\s*\"?(\d{1,9})", control)]
    if ages:
        return f"Cache-Control: {control}" if max(ages) > 0 else None
    expires, date = exchange.field("expires"), exchange.field("date")
    until, now = imf_fixdate(expires or ""), imf_fixdate(date or "")
    return f"Expires: {expires}" if until is not None and now is not None and until > now else None


def bad_wait(exchange: Exchange) -> str | None:
    """A Retry-After that no client can read; None where it is sound or absent (RFC 9110 section 10.2.3)."""
    value = exchange.field("retry-after")
    if value is None or retry_after(value, exchange.field("date")) is not None:
        return None
    return f"Retry-After: {value}"
