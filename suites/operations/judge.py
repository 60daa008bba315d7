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
from harness.http.monitors import OperationState, stage_of

from .following import Look, describe

_ENDING = re.compile(r"cancel|abort|stopping|terminat", re.IGNORECASE)
LONG = 0.4
"""Seconds from which on an operation takes long enough to be cancelled in its midst."""
_ANY_TIME = re.compile(r"retr|paus|suspend|wait|late|cancel|abort|stop|schedul", re.IGNORECASE)
"""What work may show at any time, also after it has begun."""


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


def stepped_back(looks: Sequence[Look], words: Sequence[str] = ()) -> str | None:
    """Where an operation that ran was waiting again; None where it never was.

    Only a status that was shown before counts: what comes for the first time may be a further step.

    Args:
        words: the values of the status in the document, in its order.
    """
    shown: set[str | None] = set()
    for one, next_one in pairwise(looks):
        a, b = one.state, next_one.state
        shown.add(a.status if a is not None else None)
        if a is None or b is None or a.status is None or b.status not in shown or a.attempt != b.attempt:
            continue
        before, then = _place(a.status, words), _place(str(b.status), words)
        if a.phase == b.phase == "running" and before is not None and then is not None and then < before:
            return f"{describe(one)} at {one.at:.2f} s, and {describe(next_one)} at {next_one.at:.2f} s"
    return None


def _place(status: str, words: Sequence[str]) -> int | None:
    """How far a status is, by the document's order where that agrees with the meaning of words, or by that alone."""
    if _ANY_TIME.search(status):
        return None
    stages = [one for one in map(stage_of, words) if one is not None]
    ordered = len(set(stages)) > 1 and stages == sorted(stages) and list(words) != sorted(words)
    if not ordered:
        return stage_of(status)
    return list(words).index(status) if status in words else None


def unlisted(looks: Sequence[Look], words: Sequence[str]) -> str | None:
    """A status that the document does not list; None where there is none, or it lists none."""
    for look in looks if words else ():
        shown = look.state.status if look.status == 200 and look.state is not None else None
        if shown is not None and shown not in words and not shown.startswith("done:"):
            return f"{look.exchange.summary()} with {shown}; the document lists {', '.join(words)}"
    return None


def out_of_range(looks: Sequence[Look]) -> str | None:
    """A progress that is no percentage, though it is named so, or ends with 100; None without one."""
    states = [look.state for look in looks if look.state is not None and look.state.progress is not None]
    percent = any(one.percent for one in states) or (
        bool(states) and states[-1].ended and states[-1].progress == 100
    )
    wrong = next((one for one in states if one.progress is not None and not 0 <= one.progress <= 100), None)
    return f"progress {wrong.progress:g}" if percent and wrong is not None else None


def late_result(looks: Sequence[Look], after: Sequence[Look]) -> str | None:
    """What shows that an operation was shown as succeeded before its result was there; None where nothing does."""
    last = looks[-1] if looks else None
    if last is None or last.state is None or last.state.phase != "succeeded":
        return None
    if last.state.inline or last.state.result is not None:
        return None
    for look in after:
        state = look.state
        if look.status < 300 and state is not None and (state.inline or state.result is not None):
            return f"{describe(last)} at {last.at:.2f} s without a result, and with one at {look.at:.2f} s"
    return None


def wrong_result(looks: Sequence[Look], result: Exchange | None, *, linked: bool = True) -> str | None:
    """Why the link to the result of an operation that succeeded leads to nothing; None where it is followed well.

    Args:
        linked: whether a result must be there; where not, the work may have made none.
    """
    last = looks[-1] if looks else None
    if last is None or result is None:
        return None
    waits = result.status == 202 and not last.final
    reached = result.status is not None and result.status < 400 and not waits
    if reached or result.status in (401, 403, 429) or (not linked and result.status in (404, 409, 410)):
        return None
    return f"{describe(last)}, and then {result.summary()} where it leads to its result"


def unreported(look: Look) -> str | None:
    """Why a client does not learn what failed; None where the monitor says it."""
    if look.status >= 400:
        return f"{look.exchange.summary()}: the monitor answers as if itself had failed"
    if look.state is not None and look.state.phase == "failed" and look.state.error is None:
        return f"{look.exchange.summary()} with {describe(look)}, and nothing in it says what failed"
    return None


def took_back(answered: OperationState | None, looks: Sequence[Look]) -> str | None:
    """How a monitor shows otherwise what was called cancelled; None where it does not.

    Args:
        answered: what the response to the cancellation says.
    """
    if answered is None or answered.phase != "cancelled":
        return None
    for look in looks:
        state = look.state
        if look.status >= 300 or state is None or _ENDING.search(state.status or ""):
            continue
        if state.phase in ("running", "succeeded"):
            return f"it says {answered.status}, and the monitor {describe(look)} at {look.at:.2f} s"
    return None


def went_on(looks: Sequence[Look], usual: Sequence[Look], cancelled: float) -> bool:
    """Whether an operation went on to its end, although a cancellation was accepted soon after its start.

    Args:
        usual: looks at such an operation that was not cancelled.
        cancelled: seconds from the start to the response to the cancellation.
    """
    last, end = looks[-1] if looks else None, usual[-1] if usual else None
    if last is None or end is None or last.state is None or last.state.phase != "succeeded":
        return False
    if any(look.state is not None and _ENDING.search(look.state.status or "") for look in looks):
        return False
    # What is nearly over when it is cancelled may well end as if it were not.
    return end.at >= LONG and cancelled < 0.2 * end.at and last.at > 0.8 * end.at


def by_done(looks: Sequence[Look]) -> bool:
    """Whether operations are those of AIP-151, where a cancellation may come to nothing."""
    return any(look.state is not None and (look.state.status or "").startswith("done:") for look in looks)


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
