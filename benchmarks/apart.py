"""What the benchmarks share: a server in a process of its own, as a target is, and a run that is measured."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

QUICK = ("-p", "no:schemathesis", "-p", "no:faker", "-p", "no:cacheprovider")
"""Arguments of pytest without which a run takes a second longer."""


def _serve(serve: Callable[[], AbstractContextManager[Any]], mine: Connection) -> None:
    with serve() as served:
        mine.send(served)
        mine.recv()


@contextmanager
def apart(serve: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    """What a server yields that runs in a process of its own."""
    ours, its = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(serve, its), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(timeout=15)


def measured(url: str, profile: str, *arguments: str) -> tuple[dict[str, Any], float, float]:
    """The report of a run as data, its seconds, and the most memory that one of its processes had, in MB."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, "conformance.toml").write_text(profile)
        command = [sys.executable, "-m", "pytest", "-q", "--target-url", url, *arguments, *QUICK]
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=name, stdout=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        report = json.loads(Path(name, "reports", "conformance.json").read_text())
    return report, seconds, usage.ru_maxrss / 1024
