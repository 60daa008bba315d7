"""race(): requests that are in flight at once, and the evidence that they were."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import httpx

from harness.client.client import Client
from harness.http.exchange import Exchange
from harness.race import record
from harness.race.detection import Measured
from harness.race.lanes import lanes_of
from harness.race.requests import OWN, Request, check_effects, prepared
from harness.race.timeline import microseconds, overlap
from harness.race.track import Run, Track
from harness.rules.checks import Undecided
from harness.rules.figures import Lane, RaceFigure
from harness.target.credentials.resolved import Certificate

SETTLE = 0.005
"""Seconds between the last request parked and the release, at least.

With 20 ms no more races were noticed, on a machine that was busy or not (`benchmarks/races.py`, at 50 us and 200 us).
"""
FIRST_SETTLE = 0.02
"""The same for connections that were not raced on: whether the target waits for the end of a request shows here."""
LONGEST_SETTLE = 0.5
THROTTLED = (429, 503)


@dataclass(frozen=True)
class Member:
    """One request of a race and what came of it. Instants are seconds on the monotonic clock.

    Attributes:
        request: as it was described.
        reply: its response; None where there is none.
        reason: why there is none.
        exchange: the evidence; None where there was no connection to send it on.
        released: just before the end of the request was sent.
        first: when the first bytes of the response were received.
        done: when the response was complete.
    """

    request: Request
    reply: httpx.Response | None = None
    reason: str | None = None
    exchange: Exchange | None = None
    released: float | None = None
    first: float | None = None
    done: float | None = None

    @property
    def status(self) -> int | None:
        return None if self.reply is None else self.reply.status_code

    @property
    def throttled(self) -> bool:
        """Whether it was turned away with 429 or 503."""
        return self.status in THROTTLED

    @property
    def counts(self) -> bool:
        """Whether it took part: released, answered, and not turned away."""
        return self.reply is not None and not self.throttled and self.released is not None


@dataclass(frozen=True)
class Race:
    """A race that was run.

    Attributes:
        members: in the order of the requests given.
        protocol: `HTTP/1.1` over a connection for each, `HTTP/2` over one for all; empty without any connection.
        spread: seconds from before the first release to after the last, on the client.
        notes: what was learnt of the target's connections on the way.
    """

    members: tuple[Member, ...]
    protocol: str = ""
    spread: float = 0.0
    notes: tuple[str, ...] = ()

    @cached_property
    def counted(self) -> list[Member]:
        """The members that took part."""
        return [member for member in self.members if member.counts]

    @property
    def replies(self) -> list[httpx.Response]:
        """The responses of the members that took part."""
        return [member.reply for member in self.counted if member.reply is not None]

    @cached_property
    def overlap(self) -> int:
        """The greatest number of members in flight at once, from release to complete response."""
        return overlap((member.released or 0.0, member.done or 0.0) for member in self.counted)

    @property
    def overlapped(self) -> bool:
        return self.overlap >= 2

    @property
    def measured(self) -> Measured:
        """What the detection model needs."""
        firsts = [member.first for member in self.counted if member.first is not None]
        releases = sorted(member.released for member in self.counted if member.released is not None)
        answers = max(firsts) - min(firsts) if firsts else 0.0
        lead = releases[1] - releases[0] if len(releases) > 1 else 0.0
        return Measured(self.overlap, max(self.spread, answers), lead)

    def detection(self, window: float) -> float:
        """Probability that this race shows a check-then-act gap of so many seconds: see `harness.race.detection`."""
        return self.measured.probability(window)

    def members_or_inconclusive(self, least: int = 2) -> list[Member]:
        """The members that took part, if they were enough and in flight together.

        Args:
            least: members that the rule needs.

        Raises:
            Undecided: fewer are left, or they did not overlap; says why.
        """
        counted = self.counted
        if len(counted) < least:
            raise Undecided(
                f"only {len(counted)} of {len(self.members)} requests took part in the race: {self.losses()}"
            )
        if self.overlap < least:
            raise Undecided(f"the requests did not overlap: at most {self.overlap} were in flight at once")
        return counted

    def losses(self) -> str:
        """Why members did not take part, each reason with how often it came up; empty where all did."""
        reasons = Counter(
            f"throttled with {member.status}" if member.throttled else member.reason or "not released"
            for member in self.members
            if not member.counts
        )
        lines = [f"{count} x {reason}" for reason, count in reasons.most_common()]
        return "; ".join(lines)

    def summary(self) -> str:
        """One line of evidence: how many, how close together, with which outcomes."""
        statuses = Counter(member.status for member in self.counted)
        losses = self.losses()
        outcomes = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items(), key=str))
        return (
            f"{len(self.counted)} requests over {self.protocol or 'no connection'}, released within "
            f"{self.spread * 1e6:.0f} us, {self.overlap} in flight at once: {outcomes or 'no answer'}"
            + (f" ({losses})" if losses else "")
        )

    def figure(self, title: str) -> RaceFigure:
        """Who was in flight when, to be drawn."""
        return RaceFigure(
            title=title,
            protocol=self.protocol,
            spread=round(self.spread * 1e6, 1),
            overlap=self.overlap,
            lanes=self._lanes,
        )

    @cached_property
    def _lanes(self) -> list[Lane]:
        """Built once: a rule may decide on each of a race's answers, and draws the race each time."""
        releases = [member.released for member in self.members if member.released is not None]
        origin = min(releases, default=0.0)
        return [
            Lane(
                label=f"{member.request.method} {urlsplit(member.request.url).path}",
                exchange=None if member.exchange is None else member.exchange.id,
                released=microseconds(member.released, origin),
                first=microseconds(member.first, origin),
                done=microseconds(member.done, origin),
                status=member.status,
                note="throttled" if member.throttled else member.reason,
            )
            for member in self.members
        ]


def race(
    client: Client,
    requests: Sequence[Request],
    *,
    deadline: float | None = None,
    at_gate: Callable[[], None] | None = None,
) -> Race:
    """Send requests so that they reach the target together.

    The requests and the warm-ups are spent from the run's budget, at its pace, before anything is held back. Nothing
    is repeated, redirected or waited for on 429 and 503. One race at a time for one client.

    Args:
        client: sends them, under its credential unless a request names another.
        requests: two or more.
        deadline: seconds for parking the requests and, again, for their answers; opening the connections
            has as much. The target's timeout when omitted. None of it goes on when the run's time is over.
        at_gate: called when all are parked, before the release.

    Raises:
        ValueError: fewer than two requests.
        KeyError: the profile names no such credential.
        Undecided: nothing was sent: refused by origin or effects, over budget, or the target has died.
    """
    if len(requests) < 2:
        raise ValueError("a race takes two requests or more")
    recorder = client.recorder
    given = client.target.limits.timeout if deadline is None else deadline
    built = [prepared(client, request) for request in requests]
    check_effects(client, built)
    certificate = _certificate(built)
    record.admit(recorder, built)
    until = recorder.budget.end(math.inf)
    seconds = min(given, max(0.0, until - time.monotonic()))
    lanes = lanes_of(recorder, certificate)
    own = certificate == recorder.wallet.certificate(client.credential)
    who = OWN if own else requests[0].credential
    runs = [Run(request) for request in built]
    track = lanes.track(len(runs), lambda on, count: _warm_up(client, who, on, count, seconds), seconds)
    begun = ended = 0.0
    if track is not None:
        try:
            begun, ended = _release_together(track, runs, until, seconds, at_gate)
        except BaseException:
            track.close()
            raise
        lanes.give_back(track)
    now = time.monotonic()
    for run in runs:
        if run.parked is None:
            run.fail(lanes.trouble or "left out: no connection was available")
    return Race(
        tuple(_member(client, request, run, now) for request, run in zip(requests, runs, strict=True)),
        "" if track is None else track.protocol,
        ended - begun,
        tuple(lanes.notes),
    )


def _certificate(built: Sequence[httpx.Request]) -> Certificate | None:
    """The client certificate of all requests.

    Raises:
        Undecided: they have different ones.
    """
    certificates = {request.extensions["conformance"]["certificate"] for request in built}
    if len(certificates) > 1:
        raise Undecided(
            "requests under different client certificates cannot be raced on the same connections"
        )
    certificate: Certificate | None = certificates.pop()
    return certificate


def _release_together(
    track: Track, runs: list[Run], until: float, seconds: float, at_gate: Callable[[], None] | None
) -> tuple[float, float]:
    """Park all requests, release them at once and collect the answers; when the release began and ended."""
    track.park(runs, min(until, time.monotonic() + seconds))
    least = SETTLE if track.raced else FIRST_SETTLE
    track.settle(min(LONGEST_SETTLE, max(least, 1.5 * track.latency)))
    if at_gate is not None:
        at_gate()
        track.settle(0.0)
    released = track.release()
    track.collect(min(until, time.monotonic() + seconds))
    return released


def _member(client: Client, request: Request, run: Run, now: float) -> Member:
    exchange, reply = record.keep(client.recorder, run, now)
    return Member(request, reply, run.reason, exchange, run.released, run.first, run.done)


def _warm_up(client: Client, who: str | None, track: Track, count: int, seconds: float) -> list[str | None]:
    """Send so many GETs of the target's base URL at once; why each went unanswered, or None."""
    built = [prepared(client, Request("GET", client.target.url, credential=who)) for _ in range(count)]
    record.admit(client.recorder, built)
    runs = [Run(request) for request in built]
    until = client.recorder.budget.end(time.monotonic() + seconds)
    track.park(runs, until)
    track.release()
    track.collect(until)
    now = time.monotonic()
    for run in runs:
        record.keep(client.recorder, run, now)
    return [run.reason for run in runs]
