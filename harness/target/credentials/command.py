"""A token that a program prints."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from harness.bad_input import BadInput
from harness.target.credentials.config import Command
from harness.target.credentials.resolved import Program

MOST_OCTETS = 64 * 1024


def printed(
    command: Command | Program,
    where: tuple[str, str],
    directory: Path,
    environ: Mapping[str, str],
    content: bytes | None = None,
) -> str:
    """The token that a program prints on its standard output, blanks around it removed.

    Nothing else that it prints is shown: it may be secret.

    Args:
        where: file and key of the command, for messages.
        directory: where it is run.
        content: what it reads from its standard input; nothing when omitted.

    Raises:
        BadInput: it cannot be run, fails, takes too long, or prints no token.
    """
    file, key = where
    try:
        code, octets = _run(command, directory, environ, content)
    except FileNotFoundError:
        raise BadInput(file, f"{key}.run: program not found", "give its path, or install it") from None
    except subprocess.TimeoutExpired:
        raise BadInput(
            file,
            f"{key}: the program took longer than {command.timeout:g} s",
            "run it by hand, or raise timeout",
        ) from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or type(problem).__name__
        raise BadInput(file, f"{key}.run: it cannot be run ({reason})") from None
    if code != 0:
        raise BadInput(file, f"{key}: the program ended with exit code {code}", "run it by hand to see why")
    text = octets.decode("ascii", "replace").strip() if len(octets) <= MOST_OCTETS else ""
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise BadInput(
            file, f"{key}: the program printed no token", "it must print the token and nothing else"
        )
    return text


def _run(
    command: Command | Program, directory: Path, environ: Mapping[str, str], content: bytes | None
) -> tuple[int, bytes]:
    process = subprocess.Popen(
        command.run,
        cwd=directory,
        env=dict(environ),
        stdin=subprocess.DEVNULL if content is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # So that what it starts in turn can be ended with it.
        start_new_session=True,
    )
    with process:
        try:
            octets, _ = process.communicate(content, timeout=command.timeout)
        except BaseException:
            _end(process)
            raise
    return process.returncode, octets


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
