"""Keys of the profile that rules could not use: one line each, with the rules that were lost."""

from __future__ import annotations

from harness.report.words import unusable_keys
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict


def test_each_key_is_named_once_with_the_rules_that_were_not_decided() -> None:
    why = "the profile: jwt.mint: the program ended with exit code 1; run it by hand to see why"
    twin = "credentials.other: its token has the same `sub` as that of 'default': give one of another client"
    findings = [
        Finding(rule="AUTH-008", verdict=Verdict.INCONCLUSIVE, reason=why),
        Finding(rule="AUTH-007", verdict=Verdict.INCONCLUSIVE, reason=why),
        Finding(rule="AUTH-011", resource="orders", verdict=Verdict.INCONCLUSIVE, reason=twin),
        Finding(rule="AUTH-011", resource="books", verdict=Verdict.INCONCLUSIVE, reason=twin),
        Finding(rule="AUTH-001", verdict=Verdict.INCONCLUSIVE, reason="a read should succeed: GET /x -> 500"),
        Finding(rule="AUTH-002", verdict=Verdict.NOT_APPLICABLE, reason="jwt.mint: not there"),
    ]
    assert unusable_keys(findings) == [
        f"{twin}; not decided: AUTH-011.",
        f"{why.removeprefix('the profile: ')}; not decided: AUTH-007, AUTH-008.",
    ]
