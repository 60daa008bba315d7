"""PERF-003: the slowest requests, and the first one after a rest."""

from __future__ import annotations

from harness import LOAD, MAY, advise, control, draw, evidence, inconclusive, note, rule
from harness.load.arrivals import Arrivals
from harness.load.generator import load
from harness.load.neighbour import points
from harness.load.permission import allowed, path_of
from harness.load.verdicts import FEWEST_SAMPLES, Conditions
from harness.rules.figures import LoadFigure
from harness.target.target import DEFAULT

from .resting import rested
from .tail import Grade, tail

LONGER = 3
"""Multiple of `seconds` in [load] for which requests are sent: a tail takes many of them."""
WARM_UP = 3


def report(graded, expected):
    """Report a grade; why it is not decided, empty where it is."""
    if graded.grade is Grade.LONG:
        advise(expected, graded.text)
    elif graded.grade is Grade.NOTED:
        note(graded.text)
    elif graded.grade is Grade.USUAL:
        evidence(graded.text)
    else:
        return graded.text
    return ""


@rule("PERF-003", MAY, refs=["Dean and Barroso, The Tail at Scale (2013)"], effect=LOAD, waits=60)
def test_the_slowest_requests_are_not_far_from_the_usual_ones(client, profile):
    """Keep the slowest requests, and the first one after a rest, near the usual latency

    Why: a page that takes ten requests waits for the slowest of them, so that one slow request of a hundred is met by
        one user of ten; the first user of the morning meets what was shut down over night.
    Fix: look at what happens at the times of the slow requests: collections of garbage, jobs that run each minute,
        locks, caches that all expire at once. Keep one instance and its connections warm.
    Probe: GETs at a constant rate for three times `seconds` in [load], whatever comes of those before (an open loop).
        What is noted: p99 is surely more than ten times the median and 200 ms; the distance of slow requests that come
        at regular times. With `idle = 300` in [load], the first request after so many seconds, once on a new connection
        and once on a kept one, is compared with others on the same kind of connection.
    Advice: it is a fact about the target, not a fault, unless clients would give up: where p99 is beyond a second, or
        both first requests take more than three seconds.
    """
    allowed(profile)
    path, settings = path_of(profile), profile.load
    url = client.url(path)
    replies = [client.get(url) for _ in range(WARM_UP)]
    control(
        replies[-1].is_success, f"GET {path} should be served: {replies[-1].status_code} without any load"
    )
    end = LONGER * settings.seconds
    course = load(
        client,
        [Arrivals(DEFAULT, url, {"Accept": client.accept}, settings.rate, 0.0, end)],
        client.target.limits.timeout,
    )
    (series,) = course.series
    draw(
        LoadFigure(
            title=f"GET {path}: latency at {settings.rate:g} requests a second",
            start=end,
            end=end,
            measured=points(series.samples),
        )
    )
    if course.stopped is not None:
        inconclusive(f"stopped after {course.stopped:.3g} s: {course.why}")
    control(series.count >= FEWEST_SAMPLES, f"{series.count} requests are too few: raise `seconds` in [load]")
    control(len(series.failed) <= 0.1 * series.count, f"nine of ten should be served: {series.outcomes()}")
    undecided = [report(tail(series, Conditions(course.lag, course.use)), "p99 below a second")]
    if settings.idle:
        undecided.append(report(rested(client, url, settings.idle), "the first request within three seconds"))
    else:
        evidence("the first request after a rest was not looked at: set `idle` in [load]")
    if left := "; ".join(filter(None, undecided)):
        inconclusive(left)
