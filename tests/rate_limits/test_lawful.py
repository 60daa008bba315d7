"""No false alarm: lawful rate limiters of all kinds break no rule, and their algorithm is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from harness.reference import ADMIN, BOB
from harness.report.model import Report
from harness.rules.suites import suites_folder
from harness.rules.verdict import Verdict
from tests.matrix.running import run
from tests.matrix.serving import served
from tests.matrix.variant import Variant
from tests.rate_limits.lawful import LIMITERS, Tiers

pytestmark = pytest.mark.slow

SUITES = sorted(suites_folder().glob("rate_limits/test_*.py"))
ALARMS = {Verdict.FAIL, Verdict.WARN, Verdict.ADVICE, Verdict.ERROR}
CLIENTS = f"""
only = ["documents"]
[credentials.other]
headers = {{ Authorization = "Bearer {BOB}" }}
[credentials.flood]
headers = {{ Authorization = "Bearer {ADMIN}" }}
"""
DECLARED = '[[rate_limits]]\npath = "/limited"\ncredential = "flood"\nlimit = 10\nwindow = 1\n'
TRIES = 3
NAMED = {
    "a fixed window": "a fixed window of 10 in 1 s",
    "a token bucket": "a token bucket of 10 in 1 s",
    "a token bucket of small bursts": "a token bucket of 10 in 1 s, with bursts of at most 4",
    "a leaky bucket that tells no quota": "a leaky bucket of 10 in 1 s, with bursts of at most 1",
    "two policies": "a sliding window of 10 in 1 s",
}


# What tells no quota at all is told to, as a SHOULD; nothing else is held against it.
WARNED = {"a leaky bucket that tells no quota": "RATE-006"}


def alarms(report: Report, warned: str | None = None) -> list[str]:
    return [
        f"{finding.rule} [{finding.resource}] {finding.verdict.value}: {finding.reason}"
        for finding in report.findings
        if finding.verdict in ALARMS and finding.rule != warned
    ]


def flooded(variant: Variant, profile: str) -> Report:
    """A run on a server of its own."""
    with variant.serve() as url:
        return run(url, "--effects", "flood", suites=SUITES, profile=profile)


@pytest.mark.parametrize("variant", LIMITERS, ids=lambda variant: variant.name)
def test_a_lawful_limiter_breaks_no_rule(variant: Variant) -> None:
    if variant.name == "no rate limit":
        found = flooded(variant, CLIENTS)
        assert not alarms(found), "\n".join(alarms(found))
        # Batches of the reference have a quota, and these rules send none: its fields are documented, and not seen.
        assert {one.verdict for one in found.findings if one.rule != "RATE-013"} == {Verdict.NOT_APPLICABLE}
        return
    # Each waits for windows to pass, most of its time.
    with ThreadPoolExecutor(2) as pool:
        found, declared = pool.map(partial(flooded, variant), (CLIENTS, CLIENTS + DECLARED))
    assert not alarms(found), "\n".join(alarms(found))
    found_there = alarms(declared, WARNED.get(variant.name))
    assert not found_there, "\n".join(found_there)


@pytest.mark.parametrize("variant", [one for one in LIMITERS if one.name in NAMED], ids=lambda one: one.name)
def test_its_algorithm_is_named(variant: Variant) -> None:
    shown = ""
    # Where the machine is busy, answers come too late to tell; a wrong name is never given.
    for _ in range(TRIES):
        with variant.serve() as url:
            only = ("--effects", "flood", "-k", "RATE-010")
            (finding,) = run(url, *only, suites=SUITES, profile=CLIENTS + DECLARED).findings
        shown = " ".join(finding.notes)
        if f"it behaves like {NAMED[variant.name]}" in shown:
            return
        assert "it behaves like" not in shown, shown
    raise AssertionError(shown)


@pytest.mark.parametrize(("promised", "kept"), [(20, True), (40, False)])
def test_each_tier_is_held_to_its_own_limit(promised: int, kept: bool) -> None:
    tiers = f"{DECLARED}tiers = {{ other = {promised} }}\n"
    only = ("--flood-budget", "1000", "-k", "RATE-010")
    with served({"limiter": Tiers}) as url:
        found = run(url, "--effects", "flood", *only, suites=SUITES, profile=CLIENTS + tiers)
    (finding,) = found.findings
    assert finding.verdict is (Verdict.NOTE if kept else Verdict.WARN), finding.reason
    assert f"tier other: {promised}" in finding.evidence
