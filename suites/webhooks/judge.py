"""What deliveries show: identity, type, order, retries. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from harness.rules.figures import Moment, Outcome, Track
from harness.survey.openapi.hooks import plain

from .receiver import Delivery

ID_FIELDS = (
    "webhook-id",
    "x-github-delivery",
    "x-shopify-event-id",
    "x-shopify-webhook-id",
    "x-event-id",
    "x-webhook-id",
    "x-delivery-id",
    "x-request-id",
)
ID_MEMBERS = ("id", "event_id", "eventId", "uuid")
TYPE_FIELDS = ("x-github-event", "x-shopify-topic", "x-event-type", "x-webhook-event", "ce-type")
TYPE_MEMBERS = ("type", "event", "event_type", "eventType", "topic", "action")
TIME_MEMBERS = ("timestamp", "time", "created_at", "createdAt", "created", "occurred_at", "occurredAt")
TIME_FIELDS = ("webhook-timestamp", "ce-time", "x-slack-request-timestamp")
DATA_MEMBERS = ("data", "payload", "object", "resource", "entity")
SLACK = 0.25
"""Share of the previous gap that the next one must have: jitter is lawful."""
ORDER_MARGIN = 1.5
"""Seconds by which the time of a later event may be before that of an earlier one: some count whole seconds."""
MILLISECONDS = 1e11
"""From here on a number counts milliseconds: as seconds it would be thousands of years away."""
MOST_DRAWN = 50
MARGIN = 0.1
"""Seconds by which a clock or a busy machine may be off."""


def document(delivery: Delivery) -> Mapping[str, Any]:
    """The content as a JSON object; empty where it is none."""
    try:
        value = json.loads(delivery.content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _first(source: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((source[name] for name in names if source.get(name) not in (None, "", [], {})), None)


def event_id(delivery: Delivery) -> str | None:
    """The id of the event, from the content or a header field; None where nothing looks like one."""
    found = _first(delivery.headers, ID_FIELDS)
    if found is None:
        found = _first(document(delivery), ID_MEMBERS)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else None


def event_type(delivery: Delivery) -> str | None:
    """The type of the event; None where nothing looks like one."""
    found = _first(document(delivery), TYPE_MEMBERS) or _first(delivery.headers, TYPE_FIELDS)
    return found if isinstance(found, str) else None


def is_of(delivery: Delivery, event: str) -> bool:
    """Whether a delivery says that it is of that type, in whatever spelling of words."""
    found = event_type(delivery)
    return found is not None and plain(found) == plain(event)


def event_time(delivery: Delivery) -> str | None:
    """The time in the content, or in a header field, where it is one that machines read."""
    found = _first(document(delivery), TIME_MEMBERS)
    if found is None:
        found = _first(delivery.headers, TIME_FIELDS)
    if isinstance(found, int | float) and not isinstance(found, bool):
        return str(found) if found > 1e9 else None
    if not isinstance(found, str):
        return None
    if re.fullmatch(r"\d{10,13}", found):
        return found
    try:
        datetime.fromisoformat(found)
    except ValueError:
        return None
    return found


def envelope_faults(delivery: Delivery) -> list[str]:
    """What a delivery lacks that makes it self-describing (Standard Webhooks, payload structure)."""
    faults = []
    if event_id(delivery) is None:
        faults.append("no id of the event, in its content or a header field")
    if event_type(delivery) is None:
        faults.append("no type of the event")
    if event_time(delivery) is None:
        faults.append("no time in ISO 8601 or seconds since the epoch")
    return faults


def gaps(deliveries: Sequence[Delivery]) -> list[float]:
    """Seconds between attempts."""
    return [later.at - earlier.at for earlier, later in pairwise(deliveries)]


def shrinking(waits: Sequence[float]) -> tuple[float, float] | None:
    """Two waits of which the second is shorter than the first by more than jitter; None where they do not shrink."""
    for first, second in pairwise(waits):
        if second + MARGIN < SLACK * first:
            return first, second
    return None


def retried(attempts: Sequence[Delivery], patience: float, until: float) -> bool | None:
    """Whether an attempt that got no answer was repeated; None where that does not show.

    Args:
        patience: seconds within which a retry comes.
        until: when the wait for retries was over, on the monotonic clock.
    """
    if len(attempts) > 1:
        return True
    if not attempts or attempts[0].ended is None or until < attempts[0].ended + patience:
        return None
    return False


def runs_backwards(first: Delivery, second: Delivery) -> str | None:
    """What is wrong with the times of two events, of which the second was caused when the first had arrived."""
    texts = event_time(first), event_time(second)
    instants = [_instant(text) for text in texts]
    if instants[0] is None or instants[1] is None or instants[1] > instants[0] - ORDER_MARGIN:
        return None
    return f"{texts[0]} for the first event, {texts[1]} for one that was caused later"


def _instant(text: str | None) -> float | None:
    """Seconds since the epoch; None where a text has no offset from UTC, or is no time."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        made = datetime.fromisoformat(text)
        return made.timestamp() if made.tzinfo is not None else None
    return number / 1000 if number > MILLISECONDS else number


def track(name: str, deliveries: Sequence[Delivery], start: float) -> Track:
    """The attempts at one receiver, to be drawn.

    Args:
        start: when the event was caused, on the monotonic clock.
    """
    moments = []
    for one in deliveries[:MOST_DRAWN]:
        status = one.answer.status
        text = "reset" if one.answer.resets else "no answer" if status is None else str(status)
        outcome: Outcome = "good" if status is not None and 200 <= status < 300 else "bad"
        end = None if one.ended is None or one.answer.resets else one.ended - start
        moments.append(Moment(at=one.at - start, end=end, text=text, outcome=outcome))
    return Track(label=f"receiver {name}", moments=moments)


def timeline(name: str, deliveries: Sequence[Delivery], start: float) -> str:
    """The attempts of one receiver as a line of evidence.

    Args:
        start: when the event was caused, on the monotonic clock.
    """
    shown = []
    for one in deliveries[:12]:
        status = "no answer" if one.answer.status is None else str(one.answer.status)
        ended = "" if one.ended is None else f", given up after {one.ended - one.at:.2f} s"
        if one.answer.resets:
            status, ended = "reset", ""
        shown.append(f"+{one.at - start:.2f} s {status}{ended}")
    more = f"; {len(deliveries) - 12} more" if len(deliveries) > 12 else ""
    return f"{name}: {'; '.join(shown) or 'nothing arrived'}{more}"
