"""The progress of a run on disk: each verdict as soon as it is known, so that a killed run can be continued.

JSON Lines in the report directory, appended to by the process that pytest was started in, each line in one write. The
file is removed once the run has its report.

1. `{"progress": 1, "run": ..., "given": {...}, ...}` comes first: the run, and what it was asked for.
2. `{"plan": {"spent": ..., "before": [...]}}`: what it was planned with.
3. `{"test": NODEID, "at": ..., "account": {...}, "found": {...}}`: a verdict with its evidence, and what was spent.
4. `{"resumed": NUMBER, "at": ..., ...}`: the run was continued.

Times are in seconds since the epoch.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from harness.bad_input import BadInput
from harness.http.exchange import Exchange
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict

FILE = "progress.jsonl"
VERSION = 1
OPTION = "--resume"
SYNC = 1.0
"""Seconds between two times that the lines are forced to the disk; a process that is killed loses none of them."""
DRIFT = 1.0
"""Seconds by which the two clocks may drift apart while a machine runs."""
_EXCHANGES: TypeAdapter[list[Exchange]] = TypeAdapter(list[Exchange])


@dataclass(frozen=True)
class Place:
    """Where in the file a verdict is.

    Attributes:
        start, size: of its line, in bytes.
        offset: of the wall clock from the monotonic one, when it was written.
    """

    start: int
    size: int
    offset: float


@dataclass
class Before:
    """What the file says of the run so far.

    Attributes:
        run, token: id of the run, and the token in the texts of its items.
        started: when it began.
        seconds: for which its processes ran.
        given: what it was asked for, by the name of the option.
        folder: that its processes shared.
        resumed: how often it was continued.
        plan: what it was planned with; empty where it was killed before that.
        account: what it has spent, as `Budget.snapshot()` has it.
        places: of the verdicts that need not be found again, by the node id of the test.
        size: of the file, up to the last line that was written whole.
    """

    run: str
    token: str
    started: float
    given: dict[str, Any]
    folder: str
    seconds: float = 0.0
    resumed: int = 0
    plan: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    size: int = 0


@dataclass(frozen=True)
class Settled:
    """A verdict of before, with its evidence."""

    finding: Finding
    exchanges: list[Exchange]


def read(path: Path) -> Before:
    """What a file of progress says; a last line that was not written whole does not count.

    Raises:
        BadInput: there is no such file, or it is another one.
    """
    before: Before | None = None
    began = offset = 0.0
    try:
        for start, line in _lines(path):
            if before is None:
                before = _head(line)
            if "progress" in line or "resumed" in line:
                began, offset, before.folder = line["at"], line["offset"], line["folder"]
                before.resumed = line.get("resumed", 0)
                base = before.seconds
            elif "plan" in line:
                before.plan = line["plan"]
            else:
                _take(line, Place(start[0], start[1], offset), before)
                before.seconds = base + max(0.0, line["at"] - began)
            before.size = sum(start)
    except FileNotFoundError:
        raise BadInput(
            OPTION, f"there is no unfinished run in {path.parent}", "leave it out, or name its --report-dir"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BadInput(
            OPTION, f"{path} cannot be read ({problem})", "remove it and leave --resume out"
        ) from None
    if before is None:
        raise BadInput(OPTION, f"{path} has no line", "remove it and leave --resume out")
    return before


def _head(line: Mapping[str, Any]) -> Before:
    if line.get("progress") != VERSION:
        raise ValueError("it is not the progress of a run of this version")
    return Before(line["run"], line["texts"], line["at"], line["given"], line["folder"])


def _take(line: Mapping[str, Any], place: Place, before: Before) -> None:
    before.account = line["account"]
    if is_settled(line["found"]):
        before.places[line["test"]] = place
    else:
        before.places.pop(line["test"], None)


def is_settled(found: Mapping[str, Any]) -> bool:
    """Whether a verdict stands: not so an error of the harness, nor what a target that had died left undecided. Pure.

    Args:
        found: as `Gathered.pack()` has it.
    """
    verdict = Verdict(found["finding"]["verdict"])
    if verdict is Verdict.ERROR:
        return False
    return not (verdict is Verdict.INCONCLUSIVE and found["died"])


def _lines(path: Path) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
    """Each whole line, with its start and its size."""
    start = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield (start, len(line)), json.loads(line)
            start += len(line)


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first thing in which two runs differ, and how; None where one may continue the other. Pure.

    Args:
        before, now: what they were asked for: texts, numbers, and digests of what is too long to be shown.
    """
    for name in [*now, *(name for name in before if name not in now)]:
        one, other = before.get(name), now.get(name)
        if one == other:
            continue
        if name in DIGESTS:
            return name, f"{DIGESTS[name]} changed since the run began"
        return name, f"{name} was {_shown(one)} when the run began, and is {_shown(other)} now"
    return None


DIGESTS = {"profile": "the profile has", "rules": "the files of the rules have"}
"""What is compared by its digest, and its subject in a sentence."""


def _shown(value: Any) -> str:
    return "not given" if value is None else value if isinstance(value, str) else json.dumps(value)


class Progress:
    """Appends to the file of a run.

    Args:
        path: the file.
        clean: takes secrets out of a text.

    Attributes:
        verdicts: that it has.
        failed: why no more are written, in a sentence; empty while they are.
    """

    def __init__(self, path: Path, clean: Callable[[str], str] = str) -> None:
        self.path = path
        self.verdicts = 0
        self.failed = ""
        self._clean = clean
        self._file: int | None = None
        self._synced = 0.0

    def begin(self, run: str, token: str, started: float, given: Mapping[str, Any], folder: Path) -> None:
        """Begin a file for a run, in place of that of an earlier one.

        Raises:
            BadInput: it cannot be written.
        """
        head = {"progress": VERSION, "run": run, "texts": token, "given": dict(given)}
        self.path.unlink(missing_ok=True)
        self._append({**head, "at": started, "offset": clock_offset(), "folder": str(folder)})

    def resume(self, before: Before, folder: Path) -> None:
        """Continue a file."""
        os.truncate(self.path, before.size)
        self.verdicts = len(before.places)
        line = {"resumed": before.resumed + 1, "at": time.time(), "offset": clock_offset()}
        self._append({**line, "folder": str(folder)})

    def planned(self, spent: int, verdicts: list[list[str]]) -> None:
        """Write what the run is planned with; see `planning.Means`."""
        self._append({"plan": {"spent": spent, "before": verdicts}})

    def add(self, nodeid: str, packed: str, account: Mapping[str, Any]) -> None:
        """Write a verdict; where that is impossible the run goes on, and cannot be continued.

        Args:
            nodeid: of the test.
            packed: the finding with its exchanges, redacted: see `Gathered.pack()`.
            account: see `Budget.snapshot()`.
        """
        if self.failed:
            return
        spent = self._clean(json.dumps(account))
        text = f'"test": {json.dumps(nodeid)}, "at": {time.time()}, "account": {spent}, "found": {packed}'
        try:
            self._write(f"{{{text}}}\n")
        except BadInput as problem:
            self.failed = f"This run cannot be continued if it is killed: {problem}"
        self.verdicts += 1

    def close(self, *, over: bool) -> None:
        """Close the file.

        Args:
            over: whether the run has its report, so that there is nothing to continue.
        """
        if self._file is not None:
            with suppress(OSError):
                os.fsync(self._file)
            os.close(self._file)
            self._file = None
        if over or not self.verdicts:
            self.path.unlink(missing_ok=True)

    def _append(self, line: Mapping[str, Any]) -> None:
        self._write(self._clean(json.dumps(line)) + "\n")

    def _write(self, text: str) -> None:
        try:
            if self._file is None:
                self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            rest = memoryview(text.encode("utf-8", "replace"))
            while rest:
                rest = rest[os.write(self._file, rest) :]
            if time.monotonic() - self._synced >= SYNC:
                os.fsync(self._file)
                self._synced = time.monotonic()
        except OSError as problem:
            raise BadInput(
                str(self.path), f"cannot be written ({problem.strerror})", "give a --report-dir with room"
            ) from None


def clock_offset() -> float:
    """Seconds of the wall clock minus those of the monotonic one."""
    return time.time() - time.monotonic()


class Verdicts:
    """The verdicts of before, read one by one: their evidence may be large."""

    def __init__(self, path: Path, places: Mapping[str, Place]) -> None:
        self._path, self._places = path, places

    def __len__(self) -> int:
        return len(self._places)

    def take(self, nodeid: str) -> Settled | None:
        """The verdict of a test; None where it is to be run.

        Times of exchanges are on the monotonic clock of this process: the machine may have been started again.
        """
        place = self._places.get(nodeid)
        if place is None:
            return None
        with self._path.open("rb") as file:
            file.seek(place.start)
            found = json.loads(file.read(place.size))["found"]
        shift = place.offset - clock_offset()
        exchanges = _EXCHANGES.validate_python(found["exchanges"])
        if abs(shift) > DRIFT:
            exchanges = [
                replace(one, started=one.started + shift, ended=one.ended + shift) for one in exchanges
            ]
        return Settled(Finding.model_validate(found["finding"]), exchanges)
