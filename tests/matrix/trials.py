"""Putting defects and lawful variants to rules: one run of the harness each, and what it must come to."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path

import pytest

from harness.report.model import Report
from harness.rules.catalogue import ListedRule, shipped
from harness.rules.finding import Finding
from harness.rules.suites import suites_folder
from harness.rules.verdict import BROKEN, Verdict
from tests.matrix.choice import FLOODS, LOADS, RACES, Depth, by_chance, chosen
from tests.matrix.declared import ALL, AT_ONCE, CLIENTS, FLOOD, HOSTILE, LIMITS, OF_SUITE, RESOURCES, WIRE
from tests.matrix.defect import Defect
from tests.matrix.running import run
from tests.matrix.variant import Variant

SUITES = sorted(suites_folder().rglob("test_*.py"))
TRIPPED = frozenset(BROKEN)
UNSOUND = frozenset({*TRIPPED, Verdict.WAIVED, Verdict.ERROR})
DOCUMENT = frozenset({"SCH-001", "SCH-002"})
"""Rules that compare responses with the document: that of the reference, which a changed policy does not change."""
NO_RACES = ("-m", "not rule(effect='BURST')")
TURN = int(os.environ.get("MATRIX_TURN") or 0)
"""Which defects are put to a share of the rules, and to which: always the same, unless the environment says another."""


@cache
def listed() -> dict[str, ListedRule]:
    """The rules of the suites by code."""
    return {one.rule.code: one for one in shipped()}


def select(codes: Collection[str]) -> tuple[list[Path], tuple[str, ...]]:
    """The suites that hold these rules, and what makes pytest run no others."""
    files = {listed()[code].module for code in codes}
    suites = [suite for suite in SUITES if suite.name in files]
    return suites, ("-m", " or ".join(f"rule(code='{code}')" for code in codes))


def run_of(codes: Collection[str], url: str, *arguments: str, profile: str) -> Report:
    """A run of these rules, which writes no view of its report."""
    suites, selection = select(codes)
    return run(url, *arguments, *selection, suites=suites, profile=profile)


def listing(findings: Iterable[Finding]) -> str:
    """Findings, a line each."""
    return "\n".join(
        f"{finding.rule} [{finding.resource}] {finding.verdict.value}: {finding.reason}"
        for finding in findings
    )


def _report(defect: Defect, depth: Depth, url: str) -> Report:
    floods, loads = defect.rule.startswith(FLOODS), defect.rule.startswith(LOADS)
    profile = "".join(
        (
            AT_ONCE,
            HOSTILE,
            f"only = {sorted(defect.on)}\n",
            CLIENTS,
            WIRE,
            *(RESOURCES[name] for name in defect.on),
            OF_SUITE.get(defect.rule.partition("-")[0], ""),
            LIMITS if floods else "",
            defect.profile(url),
        )
    )
    arguments = (
        ALL if loads else FLOOD if floods else () if defect.rule.startswith(RACES) else ("--effects", "write")
    )
    if depth is Depth.WHOLE:
        # As users run it: all rules and all reports.
        more = NO_RACES if floods or loads else ()
        return run(url, *arguments, *more, suites=SUITES, profile=profile, formats=None)
    codes = chosen(defect, depth, list(listed().values()), TURN)
    return run_of(codes, url, *arguments, profile=profile)


def check_defect(defect: Defect, depth: Depth) -> None:
    """Put a defect to rules: it must trip its own, and no other.

    Raises:
        AssertionError: it did not; says what was found.
    """
    expected = {defect.rule} | defect.also
    for _ in range(defect.tries if by_chance(defect) else 1):
        with defect.serve() as url:
            report = _report(defect, depth, url)
        assert defect.rule in {rule.code for rule in report.rules}, "its rule was not collected"
        found = [finding for finding in report.findings if finding.verdict in TRIPPED]
        crashed = [finding for finding in report.findings if finding.verdict is Verdict.ERROR]
        assert not crashed, listing(crashed)
        tripped = {finding.rule for finding in found} - defect.perhaps - (DOCUMENT - expected)
        assert tripped <= expected, f"{listing(found)}\n(again with MATRIX_TURN={TURN})"
        if tripped == expected:
            return
    if not found and defect.rule.startswith(LOADS) and too_busy(report.of_rule(defect.rule)):
        # What such a rule is to do then: a skip says that the defect was not put to it.
        pytest.skip(f"the machine was too busy to measure latency:\n{listing(report.of_rule(defect.rule))}")
    assert tripped == expected, listing(found or report.of_rule(defect.rule))


def too_busy(findings: Sequence[Finding]) -> bool:
    """Whether a rule on latency was inconclusive because the harness itself was late on a saturated machine."""
    return any(
        one.verdict is Verdict.INCONCLUSIVE
        and "the harness itself was up to" in one.reason
        and "of this machine's processors were in use" in one.reason
        for one in findings
    )


def check_variant(variant: Variant, codes: Sequence[str] | None = None, *, whole: bool = False) -> None:
    """Put a lawful API to rules: none may accuse it.

    Args:
        codes: the rules; all when omitted.
        whole: whether they are put to all its resources, and every report is written.

    Raises:
        AssertionError: a rule accused it, or crashed.
    """
    profile = HOSTILE + ("" if whole else f"only = {list(variant.on)}\n") + variant.profile
    effects = ("--effects", "burst" if variant.races else "write")
    with variant.serve() as url:
        if codes is None:
            report = run(url, *effects, suites=SUITES, profile=profile, formats=None if whole else "none")
        else:
            report = run_of(codes, url, *effects, profile=profile)
    alarms = [
        finding
        for finding in report.findings
        if finding.verdict in {*TRIPPED, Verdict.ERROR}
        and not (finding.rule in DOCUMENT and variant.topic != "schema")
        and not (finding.rule in variant.warned and finding.verdict in (Verdict.WARN, Verdict.ADVICE))
    ]
    assert not alarms, listing(alarms)
