"""What an API promises of its lists binds it; and a finding on an interleaving can be read and replayed."""

from __future__ import annotations

import pytest

from harness.rules.figures import TraversalFigure
from harness.rules.finding import Finding
from harness.rules.suites import suites_folder
from harness.rules.verdict import Verdict
from tests.matrix.running import run
from tests.matrix.serving import served
from tests.pagination.defects import OffsetInDisguise

pytestmark = pytest.mark.slow

SUITE = [suites_folder() / "pagination/test_cursors.py"]
PROFILE = """
consistency_window = 0
[[resources]]
collection = "/payments"
[resources.pagination]
"""


def finding(keys: str) -> Finding:
    with served({"paginator": OffsetInDisguise}) as url:
        report = run(url, "--effects", "write", "-k", "PAGE-010", suites=SUITE, profile=PROFILE + keys)
    (found,) = report.findings
    return found


def steps(found: Finding) -> str:
    """What was observed, without the ids, which are others in each run."""
    return found.breaches[0].observed.partition(" (")[0]


def test_a_promise_of_stability_turns_a_warning_into_a_failure() -> None:
    assert finding("").verdict is Verdict.WARN
    assert finding("stable = true").verdict is Verdict.FAIL


def test_a_finding_tells_its_steps_and_can_be_replayed() -> None:
    one, again, other = finding("seed = 5"), finding("seed = 5"), finding("seed = 6")
    assert steps(one) == steps(again)
    shown = one.breaches[0].observed
    assert "1. page 1: A B C D; 2. delete" in shown
    assert "pagination.seed = 5" in shown
    assert "pagination.seed = 6" in other.breaches[0].observed
    assert shown.partition("; seed ")[2] != other.breaches[0].observed.partition("; seed ")[2]
    (drawn,) = one.figures
    assert isinstance(drawn, TraversalFigure)
    assert [step.action for step in drawn.steps[:2]] == ["page", "delete"]
    assert {"missed", "again"} & {item.mark for step in drawn.steps for item in step.items}
    assert drawn.steps[0].exchange in one.exchanges
