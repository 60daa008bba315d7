"""What a run on `demo:buggy` found of the bugs that the API is known to have, in the words of its owner."""

from __future__ import annotations

from collections.abc import Iterable

from harness.reference.buggy import BUGS
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict

_BROKEN = (Verdict.FAIL, Verdict.WARN)


def lines(findings: Iterable[Finding]) -> list[str]:
    """The bugs of the demo, worst first, each with the rules that noticed it; at last what to do next. Pure."""
    broken = {(finding.rule, finding.resource) for finding in findings if finding.verdict in _BROKEN}
    said: list[str] = []
    missed: list[str] = []
    for bug in BUGS:
        codes = sorted(code for code in bug.rules if {(code, bug.resource), (code, None)} & broken)
        if codes:
            said.append(f"  {len(said) + 1}. {bug.sentence} [{bug.resource}: {', '.join(codes)}]")
        else:
            missed.append(f"  not noticed in this run: {bug.sentence}")
    return [
        f"The demo has {len(BUGS)} bugs that real teams ship. This run noticed {len(said)}:",
        *said,
        *missed,
        "Now your API: pytest --target-url URL",
    ]
