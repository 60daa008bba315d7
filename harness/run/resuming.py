"""Continuing a run that was killed: who holds its progress, what must be the same, and what is taken over."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock, Timeout

from harness import __version__
from harness.bad_input import BadInput
from harness.client.budget import Budget
from harness.client.client import Client
from harness.payloads import run_token
from harness.profile.models import Profile
from harness.rules.suites import suites_folder
from harness.rules.verdict import Verdict
from harness.run import options
from harness.run.planning import Means
from harness.run.progress import FILE, OPTION, Before, Progress, Verdicts, difference, read
from harness.target.target import Target, parse_header

FREE = frozenset(
    {
        *(
            "resume",
            "report-dir",
            "report-formats",
            "write-waivers",
            "survey-cache",
            "survey-only",
            "dry-run",
        ),
        *("cleanup-time", "target-url", "profile", "header", "credential", "effects"),
    }
)
"""Options that may differ, or that are compared by what comes of them."""
PATIENCE = 60.0
"""Seconds in which the workers of a killed run must have ended their rules."""


def asked(
    config: pytest.Config, target: Target, written: Profile, clean: Callable[[str], str]
) -> dict[str, Any]:
    """What a run is asked for, as far as it changes verdicts: a run continues another one only if it is the same.

    Credentials are compared by their names: tokens may have been renewed.

    Args:
        written: the profile as the user wrote it.
        clean: takes secrets out of a text.
    """
    found: dict[str, Any] = {
        "--target-url": target.url,
        "version of the harness": __version__,
        "--effects": target.limits.effects.name.lower(),
        "credentials": sorted(target.credentials),
        "--header": sorted({parse_header(one)[0].lower() for one in options.given(config, "header") or ()}),
        "profile": digest([clean(written.model_dump_json()).encode("utf-8", "replace")]),
    }
    for option in options.OPTIONS:
        if option.name not in FREE:
            value = options.given(config, option.name)
            shown = [clean(str(one)) for one in value] if isinstance(value, list) else value
            found[f"--{option.name}"] = clean(shown) if isinstance(shown, str) else shown
    for name, shown in (("keyword", "-k"), ("markexpr", "-m"), ("deselect", "--deselect")):
        found[shown] = config.getoption(name, None) or None
    own = config.args != [str(suites_folder())]
    found["tests"] = list(config.args) if own else None
    found["rules"] = digest([shipped_rules(), *(_others(config) if own else ())])
    return found


def _others(config: pytest.Config) -> Iterator[bytes]:
    """The contents of the files of rules that a run was given beside the suites."""
    paths = [Path(config.invocation_params.dir, one.partition("::")[0]) for one in config.args]
    for path in rule_files(paths):
        if suites_folder() not in path.parents:
            yield path.read_bytes()


@cache
def shipped_rules() -> bytes:
    """A digest of the suites; the files are read once."""
    return digest(path.read_bytes() for path in rule_files([suites_folder()])).encode()


def rule_files(paths: Iterable[Path]) -> list[Path]:
    """The Python files at these paths and below, each once, in order."""
    found: set[Path] = set()
    for path in paths:
        found |= set(path.rglob("*.py")) if path.is_dir() else {path} if path.is_file() else set()
    return sorted(found)


def digest(parts: Iterable[bytes]) -> str:
    """A digest of several texts."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()


class Resumable:
    """The progress of a run, held by the process that pytest was started in.

    Args:
        folder: directory of the report.
        resume: whether an earlier run is continued.

    Attributes:
        before: the run that is continued; None for a new one.
        note: why this run cannot be continued; empty if it can.

    Raises:
        BadInput: there is nothing to continue, or the run is still active.
    """

    def __init__(self, folder: Path, *, resume: bool) -> None:
        self._path = folder / FILE
        self._held = ExitStack()
        self._progress: Progress | None = None
        self.note = ""
        self.before: Before | None = None
        lock = FileLock(folder / f".{FILE}.lock")
        try:
            if resume:
                # Before the lock, which makes a file: a directory without a run stays as it is.
                read(self._path)
            self._held.enter_context(lock.acquire(timeout=0))
        except Timeout:
            if resume:
                raise BadInput(OPTION, f"the run in {folder} is still active", "wait for its end") from None
            self.note = f"another run is active in {folder}: this one cannot be continued if it is killed"
            return
        if resume:
            self.before = read(self._path)
            run_token.take_over(self.before.token)

    @property
    def prefix(self) -> str:
        """What ids of exchanges and of entries in the ledger begin with, so that they differ from those of before."""
        return prefix_of(0 if self.before is None else self.before.resumed + 1)

    @property
    def verdicts(self) -> Verdicts | None:
        """The verdicts of before; None for a new run."""
        return None if self.before is None else Verdicts(self._path, self.before.places)

    def start(
        self, config: pytest.Config, written: Profile, client: Client, run: str, started: float, shared: Path
    ) -> None:
        """Begin the file, or continue it with what was spent; nothing was sent yet.

        Args:
            written: the profile as the user wrote it.
            run, started: of a new run.
            shared: folder that the processes of this run share.

        Raises:
            BadInput: this run is asked for something else than the one before, or workers of that one are still busy.
        """
        clean = client.recorder.redactor.text
        if self.note:
            return
        progress = Progress(self._path, clean)
        given = json.loads(clean(json.dumps(asked(config, client.target, written, clean))))
        if self.before is None:
            progress.begin(run, run_token.current(), started, given, shared)
        else:
            found = difference(self.before.given, given)
            if found is not None:
                raise BadInput(OPTION, found[1], "use the same, or leave --resume out to begin again")
            self._take_locks(Path(self.before.folder))
            progress.resume(self.before, shared)
            client.recorder.budget.resume(self.before.account)
        # What is closed without it stays as it was.
        self._progress = progress

    def _take_locks(self, old: Path) -> None:
        """Keep workers that have outlived the killed run from beginning another rule, and remove their folder later."""
        if (
            old.parent != Path(tempfile.gettempdir())
            or not old.name.startswith("conformance-")
            or not old.is_dir()
        ):
            return
        self._held.callback(shutil.rmtree, old, ignore_errors=True)
        ends = time.monotonic() + PATIENCE
        # The door first: no rule begins while it is held.
        for path in (old / "door.lock", *sorted(old.glob("turn-*.lock"))):
            try:
                self._held.enter_context(FileLock(path).acquire(timeout=max(0.0, ends - time.monotonic())))
            except Timeout:
                raise BadInput(
                    OPTION, "workers of the killed run are still busy", "try again later"
                ) from None

    @property
    def handed_over(self) -> tuple[Path | None, int]:
        """For workers: the file with the verdicts of before, None for a new run; how often it was continued."""
        return (None, 0) if self.before is None else (self._path, self.before.resumed + 1)

    def header(self) -> list[str]:
        """Lines for the header of the run."""
        if self.before is None:
            return [f"note: {self.note}"] if self.note else []
        return [f"continued: run {self.before.run}, {len(self.before.places)} verdicts of before"]

    def means(self, now: Means) -> Means:
        """What the run is planned with: the same as before it was killed."""
        if self.before is not None and self.before.plan:
            plan = self.before.plan
            return Means(plan["spent"], {(rule, name): Verdict(one) for rule, name, one in plan["before"]})
        if self._progress is not None:
            self._progress.planned(now.spent, [[*key, one.value] for key, one in sorted(now.before.items())])
        return now

    def add(self, report: Any, budget: Budget) -> None:
        """Write the verdict of a test report, unless it was written before."""
        packed = getattr(report, "conformance", None)
        if self._progress is not None and packed is not None and not report.conformance_settled:
            self._progress.add(report.nodeid, packed, budget.snapshot())

    def remarks(self, collected: Collection[str]) -> list[str]:
        """What readers of the report should know.

        Args:
            collected: node ids of the tests of this run.
        """
        found = [self._progress.failed] if self._progress is not None and self._progress.failed else []
        if self.before is not None:
            found.append(
                f"This run was continued after it had been killed or interrupted: {len(self.before.places)} verdicts "
                "are of before."
            )
            lost = sum(one not in collected for one in self.before.places)
            if lost:
                found.append(f"{lost} of them are left out: the survey did not find these resources again.")
        return found

    def seconds(self, started: float) -> tuple[float, float]:
        """When the run began, and for how long its processes ran.

        Args:
            started: when this process began.
        """
        now = time.time() - started
        return (started, now) if self.before is None else (self.before.started, self.before.seconds + now)

    def close(self, *, over: bool) -> None:
        """Let go of the progress.

        Args:
            over: whether the run has its report, so that there is nothing to continue.
        """
        if self._progress is not None:
            self._progress.close(over=over)
            self._progress = None
        self._held.close()
        if not self._path.exists() and not self.note:
            self._path.with_name(f".{FILE}.lock").unlink(missing_ok=True)


def prefix_of(resumed: int) -> str:
    """See `Resumable.prefix`.

    Args:
        resumed: how often the run was continued.
    """
    return f"r{resumed}." if resumed else ""
