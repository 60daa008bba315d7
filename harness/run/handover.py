"""What the controller hands over to the workers of pytest-xdist."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from harness.payloads import run_token
from harness.rules.verdict import Verdict
from harness.run.planning import Means
from harness.survey.outcome import Survey
from harness.target.target import Target


@dataclass(frozen=True)
class HandOver:
    """A run that is prepared.

    Attributes:
        target: with its credentials.
        folder: shared by all processes of the run: the budget and the locks.
        ledger: path of the ledger file.
        survey: of the target.
        means: what the workers plan with.
        progress: the file with the verdicts of before; None for a new run.
        resumed: how often the run was continued.
    """

    target: Target
    folder: Path
    ledger: Path
    survey: Survey
    means: Means
    progress: Path | None = None
    resumed: int = 0

    def to_json(self) -> str:
        """The run, and the token that marks its items, as text for a worker."""
        return json.dumps(
            {
                "target": TypeAdapter(Target).dump_python(self.target, mode="json"),
                "folder": str(self.folder),
                "ledger": str(self.ledger),
                "token": run_token.current(),
                "survey": self.survey.to_json(),
                "spent": self.means.spent,
                "before": [[*key, verdict.value] for key, verdict in sorted(self.means.before.items())],
                "progress": None if self.progress is None else str(self.progress),
                "resumed": self.resumed,
            }
        )


def take_over(text: str) -> HandOver:
    """The run that the controller has prepared; this process marks its items with the same token from now on."""
    given = json.loads(text)
    run_token.take_over(given["token"])
    return HandOver(
        TypeAdapter(Target).validate_python(given["target"]),
        Path(given["folder"]),
        Path(given["ledger"]),
        Survey.from_json(given["survey"]),
        Means(given["spent"], {(rule, name): Verdict(verdict) for rule, name, verdict in given["before"]}),
        None if given["progress"] is None else Path(given["progress"]),
        given["resumed"],
    )
