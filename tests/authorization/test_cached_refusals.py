"""A refusal that a cache keeps for all clients: AUTH-011 does not take it for a removal."""

from __future__ import annotations

import pytest

from harness.reference.call import Call, Reply
from harness.reference.endpoints import ItemEndpoint
from harness.reference.errors import Problem
from harness.rules.verdict import Verdict
from tests.matrix.declared import AT_ONCE, CLIENTS
from tests.matrix.serving import served
from tests.matrix.trials import listing, run_of

pytestmark = pytest.mark.topic(name="authorization")


class RefusalsKept(ItemEndpoint):
    """A gateway keeps each 404 by its URL, whoever asked."""

    def __init__(self) -> None:
        self.refused: set[str] = set()

    def get(self, call: Call) -> Reply:
        if call.path in self.refused and not call.query:
            self.absent(call)
        try:
            return super().get(call)
        except Problem:
            self.refused.add(call.path)
            raise


class BobDeletes(RefusalsKept):
    """The same, where client B really may delete."""

    def delete(self, call: Call) -> Reply:
        item = call.store.find(call.resource.name, call.parameters["id"])
        if item is None:
            self.absent(call)
        with call.store.write() as tx:
            call.policies.locking.remove(call, tx, item)
        return Reply(204)


@pytest.mark.parametrize(
    ("item", "verdict"), [(RefusalsKept, Verdict.INCONCLUSIVE), (BobDeletes, Verdict.FAIL)]
)
def test_a_refusal_that_a_cache_keeps_is_no_removal(item, verdict):
    with served({"item": item}) as url:
        report = run_of(
            ["AUTH-011"], url, "--effects", "write", profile=f'{AT_ONCE}only = ["orders"]\n{CLIENTS}'
        )
    (finding,) = report.findings
    assert finding.verdict is verdict, listing(report.findings)
    assert ("a refusal seems to be cached" in finding.reason) is (verdict is Verdict.INCONCLUSIVE)
