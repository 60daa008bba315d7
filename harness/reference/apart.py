"""The demo in a process of its own: a run and its server then share no interpreter lock, and each has a processor.

`python -m harness.reference.apart` prints the base URL and a token; with `bugs` it serves the API that has five. It
serves until its standard input ends, which happens however the run ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from harness.reference import buggy
from harness.reference.server import StartupError, demo

_BUGS = "bugs"
_LONGEST_STOP = 10.0
"""Seconds that the process gets to stop; then it is killed."""


@contextmanager
def demo_apart(*, bugs: bool = False) -> Iterator[tuple[str, str]]:
    """Run the demo as long as the context lasts: base URL and a bearer token.

    Args:
        bugs: whether it is the API with five bugs, not the conformant one.

    Raises:
        StartupError: the process ended before it served.
    """
    # `-P`: a folder of the user that is named like a package is not imported.
    command = [sys.executable, "-P", "-m", "harness.reference.apart", *([_BUGS] if bugs else [])]
    found = os.pathsep.join(path or os.getcwd() for path in sys.path)
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": found},
    ) as process:
        try:
            url, _, token = (process.stdout.readline() if process.stdout else "").strip().partition(" ")
            if not token:
                raise StartupError("the process of the demo ended before it served")
            yield url, token
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    """End the standard input of the process, and wait for its end."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(_LONGEST_STOP)
    except subprocess.TimeoutExpired:
        process.kill()


def main(*, bugs: bool) -> None:
    """Serve until standard input ends."""
    # Ctrl-C reaches this process as well, and the run still removes what it has created.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with demo(policies=buggy.policies() if bugs else None) as (url, token):
        print(url, token, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(bugs=_BUGS in sys.argv[1:])
