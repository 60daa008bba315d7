"""Provider states of Pact: the program that brings them about."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress

from harness.http.pact import ProviderState
from harness.profile.models import Pact
from harness.rules.checks import inconclusive


def bring_about(pact: Pact, states: tuple[ProviderState, ...]) -> None:
    """Run the declared program once for each state; it reads `{"state": ..., "params": ...}` from its input.

    Raises:
        Undecided: it fails, takes too long, or cannot be run.
    """
    for state in states:
        content = json.dumps({"state": state.name, "params": dict(state.parameters)}).encode()
        try:
            code = _run(pact, content)
        except subprocess.TimeoutExpired:
            inconclusive(f"state {state.name!r}: {pact.state_command[0]} took longer than {pact.timeout:g} s")
        except OSError as problem:
            inconclusive(f"state {state.name!r}: {pact.state_command[0]}: {problem.strerror}")
        if code != 0:
            inconclusive(f"state {state.name!r}: {pact.state_command[0]} ended with exit code {code}")


def _run(pact: Pact, content: bytes) -> int:
    process = subprocess.Popen(
        pact.state_command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # So that what it starts in turn can be ended with it.
        start_new_session=True,
    )
    with process:
        try:
            process.communicate(content, timeout=pact.timeout)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode
