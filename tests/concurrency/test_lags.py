"""Lists that lag behind the items, with and without a declaration, on a real server."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

from harness.reference import times
from harness.reference.call import Call
from harness.reference.pagination import Paginator, Position
from harness.reference.store import StoredItem
from harness.rules.verdict import Verdict
from tests.matrix.serving import served
from tests.matrix.trials import run_of
from tests.negotiation.defects import CodedTwice

ONLY = 'only = ["orders"]\n'


class LateLists(Paginator):
    """Lists that are read from an index that follows the table."""

    def __init__(self, lag: float) -> None:
        super().__init__()
        self.lag = int(lag * 1_000_000)

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        items = super().fetch(call, filters, after, 1_000_000)
        return [item for item in items if times.now() - item.created > self.lag][:count]


@pytest.mark.parametrize(
    ("lag", "declared", "verdict"),
    [
        (0.8, "", Verdict.WARN),
        (0.8, "consistency_window = 2\n", Verdict.PASS),
        (0.15, "", Verdict.PASS),
    ],
    ids=["not declared", "declared", "too short to notice"],
)
def test_a_list_that_lags_behind_is_a_warning_unless_that_is_declared(lag, declared, verdict):
    with served({"paginator": partial(LateLists, lag)}) as url:
        report = run_of(["CONC-012"], url, profile=declared + ONLY)
    (finding,) = report.findings
    assert finding.verdict is verdict
    if verdict is Verdict.WARN:
        (breach,) = finding.breaches
        assert "creations: 3 of 3 writes were visible late" in breach.observed


class AllCodedTwice(CodedTwice):
    """Short content, too."""

    least = 1


def test_what_cannot_be_read_in_gzip_is_no_lag() -> None:
    with served({"coding": AllCodedTwice}) as url:
        report = run_of(["CONC-012"], url, profile='only = ["documents"]\n')
    (finding,) = report.findings
    assert finding.verdict is Verdict.PASS
