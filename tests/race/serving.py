"""Starting the servers of the race tests, and asking them what they received."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SERVER = Path(__file__).with_name("server.py")


class Server:
    """A server process; `log()` and `pending()` ask it what it has received."""

    def __init__(self, process: subprocess.Popen[str], scheme: str) -> None:
        self._process = process
        assert process.stdout is not None
        self.url = f"{scheme}://localhost:{int(process.stdout.readline())}"

    def log(self) -> list[dict[str, Any]]:
        """The requests received, but for warm-ups (GET of the base URL)."""
        found: list[dict[str, Any]] = self._ask("log")
        return [entry for entry in found if not _warm_up(entry)]

    def warm_ups(self) -> int:
        return sum(_warm_up(entry) for entry in self._ask("log"))

    def pending(self) -> dict[str, int]:
        """Octets received of each request that is not complete."""
        found: dict[str, int] = self._ask("pending")
        return found

    def _ask(self, what: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _warm_up(entry: dict[str, Any]) -> bool:
    path = entry["fields"][":path"] if "fields" in entry else str(entry["head"]).split(" ")[1]
    return bool(entry["method"] == "GET" and path == "/")


@contextmanager
def serving(mode: str = "ordinary", certificate: Path | None = None) -> Iterator[Server]:
    command = [sys.executable, str(SERVER), mode, *([str(certificate)] if certificate else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Server(process, "https" if certificate else "http")
    finally:
        process.kill()
        process.communicate()
