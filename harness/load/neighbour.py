"""A noisy neighbour: one client is measured before, while and after another one floods."""

from __future__ import annotations

import time
import weakref
from collections.abc import Collection
from dataclasses import dataclass, replace

from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.http.content import json_of
from harness.http.error_markers import markers
from harness.load.arrivals import Arrivals
from harness.load.generator import Course, load
from harness.load.latency import duration
from harness.load.sample import Sample, Series
from harness.load.slow import SlowClients, SlowPlan, SlowSample
from harness.load.verdicts import Conditions
from harness.profile.load import Load
from harness.profile.models import Resource
from harness.rules.checks import draw
from harness.rules.figures import LoadFigure, LoadPoint
from harness.target.target import DEFAULT

RETRIES = 9
"""Attempts after the first of the scenario `payflow`, ten a second."""
WARM_UP = 3
"""Requests before the measurement, which open connections and fill caches."""

LONGEST_REST = 60.0
"""Seconds for which the target may recover from one flood before it gets another one."""
LONGEST_LOOK = 2.0
"""Seconds of a look at whether it has."""
SLOWER = 0.2
"""Seconds by which it may be slower than before, and have recovered."""


@dataclass(frozen=True)
class Neighbours:
    """What the clients saw; instants are seconds after the beginning.

    Attributes:
        start, end: of the flood.
        last: end of the recovery.
        undisturbed: requests before an earlier flood of this run; None where there was none.
        slow: what came of the slow connections; empty for a flood.
    """

    course: Course
    start: float
    end: float
    last: float
    undisturbed: Series | None = None
    slow: tuple[SlowSample, ...] = ()

    @property
    def measured(self) -> Series:
        return self.course.series[0]

    @property
    def flood(self) -> Series:
        return self.course.series[1]

    @property
    def before(self) -> Series:
        return self.measured.between(0.0, self.start)

    @property
    def during(self) -> Series:
        return self.measured.between(self.start, self.end)

    @property
    def afterwards(self) -> Series:
        """The last third of the recovery."""
        return self.measured.between(self.last - (self.last - self.end) / 3, self.last)

    @property
    def conditions(self) -> Conditions:
        return Conditions(self.course.lag, self.course.use)

    def summary(self) -> str:
        """One line for the evidence."""
        spent = duration(self.end - self.start)
        text = f"{self.flood.count} requests of the flood in {spent}: {self.flood.outcomes() or 'none was answered'}"
        return f"{text}; stopped: {self.course.why}" if self.course.why else text


class _Shared:
    """What the rules of one process share: one flood, unless a rule asks a second time."""

    def __init__(self) -> None:
        self.seen: Neighbours | None = None
        self.first: Series | None = None
        self.asked: set[str] = set()


_of: weakref.WeakKeyDictionary[Recorder, _Shared] = weakref.WeakKeyDictionary()


def neighbours(client: Client, settings: Load, path: str, rule: str) -> Neighbours:
    """What two clients saw while one of them flooded; sent once for all rules of this process.

    Args:
        client: under the credential `default`, which is measured.
        path: of the GET that both send.
        rule: code of the rule that asks; one that asks again, to confirm a breach, gets a new flood.
    """
    shared = _of.setdefault(client.recorder, _Shared())
    if shared.seen is None or rule in shared.asked:
        if shared.first is not None and shared.first.count and not shared.first.failed:
            wait_for_recovery(client, settings, path, shared.first)
        seen = _flooded(client, settings, path)
        shared.seen = replace(seen, undisturbed=shared.first)
        shared.first = shared.first or seen.before
        shared.asked.clear()
    else:
        client.recorder.exchanges += shared.seen.course.exchanges
    shared.asked.add(rule)
    draw(figure(shared.seen, path))
    return shared.seen


def wait_for_recovery(client: Client, settings: Load, path: str, before: Series) -> None:
    """Wait, for `LONGEST_REST` at most, until the target serves as before an earlier flood.

    What a second flood shows can be compared with the first only if both meet a target that is well; one that is ill
    for longer shows that in the requests before the second flood.

    Args:
        before: the requests before the earlier flood.
    """
    began, seconds = time.monotonic(), min(LONGEST_LOOK, settings.seconds)
    usual = before.latencies.quantile(0.95)
    limit = max(2 * usual, usual + SLOWER)
    while time.monotonic() - began < LONGEST_REST:
        course = load(
            client,
            [Arrivals(DEFAULT, client.url(path), {"Accept": client.accept}, settings.rate, 0.0, seconds)],
        )
        seen = course.series[0]
        if course.stopped is None and not seen.failed and seen.latencies.quantile(0.95) <= limit:
            return
        client.recorder.budget.sleep(seconds)


def plan(
    settings: Load, url: str, accept: str, usual: frozenset[str] | None = None
) -> tuple[Arrivals, Arrivals]:
    """The two clients. Pure.

    Args:
        usual: see `Arrivals`.
    """
    fields = {"Accept": accept}
    whole = 2 * settings.seconds + settings.recovery
    measured = Arrivals(DEFAULT, url, fields, settings.rate, 0.0, whole, usual=usual)
    retries = RETRIES if settings.scenario == "payflow" else 0
    # The rate is that of all attempts where each fails.
    flood = Arrivals(
        settings.flooder,
        url,
        fields,
        settings.flood / (1 + retries),
        settings.seconds,
        2 * settings.seconds,
        retries,
        floods=True,
        usual=usual,
    )
    return measured, flood


def _flooded(client: Client, settings: Load, path: str) -> Neighbours:
    url = client.url(path)
    warmed = [
        client.under(credential).get(url)
        for credential in (DEFAULT, settings.flooder)
        for _ in range(WARM_UP)
    ]
    usual = frozenset(name for one in warmed for name in markers(json_of(one)))
    course = load(client, plan(settings, url, client.accept, usual))
    end = 2 * settings.seconds
    if course.stopped is not None:
        end = min(end, max(course.stopped, settings.seconds))
    return Neighbours(course, settings.seconds, end, 2 * settings.seconds + settings.recovery)


def slow_neighbours(
    client: Client, settings: Load, path: str, create: Resource | None, credentials: Collection[str]
) -> Neighbours:
    """What a client saw before slow ones came, and beside them.

    Args:
        client: under the credential `default`, which is measured.
        path: of the GET that is sent.
        create: resource whose create never ends; None where there is none.
        credentials: names of those that the run has: slow are clients of the one that would flood, if there is one.
    """
    url, end = client.url(path), 2 * settings.seconds
    measured = Arrivals(DEFAULT, url, {"Accept": client.accept}, settings.rate, 0.0, end)
    slow = SlowClients(
        client,
        SlowPlan(
            settings.flooder if settings.flooder in credentials else DEFAULT,
            url,
            None if create is None else client.url(create.create or create.collection),
            "" if create is None else create.media_type,
            settings.slow,
            settings.seconds,
            end,
        ),
    )
    for _ in range(WARM_UP):
        client.get(url)
    course = load(client, [measured], slow=slow)
    if course.stopped is not None:
        end = min(end, max(course.stopped, settings.seconds))
    seen = Neighbours(course, settings.seconds, end, end, slow=tuple(slow.samples))
    draw(
        LoadFigure(
            title=f"GET {path}: latency of one client while {settings.slow} others are slow",
            start=round(seen.start, 3),
            end=round(seen.end, 3),
            measured=points(seen.measured.samples),
        )
    )
    return seen


def version_neighbours(client: Client, settings: Load, path: str, other: str) -> Neighbours:
    """What a client of another version saw before a flood of this one, and beside it.

    Args:
        client: under the credential `default`, which is measured.
        path: of the GET that floods.
        other: of the GET in the other version, on the target's origin.
    """
    end, url = 2 * settings.seconds, client.target.origin + other
    for credential, warmed in ((DEFAULT, url), (settings.flooder, client.url(path))):
        for _ in range(WARM_UP):
            client.under(credential).get(warmed)
    measured, flood = plan(settings, client.url(path), client.accept)
    course = load(client, [replace(measured, url=url, end=end), flood])
    if course.stopped is not None:
        end = min(end, max(course.stopped, settings.seconds))
    seen = Neighbours(course, settings.seconds, end, end)
    drawn = figure(seen, path)
    draw(drawn.model_copy(update={"title": f"GET {other}: latency while another client floods {path}"}))
    return seen


def points(samples: tuple[Sample, ...]) -> list[LoadPoint]:
    """Samples as plain data for the report. Pure."""
    return [
        LoadPoint(
            at=round(one.due, 3),
            latency=round(1000 * one.latency, 1),
            status=one.status,
            exchange=one.exchange or None,
        )
        for one in samples
    ]


def figure(seen: Neighbours, path: str) -> LoadFigure:
    """The latency of both clients over time, as plain data for the report. Pure."""

    return LoadFigure(
        title=f"GET {path}: latency of one client while another floods",
        start=round(seen.start, 3),
        end=round(seen.end, 3),
        measured=points(seen.measured.samples),
        flood=points(seen.flood.samples),
    )
