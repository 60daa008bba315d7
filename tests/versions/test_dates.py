"""Deprecation and Sunset on literal fields."""

from __future__ import annotations

import pytest

from harness.http.exchange import Exchange
from suites.versions.dates import (
    deprecation_fault,
    early_sunset,
    leading_links,
    past_sunset,
    span,
    sunset_fault,
)
from tests.errors.sent import exchange

DATE = "Sun, 01 Mar 2026 12:00:00 GMT"


def sent(status: int = 200, **fields: str) -> Exchange:
    return exchange(status, {}, date=DATE, **fields)


@pytest.mark.parametrize("value", ["@1688169599", " @1688169599 ", "@-1", "@1688169599;why=cost"])
def test_dates_of_structured_fields(value: str) -> None:
    assert deprecation_fault(sent(deprecation=value)) is None


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("true", "drafts before RFC 9745, which has a date"),
        ("?1", "drafts before RFC 9745, which has a date"),
        ("Sun, 11 Nov 2018 23:59:59 GMT", "send @1541980799"),
        ("1688169599", "not one Date"),
        ("@1688169599.5", "not one Date"),
        ("@1, @2", "not one Date"),
        ("@99999999999999", "not one Date"),
        ("", "not one Date"),
        ("\u00e9", "not one Date"),
    ],
)
def test_what_is_no_date(value: str, what: str) -> None:
    assert what in (deprecation_fault(sent(deprecation=value)) or "")


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("Wed, 31 Dec 2036 23:59:59 GMT", None),
        ("Mon, 01 Jan 2025 00:00:00 GMT", "2025-01-01 is a Wednesday"),
        ("Sun, 30 Jun 2024 23:59:59 UTC", "ends with UTC"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "obsolete form"),
        ("Sun Nov  6 08:49:37 1994", "obsolete form"),
        ("2036-12-31", "is not one HTTP-date"),
        ("Wed, 31 Dec 2036 23:59:59 GMT, Wed, 31 Dec 2036 23:59:59 GMT", "is not one HTTP-date"),
        ("Fri, 31 Feb 2036 23:59:59 GMT", "is not one HTTP-date"),
    ],
)
def test_sunsets(value: str, what: str | None) -> None:
    found = sunset_fault(sent(sunset=value))
    assert found is None if what is None else what in (found or "")


def test_a_sunset_is_past_by_the_date_of_the_response() -> None:
    past, future = "Sun, 01 Mar 2026 11:59:59 GMT", DATE
    assert past_sunset(sent(sunset=past)) is not None
    assert past_sunset(sent(sunset=future)) is None
    assert past_sunset(sent(410, sunset=past)) is None
    assert past_sunset(sent(sunset="soon")) is None
    assert past_sunset(sent()) is None


def test_the_order_of_both() -> None:
    sound = sent(deprecation="@1735689600", sunset="Sun, 01 Jan 2040 00:00:00 GMT")
    assert early_sunset(sound) is None
    assert "from deprecation (2025-01-01) to sunset (2040-01-01)" in (span(sound) or "")
    wrong = sent(deprecation="@2240611200", sunset="Sun, 01 Jan 2040 00:00:00 GMT")
    assert "days before Deprecation 2041-01-01" in (early_sunset(wrong) or "")
    assert span(wrong) is None
    assert early_sunset(sent(deprecation="true", sunset="Sun, 01 Jan 2040 00:00:00 GMT")) is None


def test_links_that_lead_to_a_successor() -> None:
    value = '</new>; rel="successor-version", </next>; rel=next, </why>; rel="help deprecation"'
    assert [one.target for one in leading_links(sent(link=value))] == ["/new", "/why"]
    assert leading_links(sent(link="new")) == []
    assert leading_links(sent()) == []
