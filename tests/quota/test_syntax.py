"""Retry-After, RateLimit-Policy and RateLimit, as their specifications word them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.quota.syntax import is_older, policy_faults, retry_after_excess, retry_after_fault, state_faults
from tests.rate_limits.hits import exchange


@pytest.mark.parametrize("value", ["0", "5", "120", " 7 ", "Sat, 21 Nov 2026 19:20:17 GMT"])
def test_valid_retry_after(value: str) -> None:
    assert retry_after_fault(value) is None


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("0.37", "a fraction"),
        ("1e3", "a fraction"),
        (".5", "a fraction"),
        ("-1", "negative"),
        ("-0.5", "negative"),
        ("soon", "neither"),
        ("", "neither"),
        ("5s", "neither"),
        ("+5", "neither"),
        ("\u0665", "neither"),
        ("5, 5", "sent more than once"),
        ("2026-11-21T12:00:00Z", "neither"),
        ("Sat, 21 Nov 2026 19:20:17 UTC", "neither"),
        ("Mon, 21 Nov 2026 19:20:17 GMT", "a wrong day of the week"),
        ("Sat, 32 Nov 2026 19:20:17 GMT", "no such date"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "an obsolete form"),
        ("Sun Nov  6 08:49:37 1994", "an obsolete form"),
    ],
)
def test_invalid_retry_after(value: str, fault: str) -> None:
    found = retry_after_fault(value)
    assert found is not None
    assert found.startswith(fault)


@given(st.text(max_size=20))
def test_any_text_is_judged(value: str) -> None:
    found = retry_after_fault(value)
    assert (found is None) == (value.strip(" \t").isascii() and value.strip(" \t").isdigit())


@pytest.mark.parametrize(
    ("value", "window", "excessive"),
    [
        ("86400", None, False),
        ("86401", None, True),
        ("86401", 86400, False),
        ("Sun, 22 Nov 2026 12:00:00 GMT", None, False),
        ("Tue, 24 Nov 2026 12:00:00 GMT", None, True),
        ("soon", None, False),
    ],
)
def test_a_wait_beyond_all_reason(value: str, window: float | None, excessive: bool) -> None:
    found = retry_after_excess(exchange(429, {"Retry-After": value}), window)
    assert (found is not None) is excessive


@pytest.mark.parametrize(
    "value",
    [
        '"default";q=100',
        '"default";q=100;w=60',
        '"burst";q=0;w=1, "day";q=1000;w=86400;qu="content-bytes";pk=:Y2xpZW50:',
        '"a";q=1;x-vendor=token',
        "100;w=60, 1000;w=3600",
    ],
)
def test_valid_policies(value: str) -> None:
    assert policy_faults(value) == []


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("default;q=100;w=60", "item default is not a String"),
        ('"default";w=60', "has no q"),
        ('"default";q=-1', "has q=-1, which is not a non-negative Integer"),
        ('"default";q=1.5', "has q=1.5"),
        ('"default";q="100"', 'has q="100"'),
        ('"default";q=?1', "has q=True"),
        ('"default";q=100;w=0', "has w=0, which is not a positive Integer"),
        ('"default";q=100;qu=requests', "has qu=requests, which is not a String"),
        ('"default";q=100;pk="client"', 'has pk="client", which is not a Byte Sequence'),
        ("", "names no policy"),
        ('"default";q=100,', "is not a List"),
        ('"default; q=100', "is not a List"),
    ],
)
def test_invalid_policies(value: str, fault: str) -> None:
    assert [fault in found for found in policy_faults(value)] == [True]


@pytest.mark.parametrize(
    "value", ['"default";r=50;t=30', '"default";r=0', "default;r=5", "limit=100, remaining=50, reset=30"]
)
def test_valid_states(value: str) -> None:
    assert state_faults(value) == []


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ('"default";t=30', "has no r"),
        ('"default";r=50;t=0.75', "has t=0.75"),
        ('"default";r=50;t=1795262460', "t=1795262460 is no delay in seconds"),
        ("limit=100, remaining=50, reset=1795262460", "reset=1795262460 is no delay in seconds"),
        ("50;r=50", "names no policy"),
        ("50/100", "is not a List"),
    ],
)
def test_invalid_states(value: str, fault: str) -> None:
    assert [fault in found for found in state_faults(value)] == [True]


def test_the_older_dialects_are_known_as_such() -> None:
    assert is_older("100;w=60", None)
    assert is_older(None, "limit=100, remaining=50, reset=30")
    assert not is_older('"default";q=100', '"default";r=1')
    assert not is_older(None, None)
