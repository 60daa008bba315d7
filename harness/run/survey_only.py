"""The survey of a pytest run: its progress line, its cache, and `--survey-only`, a survey without rules."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

import pytest

from harness.bad_input import BadInput
from harness.cleanup.run_ledger import RunLedger
from harness.client.budget import Budget
from harness.client.claims import Touched
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.ledger.ledger import Ledger
from harness.profile.models import Profile
from harness.report.kept_document import packed
from harness.run import settings
from harness.run.heading import held_back
from harness.run.prepare import target_of
from harness.run.settings import Settings
from harness.survey.ask.probe import survey
from harness.survey.cache import Cache
from harness.survey.outcome import Survey
from harness.survey.table import show


class Progress:
    """A progress line on a terminal; nothing without a terminal, in CI and with `-q`.

    Args:
        config: of the run.
    """

    def __init__(
        self, config: pytest.Config, stream: TextIO = sys.stderr, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._stream = stream
        self._seen = stream.isatty() and not environ.get("CI") and config.get_verbosity() >= 0
        self._width = 0

    def show(self, line: str) -> None:
        """Replace the line."""
        if self._seen:
            text = "".join(one for one in line if one.isprintable())[:100]
            self._stream.write(f"\r{text.ljust(self._width)}")
            self._stream.flush()
            self._width = len(text)

    def close(self) -> None:
        """Clear the line for what is written next."""
        if self._seen and self._width:
            self._stream.write(f"\r{' ' * self._width}\r")
            self._stream.flush()


def surveyed(
    config: pytest.Config,
    given: Settings,
    client: Client,
    written: Profile,
    parents: Ledger,
    keep: Callable[[str | None], object] = bool,
) -> Survey:
    """Survey the target, with a progress line, and with the cache if the user wants one.

    Args:
        written: the profile as the user wrote it.
        parents: takes what the survey creates and the rules need.
        keep: receives the OpenAPI document, packed.

    Raises:
        BadInput: nothing at the target URL can be tested, or the cache cannot be used.
    """
    clean = client.recorder.redactor
    kept = None
    if given.survey_cache is not None:
        path = Path(config.invocation_params.dir, given.survey_cache)
        kept = Cache(path, client.target, written, clean.values)
    progress = Progress(config)
    try:
        return survey(
            client,
            written,
            given.openapi,
            parents,
            kept=kept,
            tell=lambda line: progress.show(clean.text(line)),
            keep=lambda document: keep(packed(document, clean.text)),
        )
    finally:
        progress.close()


def main(config: pytest.Config) -> int:
    """Survey the target and print what was found; no rule is run.

    Raises:
        pytest.UsageError: an option cannot be used, or nothing at the target URL can be tested.
    """
    try:
        given = settings.read(config)
        with target_of(given, config.invocation_params.dir) as (target, written):
            recorder = Recorder(target, Budget(given.limits.max_requests, given.limits.rps), "s")
            client = Client.open(target, recorder)
            try:
                found, touched = _with_ledger(config, given, client, written)
            finally:
                client.close()
            text = show(found, recorder.budget.sent, evidence=config.get_verbosity() > 0)
            print(recorder.redactor.text(text), end="")
            if why := held_back(target, given.effects, written):
                print(f"note: nothing was created: {why}")
            for one in touched:
                print(recorder.redactor.text(f"note: {one.message}: its owner should look at it"))
    except BadInput as problem:
        raise pytest.UsageError(str(problem)) from None
    return 0


def _with_ledger(
    config: pytest.Config, given: Settings, client: Client, written: Profile
) -> tuple[Survey, list[Touched]]:
    """Survey the target and remove what that created; the changes that creates made to existing items."""
    parents = Ledger()
    run = f"survey-{uuid.uuid4().hex[:12]}"
    run_ledger = RunLedger.beside(config.invocation_params.dir, run, parents)
    run_ledger.begin(client, "s.", run)
    try:
        found = surveyed(config, given, client, written, parents)
    finally:
        run_ledger.settle()
    found.leftovers += [url for url in run_ledger.leftovers if url not in found.leftovers]
    return found, run_ledger.touched
