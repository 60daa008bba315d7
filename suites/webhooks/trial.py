"""One round of webhooks for all rules: several receivers are subscribed, events are caused, deliveries are awaited.

All waiting goes on at the same time: a receiver that answers, one that fails, one that is slow, and so on.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from harness.client.client import exchange_of
from harness.client.recorder import Recorder
from harness.http.content import MISSING, at, json_of
from harness.http.exchange import Exchange
from harness.payloads import run_token
from harness.profile.webhooks import Webhooks
from harness.resource.causing import Cause
from harness.resource.item import Item
from harness.rules.checks import Undecided, draw, evidence, inconclusive
from harness.rules.figures import TimelineFigure

from .causing import cause_of
from .judge import event_id, is_of, retried, timeline, track
from .others import OfOther, caused_by_other
from .pausing import switch, switched_off
from .receiver import OK, Answer, CannotListen, Delivery, Endpoint, Receiver
from .resetting import resetting
from .setting import Setting, is_address, opened, prepared, subscribed

FAILS = Answer(500)
MOVED = "elsewhere"
RESET = "reset"
SCRIPTS: dict[str, tuple[Answer, ...]] = {
    # First, so that a sender that delivers one after the other lets all others wait.
    "slow": (Answer(None), OK),
    RESET: (Answer(None, resets=True), OK),
    "ok": (OK,),
    "other": (OK,),
    "leaving": (OK,),
    "paused": (OK,),
    "failing": (FAILS, FAILS, OK),
    "ending": (FAILS,),
    "redirect": (Answer(302), OK),
    "gone": (Answer(410),),
    "busy": (Answer(429), OK),
    "rotated": (OK,),
}
RETRIES = {"failing": 3, "busy": 2}
"""Attempts that are awaited."""
MOST_QUIET = 5.0
LENIENCE = 0.5
"""Seconds by which a sender may be later than it promises."""


@dataclass
class Trial:
    """What was done, and what arrived.

    Attributes:
        endpoints: the receivers by name.
        secrets: with which deliveries to each may be signed; the newest is the first.
        start: when the first event was caused, and when the second was, on the monotonic clock.
        marks: texts that tell the first and the second event from those of other clients; empty where nothing does.
        second: when the second event was caused; None where none was.
        began: when the first event for a receiver was caused, where that was not `start`.
        until: when the wait for retries was over, on the monotonic clock.
        off: what the subscription of `paused` showed when the second event was caused; empty where it was not off.
        ended: when the DELETE of the subscription of `ending` was answered, after a failed attempt; None if it was not.
        of_other: the event of another client; or why there is none.
        log: what the API's own log says of the receiver that failed.
        exchanges: what was sent for it.
    """

    how: Webhooks
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    secrets: dict[str, list[str]] = field(default_factory=dict)
    start: float = 0.0
    marks: list[str] = field(default_factory=list)
    second: float | None = None
    began: dict[str, float] = field(default_factory=dict)
    until: float = 0.0
    off: str = ""
    ended: float | None = None
    of_other: OfOther | str = "no second event was caused"
    log: Any = MISSING
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def event(self) -> str:
        """The event that is subscribed to."""
        return next(iter(self.how.events))

    @property
    def other_event(self) -> str | None:
        """The event that is not."""
        return next(iter(list(self.how.events)[1:]), None)

    def of_first(self, name: str) -> list[Delivery]:
        """Attempts to deliver the first event to a receiver, in order."""
        found = list(self.endpoints[name].deliveries) if name in self.endpoints else []
        mark = self.marks[0].encode() if self.marks and self.marks[0] else b""
        marked = [one for one in found if mark in one.content] if mark else []
        before = [one for one in found if self.second is None or one.at < self.second]
        return marked or alike([one for one in before if not self._of_other(one)])

    def of_second(self, name: str) -> list[Delivery]:
        """Attempts to deliver the second event to a receiver; none where nothing tells it from others."""
        mark = self.marks[1].encode() if len(self.marks) > 1 else b""
        return [one for one in self.since_second(name) if mark and mark in one.content]

    def arrived(self, name: str) -> list[Delivery]:
        """Attempts to deliver the first event to a receiver.

        Raises:
            Undecided: there is none.
        """
        found = self.of_first(name)
        if not found:
            inconclusive(
                f"nothing arrived at the receiver `{name}` within {self.how.wait:g} s; at others it did"
            )
        return found

    def _of_other(self, delivery: Delivery) -> bool:
        return self.other_event is not None and is_of(delivery, self.other_event)

    def since_second(self, name: str) -> list[Delivery]:
        """Whatever a receiver got since the second event was caused."""
        found = self.endpoints[name].deliveries if name in self.endpoints else []
        return [one for one in found if self.second is not None and one.at >= self.second]

    def show(self, *names: str) -> None:
        """Keep the timelines of some receivers as evidence, and draw them."""
        shown = {name: self.endpoints[name].deliveries for name in names if name in self.endpoints}
        for name, deliveries in shown.items():
            evidence(timeline(name, deliveries, self.began_for(name)))
        tracks = [track(name, deliveries, self.began_for(name)) for name, deliveries in shown.items()]
        if tracks:
            draw(TimelineFigure(title=f"Deliveries of {self.event}, since it was caused", tracks=tracks))

    def began_for(self, name: str) -> float:
        """When the event for a receiver was caused, on the monotonic clock."""
        return self.began.get(name, self.start)


def alike(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Those with the content, or the event id, of the first: the others may be of another client's event. Pure."""
    if not deliveries:
        return []
    first, id = deliveries[0], event_id(deliveries[0])
    return [one for one in deliveries if one.content == first.content or (id and event_id(one) == id)]


@dataclass
class _Kept:
    trial: Trial | None = None
    failed: str = ""
    taken: set[str] = field(default_factory=set)


_kept: weakref.WeakKeyDictionary[Recorder, _Kept] = weakref.WeakKeyDictionary()


def trial_of(given: Setting, code: str, names: Collection[str]) -> Trial:
    """The trial of this process; a rule that asks a second time gets a new one with the receivers that it names.

    Raises:
        Undecided: nothing was delivered, or the API did not take a subscription.
    """
    recorder = given.client.recorder
    kept = _kept.setdefault(recorder, _Kept())
    again = code in kept.taken
    kept.taken.add(code)
    if again:
        return _run(given, names)
    if kept.failed:
        inconclusive(kept.failed)
    if kept.trial is None:
        try:
            kept.trial = _run(given, SCRIPTS)
        except Undecided as problem:
            kept.failed = str(problem)
            raise
    else:
        recorder.exchanges += kept.trial.exchanges
    return kept.trial


def _run(given: Setting, names: Collection[str]) -> Trial:
    recorder, trial = given.client.recorder, Trial(given.how)
    before = len(recorder.exchanges)
    try:
        with opened(given) as receiver, ExitStack() as more:
            run = _Run(given, receiver, trial, more)
            if given.subscriptions is None:
                run.single()
            else:
                run.several(names)
    except CannotListen as problem:
        inconclusive(f"webhooks.listen: {problem}: another worker of the run may use it; run HOOK without -n")
    finally:
        trial.exchanges = recorder.exchanges[before:]
    return trial


class _Run:
    def __init__(self, given: Setting, receiver: Receiver, trial: Trial, more: ExitStack) -> None:
        self.given, self.how, self.receiver, self.trial, self.more = given, given.how, receiver, trial, more
        self.items: dict[str, Item] = {}

    def several(self, names: Collection[str]) -> None:
        """With a subscription for each receiver."""
        trial, how = self.trial, self.how
        absent = {"other"} if trial.other_event is None else set()
        absent |= {"rotated"} if how.rotate is None else set()
        if self.given.alone:
            # No event goes to several receivers, and none comes after the first.
            absent |= {"other", "leaving", "paused", "gone", "ending"}
        wanted = [name for name in SCRIPTS if name in {*names, "ok"} - absent]
        causes = [cause_of(self.given, event) for event in (trial.event, trial.other_event) if event]
        prepared(self.given, self.receiver)
        causes[0].began = time.monotonic()
        for name in wanted:
            if name == "paused" and switch(json_of(self.items["ok"].get()), self.given.statuses) is None:
                continue
            if name == RESET:
                self._subscribe_resetting()
            else:
                self._subscribe(name)
        if "rotated" in wanted:
            self._rotate()
        self._cause(causes[0])
        if len(causes) > 1 and not self.given.alone:
            causes[1]()
        self._end()
        self._first_arrivals()
        self._retries()
        if {"leaving", "paused", "gone"} & set(wanted):
            self._second(causes[0])
        if how.deliveries is not None and "failing" in wanted:
            reply = self.given.client.get(how.deliveries.replace("{id}", self.items["failing"].id))
            trial.log = json_of(reply) if reply.is_success else MISSING

    def single(self) -> None:
        """With one receiver, which is registered already: first it answers, then it fails."""
        cause = cause_of(self.given, self.trial.event)
        secret = self.given.client.target.private.get("webhooks_secret")
        for name in ("ok", "failing"):
            self.trial.endpoints[name] = self.receiver.add(Endpoint(name, "/", SCRIPTS[name]))
            self.trial.secrets[name] = [secret] if secret else []
            self._cause(cause)
            if name == "ok":
                self._first_arrivals()
                self.trial.marks.clear()
                self.trial.began[name] = self.trial.start
        self._retries()

    def _subscribe(self, name: str) -> None:
        trial, token = self.trial, run_token.current()
        script = SCRIPTS[name]
        if name == "redirect":
            moved = self.receiver.add(Endpoint(MOVED, f"/{token}/{MOVED}"))
            trial.endpoints[MOVED] = moved
            script = (replace(script[0], fields={"Location": self.receiver.url + moved.path}), *script[1:])
        if name == "busy":
            script = (replace(script[0], fields={"Retry-After": str(self.how.retry_after)}), *script[1:])
        self._add(self.receiver.add(Endpoint(name, f"/{token}/{name}", script)), self.receiver.url)

    def _subscribe_resetting(self) -> None:
        """A receiver at a port of its own, where the target reaches this machine directly and may send there."""
        address = self.how.listen.rpartition(":")[0].strip("[]")
        if self.how.receiver is not None or not is_address(address):
            return
        endpoint = Endpoint(RESET, f"/{run_token.current()}/{RESET}", SCRIPTS[RESET])
        try:
            url = self.more.enter_context(resetting(self.receiver, endpoint, address))
            self._add(endpoint, url)
        except (OSError, Undecided) as problem:
            evidence(f"a receiver that resets connections was not tried: {problem}")

    def _add(self, endpoint: Endpoint, url: str) -> None:
        trial, name = self.trial, endpoint.name
        event = trial.other_event if name == "other" else trial.event
        if self.given.alone:
            trial.began[name] = time.monotonic()
        item, secret = subscribed(self.given, url, endpoint, event or trial.event)
        trial.endpoints[name], self.items[name] = endpoint, item
        trial.secrets[name] = [secret] if secret else []

    def _rotate(self) -> None:
        path = (self.how.rotate or "").replace("{id}", self.items["rotated"].id)
        self.given.client.may_change("POST", path)
        reply = self.given.client.post(path)
        new = at(json_of(reply), self.how.secret)
        if reply.is_success and isinstance(new, str):
            self.trial.secrets["rotated"].insert(0, new)

    def _cause(self, cause: Cause) -> None:
        mark = cause()
        if not self.trial.marks:
            self.trial.start = cause.began
        else:
            self.trial.second = cause.began
        self.trial.marks.append(mark)

    def _wait(self, holds: Callable[[], bool], until: float) -> bool:
        return self.receiver.wait(holds, until, self.given.client.recorder.budget.check_time)

    def _first_arrivals(self) -> None:
        trial = self.trial
        direct = [name for name in trial.endpoints if name not in (MOVED, "other")]
        until = trial.start + self.how.wait

        def all_have_one() -> bool:
            return all(trial.of_first(name) for name in direct)

        if not self._wait(lambda: any(trial.of_first(name) for name in direct), until):
            inconclusive(
                f"nothing arrived within {self.how.wait:g} s at {self.receiver.url} after {trial.event} was caused "
                f"({self.how.events[trial.event]}): see that the target can reach it, or raise `wait` in [webhooks]"
            )
        self._wait(all_have_one, until)
        if "other" in trial.endpoints:
            self._wait(lambda: bool(trial.endpoints["other"].deliveries), until)

    def _retries(self) -> None:
        trial, begun = self.trial, time.monotonic()

        def over() -> bool:
            now = time.monotonic()
            spent = self.how.retries is False or now >= begun + self.how.retry_wait
            failed = spent or all(
                len(trial.of_first(name)) >= number
                for name, number in RETRIES.items()
                if name in trial.endpoints
            )
            moved = trial.endpoints.get(MOVED)
            back = spent or moved is None or bool(moved.deliveries) or len(trial.of_first("redirect")) > 1
            late = now - self.how.timeout - LENIENCE
            ended = all(one.ended is not None or one.at < late for one in trial.of_first("slow")[:1])
            # Who does not promise retries is not waited for: a sender may wait longer after silence than after 500.
            again = self.how.retries is not True or all(
                self._repeated(name) for name in ("slow", RESET) if name in trial.endpoints
            )
            return failed and back and ended and again

        wait = 0.0 if self.how.retries is False else self.how.retry_wait
        if "slow" in trial.endpoints:
            silent = self.how.timeout + 2 * LENIENCE
            wait = wait + silent if self.how.retries else max(wait, silent)
        self._wait(over, time.monotonic() + wait)
        trial.until = time.monotonic()

    def _repeated(self, name: str) -> bool:
        """Whether an attempt that got no answer was repeated, or would have been by now."""
        attempts = self.trial.of_first(name)
        waits = attempts and attempts[0].ended is not None
        return not waits or retried(attempts, self.how.retry_wait, time.monotonic()) is not None

    def _end(self) -> None:
        """Delete a subscription as soon as the first attempt to deliver to it has failed."""
        trial, item = self.trial, self.items.get("ending")
        if item is None or not self._wait(
            lambda: bool(trial.of_first("ending")), trial.start + self.how.wait
        ):
            return
        if item.delete().is_success:
            trial.ended = time.monotonic()

    def _second(self, cause: Cause) -> None:
        """One more event, when one receiver has unsubscribed and one has said that it is gone."""
        trial, item = self.trial, self.items.get("leaving")
        if item is not None:
            reply = item.delete()
            for name, endpoint in trial.endpoints.items():
                endpoint.script = endpoint.script if name == "gone" else (OK,)
            if not reply.is_success:
                evidence(f"the subscription could not be ended: {exchange_of(reply).summary()}")
                del trial.endpoints["leaving"]
        if "paused" in self.items:
            trial.off = switched_off(self.items["paused"], self.given.statuses)
        self._cause(cause)
        trial.of_other = caused_by_other(self.given, cause)
        arrived = self._wait(lambda: bool(trial.since_second("ok")), time.monotonic() + self.how.wait)
        if not arrived:
            trial.second = None
            return
        slowest = max(
            (one[0].at - trial.start for one in map(trial.of_first, trial.endpoints) if one), default=0
        )
        quiet = time.monotonic() + min(MOST_QUIET, max(0.3, 2 * slowest))
        self._wait(lambda: False, quiet)
        if isinstance(trial.of_other, OfOther):
            trial.of_other.look(self.given)
