"""PERF: latency under a small constant load, from when each request was due."""

from __future__ import annotations

from harness import LOAD, MAJOR, MUST, applies, control, draw, evidence, expect, inconclusive, rule
from harness.load.arrivals import Arrivals
from harness.load.generator import PATIENCE, load
from harness.load.neighbour import points
from harness.load.permission import allowed
from harness.load.verdicts import Conditions
from harness.rules.figures import LoadFigure
from harness.target.target import DEFAULT

from . import judge

WARM_UP = 3


def measured(client, objective):
    """Send the requests of an objective; their samples, under what conditions, and why they were stopped."""
    url = client.url(objective.path)
    replies = [client.get(url) for _ in range(WARM_UP)]
    control(
        any(one.is_success for one in replies),
        f"GET {objective.path} should be served: {replies[-1].status_code} without any load",
    )
    end = objective.samples / objective.rate
    plan = Arrivals(DEFAULT, url, {"Accept": client.accept}, objective.rate, 0.0, end)
    course = load(client, [plan], max(PATIENCE, 3 * objective.ms / 1000))
    series = course.series[0]
    draw(
        LoadFigure(
            title=f"GET {objective.path}: latency at {objective.rate:g} requests a second",
            start=end,
            end=end,
            measured=points(series.samples),
        )
    )
    stopped = f"stopped after {course.stopped:.3g} s: {course.why}" if course.why else ""
    return series, Conditions(course.lag, course.use), stopped


@rule("PERF-001", MUST, refs=["the profile: [[slo]]"], effect=LOAD, impact=MAJOR, waits=60)
def test_declared_objectives_are_met(client, profile):
    """Meet the declared objectives for latency and availability

    Why: clients set their timeouts, and their own promises, by what was declared.
    Fix: look at what the slowest requests have in common, add what is missing, or declare what is true.
    Probe: GETs at a constant rate, whatever comes of those before (an open loop); latency counts from when each was
        due. Network time is part of it. It fails where the lower 95 % confidence bound of the percentile is beyond
        the objective by ten times what the harness itself was late, and passes where the upper one is within.
    """
    allowed(profile)
    applies(profile.slo, "objectives are declared: [[slo]]")
    undecided = []
    for objective in profile.slo:
        series, under, stopped = measured(client, objective)
        asked = f"{objective.percentile:g} % of GET {objective.path} within {objective.ms:g} ms"
        answered = judge.available(series, objective.availability, under)
        expect(
            answered.holds is not False,
            f"GET {objective.path} answered without a server error in {objective.availability:g} %"
            if objective.availability
            else "",
            answered.text,
        )
        late = judge.in_time(series, objective.percentile, objective.ms, under)
        expect(late.holds is not False, asked, late.text)
        if stopped:
            undecided.append(f"{asked}: {stopped}")
        for one in (answered, late):
            if one.holds is None:
                undecided.append(f"{asked}: {one.text}")
            else:
                evidence(one.text)
    if undecided:
        inconclusive("; ".join(undecided))
