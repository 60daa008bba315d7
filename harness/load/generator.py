"""Sends a load: open-loop arrivals over asyncio, with a stop rule and a measure of its own lag.

Only GETs are sent. They go through the bounds of the run as a whole: what a load sends at most is taken from the
budgets before it begins, and what was not sent is given back. A few of the exchanges are recorded: of each client the
first of each outcome, and the slowest.
"""

from __future__ import annotations

import asyncio
import errno
import json
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import anyio
import httpcore
import httpx

from harness.client.client import Client
from harness.client.transport import ssl_context
from harness.http.decoding import MOST_OCTETS
from harness.http.error_markers import markers
from harness.http.exchange import Exchange
from harness.http.fields import retry_after
from harness.load.arrivals import RETRY_PACE, Arrivals
from harness.load.machine import Machine
from harness.load.sample import SERVED, Lag, Sample, Series
from harness.load.slow import SlowClients
from harness.load.stop_rule import ill, overrun
from harness.rules.checks import Undecided

TICK = 0.02
"""Seconds between two looks at the clock, each of which shows how late the harness wakes up."""
PATIENCE = 3.0
"""Seconds that a request of a watched client may wait before the load ends."""
KEPT_OPEN = 2.0
"""Seconds for which an idle connection is used again: servers close theirs after five or more."""
SHOWN = ("http_version", "reason_phrase", "stream_id")
"""What httpcore adds to a response that is evidence."""
LONGEST_ERROR = 4096
"""Bytes of content beyond which a response is no mere error."""
OWN_FAULTS = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM})
"""Errors of sockets that are no fault of the target's."""


@dataclass(frozen=True)
class Course:
    """What a load came to.

    Attributes:
        series: of each of the arrivals, in their order.
        lag: of the harness itself.
        use: part of the processors of this machine that was in use.
        stopped: when the stop rule ended the load, in seconds after the beginning; None where it did not.
        why: why it did.
        exchanges: those that were recorded.
    """

    series: tuple[Series, ...]
    lag: Lag = field(default_factory=Lag)
    use: float = 0.0
    stopped: float | None = None
    why: str = ""
    exchanges: tuple[Exchange, ...] = ()


def load(
    client: Client,
    arrivals: Sequence[Arrivals],
    patience: float = PATIENCE,
    slow: SlowClients | None = None,
) -> Course:
    """Send a load.

    Args:
        client: whose recorder bounds and records what is sent.
        patience: seconds that a request of a watched client may wait before the load ends.
        slow: clients that are there meanwhile, and that the stop rule ends like a flood.

    Raises:
        Undecided: a budget has no room for it, the time of the run is over, or this machine cannot send it.
    """
    recorder = client.recorder
    beside = 0 if slow is None else slow.requests
    most = sum(one.most for one in arrivals) + beside
    pace, rate = recorder.budget.rps, sum(one.rate * (1 + one.retries) for one in arrivals)
    if pace is not None and rate > pace:
        raise Undecided(f"the load is {rate:g} requests a second, and --rps allows {pace:g}")
    for one in arrivals:
        recorder.admit("GET", httpx.URL(one.url))
    recorder.budget.room_for_load(most)
    recorder.budget.take(most)
    sender = _Sender(client, arrivals, patience, slow)
    try:
        asyncio.run(sender.run())
    finally:
        recorder.budget.return_load(max(0, most - beside - sender.sent))
    recorder.budget.check_time()
    if sender.own_fault:
        raise Undecided(f"this machine cannot send the load: {sender.own_fault}")
    return sender.course()


@dataclass
class _Answer:
    """A response, as far as it is kept."""

    sample: Sample
    response: httpx.Response | None
    content: bytes


class _Client:
    """One client of a load: its connections, requests and samples."""

    def __init__(self, client: Client, plan: Arrivals) -> None:
        self.plan = plan
        carried = client.recorder.wallet.carried(plan.credential)
        hints = {"credential": plan.credential}
        self.request = client.session.build_request(
            "GET",
            plan.url,
            headers={**carried.fields, **plan.fields},
            extensions={"conformance": hints},
        )
        client.recorder.sign(self.request, carried)
        secure = self.request.url.scheme == "https"
        self.pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context(client.target.insecure, carried.certificate, client.target.authority)
            if secure
            else None,
            max_connections=None,
            keepalive_expiry=KEPT_OPEN,
            network_backend=httpcore.AnyIOBackend(),
            http2=True,
        )
        self.samples: list[Sample] = []
        self.waiting: dict[int, float] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.kept: dict[str, _Answer] = {}

    async def exchange(self, timeout: float) -> tuple[httpx.Response, bytes]:
        """Send the request and read the response, as far as it is of reasonable size."""
        url = self.request.url
        sent = httpcore.Request(
            "GET",
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=self.request.headers.raw,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout)},
        )
        content = bytearray()
        async with asyncio.timeout(timeout):
            response = await self.pool.handle_async_request(sent)
            try:
                async for part in response.aiter_stream():
                    content += part[: MOST_OCTETS - len(content)]
            finally:
                await response.aclose()
        # Without the stream, which is closed before the exchange is recorded.
        kept = {name: response.extensions[name] for name in SHOWN if name in response.extensions}
        answer = httpx.Response(response.status, headers=response.headers, extensions=kept)
        return answer, bytes(content)

    def keep(self, answer: _Answer) -> None:
        """Keep the first of each outcome, and the slowest."""
        sample = answer.sample
        self.kept.setdefault(sample.outcome, answer)
        slowest = self.kept.get("slowest")
        if slowest is None or sample.latency > slowest.sample.latency:
            self.kept["slowest"] = answer


class _Sender:
    def __init__(
        self, client: Client, arrivals: Sequence[Arrivals], patience: float, slow: SlowClients | None
    ) -> None:
        self.client, self.slow = client, slow
        self.patience = min(patience, client.target.limits.timeout)
        self.clients = [_Client(client, one) for one in arrivals]
        self.timeout = client.target.limits.timeout
        self.sent = 0
        self.lags: list[float] = []
        self.own_fault = ""
        self.over = False
        self.stopped: float | None = None
        self.why = ""
        self.machine = Machine()
        self.began = 0.0
        self._flooders: list[asyncio.Task[None]] = []

    @property
    def now(self) -> float:
        """Seconds after the beginning."""
        return time.monotonic() - self.began

    async def run(self) -> None:
        """Send everything, and wait for the responses."""
        # Imports what anyio needs, which would be taken for lag.
        await anyio.sleep(0)
        self.began = time.monotonic()
        sending = []
        for one in self.clients:
            task = asyncio.create_task(self._send(one))
            sending.append(task)
            if one.plan.floods:
                self._flooders.append(task)
        if self.slow is not None:
            sending.append(asyncio.create_task(self.slow.run(lambda: self.now)))
            self._flooders.append(sending[-1])
        watching = asyncio.create_task(self._watch())
        try:
            await asyncio.gather(*sending)
            # A retry is a new task: one that has ended may have begun another.
            while left := [task for one in self.clients for task in one.tasks]:
                await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            for task in (*sending, *(task for one in self.clients for task in one.tasks)):
                task.cancel()
            for one in self.clients:
                await one.pool.aclose()

    async def _send(self, one: _Client) -> None:
        for number in range(one.plan.count):
            due = one.plan.due(number)
            await asyncio.sleep(max(0.0, due - self.now))
            if self.over or (self.stopped is not None and (one.plan.floods or not self._flooders)):
                return
            self._begin(one, due, 1)

    def _begin(self, one: _Client, due: float, attempt: int) -> None:
        task = asyncio.create_task(self._ask(one, due, attempt))
        one.tasks.add(task)
        task.add_done_callback(one.tasks.discard)

    async def _ask(self, one: _Client, due: float, attempt: int) -> None:
        sent = self.now
        self.lags.append(sent - due)
        self.sent += 1
        number = self.sent
        one.waiting[number] = due
        response, content, error = None, b"", ""
        try:
            response, content = await one.exchange(self.timeout)
        except (TimeoutError, httpcore.TimeoutException):
            error = f"no response within {self.timeout:g} s"
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as problem:
            error = str(problem) or type(problem).__name__
            self.own_fault = self.own_fault or _own(problem)
        finally:
            one.waiting.pop(number, None)
        shown = None if response is None else response.headers.get("retry-after")
        usual = one.plan.usual
        told = response is not None and response.status_code in SERVED and usual is not None
        sample = Sample(
            due,
            sent,
            self.now,
            None if response is None else response.status_code,
            error,
            retry_after(shown) is not None,
            attempt,
            signs=signs(content, usual or frozenset()) if told else "",
        )
        one.samples.append(sample)
        one.keep(_Answer(sample, response, content))
        if (
            attempt <= one.plan.retries
            and not sample.served
            and (sample.refused or (sample.status or 500) >= 500)
        ):
            again = max(self.now, sent + RETRY_PACE)
            await asyncio.sleep(again - self.now)
            if self.stopped is None:
                self._begin(one, again, attempt + 1)

    async def _watch(self) -> None:
        """Measure the own lag, and end the load where the target suffers or the time is over."""
        budget = self.client.recorder.budget
        while True:
            before = self.now
            await asyncio.sleep(TICK)
            self.lags.append(max(0.0, self.now - before - TICK))
            if self.stopped is None and (why := self._why_stop()):
                self._stop(why)
            if self.own_fault or budget.end(time.monotonic() + 1) <= time.monotonic():
                self._stop(self.own_fault or "the time of the run is over", everything=True)
                return

    def _why_stop(self) -> str:
        flooding = [one for one in self.clients if one.plan.floods]
        if flooding and all(self.now >= one.plan.end and not one.waiting for one in flooding):
            # Nothing is left to be stopped: what comes now is the recovery.
            return ""
        watched = [one for one in self.clients if not one.plan.floods]
        for one in watched:
            oldest = self.now - min(one.waiting.values(), default=self.now)
            if why := ill(one.samples, oldest, self.patience):
                return why
        return overrun(sum(len(one.waiting) for one in self.clients))

    def _stop(self, why: str, *, everything: bool = False) -> None:
        self.over = self.over or everything
        if self.stopped is None:
            self.stopped, self.why = self.now, why
        if self.slow is not None:
            self._flooders[-1].cancel()
        for one in self.clients:
            if everything or one.plan.floods:
                for task in one.tasks:
                    task.cancel()

    def course(self) -> Course:
        """What came of it, with its exchanges recorded."""
        if self.slow is not None:
            self.slow.record()
        ids: dict[int, str] = {}
        recorded: list[Exchange] = []
        log = self.client.recorder.log
        for one in self.clients:
            for answer in {id(kept): kept for kept in one.kept.values()}.values():
                sample = answer.sample
                exchange = log.record(
                    one.request,
                    b"",
                    answer.response,
                    answer.content,
                    sample.error or None,
                    self.began + sample.sent,
                    self.began + sample.done,
                    {"attempt": 1, "credential": one.plan.credential},
                )
                ids[id(sample)] = exchange.id
                recorded.append(exchange)
        return Course(
            tuple(
                Series(
                    tuple(
                        replace(sample, exchange=ids[id(sample)]) if id(sample) in ids else sample
                        for sample in sorted(one.samples, key=lambda sample: sample.due)
                    )
                )
                for one in self.clients
            ),
            Lag(tuple(self.lags)),
            self.machine.use(),
            self.stopped,
            self.why,
            tuple(recorded),
        )


def signs(content: bytes, usual: Collection[str] = ()) -> str:
    """Members of a response that say that the request failed, for one line; empty for none. Pure.

    Args:
        usual: members that ordinary responses have, too.
    """
    if len(content) > LONGEST_ERROR:
        return ""
    try:
        found = markers(json.loads(content))
    except (ValueError, RecursionError):
        return ""
    return ", ".join(f"`{name}` ({value})" for name, value in sorted(found.items()) if name not in usual)


def _own(problem: BaseException) -> str:
    """What this machine lacks, where that is why a request failed; empty else."""
    seen: BaseException | None = problem
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in OWN_FAULTS:
            return str(seen)
        seen = seen.__cause__ or seen.__context__
    return ""
