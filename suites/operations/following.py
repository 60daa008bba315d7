"""Following the monitor of an operation until it ends: once for all rules, within bounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx

from harness.client.client import Client, exchange_of
from harness.client.recorder import Recorder
from harness.http.content import MISSING, json_of
from harness.http.exchange import Exchange
from harness.http.fields import retry_after
from harness.http.item_urls import is_below
from harness.http.monitors import MonitorLink, OperationState, monitor_in, state_in
from harness.http.path_templates import matches
from harness.ledger.entries import CreatePlan
from harness.profile.models import Profile
from harness.rules.checks import Undecided, draw
from harness.rules.figures import Moment, Outcome, TimelineFigure, Track

from .starting import Operation

LONGEST = 60.0
"""Seconds for which a monitor is followed, unless the profile declares a longer time."""
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 2.0
LONGEST_ASKED = 15.0
"""Seconds between two looks, at most, where Retry-After asks for a longer wait."""
AFTER = (0.02, 0.4)
"""Seconds before each look after the end of an operation that the rules share; others are looked at sooner."""
RESULTS = ("/result", "/results", "/output", "/download")


@dataclass(frozen=True)
class Look:
    """One response of a monitor.

    Attributes:
        at: seconds since the start was answered.
        state: what it shows; None where its content is no JSON object.
        final: whether the response is the result itself, in place of the monitor (as in Azure: 202 until then).
    """

    at: float
    exchange: Exchange
    state: OperationState | None
    final: bool = False

    @property
    def status(self) -> int:
        return self.exchange.status or 0

    @property
    def redirects(self) -> bool:
        """Whether the monitor leads to the result (303), as some do at the end."""
        return self.status in (302, 303) and self.exchange.field("location") is not None

    @property
    def ended(self) -> bool:
        return (
            self.redirects
            or self.final
            or (self.status < 300 and self.state is not None and self.state.ended)
        )


@dataclass
class Followed:
    """What was seen of one operation.

    Attributes:
        start: the exchange that started it.
        link: where that points to a monitor; None where it does not.
        url: of the monitor; None where it is at another origin, or is none.
        looks: until the operation ended, or the looking did.
        after: looks after its end.
        result: the exchange that read the result; None where nothing leads to one.
        documented: whether only the document leads to it.
        open: why it is not known how the operation ends; empty where it is.
        plans: of the create that started it, where its item is to be looked for.
    """

    operation: Operation
    start: Exchange
    link: MonitorLink | None = None
    url: str | None = None
    looks: list[Look] = field(default_factory=list)
    after: list[Look] = field(default_factory=list)
    result: Exchange | None = None
    documented: bool = False
    open: str = ""
    plans: list[CreatePlan] = field(default_factory=list)

    @property
    def plain(self) -> bool:
        """Whether the status code of the monitor shows the state: 202 until the result is there."""
        return self.link is not None and self.link.how == "Location"

    @property
    def succeeded(self) -> bool:
        """Whether the operation was seen to succeed."""
        last = self.looks[-1] if self.looks else None
        if last is None or not last.ended:
            return False
        return last.redirects or last.final or (last.state is not None and last.state.phase == "succeeded")

    @property
    def ended(self) -> bool:
        return bool(self.looks) and self.looks[-1].ended

    @property
    def state(self) -> OperationState | None:
        """What the last look showed before the operation was looked at once more."""
        return self.looks[-1].state if self.looks else None

    @property
    def at_once(self) -> bool:
        """Whether the response to the start is the result itself."""
        status = self.start.status or 0
        return self.link is None and 200 <= status < 300 and status != 202

    @property
    def timeline(self) -> str:
        """The states over time, in a sentence."""
        shown = [f"{self.operation.name}: {self.start.status}"]
        before = ""
        for look in [*self.looks, *self.after]:
            word = describe(look)
            if word != before or look is self.looks[-1]:
                shown.append(f"{look.at:.2f} s {word}")
            before = word
        return ", ".join(shown)


def track(seen: Followed) -> Track:
    """The states of an operation over time, to be drawn; each lasts until another one was seen."""
    looks = [*seen.looks, *seen.after]
    shown = [
        look for place, look in enumerate(looks) if place == 0 or word_of(look) != word_of(looks[place - 1])
    ]
    moments = []
    for place, look in enumerate(shown):
        until = shown[place + 1].at if place + 1 < len(shown) else looks[-1].at
        state = look.state.phase if look.state is not None and look.status < 300 else None
        bad = look.status >= 400 or state == "failed"
        good = not bad and look.ended and state != "cancelled"
        outcome: Outcome = "bad" if bad else "good" if good else "open"
        text = word_of(look)
        moments.append(Moment(at=look.at, end=until, text=text, outcome=outcome, exchange=look.exchange.id))
    return Track(label=f"{seen.operation.name}: {seen.start.status}", moments=moments)


def word_of(look: Look) -> str:
    """The state that a look showed, without the progress."""
    state = look.state
    return str(look.status) if state is None or state.status is None else state.status


def drawn(title: str, found: Iterable[Followed]) -> None:
    """Draw the states of operations over time."""
    tracks = [track(one) for one in found if one.looks]
    if tracks:
        draw(TimelineFigure(title=title, tracks=tracks))


def describe(look: Look) -> str:
    """What a look showed, in a few words."""
    state = look.state
    if look.final:
        return f"{look.status}, the result"
    if look.status != 200 or state is None or state.status is None:
        return f"{look.status}" if state is None or state.status is None else f"{look.status} {state.status}"
    return state.status if state.progress is None else f"{state.status} ({state.progress:g})"


def elsewhere(client: Client, url: str) -> bool:
    """Whether a URL is at another origin than the target."""
    return urlsplit(url)[:2] != urlsplit(client.target.url)[:2]


_FOLLOWED: WeakKeyDictionary[Recorder, dict[str, tuple[Followed, set[str]]]] = WeakKeyDictionary()


def followed(client: Client, profile: Profile, operation: Operation, rule: str) -> Followed:
    """What was seen of the operation: by an earlier rule, or now; a rule that asks again starts it again."""
    kept = _FOLLOWED.setdefault(client.recorder, {})
    found, asked = kept.get(operation.name, (None, set()))
    if found is None or rule in asked:
        found, asked = follow(client, profile, operation, after=AFTER), set()
        kept[operation.name] = found, asked
    elif found.url is not None and found.ended:
        # The rule has a look of its own, as evidence.
        found.after.append(look_at(client, found))
    asked.add(rule)
    return found


def follow(
    client: Client,
    profile: Profile,
    operation: Operation,
    *,
    body: Any = MISSING,
    after: tuple[float, ...] = (FIRST_PAUSE, FIRST_PAUSE),
) -> Followed:
    """Start an operation and follow it.

    Args:
        after: seconds before each look after its end.
    """
    seen = begun(client, operation, body=body)
    if seen.url is not None:
        watch(client, profile, seen, after)
    return seen


def begun(
    client: Client, operation: Operation, *, body: Any = MISSING, headers: dict[str, str | None] | None = None
) -> Followed:
    """Start an operation, and find its monitor.

    Raises:
        Undecided: no response came.
    """
    before = [] if operation.resource is None else list(operation.resource.ledger.lost)
    reply = operation.start(client, body, headers)
    exchange = exchange_of(reply)
    seen = Followed(operation, exchange)
    if operation.resource is not None:
        lost = operation.resource.ledger.lost
        seen.plans = [plan for plan in lost if not any(plan is one for one in before)]
    if not reply.is_success:
        seen.open = f"{exchange.summary()}: it was not started"
        return seen
    value = json_of(reply)
    seen.link = monitor_in(reply.status_code, exchange.field, value)
    template, state = operation.settings.monitor, state_in(value)
    if template is not None and state is not None and state.id is not None:
        seen.link = MonitorLink(template.replace("{id}", state.id), "the profile's `monitor`")
        seen.url = client.url(seen.link.reference)
        return seen
    if seen.link is None:
        seen.open = f"{exchange.summary()}: nothing in it leads to a monitor"
        return seen
    url = _resolved(client, seen.link, str(reply.request.url))
    if elsewhere(client, url):
        seen.open = (
            f"{exchange.summary()}: {seen.link.how} leads to another origin, {urlsplit(url).netloc}, "
            "to which nothing is sent"
        )
        return seen
    seen.url = url
    return seen


def _resolved(client: Client, link: MonitorLink, base: str) -> str:
    try:
        url = client.resolve(link.reference, base)
    except Undecided:
        return link.reference
    if link.how.startswith("name") and not is_below(url, client.target.url):
        # The name of an operation is relative to the service (AIP-151).
        return client.url(link.reference)
    return url


def look_at(client: Client, seen: Followed) -> Look:
    """One look at the monitor of an operation."""
    reply = client.get(seen.url or "")
    exchange = exchange_of(reply)
    return Look(exchange.ended - seen.start.ended, exchange, state_in(json_of(reply)))


def watch(
    client: Client,
    profile: Profile,
    seen: Followed,
    after: tuple[float, ...] = (FIRST_PAUSE, FIRST_PAUSE),
) -> None:
    """Look at a monitor until the operation ends, then at its result, and at the monitor again."""
    longest = max(seen.operation.settings.max_seconds or 0.0, 0.0) or LONGEST
    try:
        _look_until_the_end(client, seen, longest, profile.consistency_window)
        if not seen.ended:
            return
        _read_result(client, seen)
        for pause in after:
            client.recorder.budget.sleep(pause)
            seen.after.append(look_at(client, seen))
    except Undecided as problem:
        seen.open = seen.open or str(problem)


def _look_until_the_end(client: Client, seen: Followed, longest: float, lag: float) -> None:
    pause = FIRST_PAUSE
    while True:
        look = look_at(client, seen)
        if (
            seen.plain
            and look.status in (200, 201, 204)
            and (look.state is None or look.state.status is None)
        ):
            look = replace(look, final=True)
        seen.looks.append(look)
        if look.ended:
            return
        absent = (
            look.status in (404, 410) and look.at <= lag and not any(one.status < 300 for one in seen.looks)
        )
        if look.status >= 300 and not absent:
            seen.open = f"{look.exchange.summary()}: it is not known how the operation ends"
            return
        wait = max(pause, min(_asked(look.exchange), LONGEST_ASKED))
        pause = min(pause * 1.5, LONGEST_PAUSE)
        if look.at + wait > longest:
            shown = describe(look)
            seen.open = f"after {look.at:.1f} s the operation had not ended: {shown}"
            return
        client.recorder.budget.sleep(wait)


def _asked(exchange: Exchange) -> float:
    return retry_after(exchange.field("retry-after"), exchange.field("date")) or 0.0


def _read_result(client: Client, seen: Followed) -> None:
    last = seen.looks[-1]
    if last.final:
        seen.result = last.exchange
        return
    location = last.exchange.field("location") if last.redirects else None
    reference = location or (last.state.result if last.state is not None else None)
    inline = last.state is not None and last.state.inline
    if reference is None and seen.succeeded and not inline:
        reference = _documented_result(client, seen)
        seen.documented = reference is not None
    if reference is None:
        return
    url = client.resolve(reference, seen.url or "")
    if not elsewhere(client, url):
        reply: httpx.Response = client.get(url)
        seen.result = exchange_of(reply)


def _documented_result(client: Client, seen: Followed) -> str | None:
    """URL of the result where the document has it below the monitor; None elsewhere."""
    if seen.url is None:
        return None
    path = monitor_path(client, seen.url).rstrip("/")
    for word in RESULTS:
        if any(matches(template, path + word) for template in seen.operation.reads):
            return client.url(path + word)
    return None


def monitor_path(client: Client, url: str) -> str:
    """The path of a monitor relative to the target URL, without its query."""
    path = urlsplit(url).path
    return path.removeprefix(urlsplit(client.target.url).path.rstrip("/"))


def words(client: Client, seen: Followed) -> tuple[str, ...]:
    """The values that the document lists for the status of the monitor, in its order; empty where it lists none."""
    if seen.url is None:
        return ()
    path = monitor_path(client, seen.url)
    listed = (words for template, words in seen.operation.statuses if matches(template, path))
    return next(listed, ())
