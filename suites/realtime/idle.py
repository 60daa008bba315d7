"""What is idle: connections and polls that begin with the first rule of the suite, and wait beside all others."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field

from harness.client.open_responses import Held
from harness.client.recorder import Recorder
from harness.profile.models import LongPoll
from harness.rules.checks import NotApplicable, Undecided

from .polling import Poll, Poller, longest
from .sources import Given, polled, streams


@dataclass
class Idle:
    """What waits in this process.

    Attributes:
        streams: a connection to each event stream that only listens, by its path.
        poll: the first poll, and who sent it; None once a rule has taken it.
    """

    streams: dict[str, Held] = field(default_factory=dict)
    poll: tuple[Poller, Held] | None = None


_idle: weakref.WeakKeyDictionary[Recorder, Idle] = weakref.WeakKeyDictionary()


def begin(given: Given) -> None:
    """Let connections and a poll wait beside all rules, unless they do already."""
    recorder = given.client.recorder
    if recorder in _idle:
        return
    made = _idle[recorder] = Idle()
    try:
        for found in streams(given):
            made.streams[found.path] = listening(given, found.path)
    except (NotApplicable, Undecided):
        # The rule that asks for it says why.
        pass
    try:
        how, _ = polled(given)
        poller = Poller(given.client, how, how.start)
        made.poll = poller, poller.begin()
    except (NotApplicable, Undecided):
        return


def listening(given: Given, path: str) -> Held:
    """A connection that only listens; it ends with the run at the latest."""
    held = Held(given.client, path)
    given.client.recorder.at_the_end.append(held.abandon)
    return held


def listener(given: Given, path: str) -> Held:
    """The connection that has listened since the first rule; a new one for a rule that asks a second time."""
    known = _idle.get(given.client.recorder)
    held = known.streams.pop(path, None) if known is not None else None
    return held or listening(given, path)


def first_poll(given: Given, how: LongPoll) -> tuple[Poller, Poll]:
    """The poll that has waited since the first rule, and its end; a new one for a rule that asks a second time."""
    known = _idle.get(given.client.recorder)
    if known is None or known.poll is None:
        poller = Poller(given.client, how, how.start)
        held = poller.begin()
    else:
        (poller, held), known.poll = known.poll, None
    return poller, poller.end(held, longest(how))
