"""The connections on which a client's races run, opened and warmed before, and kept for the next round.

1. What ALPN negotiates decides between one HTTP/2 connection and one HTTP/1.1 connection for each member.
2. A connection is warmed by one GET of the target's base URL: the target has accepted it, and it is known
   whether the target keeps connections. One that does not (HTTP/1.0, `Connection: close`) is only connected to.
3. Connections are kept between races only where the target answered on all of them while all were open: a
   target with room for a few connections must not find them all taken by idle ones.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from harness.client.recorder import Recorder
from harness.client.transport import ssl_context
from harness.race.gate import Gate, GateLane
from harness.race.multiplex import Multiplex
from harness.race.stream import Stream
from harness.race.track import Track, described
from harness.target.credentials.resolved import Certificate
from harness.target.target import Target

IDLE = 1.5
"""Seconds after which a kept connection is not used again: targets close theirs after 2 seconds or more."""

WarmUp = Callable[[Track, int], list[str | None]]
"""Sends a number of warm-up requests over a track; why each went unanswered, or None."""


class Lanes:
    """A target's connections for races, for one race at a time.

    Attributes:
        trouble: why there are fewer connections than were asked for.
        notes: what was learnt of the target on the way.
    """

    def __init__(self, target: Target, certificate: Certificate | None = None) -> None:
        self.trouble: str | None = None
        self.notes: list[str] = []
        parts = urlsplit(target.url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        secure = parts.scheme == "https"
        self._context = ssl_context(target.insecure, certificate, target.authority) if secure else None
        self._offer = ["h2", "http/1.1"]
        self._kept: list[GateLane] = []
        self._multiplex: Multiplex | None = None
        self._used = 0.0
        self._persistent: bool | None = None
        self._warmed = 0
        self._most: int | None = None
        self._why = ""

    def track(self, members: int, warm_up: WarmUp, seconds: float) -> Track | None:
        """Connections for a race, as many as the target allows; None where it allows none.

        Args:
            members: how many requests are to be in flight at once.
            warm_up: sends warm-up requests.
            seconds: for each of: opening connections, one warm-up.
        """
        self.trouble = None
        if time.monotonic() - self._used > IDLE:
            self.close()
        if self._multiplex is not None and self._multiplex.usable:
            return self._multiplex
        if self._context is not None and "h2" in self._offer:
            self._open_multiplex(warm_up, seconds)
            if self._multiplex is not None:
                return self._multiplex
        lanes = self._lanes(members, warm_up, seconds)
        return Gate(lanes) if lanes else None

    def give_back(self, track: Track) -> None:
        """After a race: keep the connections for the next one, or close them."""
        self._used = time.monotonic()
        if isinstance(track, Gate):
            self._kept = [lane for lane in track.lanes if lane.idle]
            for lane in self._kept:
                lane.raced = True
            for lane in track.lanes:
                if lane not in self._kept or self._most is not None:
                    lane.close()
            if self._most is not None:
                self._kept = []
        elif self._multiplex is not None:
            self._multiplex.raced = True

    def close(self) -> None:
        """Close all connections."""
        for lane in self._kept:
            lane.close()
        self._kept = []
        if self._multiplex is not None:
            self._multiplex.close()
            self._multiplex = None

    # -- HTTP/2 --------------------------------------------------------------------------------------------

    def _open_multiplex(self, warm_up: WarmUp, seconds: float) -> None:
        try:
            stream = self._open(seconds)
        except OSError as problem:
            self.trouble = f"no connection: {described(problem)}"
            return
        if stream.protocol != "h2":
            self._offer = ["http/1.1"]
            self._kept.append(GateLane(stream))
            return
        try:
            multiplex = Multiplex(stream, time.monotonic() + seconds)
        except OSError as problem:
            stream.close()
            reason: str | None = described(problem)
        else:
            reason = warm_up(multiplex, 1)[0]
            if multiplex.usable:
                self._multiplex = multiplex
                return
            multiplex.close()
        self._offer = ["http/1.1"]
        self.notes.append(
            f"HTTP/2 was negotiated, but the server did not use it ({reason}); raced over HTTP/1.1"
        )

    # -- HTTP/1.1 ------------------------------------------------------------------------------------------

    def _lanes(self, members: int, warm_up: WarmUp, seconds: float) -> list[GateLane]:
        lanes = [lane for lane in self._kept if lane.idle]
        self._kept = []
        wanted = members if self._most is None else min(members, self._most)
        if self._most is not None and wanted < members:
            self.trouble = self._why
        if self._persistent is None and wanted > 0:
            lanes = lanes[:1] or self._more(1, seconds)
            if lanes:
                self._learn(lanes[0], warm_up)
                lanes = [lane for lane in lanes if lane.idle]
        lanes += self._more(wanted - len(lanes), seconds)
        if len(lanes) < wanted:
            self._limit(len(lanes), self.trouble or "")
        cold = lanes[self._warmed :] if self._persistent else []
        if cold:
            warm_up(Gate(cold), len(cold))
            served = [lane for lane in lanes if lane.idle]
            self._warmed = len(served)
            if len(served) < len(lanes):
                self._limit(
                    len(served), f"left out: the target answered on only {len(served)} connections at once"
                )
            lanes = served
        return lanes[:members]

    def _limit(self, most: int, why: str) -> None:
        """Remember how many connections there can be, so that later rounds do not wait for more."""
        self.trouble = why
        if most >= 2:
            self._most, self._why = most, why

    def _learn(self, lane: GateLane, warm_up: WarmUp) -> None:
        reason = warm_up(Gate([lane]), 1)[0]
        if reason is None:
            self._persistent = lane.idle
            self._warmed = 1 if lane.idle else 0
            if not lane.idle:
                self.notes.append(
                    "the target closes each connection: raced on new connections without a warm-up"
                )
        else:
            self.notes.append(f"the warm-up was not answered: {reason}")

    def _more(self, count: int, seconds: float) -> list[GateLane]:
        if count <= 0:
            return []
        with ThreadPoolExecutor(count) as threads:
            opening = [threads.submit(self._open, seconds) for _ in range(count)]
        lanes: list[GateLane] = []
        for one in opening:
            try:
                lanes.append(GateLane(one.result()))
            except OSError as problem:
                self.trouble = f"no connection: {described(problem)}"
        return lanes

    def _open(self, seconds: float) -> Stream:
        if self._context is not None:
            self._context.set_alpn_protocols(self._offer)
        return Stream.open(self._host, self._port, self._context, seconds)


_of: weakref.WeakKeyDictionary[Recorder, dict[Certificate | None, Lanes]] = weakref.WeakKeyDictionary()


def lanes_of(recorder: Recorder, certificate: Certificate | None = None) -> Lanes:
    """The connections that belong to a recorder, and end with it; others for each client certificate."""
    known = _of.setdefault(recorder, {})
    if certificate not in known:
        lanes = known[certificate] = Lanes(recorder.target, certificate)
        weakref.finalize(recorder, lanes.close)
    return known[certificate]
