"""Collections that take creates and cannot be listed, as command interfaces have them."""

from __future__ import annotations

from harness.reference.call import Call, Reply
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.errors import Problem
from harness.rules.verdict import Verdict
from tests.matrix.serving import served
from tests.matrix.trials import run_of

PROFILE = """
openapi = false
only = ["documents"]
[[resources]]
collection = "/documents"
body = { title = "Minutes", body = "Nothing was decided." }
"""


class Unlisted(CollectionEndpoint):
    """Only POST is routed."""

    def get(self, call: Call) -> Reply:
        raise Problem("not_found", "There is nothing here.")


def test_the_profile_has_a_body_so_that_one_is_created():
    with served({"collection": Unlisted}) as url:
        report = run_of(["METH-013"], url, "--effects", "write", profile=PROFILE)
    (found,) = report.findings
    assert found.verdict is Verdict.PASS
    assert not report.leftovers
