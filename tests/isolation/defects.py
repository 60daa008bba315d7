"""Defects of overload: for each ISOL rule a bug that takes services down.

Each waits on the server for seconds, so that it shows on a busy machine, too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.types import Send

from harness.reference.authenticator import BOB, PRINCIPALS
from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.overload import Admission
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.matrix.serving import defect

PATH = "/exchange-rates"
FLOODER = PRINCIPALS[BOB].name
LONGEST = 3.0
"""Seconds that a request waits at most."""
LONGEST_QUEUE = 5.0
"""The same in a queue, so that it is far beyond what a busy machine adds."""


def of_flooder(call: Call) -> bool:
    return getattr(getattr(call, "principal", None), "name", "") == FLOODER


class Unlimited(Admission):
    """No limit for each client, and room for everything."""

    @contextmanager
    def admitted(self, call: Call) -> Iterator[None]:
        yield


class SharedPool(WirePolicy):
    """One connection to the database for everybody, which the queries of one client hold for long."""

    def __init__(self) -> None:
        self.free = 0.0

    async def send(self, call: Call, reply: Reply, send: Send) -> None:
        if call.path.endswith(PATH):
            now = time.monotonic()
            waiting = max(0.0, self.free - now)
            self.free = now + min(LONGEST_QUEUE, waiting + (0.2 if of_flooder(call) else 0.0))
            await asyncio.sleep(self.free - now)
        await super().send(call, reply, send)


class RetriesAmplified(Admission):
    """Each failed call is tried five times by the service behind, for which the places of all are held."""

    def __init__(self) -> None:
        super().__init__()
        self.load: list[float] = []

    @contextmanager
    def admitted(self, call: Call) -> Iterator[None]:
        now = time.monotonic()
        self.load = [at for at in self.load if at > now - 0.5]
        # Below the limit of the service behind, nothing is repeated.
        if len(self.load) > 28:
            self.load += [now] * 5
            self.load = self.load[-500:]
            raise Problem("busy", "The service behind does not answer.", {"Retry-After": "1"})
        self.load.append(now)
        yield


class FailsWhenFull(Admission):
    """Where no connection is free, the driver raises, and nobody has thought of that."""

    def refuse(self, call: Call) -> None:
        raise Problem("internal_error", "QueuePool limit of size 5 overflow 10 reached.")


class RefusesWithSuccess(WirePolicy):
    """A gateway of old clients' making: every response is a 200, and the content says what is wrong."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        if call.path.endswith(PATH) and reply.status == 429:
            reply = Reply(
                200, b'{"success": false, "error": "slow down"}', {"Content-Type": "application/json"}
            )
        return super().finish(call, reply)


class QueuesEverything(WirePolicy):
    """No bound on the queue of a client: each request is served in its turn, however late."""

    def __init__(self) -> None:
        self.free = 0.0

    async def send(self, call: Call, reply: Reply, send: Send) -> None:
        if call.path.endswith(PATH) and of_flooder(call):
            now = time.monotonic()
            waiting = max(0.0, self.free - now)
            # Slower than requests of a flood arrive, so that the queue does not depend on two of them coinciding.
            self.free = now + min(LONGEST_QUEUE, waiting + (0.3 if waiting else 0.05))
            await asyncio.sleep(self.free - now)
        await super().send(call, reply, send)


class WorksOffTheBacklog(WirePolicy):
    """What was refused is kept, and is worked off for seconds as soon as it is quiet; nobody waits for it any more."""

    def __init__(self) -> None:
        self.refused = 0
        self.last = 0.0

    async def send(self, call: Call, reply: Reply, send: Send) -> None:
        if call.path.endswith(PATH):
            now = time.monotonic()
            if of_flooder(call):
                if reply.status == 429:
                    self.last = now
                    self.refused += 1
            elif self.refused > 5 and self.last + 0.5 < now < self.last + 4:
                await asyncio.sleep(LONGEST)
        await super().send(call, reply, send)


class ReadsInWorkers(WirePolicy):
    """Each request is read by one of eight workers, without a time limit; one that has waited is replaced first."""

    def __init__(self) -> None:
        self.workers = asyncio.Semaphore(8)

    @asynccontextmanager
    async def arriving(self) -> AsyncIterator[None]:
        async with self.workers:
            began = time.monotonic()
            yield
            if time.monotonic() - began > 0.7:
                await asyncio.sleep(LONGEST_QUEUE)


DISTURBED = frozenset({"ISOL-002", "ISOL-003"})
"""What suffers from a queue that all share: it is long afterwards, too."""

DEFECTS: tuple[Defect, ...] = (
    defect("ISOL-001", "one pool for all clients", perhaps=DISTURBED, admission=Unlimited, wire=SharedPool),
    defect("ISOL-001", "retries amplify a failure", perhaps=DISTURBED, admission=RetriesAmplified),
    defect("ISOL-002", "500 where it should be 503", admission=FailsWhenFull),
    defect("ISOL-002", "a refusal is a 200 with an error", wire=RefusesWithSuccess),
    defect("ISOL-002", "latency grows with the queue", admission=Unlimited, wire=QueuesEverything),
    defect("ISOL-004", "workers wait for slow content without a limit", wire=ReadsInWorkers),
    defect("ISOL-003", "a backlog is worked off after the flood", wire=WorksOffTheBacklog),
)
