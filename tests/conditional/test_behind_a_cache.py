"""Items behind a cache that no write clears: they count as removed where a read that passes the cache says so."""

from __future__ import annotations

from harness.rules.verdict import Verdict
from tests.conditional.defects_caching import CacheNotCleared
from tests.matrix.declared import RESOURCES
from tests.matrix.serving import defect
from tests.matrix.trials import run_of

RULES = ("METH-009", "METH-012", "METH-013")


def test_what_a_cache_still_shows_is_not_left_behind() -> None:
    cached = defect("COND-018", "a cache that no write clears", router=CacheNotCleared)
    with cached.serve() as url:
        profile = f'only = ["documents"]\n{RESOURCES["documents"]}'
        report = run_of(RULES, url, "--effects", "write", profile=profile)
    assert {one.rule: one.verdict for one in report.findings} == dict.fromkeys(RULES, Verdict.PASS)
    assert not report.leftovers
