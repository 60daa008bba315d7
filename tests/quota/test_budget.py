"""What a flood may send: counted on the server's side, and over all processes of a run."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from harness.client.account import InFile, InProcess
from harness.client.budget import Budget, BudgetSpent
from harness.rules.suites import suites_folder
from tests import servers
from tests.servers import Answer, Crud, Seen
from tests.sessions import run

pytestmark = pytest.mark.slow

SUITES = [str(path) for path in sorted(suites_folder().glob("rate_limits/test_*.py"))]
PROFILE = """
openapi = false
[credentials.other]
headers = { X-Key = "somebody else" }
[[resources]]
collection = "/things"
body = { name = "a thing of ours" }
[[rate_limits]]
path = "/limited"
limit = 10
window = 1
"""


class Unlimited:
    """An API that names a limit and does not keep it: so that every rule sends all that it may."""

    def __init__(self) -> None:
        self.crud = Crud()
        self.count = 0
        self.lock = threading.Lock()

    def __call__(self, seen: Seen) -> Answer | None:
        if seen.path.lower().startswith("/limited"):
            with self.lock:
                self.count += 1
            return Answer(200, b'{"message": "ok"}', [("Content-Type", "application/json")])
        return self.crud(seen)


@pytest.mark.parametrize("most", [30, 60])
def test_never_more_than_max_requests(tmp_path: Path, most: int) -> None:
    with servers.http(Unlimited()) as server:
        done = run(
            tmp_path,
            *("--target-url", server.url, "--effects", "flood", "--max-requests", str(most)),
            *("--flood-budget", "10000", *SUITES),
            files={"conformance.toml": PROFILE},
        )
    assert done.code in (0, 5), done.out
    assert len(server.seen) <= most
    assert "--max-requests" in done.finding("RATE-010")["reason"]


@pytest.mark.parametrize("workers", [(), ("-n", "3")])
def test_never_more_floods_than_the_flood_budget(tmp_path: Path, workers: tuple[str, ...]) -> None:
    api = Unlimited()
    with servers.http(api) as server:
        options = ("--target-url", server.url, "--effects", "flood", "--flood-budget", "50")
        done = run(tmp_path, *options, *workers, *SUITES, files={"conformance.toml": PROFILE})
    assert done.code in (0, 5), done.out
    sample_and_survey = 3 * 2 * 10 + 1
    assert api.count <= 50 + sample_and_survey
    reasons = json.dumps([finding["reason"] for finding in done.report["findings"]])
    assert "--flood-budget are left: raise it to" in reasons


def test_a_plain_run_does_not_flood(tmp_path: Path) -> None:
    api = Unlimited()
    with servers.http(api) as server:
        done = run(tmp_path, "--target-url", server.url, *SUITES, files={"conformance.toml": PROFILE})
    assert done.code in (0, 5), done.out
    # The survey looks once, and the rules that only read take one sample, below the limit.
    assert api.count <= 10
    assert "needs --effects flood" in done.finding("RATE-001")["reason"]


@pytest.mark.parametrize("shared", [False, True])
def test_floods_are_counted_twice(tmp_path: Path, shared: bool) -> None:
    budget = Budget(100, account=InFile(tmp_path / "b") if shared else InProcess(), flood=5)
    budget.take(3)
    with budget.flooding():
        budget.room_to_flood(5)
        budget.take(2)
        with pytest.raises(
            BudgetSpent, match="takes 4 requests, and 3 of the 5 of --flood-budget are left: raise it to 6"
        ):
            budget.room_to_flood(4)
        budget.take(3)
        with pytest.raises(BudgetSpent, match="all 5 requests of --flood-budget"):
            budget.take()
    budget.take()
    assert budget.sent == 9


def test_what_was_put_aside_is_no_flood() -> None:
    budget = Budget(10, flood=1)
    budget.reserve(2)
    with budget.flooding():
        budget.take()
        budget.take(2, reserved=True)
    assert budget.sent == 3


def test_a_flood_leaves_what_is_put_aside() -> None:
    budget = Budget(10, flood=50)
    budget.reserve(4)
    with pytest.raises(
        BudgetSpent, match="takes 7 requests, and 6 of the 10 of --max-requests are left: raise it to 11"
    ):
        budget.room_to_flood(7)
