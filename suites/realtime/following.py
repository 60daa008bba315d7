"""Connections that follow a source of events under one credential, whatever the source is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from harness.client.client import Client
from harness.client.open_responses import Held
from harness.client.websockets import websocket
from harness.http.exchange import Exchange
from harness.profile.models import LongPoll, WebSocket

from .polling import EMPTY, Poller
from .trial import FIRST_BYTE

MOST_POLLS = 50
PAUSE = 0.05
REFUSED_WITHIN = 0.5
"""Seconds for which a first poll is looked at: a refusal comes at once."""


@dataclass
class Listener:
    """A connection under one credential.

    Attributes:
        open: whether events can come.
        texts: gives what came so far.
        wait: waits until a condition holds, or an instant of the monotonic clock.
        exchange: what shows how it was answered, once it has ended.
    """

    open: bool
    texts: Callable[[], list[str]]
    wait: Callable[[Callable[[], bool], float], bool]
    exchange: Callable[[], Exchange]


@contextmanager
def following(client: Client, how: Any) -> Iterator[Listener]:
    """A connection to a stream or to a WebSocket, or polls one after the other."""
    if isinstance(how, WebSocket):
        with websocket(client, how.path, how.subprotocols) as one:
            yield Listener(
                one.handshake.accepted,
                lambda: [text for _, text in one.texts],
                one.wait,
                lambda: one.handshake.exchange,
            )
        return
    if isinstance(how, LongPoll):
        polls = Polls(client, how)
        try:
            yield Listener(polls.allowed, polls.texts, polls.wait, polls.close)
        finally:
            polls.close()
        return
    held = Held(client, how.path)
    try:
        held.opened(FIRST_BYTE)
        yield Listener(
            held.status is None or held.is_stream,
            lambda: [received.event.data for received in list(held.events)],
            held.wait,
            held.close,
        )
    finally:
        held.close()


class Polls:
    """Polls, each sent when the last one was answered."""

    def __init__(self, client: Client, how: LongPoll) -> None:
        self.poller = Poller(client, how, how.start)
        self.held = self.poller.begin()
        self.seen: list[str] = []
        self.held.wait(lambda: self.held.ended is not None, self.held.sent + REFUSED_WITHIN)

    @property
    def allowed(self) -> bool:
        """Whether nothing says that the client may not poll."""
        return self.held.status is None or self.held.status in (200, *EMPTY)

    def texts(self) -> list[str]:
        """The content of each response, as far as it came."""
        return [*self.seen, bytes(self.held.content).decode(errors="replace")]

    def wait(self, holds: Callable[[], bool], until: float) -> bool:
        """Poll until a condition holds, or an instant; whether it does."""
        for _ in range(MOST_POLLS):
            self.held.wait(holds, until)
            if holds():
                return True
            if self.held.ended is None or not self.allowed or time.monotonic() >= until:
                return False
            one = self.poller.end(self.held, 0.0)
            self.seen.append(one.content)
            self.poller.client.recorder.budget.sleep(PAUSE)
            self.held = self.poller.begin()
        return False

    def close(self) -> Exchange:
        """End the last one."""
        return self.held.close()
