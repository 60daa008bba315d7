"""Workers of pytest-xdist start while the target is surveyed, and end with a run that cannot start."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import servers
from tests.servers import PROFILE, Crud, Seen
from tests.sessions import interrupted, run

pytestmark = pytest.mark.slow

STARTED = "worker-has-started"
CONFTEST = f"""
import os
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:
    Path({STARTED!r}).touch()
"""
LONGEST = 120.0
"""Seconds after which something will not happen any more."""
FILES = {"conformance.toml": PROFILE, "conftest.py": CONFTEST}


def until(condition: Callable[[], bool]) -> bool:
    """Wait for a condition; whether it came."""
    ends = time.monotonic() + LONGEST
    while not condition() and time.monotonic() < ends:
        time.sleep(0.01)
    return condition()


def test_workers_start_while_the_target_is_surveyed(tmp_path: Path) -> None:
    first: list[bool] = []

    def held(seen: Seen) -> None:
        if not first:
            # The first response of the survey comes when a worker is there, and not before.
            first.append(until((tmp_path / STARTED).exists))

    with servers.http(Crud(on_request=held)) as server:
        done = run(tmp_path, "--target-url", server.url, "-n", "2", "-k", "METH-001 or METH-016", files=FILES)
    assert first == [True], done.out
    assert done.code == 0, done.out
    assert done.verdicts["METH-001"] == "pass"
    # What the run does is shown, after the header that pytest has written by then.
    assert f"conformance: {server.url}; OpenAPI: none; resources: things" in done.out


def test_a_run_that_cannot_start_ends_its_workers_without_a_word_of_theirs(tmp_path: Path) -> None:
    with socket.socket() as bound:
        # Nothing listens there, and nothing else can.
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        done = run(tmp_path, "--target-url", url, "-n", "2", files=FILES)
    assert done.code == 4, done.out
    assert "cannot be reached" in done.out
    assert "Exit" not in done.out
    assert "Traceback" not in done.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_survey_ends_the_workers(tmp_path: Path, number: int) -> None:
    over = threading.Event()
    with servers.http(Crud(on_request=lambda seen: over.wait(LONGEST) and None)) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "-n", "2"),
            files=FILES,
            when=lambda: until((tmp_path / STARTED).exists),
            number=number,
            alone=True,
        )
        over.set()
    # Its workers have closed their ends of the output, or it would not have been read to its end.
    assert done.code == 2, done.out
    assert "Traceback" not in done.out
