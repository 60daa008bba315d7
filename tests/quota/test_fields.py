"""Every dialect of quota fields, on literal responses."""

from __future__ import annotations

import pytest

from harness.quota.fields import Clock, Dialect, Quota, best, clock_of, read
from tests.rate_limits.hits import DATE, NOW


def shown(**fields: str) -> tuple[tuple[str, str], ...]:
    return (("Date", DATE), *((name.replace("_", "-"), value) for name, value in fields.items()))


@pytest.mark.parametrize(
    ("fields", "dialect", "quota"),
    [
        (
            {"RateLimit_Policy": '"default";q=100;w=60', "RateLimit": '"default";r=50;t=30'},
            Dialect.CURRENT,
            Quota("default", 100, 60, 50, 30, Clock.DELAY),
        ),
        (
            {
                "RateLimit_Policy": '"burst";q=10;w=1, "day";q=1000;w=86400',
                "RateLimit": '"day";r=3, "burst";r=9',
            },
            Dialect.CURRENT,
            Quota("day", 1000, 86400, 3, None, Clock.DELAY),
        ),
        (
            {"RateLimit": "default;r=50;t=30"},
            Dialect.CURRENT,
            Quota("default", None, None, 50, 30, Clock.DELAY),
        ),
        ({"RateLimit_Policy": '"a";q=5'}, Dialect.CURRENT, Quota("a", 5)),
        (
            {"RateLimit": "limit=100, remaining=50, reset=30", "RateLimit_Policy": "100;w=60"},
            Dialect.COMBINED,
            Quota("", 100, 60, 50, 30, Clock.DELAY),
        ),
        (
            {"RateLimit_Limit": "100", "RateLimit_Remaining": "50", "RateLimit_Reset": "30"},
            Dialect.SEPARATE,
            Quota("", 100, None, 50, 30, Clock.DELAY),
        ),
        (
            {
                "RateLimit_Limit": '100, 100;w=60;comment="sliding", 5000;w=3600',
                "RateLimit_Remaining": "50",
                "RateLimit_Reset": "30",
            },
            Dialect.SEPARATE,
            Quota("", 100, 60, 50, 30, Clock.DELAY),
        ),
        (
            {"RateLimit_Limit": "10", "RateLimit_Remaining": "1", "RateLimit_Policy": "10;w=1, 50;w=60"},
            Dialect.SEPARATE,
            Quota("", 10, 1, 1),
        ),
        (
            {"X_RateLimit_Limit": "60", "X_RateLimit_Remaining": "59", "X_RateLimit_Reset": str(NOW + 3600)},
            Dialect.LEGACY,
            Quota("", 60, None, 59, 3600, Clock.EPOCH),
        ),
        (
            {"X_Rate_Limit_Limit": "15", "X_Rate_Limit_Remaining": "0", "X_Rate_Limit_Reset": "900"},
            Dialect.LEGACY,
            Quota("", 15, None, 0, 900, Clock.DELAY),
        ),
        (
            {"X_RateLimit_Limit_Minute": "20", "X_RateLimit_Remaining_Minute": "19"},
            Dialect.LEGACY,
            Quota("minute", 20, 60, 19),
        ),
        (
            {"X_RateLimit_Limit": "5", "X_RateLimit_Remaining": "4", "X_RateLimit_Reset_After": "7"},
            Dialect.LEGACY,
            Quota("", 5, None, 4, 7, Clock.DELAY),
        ),
        (
            {"X_RateLimit_Limit": "5", "X_RateLimit_Reset": str((NOW + 5) * 1000)},
            Dialect.LEGACY,
            Quota("", 5, None, None, 5, Clock.EPOCH_MS),
        ),
        ({"RateLimit_Policy": "100;w=60"}, Dialect.SEPARATE, Quota("", 100, 60)),
    ],
)
def test_dialects(fields: dict[str, str], dialect: Dialect, quota: Quota) -> None:
    (reading,) = read(shown(**fields))
    assert (reading.dialect, reading.tightest, reading.faults) == (dialect, quota, ())


def test_a_response_without_quota_fields_tells_nothing() -> None:
    assert read(shown(Retry_After="5", X_RateLimit_Limit_Tokens="9000", X_RateLimited="no")) == ()
    assert best(()) is None


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"X_RateLimit_Limit": "10/1s"}, "x-ratelimit-limit: 10/1s is no integer"),
        ({"X_RateLimit_Remaining": "598.0"}, "x-ratelimit-remaining: 598.0 is no integer"),
        ({"X_RateLimit_Remaining": "-1"}, "x-ratelimit-remaining: -1 is negative"),
        ({"X_RateLimit_Reset": "Sat, 21 Nov 2026 12:01:00 GMT"}, "is a date, not an integer"),
        (
            {"RateLimit_Limit": "9", "RateLimit_Reset": str(NOW + 60)},
            "is Unix time in seconds, not seconds from",
        ),
        ({"RateLimit_Reset": str((NOW + 60) * 1000)}, "is Unix time in milliseconds, not seconds from now"),
        ({"X_RateLimit_Reset": "1000000000"}, "is neither a delay nor a time near the response's Date"),
    ],
)
def test_what_is_no_integer_is_a_fault(fields: dict[str, str], fault: str) -> None:
    (reading,) = read(shown(**fields))
    assert [fault in one for one in reading.faults] == [True]


def test_dialects_of_one_response_complete_each_other() -> None:
    fields = shown(
        RateLimit_Policy='"default";q=10;w=1',
        RateLimit='"default";r=9;t=1',
        X_RateLimit_Limit="10",
        X_RateLimit_Remaining="9",
        X_RateLimit_Reset=str(NOW + 1),
    )
    assert {reading.dialect for reading in read(fields)} == {Dialect.CURRENT, Dialect.LEGACY}
    assert best(read(fields)) == Quota("default", 10, 1, 9, 1, Clock.DELAY)
    other = shown(X_RateLimit_Limit="60", X_RateLimit_Remaining="5", RateLimit_Policy='"day";q=1000;w=86400')
    found = best(read(other))
    assert found is not None
    assert (found.limit, found.window) == (60, None)


@pytest.mark.parametrize(
    ("value", "now", "expected"),
    [
        (0, NOW, (Clock.DELAY, 0)),
        (-30, NOW, (Clock.DELAY, -30)),
        (NOW - 3600, NOW, (Clock.EPOCH, -3600)),
        (NOW + 9, None, (Clock.EPOCH, None)),
        (NOW * 1000, None, (Clock.EPOCH_MS, None)),
        (7_000_000, NOW, (None, None)),
        (10**17, NOW, (None, None)),
    ],
)
def test_resets_are_distinguished_by_the_date(value: int, now: float | None, expected: object) -> None:
    assert clock_of(value, now) == expected
