"""Long polling: one poll after the other, each from where the last one ended."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from harness.client.client import Client
from harness.client.open_responses import Held
from harness.http.content import MISSING, at, id_text
from harness.http.exchange import Exchange
from harness.profile.models import LongPoll

EMPTY = (204, 304, 408)
"""Statuses that say that there is no event."""


@dataclass
class Poll:
    """A poll that has ended.

    Attributes:
        seconds: for which it was held.
        content: of the response.
        moved: whether the response leads to another place than the request.
        why: why there is no response; empty where there is one.
    """

    exchange: Exchange
    seconds: float
    ended: float
    content: str
    moved: bool
    why: str = ""

    @property
    def status(self) -> int:
        return self.exchange.status or 0

    @property
    def empty(self) -> bool:
        """Whether it says that there was no event."""
        return self.status in EMPTY or (self.status == 200 and not self.moved)


@dataclass
class Poller:
    """Polls; each response says where the next one continues.

    Attributes:
        cursor: of the next poll; None for none.
        validators: fields of the next poll.
    """

    client: Client
    how: LongPoll
    cursor: str | None = None
    validators: dict[str, str] = field(default_factory=dict)

    def begin(self) -> Held:
        """Send a poll."""
        path = self.how.path
        if self.how.cursor is not None and self.cursor is not None:
            joint = "&" if "?" in path else "?"
            path += f"{joint}{quote(self.how.cursor, safe='')}={quote(self.cursor, safe='')}"
        held = Held(self.client, path, list(self.validators.items()), stream=False)
        self.client.recorder.at_the_end.append(held.abandon)
        return held

    def end(self, held: Held, within: float) -> Poll:
        """Wait for the response of a poll.

        Args:
            within: seconds from its request.
        """
        held.wait(lambda: held.ended is not None, held.sent + within)
        why = "" if held.ended is not None and held.status is not None else held.why or "no response"
        ended = held.ended or time.monotonic()
        exchange, content = held.close(), bytes(held.content).decode(errors="replace")
        moved = self._continue(held, content)
        return Poll(exchange, ended - held.sent, ended, content, moved, why)

    def poll(self) -> Poll:
        """One poll, held for as long as the API holds it."""
        return self.end(self.begin(), longest(self.how))

    def _continue(self, held: Held, content: str) -> bool:
        """Take from a response where the next poll continues; whether that is another place."""
        if self.how.cursor is None:
            given = {"If-None-Match": held.field("etag"), "If-Modified-Since": held.field("last-modified")}
            found = {name: value for name, value in given.items() if value is not None}
            before, self.validators = (
                self.validators,
                found if held.status == 200 and found else self.validators,
            )
            return held.status == 200 and found != before
        after = id_text(at(_json(content), self.how.next or ""))
        if after is None:
            return False
        before_, self.cursor = self.cursor, after
        return after != before_


def longest(how: LongPoll) -> float:
    """Seconds for which a poll is waited for."""
    return 1.5 * how.timeout + 5.0


def _json(content: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return MISSING
