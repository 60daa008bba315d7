"""Items beyond a bound of their schema, alone and in a batch."""

from __future__ import annotations

from harness import SHOULD, expect
from harness.rules.checks import Undecided

from .invalid import BOUNDS, FOR_OTHER_REASONS, invalid
from .trial import Trial


def bounded(trial: Trial) -> None:
    """Break the rule by an item beyond a bound of the schema that is refused alone and created in a batch."""
    try:
        bad = invalid(trial.resource, BOUNDS)
    except Undecided:
        return
    sent = trial.send(trial.resource.body(), bad.make(), trial.resource.body())
    if sent.status not in FOR_OTHER_REASONS:
        expect(
            sent.there[1] is not True,
            "no item that is refused when it is sent alone",
            f"{sent.what}; item 2, which is beyond a bound of the schema, alone: {bad.refused.summary()}",
            level=SHOULD,
        )
