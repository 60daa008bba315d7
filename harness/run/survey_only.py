"""The survey as the user sees it: its progress, what it is kept in, and `--survey-only`, which is the survey alone."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import pytest

from harness.profile.models import Profile
from harness.run import options
from harness.run.options import Settings
from harness.survey.cache import Cache
from harness.target.target import Target


class Progress:
    """One line that changes on a terminal; nothing where nobody looks (no terminal, CI, `-q`).

    Args:
        config: of the run.
    """

    def __init__(
        self, config: pytest.Config, stream: TextIO = sys.stderr, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._stream = stream
        self._seen = stream.isatty() and not environ.get("CI") and config.get_verbosity() >= 0
        self._width = 0

    def tell(self, line: str) -> None:
        if self._seen:
            text = "".join(one for one in line if one.isprintable())[:100]
            self._stream.write(f"\r{text.ljust(self._width)}")
            self._stream.flush()
            self._width = len(text)

    def over(self) -> None:
        """Leave an empty line to whoever writes next."""
        if self._seen and self._width:
            self._stream.write(f"\r{' ' * self._width}\r")
            self._stream.flush()


def cache(
    given: Settings, config: pytest.Config, target: Target, written: Profile, clean: Callable[[str], str]
) -> Cache | None:
    """Where the survey is kept, if the user says so.

    Args:
        clean: takes the values of secrets out of a text.
    """
    if given.survey_cache is None:
        return None
    return Cache(Path(config.invocation_params.dir, given.survey_cache), target, written, clean)


def main(config: pytest.Config) -> int:
    """Survey the target and print what was found; no rule is run.

    Raises:
        pytest.UsageError: there is nothing that could be surveyed.
    """
    from harness.bad_input import BadInput
    from harness.cleanup.run_ledger import Keeping
    from harness.client.budget import Budget
    from harness.client.client import Client
    from harness.client.recorder import Recorder
    from harness.ledger.ledger import Ledger
    from harness.run.heading import held_back
    from harness.run.prepare import demo, permitted, prepare
    from harness.survey.ask.probe import survey
    from harness.survey.table import show

    try:
        given = options.settings(config)
        with ExitStack() as stack:
            url, headers, others = given.target_url, list(given.headers), {}
            if url == options.DEMO:
                url, token, second = stack.enter_context(demo())
                headers.append(f"Authorization: Bearer {token}")
                others["other"] = {"Authorization": f"Bearer {second}"}
            target, written = prepare(
                url,
                directory=config.invocation_params.dir,
                profile=given.profile,
                headers=headers,
                others=others,
                limits=given.limits,
                insecure=given.insecure,
            )
            limits = permitted(target.limits, given.effects, written, target.url)
            target = replace(target, limits=limits)
            recorder = Recorder(target, Budget(given.limits.max_requests, given.limits.rps), "s")
            client = Client.open(target, recorder)
            stack.callback(client.close)
            parents, progress = Ledger(), Progress(config)
            run = f"survey-{uuid.uuid4().hex[:12]}"
            keeping = Keeping.beside(config.invocation_params.dir, run, parents)
            keeping.begin(client, "s.", run)
            try:
                found = survey(
                    client,
                    written,
                    given.openapi,
                    parents,
                    kept=cache(given, config, target, written, recorder.redactor.values),
                    tell=lambda line: progress.tell(recorder.redactor.text(line)),
                )
            finally:
                progress.over()
                keeping.settle()
            found.leftovers += [url for url in parents.leftovers if url not in found.leftovers]
            print(recorder.redactor.text(show(found, recorder.budget.sent)), end="")
            if why := held_back(target, given.effects, written):
                print(f"note: nothing was created: {why}")
            for one in keeping.touched:
                print(recorder.redactor.text(f"note: {one.told}: its owner should look at it"))
    except BadInput as problem:
        raise pytest.UsageError(str(problem)) from None
    return 0
