"""An API in two processes on one port, as a server with two workers runs: what each keeps to itself does not hold."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from harness.reference import Policies, build
from harness.reference.application import Api
from harness.reference.call import Call, Reply
from harness.reference.idempotency import IdempotencyPolicy
from harness.reference.locking import Plan
from harness.reference.rate_limits import Limiter
from harness.reference.store import Transaction
from tests.concurrency.defects import LOST, PutUnguarded
from tests.matrix.defect import Defect

WORKERS = 2
STARTED = b"startup complete"
CHECKOUT = Path(__file__).parents[2]


class KeysOfTheProcess(IdempotencyPolicy):
    """Each process remembers the keys that it has seen."""

    def scope(self, call: Call) -> str:
        return f"{super().scope(call)} {os.getpid()}"


class LockOfTheProcess(PutUnguarded):
    """The check and the write are one step, for the threads of one process."""

    gap = 200e-6

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def commit(
        self, call: Call, plan: Plan, finish: Callable[[Transaction, Reply], None] | None = None
    ) -> Reply:
        with self.lock:
            return super().commit(call, plan, finish)


class CounterOfTheProcess(Limiter):
    """Each process counts in its own memory."""

    def client(self, call: Call) -> str:
        return f"{super().client(call)} {os.getpid()}"


POLICIES = {
    "keys": lambda: replace(Policies(), idempotency=KeysOfTheProcess()),
    "limit": lambda: replace(Policies(), limiter=CounterOfTheProcess()),
    "lock": lambda: replace(Policies(), locking=LockOfTheProcess()),
}


def application() -> Api:
    """The API of one process, for `uvicorn --factory`."""
    return build(POLICIES[os.environ["DEFECT"]](), os.environ["DATABASE"])


@contextmanager
def in_two_processes(name: str) -> Iterator[str]:
    """The base URL of an API with such policies, served by two processes that share a database."""
    with ExitStack() as held:
        folder = held.enter_context(tempfile.TemporaryDirectory(prefix="defect-", ignore_cleanup_errors=True))
        listener = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        command = [sys.executable, "-m", "uvicorn", "--factory", f"{__name__}:application"]
        command += ["--fd", str(listener.fileno()), "--http", "h11", "--no-server-header", "--no-date-header"]
        environment = {**os.environ, "DEFECT": name, "DATABASE": str(Path(folder) / "defect.db")}
        for _ in range(WORKERS):
            worker = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=environment,
                pass_fds=[listener.fileno()],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            held.callback(_end, worker)
            _await_start(worker)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


def _await_start(worker: subprocess.Popen[bytes]) -> None:
    assert worker.stderr is not None
    shown = b""
    for line in worker.stderr:
        shown += line
        if STARTED in line:
            # Read on, so that the worker never waits for its log to be read.
            threading.Thread(target=worker.stderr.read, daemon=True).start()
            return
    raise AssertionError(f"the server did not start: {shown.decode(errors='replace')}")


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    worker.wait()


DEFECTS: tuple[Defect, ...] = (
    Defect(
        "CONC-001",
        "each of two processes has keys of its own",
        partial(in_two_processes, "keys"),
        ("orders",),
        also=frozenset({"IDEM-006"}),
        # A retry over another connection may reach the other process, or not.
        perhaps=frozenset({"IDEM-001", "IDEM-002", "IDEM-003", "IDEM-004", "IDEM-011", "IDEM-014"}),
        # Where it does, CONC-001 has nothing to race for.
        tries=6,
    ),
    Defect(
        "CONC-002",
        "each of two processes has a lock of its own",
        partial(in_two_processes, "lock"),
        ("products",),
        # Whether the few conditional writers of that rule meet in both processes is chance.
        perhaps=LOST,
    ),
    Defect("RATE-011", "each of two processes has a counter of its own", partial(in_two_processes, "limit")),
)
