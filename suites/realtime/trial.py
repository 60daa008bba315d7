"""One round of each event stream for all rules: connections that stay, leave and return, and events beside them."""

from __future__ import annotations

import time
import weakref
from dataclasses import dataclass, field

from harness.client.open_responses import Held
from harness.client.recorder import Recorder
from harness.http.exchange import Exchange
from harness.payloads import run_token
from harness.resource.causing import Cause
from harness.rules.checks import Undecided
from harness.rules.rule import Effect

from .changes import Changes, changed_in_a_row
from .judge import mentions
from .sources import Found, Given

FIRST_BYTE = 2.0
"""Seconds within which the header section must have arrived."""
LISTENED = 2.0
"""Seconds for which a stream is listened to where nothing causes an event."""
MISSED = 3
"""Events that are caused while a client is away."""


@dataclass
class Write:
    """A request that causes an event.

    Attributes:
        mark: by which the event is recognised.
        began, done: when it was sent, and answered, on the monotonic clock.
        arrived: when the event was there; None where it was not.
        shown: status of a GET of the item after that; None where there is none.
        late: seconds after which a GET showed the item; None where it did at once.
    """

    mark: str
    began: float
    done: float
    arrived: float | None = None
    shown: int | None = None
    late: float | None = None


@dataclass
class Round:
    """What was done with a stream, and what arrived.

    Attributes:
        main: a connection that stays.
        leaver: one that leaves after the first event; None where clients cannot resume.
        left_at: the id of the last event that it had.
        resumed: one with that id.
        stranger: one with an id that the stream never had.
        open: why not everything could be done; empty where it was.
        unrelated: how many events came in place of that of the first write.
        exchanges: what was sent for it.
    """

    found: Found
    main: Held
    leaver: Held | None = None
    left_at: str = ""
    resumed: Held | None = None
    stranger: Held | None = None
    writes: list[Write] = field(default_factory=list)
    changes: Changes | None = None
    open: str = ""
    unrelated: int = 0
    exchanges: list[Exchange] = field(default_factory=list)

    def marks(self, held: Held, since: float = 0.0) -> list[str]:
        """Marks of the events that a connection got, in order, each as often as it came.

        What a change of an item causes has its mark, too: only what came before the changes counts.
        """
        end = self.changes.began if self.changes is not None else float("inf")
        return [
            write.mark
            for one in list(held.events)
            for write in self.writes
            if since <= one.at < end and mentions(one.event.data, write.mark)
        ]

    @property
    def timeline(self) -> str:
        """Writes and events over time, in a sentence."""
        begin = self.main.sent
        shown = [(self.main.head, f"{self.main.status}")] if self.main.head is not None else []
        shown += [(one.began, f"[write {place}]") for place, one in enumerate(self.writes, 1)]
        shown += [
            (one.at, self._named(one.event.data, one.event.type, one.event.id))
            for one in self.main.events[:40]
        ]
        if self.main.ended is not None:
            shown.append((self.main.ended, self.main.why))
        return f"{self.found.path}: " + ", ".join(f"{at - begin:.2f} s {text}" for at, text in sorted(shown))

    def _named(self, data: str, kind: str, id: str) -> str:
        place = next((n for n, one in enumerate(self.writes, 1) if mentions(data, one.mark)), None)
        what = f"event of write {place}" if place is not None else f"event {kind}"
        return f"{what} (id {id[:24]})" if id else what


@dataclass
class _Kept:
    rounds: dict[str, Round] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    taken: set[tuple[str, str]] = field(default_factory=set)


_kept: weakref.WeakKeyDictionary[Recorder, _Kept] = weakref.WeakKeyDictionary()


def round_of(given: Given, found: Found, code: str) -> Round:
    """The round of a stream in this process; a rule that asks a second time gets a new one.

    Raises:
        Undecided: the target cannot be connected to.
    """
    recorder = given.client.recorder
    kept = _kept.setdefault(recorder, _Kept())
    again = (code, found.path) in kept.taken
    kept.taken.add((code, found.path))
    if again:
        return _run(given, found)
    if found.path in kept.failed:
        raise Undecided(kept.failed[found.path])
    known = kept.rounds.get(found.path)
    if known is None:
        try:
            known = kept.rounds[found.path] = _run(given, found)
        except Undecided as problem:
            kept.failed[found.path] = str(problem)
            raise
    else:
        recorder.exchanges += known.exchanges
    return known


def _run(given: Given, found: Found) -> Round:
    recorder = given.client.recorder
    before = len(recorder.exchanges)
    made = Round(found, Held(given.client, found.path))
    run = _Run(given, made)
    try:
        run.go()
    except Undecided as problem:
        made.open = made.open or str(problem)
    finally:
        for held in (made.main, made.leaver, made.resumed, made.stranger):
            if held is not None:
                held.close()
        made.exchanges = recorder.exchanges[before:]
    return made


class _Run:
    def __init__(self, given: Given, made: Round) -> None:
        self.given, self.made, self.how = given, made, made.found.how

    def go(self) -> None:
        """All of it, as far as the stream lets us."""
        made, main = self.made, self.made.main
        main.opened(FIRST_BYTE)
        writes = self.given.client.target.limits.effects >= Effect.WRITE
        if self.how.trigger is None or not writes:
            main.wait(lambda: len(main.events) >= MISSED, time.monotonic() + (self.how.heartbeat or LISTENED))
            return
        if main.head is not None and not main.is_stream:
            return
        cause = self.given.cause(self.how, "streams.trigger")
        if self.how.resume is not False:
            made.leaver = Held(self.given.client, made.found.path)
            made.leaver.opened(FIRST_BYTE)
        first = self._write(cause)
        self._leave(first)
        if first.arrived is None:
            made.unrelated = sum(one.at >= first.began for one in main.events)
            made.open = (
                f"{made.unrelated} events arrived, and none shows the id {first.mark} of the item that was created"
                if made.unrelated
                else f"the event of a write did not arrive within {self.how.latency:g} s"
            )
            return
        for _ in range(MISSED):
            self._write(cause)
        self._return()
        last = self._write(cause)
        if made.resumed is not None:
            self._await(made.resumed, last.mark)
        if self.how.changes and cause.item is not None:
            made.changes = changed_in_a_row(cause.item, main, self.how)

    def _write(self, cause: Cause) -> Write:
        """Cause an event, wait for it, and read its item."""
        mark = cause()
        write = Write(mark, cause.began, time.monotonic())
        self.made.writes.append(write)
        if self._await(self.made.main, mark):
            write.arrived = next(one.at for one in self.made.main.events if mentions(one.event.data, mark))
            self._read(cause, write)
        return write

    def _await(self, held: Held, mark: str) -> bool:
        until = time.monotonic() + self.how.latency
        return held.wait(lambda: any(mentions(one.event.data, mark) for one in held.events), until)

    def _read(self, cause: Cause, write: Write) -> None:
        """Whether the API shows an item of which it has sent an event."""
        if cause.item is None or not cause.item.resource.can("read"):
            return
        began = time.monotonic()
        write.shown = cause.item.get().status_code
        if write.shown not in (404, 410):
            return
        window = self.given.profile.consistency_window
        while time.monotonic() < began + window:
            self.given.client.recorder.budget.sleep(0.05)
            if cause.item.get().is_success:
                write.late = time.monotonic() - began
                return

    def _leave(self, first: Write) -> None:
        """Let a client leave after the first event."""
        leaver = self.made.leaver
        if leaver is None:
            return
        if first.arrived is not None:
            self._await(leaver, first.mark)
        got = [one for one in leaver.events if mentions(one.event.data, first.mark)]
        self.made.left_at = got[-1].event.id if got else ""
        leaver.close()

    def _return(self) -> None:
        """Let it return with the id of that event, and another with an id that the stream never had."""
        made, client = self.made, self.given.client
        if not made.left_at:
            return
        made.resumed = Held(client, made.found.path, [("Last-Event-ID", made.left_at)])
        missed, resumed = [one.mark for one in made.writes[1 : 1 + MISSED]], made.resumed
        resumed.wait(
            lambda: all(any(mentions(one.event.data, mark) for one in resumed.events) for mark in missed),
            time.monotonic() + self.how.latency,
        )
        made.stranger = Held(client, made.found.path, [("Last-Event-ID", f"{run_token.current()}-unknown")])
        made.stranger.opened(FIRST_BYTE)
