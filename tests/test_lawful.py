"""No false alarm: lawful APIs of unusual kinds break no rule."""

from __future__ import annotations

import os

import pytest

from harness.suites_folder import suites_folder
from harness.verdict import Verdict
from tests.lawful import Variant, conditional, documented, general, negotiation, pagination
from tests.running import run

VARIANTS = (
    *general.VARIANTS,
    *conditional.VARIANTS,
    *negotiation.VARIANTS,
    *pagination.VARIANTS,
    *documented.VARIANTS,
)
WHOLE = os.environ.get("MATRIX") == "whole"
ALARMS = {Verdict.FAIL, Verdict.WARN, Verdict.ERROR}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_lawful_api_breaks_no_rule(variant: Variant) -> None:
    with variant.serve() as url:
        effects = "burst" if variant.races else "write"
        suites = sorted(suites_folder().glob("test_*.py"))
        only = "" if WHOLE else f"only = {list(variant.on)}\n"
        report = run(url, "--effects", effects, suites=suites, profile=only + variant.profile)
    alarms = [
        f"{finding.rule} [{finding.resource}] {finding.verdict.value}: {finding.reason}"
        for finding in report.findings
        if finding.verdict in ALARMS
        and not (finding.rule in variant.warned and finding.verdict is Verdict.WARN)
    ]
    assert not alarms, "\n".join(alarms)
