"""Lawful ways to limit clients that a load must not accuse: whole runs, since lawful variants are put to no load."""

from __future__ import annotations

from harness.reference.overload import Admission
from harness.rules.verdict import BROKEN, Verdict
from tests.matrix.declared import ALL, CLIENTS, HOSTILE, LOAD
from tests.matrix.serving import served
from tests.matrix.trials import run_of

ONLY = 'only = ["documents"]\n'
RULES = ("ISOL-001", "ISOL-002", "ISOL-003", "PERF-001")


class ForEachAddress(Admission):
    """A limit for each address: all clients of one office share it."""

    def granted(self, client: str, now: float) -> bool:
        return super().granted("127.0.0.1", now)


def test_a_limit_for_each_address_is_no_noisy_neighbour() -> None:
    with served({"admission": ForEachAddress}) as url:
        report = run_of(RULES[:3], url, *ALL, profile=HOSTILE + ONLY + CLIENTS + LOAD)
    assert not [one for one in report.findings if one.verdict in (*BROKEN, Verdict.ERROR)]


def test_no_load_is_sent_without_permission() -> None:
    with served({}) as url:
        report = run_of(RULES, url, *ALL, profile=ONLY + CLIENTS + LOAD)
    assert {one.verdict for one in report.findings} == {Verdict.NOT_APPLICABLE}
    assert all("`non_production = true`" in one.reason and not one.exchanges for one in report.findings)
