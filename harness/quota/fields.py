"""The quota fields of a response, in every dialect in use. Pure.

1. Current: `RateLimit-Policy: "default";q=100;w=60` and `RateLimit: "default";r=50;t=30`
   (draft-ietf-httpapi-ratelimit-headers-08 and later).
2. Combined: `RateLimit: limit=100, remaining=50, reset=30` (draft -07).
3. Separate: `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset` (drafts up to -06).
4. Legacy: `X-RateLimit-*` and `X-Rate-Limit-*`, also for a window each (`X-RateLimit-Limit-Minute`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import http_sf

from harness.http.exchange import Fields
from harness.http.fields import imf_fixdate, number_in

DAY = 86_400
LONGEST_RESET = 62 * DAY
"""Seconds up to which a reset may be a delay; what is greater must be a point in time."""
NEAR_NOW = 62 * DAY
"""Seconds around the response's Date within which a reset may be a point in time."""


_QUOTA_FIELD = re.compile(r"(x-)?rate-?limit.*", re.IGNORECASE)


def is_quota_field(name: str) -> bool:
    """Whether a field is named like one that advertises a quota, in any dialect."""
    return _QUOTA_FIELD.fullmatch(name) is not None


class Dialect(str, Enum):
    """The form of the quota fields."""

    CURRENT = "RateLimit-Policy and RateLimit"
    COMBINED = "RateLimit with limit, remaining and reset"
    SEPARATE = "RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset"
    LEGACY = "X-RateLimit-*"

    @property
    def obsolete(self) -> bool:
        """Whether it is that of an older Internet-Draft."""
        return self in (Dialect.COMBINED, Dialect.SEPARATE)


class Clock(str, Enum):
    """What a reset is counted from."""

    DELAY = "seconds from now"
    EPOCH = "Unix time in seconds"
    EPOCH_MS = "Unix time in milliseconds"
    DATE = "a date"


@dataclass(frozen=True)
class Quota:
    """One quota as a response advertises it; None for what it does not contain.

    Attributes:
        name: of the policy, or the word for its window; empty where it has none.
        limit: requests in a window.
        window: seconds.
        remaining: requests left.
        reset: seconds from the response until more is granted; negative where that lies in the past.
        clock: how the reset was written.
    """

    name: str = ""
    limit: int | None = None
    window: float | None = None
    remaining: int | None = None
    reset: float | None = None
    clock: Clock | None = None

    def shown(self) -> str:
        """`100 in 60 s`, as far as it is advertised."""
        limit = "?" if self.limit is None else str(self.limit)
        return f"{limit} in {self.window:g} s" if self.window is not None else f"{limit} in an unknown window"


@dataclass(frozen=True)
class QuotaReading:
    """The quota in the fields of one dialect.

    Attributes:
        quotas: one or more.
        faults: fields whose values are not what the dialect has there.
    """

    dialect: Dialect
    quotas: tuple[Quota, ...]
    faults: tuple[str, ...] = ()

    @property
    def tightest(self) -> Quota:
        """The quota that has least left, or the smallest one."""
        return min(self.quotas, key=_tightness)

    @property
    def complete(self) -> bool:
        """Whether a client learns what it may send and what is left."""
        return any(one.limit is not None and one.remaining is not None for one in self.quotas)

    @property
    def reset_told(self) -> bool:
        return any(one.reset is not None for one in self.quotas)


def _tightness(quota: Quota) -> tuple[float, float]:
    most = float("inf")
    return (
        most if quota.remaining is None else quota.remaining,
        most if quota.limit is None else quota.limit,
    )


def read(fields: Fields) -> tuple[QuotaReading, ...]:
    """The quotas in a response, one reading for each dialect that it uses."""
    found = {name.lower(): "" for name, _ in fields}
    for name, value in fields:
        found[name.lower()] = f"{found[name.lower()]}, {value}" if found[name.lower()] else value
    date = imf_fixdate(found["date"]) if "date" in found else None
    now = None if date is None else date.timestamp()
    made = (_structured(found), _separate(found, "ratelimit", now), _separate(found, "x-", now))
    return tuple(reading for reading in made if reading is not None)


def best(readings: Sequence[QuotaReading]) -> Quota | None:
    """The tightest quota, completed from the other dialects of the same response."""
    shown = [reading.tightest for reading in readings if reading.quotas]
    if not shown:
        return None
    first = min(shown, key=lambda one: (one.remaining is None, one.limit is None, one.window is None))
    for other in shown:
        if first.limit in (None, other.limit):
            first = replace(
                first,
                limit=other.limit if first.limit is None else first.limit,
                window=other.window if first.window is None else first.window,
                remaining=other.remaining if first.remaining is None else first.remaining,
                reset=other.reset if first.reset is None else first.reset,
            )
    return first


# -- structured fields -----------------------------------------------------------------------------------


def sf_list(value: str) -> list[tuple[Any, dict[str, Any]]] | None:
    """A List of Items (RFC 9651 section 3.1) with their parameters, or None if the value is not one."""
    try:
        parsed: Any = http_sf.parse(value.encode("latin-1", "replace"), tltype="list")
    except http_sf.StructuredFieldError:
        return None
    return [(item, dict(parameters)) for item, parameters in parsed if not isinstance(item, list)]


def sf_dictionary(value: str) -> dict[str, Any] | None:
    """A Dictionary (RFC 9651 section 3.2), its members without parameters, or None if the value is not one."""
    try:
        parsed: Any = http_sf.parse(value.encode("latin-1", "replace"), tltype="dictionary")
    except http_sf.StructuredFieldError:
        return None
    return {key: member[0] if isinstance(member, tuple) else member for key, member in parsed.items()}


def whole(value: Any) -> int | None:
    """A non-negative Integer, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def older_policy(value: str) -> list[tuple[int, int | None]] | None:
    """Limits and windows of an older draft's `100;w=60, 1000;w=3600`, or None."""
    items = sf_list(value)
    if not items or any(whole(item) is None for item, _ in items):
        return None
    return [(item, whole(parameters.get("w", parameters.get("window")))) for item, parameters in items]


def combined(value: str) -> dict[str, int] | None:
    """The members of draft -07's `limit=100, remaining=50, reset=30`, or None."""
    members = sf_dictionary(value)
    if members is None or not {"limit", "remaining", "reset"} & set(members):
        return None
    return {name: one for name, given in members.items() if (one := whole(given)) is not None}


def _structured(found: dict[str, str]) -> QuotaReading | None:
    policy, state = found.get("ratelimit-policy"), found.get("ratelimit")
    if state is not None and (older := combined(state)) is not None:
        policies = older_policy(policy) if policy is not None else None
        limit = older.get("limit")
        window = next((w for q, w in policies or [] if q == limit), None)
        quota = Quota("", limit, window, older.get("remaining"), older.get("reset"), Clock.DELAY)
        return QuotaReading(Dialect.COMBINED, (quota,))
    if policy is None and state is None:
        return None
    if state is None and policy is not None and (listed := older_policy(policy)) is not None:
        if "ratelimit-limit" in found:
            return None
        return QuotaReading(Dialect.SEPARATE, tuple(Quota("", limit, window) for limit, window in listed))
    quotas: dict[str, Quota] = {}
    for item, parameters in sf_list(policy or "") or []:
        quotas[str(item)] = Quota(str(item), whole(parameters.get("q")), whole(parameters.get("w")) or None)
    for item, parameters in sf_list(state or "") or []:
        one = quotas.get(str(item), Quota(str(item)))
        quotas[str(item)] = replace(
            one, remaining=whole(parameters.get("r")), reset=whole(parameters.get("t")), clock=Clock.DELAY
        )
    return QuotaReading(Dialect.CURRENT, tuple(quotas.values()))


# -- separate fields -------------------------------------------------------------------------------------

_WINDOWS = {"second": 1, "minute": 60, "hour": 3600, "day": DAY, "month": 30 * DAY, "year": 365 * DAY}
_SEPARATE = re.compile(r"(?P<x>x-rate-?limit|ratelimit)-(?P<what>limit|remaining|reset)(?:-(?P<window>\w+))?")
_X_AFTER = re.compile(r"x-rate-?limit-reset-after")
_INTEGER = re.compile(r"\s*[+-]?\d{1,18}\s*")
LAST_SEPARATE_DRAFT = "draft-ietf-httpapi-ratelimit-headers-06"
"""The last Internet-Draft with RateLimit-Reset; clients that know it wait for so many seconds."""


def _separate(found: dict[str, str], family: str, now: float | None) -> QuotaReading | None:
    quotas: dict[str, Quota] = {}
    faults: list[str] = []
    for name, value in found.items():
        match = _SEPARATE.fullmatch(name)
        if match is None or not match["x"].startswith(family):
            continue
        word = match["window"] or ""
        if word and word not in _WINDOWS:
            # Such as -requests and -tokens, or -after: no window, and not of this dialect.
            continue
        one = quotas.get(word, Quota(word, window=_WINDOWS.get(word)))
        quotas[word], fault = _with(one, match["what"], value, now)
        clock = quotas[word].clock
        if family == "ratelimit" and match["what"] == "reset" and clock in (Clock.EPOCH, Clock.EPOCH_MS):
            fault = f"{clock.value}, not {Clock.DELAY.value} ({LAST_SEPARATE_DRAFT})"
        faults += [f"{name}: {value} is {fault}"] if fault else []
    if not quotas:
        return None
    after = next((value for name, value in found.items() if _X_AFTER.fullmatch(name)), None)
    if "" in quotas and quotas[""].reset is None and after is not None and _INTEGER.fullmatch(after):
        quotas[""] = replace(quotas[""], reset=float(number_in(after)), clock=Clock.DELAY)
    policies = older_policy(found.get("ratelimit-policy", "")) if family == "ratelimit" else None
    for limit, window in policies or []:
        if "" in quotas and quotas[""].limit == limit and quotas[""].window is None:
            quotas[""] = replace(quotas[""], window=window)
    dialect = Dialect.LEGACY if family == "x-" else Dialect.SEPARATE
    return QuotaReading(dialect, tuple(quotas.values()), tuple(faults))


def _with(quota: Quota, what: str, value: str, now: float | None) -> tuple[Quota, str | None]:
    """The quota with one more field, and what is wrong with that."""
    if what == "limit" and not _INTEGER.fullmatch(value):
        listed = older_policy(value)
        if listed is None:
            return quota, "no integer"
        windows = [w for q, w in listed[1:] if q == listed[0][0]]
        return replace(quota, limit=listed[0][0], window=next(iter(windows), quota.window)), None
    if not _INTEGER.fullmatch(value):
        if what == "reset" and (moment := imf_fixdate(value)) is not None:
            reset = None if now is None else moment.timestamp() - now
            return replace(quota, reset=reset, clock=Clock.DATE), "a date, not an integer"
        return quota, "no integer"
    number = number_in(value)
    if what == "reset":
        clock, reset = clock_of(number, now)
        known = replace(quota, reset=reset, clock=clock)
        return known, None if clock is not None else "neither a delay nor a time near the response's Date"
    if number < 0:
        return quota, "negative"
    return replace(quota, **{what: number}), None  # type: ignore[arg-type]


def clock_of(value: int, now: float | None) -> tuple[Clock | None, float | None]:
    """What a reset is counted from, and the seconds from now until then.

    Args:
        value: as sent.
        now: the response's Date as Unix time; None where it has none.
    """
    if abs(value) <= LONGEST_RESET:
        return Clock.DELAY, float(value)
    for clock, seconds in ((Clock.EPOCH, value), (Clock.EPOCH_MS, value / 1000)):
        if now is not None and abs(seconds - now) <= NEAR_NOW:
            return clock, seconds - now
        if now is None and 1e9 <= seconds <= 4e9:
            return clock, None
    return None, None


def dialects(readings: Iterable[QuotaReading]) -> str:
    """The dialects used, in words."""
    return " and ".join(dict.fromkeys(reading.dialect.value for reading in readings)) or "none"
