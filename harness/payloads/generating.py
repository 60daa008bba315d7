"""Asking the generator of values, which is a process of its own: a schema may keep it busy for ever, or fill memory."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from contextlib import suppress

from harness.payloads.generator import NOTHING, READY

START = 60.0
"""Seconds in which the process must be ready."""
LONGEST = 15.0
"""Seconds for the values of one schema."""
MOST_KILLED = 2
"""Schemas that may take too long; after them no other is tried in this run."""


class Generating:
    """One process, started when it is first needed, and again after it had to be ended.

    Args:
        longest: seconds for the values of one schema.
    """

    def __init__(self, longest: float = LONGEST) -> None:
        self.longest = longest
        self.killed = 0
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def ask(self, asked: str) -> str:
        """The answer to one line, see `generator.answer()`; none where it is not there in time."""
        with self._lock:
            if self.killed >= MOST_KILLED:
                return NOTHING
            try:
                return self._asked(asked)
            except OSError:
                self.end()
                return NOTHING
            except BaseException:
                # Ctrl-C: what it is still to say would be taken for the next answer.
                self.end()
                raise

    def _asked(self, asked: str) -> str:
        process = self._process or self._start()
        if process is None:
            return NOTHING
        assert process.stdin is not None
        process.stdin.write(asked + "\n")
        process.stdin.flush()
        found = _line(process, self.longest)
        if found is None:
            self.killed += 1
            self.end()
        return NOTHING if found is None else found

    def _start(self) -> subprocess.Popen[str] | None:
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.payloads.generator"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        atexit.register(self.end)
        if _line(process, START) != READY:
            self.end()
            self.killed = MOST_KILLED
            return None
        return process

    def end(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        atexit.unregister(self.end)
        if process is not None:
            process.kill()
            with suppress(OSError):
                process.communicate()


shared = Generating()
"""The generator of this process."""


def _line(process: subprocess.Popen[str], longest: float) -> str | None:
    """The next line that a process writes; None where it does not in time, and is ended."""
    assert process.stdout is not None
    timer = threading.Timer(longest, process.kill)
    timer.daemon = True
    timer.start()
    try:
        line = process.stdout.readline()
    finally:
        timer.cancel()
    return line.rstrip("\n") if line.endswith("\n") else None
