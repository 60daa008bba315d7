"""How pytest shows a verdict: category, letter and word of its progress output."""

from __future__ import annotations

from harness.rules.verdict import Verdict

_SHOWN = {
    Verdict.PASS: ("passed", ".", "PASS", "green"),
    Verdict.ADVICE: ("advised", "a", "ADVICE", "cyan"),
    Verdict.NOTE: ("noted", "n", "NOTE", "green"),
    Verdict.WARN: ("warned", "w", "WARN", "yellow"),
    Verdict.WAIVED: ("waived", "v", "WAIVED", "yellow"),
    Verdict.INCONCLUSIVE: ("inconclusive", "i", "INCONCLUSIVE", "yellow"),
    Verdict.NOT_APPLICABLE: ("skipped", "s", "NOT APPLICABLE", "yellow"),
    Verdict.FAIL: ("failed", "F", "FAIL", "red"),
    Verdict.ERROR: ("error", "E", "ERROR", "red"),
}


def status(
    verdict: Verdict, *, failing: bool, known: bool = False, later: bool = False
) -> tuple[str, str, tuple[str, dict[str, bool]]]:
    """The result of `pytest_report_teststatus` for a rule.

    Args:
        failing: whether the verdict fails the run, as with `--fail-on should`; it then counts as failed.
        known: whether the baseline has the finding.
        later: whether the rule is of a later edition than the run's.
    """
    category, letter, word, colour = _SHOWN[verdict]
    if known:
        return "known", "k", (f"KNOWN {word}", {"yellow": True})
    if later and category == "failed":
        return "later", "l", (f"LATER EDITION {word}", {"yellow": True})
    if failing and verdict is not Verdict.ERROR:
        category, letter, colour = "failed", letter.upper(), "red"
    return category, letter, (word, {colour: True})
