"""Header fields: dates and delays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.fields import imf_fixdate, retry_after


class TestFields:
    @pytest.mark.parametrize(
        "text",
        [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            " Sun, 06 Nov 1994 08:49:37 GMT ",
        ],
    )
    def test_dates(self, text: str) -> None:
        assert imf_fixdate(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)

    @pytest.mark.parametrize(
        "text", ["", "soon", "0", "1994-11-06T08:49:37Z", "Sun, 99 Nov 1994 08:49:37 GMT"]
    )
    def test_no_dates(self, text: str) -> None:
        assert imf_fixdate(text) is None

    @pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), (" 120 ", 120.0)])
    def test_delays(self, text: str, seconds: float) -> None:
        assert retry_after(text) == seconds

    @pytest.mark.parametrize("text", [None, "", "-1", "1.5", "²", "soon"])
    def test_no_delays(self, text: str | None) -> None:
        assert retry_after(text) is None

    def test_a_date_counts_from_the_server_s_own_clock(self) -> None:
        there = "Sun, 06 Nov 1994 08:49:37 GMT"
        assert retry_after("Sun, 06 Nov 1994 08:50:07 GMT", there) == 30.0
        assert retry_after("Sun, 06 Nov 1994 08:49:07 GMT", there) == 0.0

    def test_a_date_without_the_server_s_clock(self) -> None:
        soon = datetime.now(UTC) + timedelta(seconds=60)
        assert 55 <= (retry_after(format_datetime(soon, usegmt=True)) or 0) <= 60

    @given(st.text())
    def test_any_text_is_a_delay_or_none(self, text: str) -> None:
        found = retry_after(text)
        assert found is None or found >= 0
