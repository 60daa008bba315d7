"""The sample with figures of each kind, an earlier run, and what a target could send worst wherever it has a say."""

from __future__ import annotations

from harness.report.model import Report
from harness.rules.figures import (
    Lane,
    ListedItem,
    LoadFigure,
    LoadPoint,
    Moment,
    QuotaFigure,
    QuotaRequest,
    RaceFigure,
    Step,
    TimelineFigure,
    Track,
    TraversalFigure,
)
from harness.rules.finding import BreachRecord, Finding
from harness.rules.verdict import Level, Verdict
from harness.run.baseline import Baseline
from tests.report.sample import CONTROLS, SCRIPT, URL, build, exchange

LONG = "x" * 10_000_000
"""A line of ten million characters, of which a recorder would have kept less."""


def whole() -> Report:
    """The sample, with figures of each kind, an earlier run, and what a target could send worst everywhere."""
    report = build()
    findings = list(report.findings)
    findings[0] = findings[0].model_copy(
        update={
            "breaches": [
                BreachRecord(
                    expected="412", observed=f"PUT /v1/orders/81 -> 200 {SCRIPT}{CONTROLS}", level=Level.MUST
                )
            ],
            "figures": [
                RaceFigure(
                    title=f"A storm {SCRIPT}",
                    spread=40.0,
                    overlap=2,
                    lanes=[
                        Lane(label="POST /orders", released=0.0, first=500.0, done=1000.0, status=201),
                        Lane(label=SCRIPT, released=40.0, note=CONTROLS),
                    ],
                ),
                QuotaFigure(
                    title="A quota",
                    limit=5,
                    requests=[
                        QuotaRequest(at=0.0, status=200, accepted=True, remaining=5),
                        QuotaRequest(at=1.0, status=429, accepted=False),
                    ],
                ),
                LoadFigure(
                    title=f"A load {SCRIPT}",
                    start=1.0,
                    end=2.0,
                    measured=[LoadPoint(at=0.5, latency=12.0, status=200), LoadPoint(at=1.5, latency=3000.0)],
                    flood=[LoadPoint(at=1.2, latency=4.0, status=429)],
                ),
                TimelineFigure(
                    title=f"A timeline {SCRIPT}",
                    tracks=[
                        Track(
                            label=f"POST /exports {SCRIPT}{CONTROLS}",
                            moments=[
                                Moment(at=0.0, end=0.5, text="pending"),
                                Moment(at=0.5, end=9.5, text=LONG),
                                Moment(at=9.5, text="failed", outcome="bad"),
                                Moment(at=9.6, text=SCRIPT, outcome="good"),
                                Moment(at=9.7, text="204", outcome="good"),
                            ],
                        ),
                        Track(label="gone", moments=[]),
                    ],
                ),
                TraversalFigure(
                    title="A list",
                    steps=[
                        Step(action="page", text="page 1", items=[ListedItem(label=SCRIPT, mark=mark)])
                        for mark in ("seen", "again", "missed", "inserted", "deleted", "moved")
                    ],
                ),
            ],
        }
    )
    findings.append(
        Finding(
            rule="ERR-009",
            resource=f"a{SCRIPT}{CONTROLS}",
            verdict=Verdict.FAIL,
            reason=LONG,
            exchanges=["l"],
        )
    )
    baseline = Baseline("b1", "2026-11-20T10:00:00Z", URL, {("ERR-002", "customers"): Verdict.FAIL})
    findings = [one.model_copy(update={"known": baseline.knows(one)}) for one in findings]
    hostile = exchange(
        "l", "GET", f"/{LONG}", 200, body="\ufffd" + LONG, fields=(("X-Long", LONG), (SCRIPT, CONTROLS))
    )
    return report.model_copy(
        update={
            "findings": findings,
            "exchanges": [*report.exchanges, hostile],
            "baseline": baseline.record(findings, report.run.failing),
        }
    )
