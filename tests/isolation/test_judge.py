"""What the clients of a flood saw, judged on literal samples."""

from __future__ import annotations

import pytest

from harness.load.sample import Series
from harness.load.slow import BODY, HEAD, SlowSample
from harness.load.verdicts import Conditions
from suites.isolation.judge import AFTERWARDS, FACTOR, beside, beside_slow, left_open, shed, without_wait
from tests.load.samples import BUSY, FROZEN, QUIET, both, series

BEFORE = series([0.02] * 40)


@pytest.mark.parametrize(
    ("now", "under", "holds"),
    [
        (series([0.02] * 40), QUIET, True),
        # Three times the latency, and 200 ms more, are in order: processors are shared.
        (series([0.2] * 40), QUIET, True),
        (series([3.0] * 40), QUIET, False),
        (series([3.0] * 40), BUSY, False),
        (series([0.6] * 40), BUSY, None),
        (both(series([0.02] * 30), series([0.02] * 10, 503)), QUIET, False),
        (both(series([0.02] * 30), series([10] * 10, None, error="no response within 10 s")), QUIET, False),
        # A limit for each address is lawful, and both clients come from one.
        (both(series([0.02] * 20), series([0.02] * 20, 429)), QUIET, None),
        (both(series([0.02] * 39), series([0.02], 503)), QUIET, True),
        # An error with a status of success is no service.
        (both(series([0.02] * 30), series([0.02] * 10, signs="`error` (an error)")), QUIET, False),
    ],
)
def test_beside(now: Series, under: Conditions, holds: bool | None) -> None:
    assert beside(BEFORE, now, under).holds is holds


def test_afterwards_less_is_borne_than_during_a_flood() -> None:
    usual, now = series([0.5] * 40), series([1.2] * 40)
    assert beside(usual, now, QUIET, FACTOR).holds
    assert beside(usual, now, QUIET, AFTERWARDS).holds is False


@pytest.mark.parametrize(
    ("flood", "holds"),
    [
        (both(series([0.02] * 50), series([0.01] * 50, 429)), True),
        (series([0.02] * 50, 503), True),
        (both(series([0.02] * 50), series([0.01] * 50, 500)), False),
        (both(series([0.02] * 50), series([10] * 50, None, error="no response within 10 s")), False),
        (both(series([0.02] * 50, 429), series([0.01] * 50, 502)), False),
        # Refused, after seconds in a queue.
        (series([4.0] * 50, 503), False),
        # Served, after seconds in a queue.
        (series([4.0] * 50), False),
        # All was served: nothing was to be shed.
        (series([0.02] * 50), "nothing"),
        # A refusal that looks like a success.
        (both(series([0.02] * 30), series([0.02] * 20, signs="`error` (an error)")), False),
        (both(series([0.02] * 48), series([0.02] * 2, signs="`error` (an error)")), "nothing"),
        # What the client itself does wrong is no overload.
        (series([0.02] * 50, 404), "nothing"),
    ],
)
def test_shed(flood: Series, holds: bool | str) -> None:
    judged = shed(flood, BEFORE, QUIET)
    assert ("nothing" if judged is None else judged.holds) == holds


def test_a_queue_that_a_busy_machine_may_have_made_is_not_called_served() -> None:
    judged = shed(series([2.5] * 50), BEFORE, BUSY)
    assert judged is not None
    assert judged.holds is None


@pytest.mark.parametrize(("status", "holds"), [(500, False), (504, None), (None, None)])
def test_what_the_target_answered_does_not_depend_on_the_lag(status: int | None, holds: bool | None) -> None:
    judged = shed(both(series([0.1] * 150), series([0.1] * 50, status, error="x")), BEFORE, FROZEN)
    assert judged is not None
    assert judged.holds is holds


def test_refusals_say_when_to_come_again() -> None:
    silent, kind = series([0.1] * 3, 503), series([0.1], 429, retry_after=True)
    assert not without_wait(kind)
    assert without_wait(both(silent, kind)) == "no valid Retry-After in 3 refusals: 3 x 503"


OPEN = [SlowSample(BODY, opened=True), SlowSample(HEAD, opened=True)] * 10
LATE = series([4.0] * 40)


@pytest.mark.parametrize(
    ("now", "slow", "under", "holds"),
    [
        (series([0.02] * 40), OPEN, QUIET, True),
        (LATE, OPEN, QUIET, False),
        (LATE, OPEN, BUSY, False),
        (series([0.6] * 40), OPEN, BUSY, None),
        (
            both(series([0.02] * 20), series([10] * 20, None, error="no response within 10 s")),
            OPEN,
            QUIET,
            False,
        ),
        (both(series([0.02] * 20), series([0.1] * 20, 504)), OPEN, QUIET, False),
        # Lawful: so many connections for each address, and all come from one.
        (both(series([0.02] * 20), series([0.02] * 20, 503)), OPEN, QUIET, None),
        (both(series([0.02] * 20), series([0.02] * 20, 429)), OPEN, QUIET, None),
        (both(series([0.02] * 20), series([0.02] * 20, None, error="connection refused")), OPEN, QUIET, None),
        # Refused after seconds: they had to wait first.
        (both(series([4.0] * 20), series([5.0] * 20, 503)), OPEN, QUIET, False),
        (LATE, [*OPEN, SlowSample(BODY, error="connection refused")], QUIET, None),
    ],
)
def test_beside_slow_clients(
    now: Series, slow: list[SlowSample], under: Conditions, holds: bool | None
) -> None:
    judged = beside_slow(BEFORE, now, slow, under)
    assert judged.holds is holds
    assert "slow connections" in judged.text


@pytest.mark.parametrize(
    ("slow", "seconds", "left"),
    [
        (OPEN, 20, ""),
        (OPEN, 120, "10 of 10 requests with slow content were waited for after 120 s"),
        ([SlowSample(BODY, opened=True, status=408, ended=30.0)] * 5, 120, ""),
        ([SlowSample(HEAD, opened=True)], 120, ""),
    ],
)
def test_slow_content_that_is_waited_for(slow: list[SlowSample], seconds: float, left: str) -> None:
    assert left_open(slow, seconds) == left
