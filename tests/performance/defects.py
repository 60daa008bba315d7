"""Defects of latency, which wait on the server for seconds, so that they show on a busy machine, too."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from starlette.types import Send

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.overload import Admission
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.matrix.serving import defect
from tests.performance import embedding_lists
from tests.performance.long_lists import PROFILE as LONG_LIST
from tests.performance.long_lists import TOTAL, serving

PATH = "/exchange-rates"


BARE = frozenset(
    {
        *("COND-015", "ERR-008", "ERR-012", "METH-015", "METH-016", "METH-017", "NEGO-004", "NEGO-008"),
        *("SEC-004", "SEC-005", "URL-007", "WIRE-001", "WIRE-002", "WIRE-005", "WIRE-010"),
    }
)
"""What a server of a page of code leaves out: error envelopes, Allow, caching and security fields, strict parsing."""


class SlowForSome(WirePolicy):
    """One of three requests waits for a lock."""

    def __init__(self) -> None:
        self.number = itertools.count()

    async def send(self, call: Call, reply: Reply, send: Send) -> None:
        if call.path.endswith(PATH) and next(self.number) % 3 == 0:
            await asyncio.sleep(2.5)
        await super().send(call, reply, send)


class StallsForSome(WirePolicy):
    """One of eight requests meets a lock that a job holds for long."""

    def __init__(self) -> None:
        self.number = itertools.count()

    async def send(self, call: Call, reply: Reply, send: Send) -> None:
        if call.path.endswith(PATH) and next(self.number) % 8 == 7:
            await asyncio.sleep(5)
        await super().send(call, reply, send)


class OneOfFourFails(Admission):
    """One of the instances behind the load balancer is broken, and nobody has noticed."""

    def __init__(self) -> None:
        super().__init__()
        self.number = itertools.count()

    @contextmanager
    def admitted(self, call: Call) -> Iterator[None]:
        if next(self.number) % 4 == 3:
            raise Problem("internal_error", "The connection to the database was closed.")
        yield


TAIL = frozenset({"PERF-003"})
"""What also has a tail that clients would not wait for."""
OBJECTIVE = frozenset({"PERF-001"})
"""An objective is missed, too."""

DEFECTS: tuple[Defect, ...] = (
    defect(
        "PERF-001", "one of three requests waits for a lock", perhaps=TAIL | {"ISOL-002"}, wire=SlowForSome
    ),
    defect("PERF-001", "one instance of four is broken", admission=OneOfFourFails),
    defect("PERF-003", "one of eight requests meets a lock", perhaps=OBJECTIVE, wire=StallsForSome),
    Defect(
        "PERF-002",
        "the cursor is an offset, and the database reads and sorts all items before it",
        partial(serving, lambda before: 1.2 * (before / TOTAL) ** 2),
        on=(),
        profile=lambda url: LONG_LIST,
    ),
    Defect(
        "PERF-004",
        "the customer of each order is read by a query of its own",
        partial(embedding_lists.serving, lambda items, expanded: 0.01 * items if expanded else 0.0),
        on=(),
        perhaps=BARE,
        profile=lambda url: embedding_lists.PROFILE,
    ),
)
