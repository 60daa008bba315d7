"""What a run may send, measured on the server's side: safe methods only, so many, so fast, for so long."""

from __future__ import annotations

import itertools
import threading
import time

import pytest

from harness.client import budget as module
from harness.client.account import InFile
from harness.client.budget import Budget, BudgetSpent
from harness.rules.suites import suites_folder
from tests import servers
from tests.client.test_budget import Clock
from tests.servers import PROFILE, Crud
from tests.sessions import here, run

pytestmark = pytest.mark.slow

HEAD = """
import pytest
from harness import BURST, MUST, READ, rule

def made(code, **more):
    def mark(function):
        function.__doc__ = "Title\\n\\nWhy: it breaks.\\nFix: mend it.\\n"
        return rule(code, MUST, refs=["x"], **more)(function)
    return mark
"""
GREEDY = HEAD + "".join(
    f"""
@made("ACME-{number:03}", needs="create", effect=BURST)
def test_{number}(resource, client):
    while True:
        resource.create()
        client.get("/things")
"""
    for number in range(4)
)
DISOBEDIENT = (
    HEAD
    + """
from harness.rules.checks import Undecided
from harness.race import Request, race
from harness.client.raw import connection

def raw(client, method):
    with connection(client) as wire:
        wire.send(method, client.url("/things"), [("Content-Length", "2")], b"{}")

WAYS = {
    "post": lambda client: client.post("/things", json={"name": "x"}),
    "put": lambda client: client.put("/things/first", json={"name": "x"}),
    "patch": lambda client: client.patch("/things/first", json={"name": "x"}),
    "delete": lambda client: client.delete("/things/first"),
    "unregistered": lambda client: client.request("PURGE", "/things"),
    "in lower case": lambda client: client.request("post", "/things"),
    "with a safe one in front": lambda client: client.request("GET/POST", "/things"),
    "removal": lambda client: client.delete("/things/first", cleanup=True, removal=True),
    "session": lambda client: client.session.post(client.url("/things"), json={"name": "x"}),
    "raw": lambda client: raw(client, "POST"),
    "raw odd": lambda client: raw(client, "GET /things HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nPOST"),
    "race": lambda client: race(client, [Request("POST", "/things", json={"name": "x"})] * 2),
    "race of both": lambda client: race(client, [Request("GET", "/things"), Request("DELETE", "/things/first")]),
}

@made("ACME-001")
def test_everything(client):
    for name, way in WAYS.items():
        with pytest.raises(Undecided, match="not (sent|raced) under --effects read"):
            way(client)

@made("ACME-002", needs="list")
def test_resource(resource):
    with pytest.raises(Undecided, match="not (sent|raced) under --effects read"):
        resource.create()
    with pytest.raises(Undecided, match="not (sent|raced) under --effects read"):
        resource.put_new("x", {})
"""
)
SUITES = [str(path) for path in sorted(suites_folder().rglob("test_*.py"))]
EVERYTHING = f"""
setup = ["PUT /things/parent"]
{PROFILE}
[wire]
malformed = true
smuggling = true
[credentials.other]
headers = {{ X-Key = "somebody else" }}
[[rate_limits]]
path = "/things"
limit = 10
window = 1
"""


def test_effects_read_sends_safe_methods_only_whatever_a_suite_tries(tmp_path):
    api = Crud(items={"first": {"id": "first", "name": "somebody's"}})
    with servers.http(api) as server:
        done = run(
            tmp_path,
            *("--target-url", server.url, "--effects", "read", "test_own.py", *SUITES),
            files={"test_own.py": DISOBEDIENT, "conformance.toml": EVERYTHING},
        )
    assert set(server.methods) == {"GET", "HEAD", "OPTIONS"}
    assert done.verdicts["ACME-001"] == done.verdicts["ACME-002"] == "pass"
    assert "error" not in done.verdicts.values()
    assert len(done.verdicts) > 130
    assert len(server.seen) > 100
    assert api.items == {"first": {"id": "first", "name": "somebody's"}}
    assert list((tmp_path / "reports").glob("ledger-*")) == []


def timed(api):
    """An API that notes when requests arrive."""
    arrived: list[tuple[str, float]] = []
    lock = threading.Lock()

    def respond(seen):
        with lock:
            arrived.append((seen.method, time.monotonic()))
        return api(seen)

    return respond, arrived


def test_pace_and_number_hold_over_all_workers(tmp_path):
    api, rate, most = Crud(), 40, 100
    respond, arrived = timed(api)
    with servers.http(respond) as server:
        done = run(
            tmp_path,
            *("--target-url", server.url, "-n", "2", "--rps", str(rate), "--max-requests", str(most)),
            "test_own.py",
            files={"test_own.py": GREEDY, "conformance.toml": PROFILE},
        )
    assert len(arrived) <= most
    assert done.report["target"]["requests"] == len(arrived)
    assert api.items == {}
    assert set(done.verdicts.values()) == {"inconclusive"}
    # A pace of each worker's own would take half the time; a slow machine takes longer, never less.
    took = arrived[-1][1] - arrived[0][1]
    assert took >= 0.75 * (len(arrived) - 1) / rate


def test_max_time_ends_the_whole_run(tmp_path):
    api, seconds = Crud(), 5
    respond, arrived = timed(api)
    with servers.http(respond) as server:
        done = run(
            tmp_path,
            *("--target-url", server.url, "-n", "2", "--rps", "25", "--max-time", str(seconds)),
            "test_own.py",
            files={"test_own.py": GREEDY, "conformance.toml": PROFILE},
        )
    sent = [at for method, at in arrived if method != "DELETE"]
    # While workers start, the clock stands still. The last may have been under way for a while, on a busy machine.
    starting = max(after - before for before, after in itertools.pairwise(sent))
    assert sent[-1] - sent[0] - starting <= seconds + 5
    assert api.items == {}
    reasons = {finding["reason"] for finding in done.report["findings"]}
    # One of them may have ended while it waited for an answer.
    spent = "budget: the 5 seconds of --max-time have passed"
    assert all(reason.startswith(spent) for reason in reasons)
    assert spent in reasons
    assert done.code == 5
    assert "25 per second, 5 s from the first request, " in done.out
    assert "clean-up: at most 60 s after the last rule" in done.out


def test_time_is_over_for_all_but_removals(monkeypatch, tmp_path):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    one = Budget(10, seconds=3, account=InFile(tmp_path / "b"), clean_up=5)
    other = Budget(10, seconds=3, account=InFile(tmp_path / "b"), clean_up=5)
    # Nothing has been asked yet.
    clock.now += 7
    one.take()
    clock.now += 2
    other.take()
    with pytest.raises(BudgetSpent, match="the 3 seconds of --max-time have passed"):
        other.check_time(1.0)
    clock.now += 1
    for budget in (one, other):
        with pytest.raises(BudgetSpent, match="the 3 seconds of --max-time have passed"):
            budget.take()
    one.take(removal=True)
    assert one.sent == 3
    # Removals have a time of their own, and then that is over, too.
    clock.now += 5
    for budget in (one, other):
        with pytest.raises(BudgetSpent, match="clean-up"):
            budget.take(removal=True)


def test_the_clock_stands_still_while_workers_are_started(monkeypatch, tmp_path):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    surveyed = Budget(10, seconds=3, account=InFile(tmp_path / "b"))
    assert surveyed.left() == 3
    surveyed.take()
    clock.now += 1
    for _ in range(2):
        # Once for each worker.
        surveyed.pause()
        clock.now += 60
    assert surveyed.left() == 2
    worker = Budget(10, seconds=3, account=InFile(tmp_path / "b"))
    worker.take()
    clock.now += 1.9
    worker.take()
    assert worker.end(clock.now + 5) == pytest.approx(clock.now + 0.1)
    assert worker.end(clock.now + 5, removal=True) == clock.now + 5
    clock.now += 0.2
    with pytest.raises(BudgetSpent, match="the 3 seconds of --max-time have passed"):
        worker.take()


def test_the_end_of_the_rules_begins_a_time_for_removals_only(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    budget = Budget(10, clean_up=4)
    with budget.cleaning_up():
        clock.now += 5
        with pytest.raises(BudgetSpent, match="clean-up"):
            budget.take(removal=True)
    # A rule's own removals took too long: the run goes on.
    budget.take()
    budget.begin_clean_up(0.5)
    budget.take(removal=True)
    assert budget.end(clock.now + 60, removal=True) == clock.now + 2
    clock.now += 2
    for removal in (False, True):
        with pytest.raises(BudgetSpent, match="clean-up"):
            budget.take(removal=removal)


def test_nobody_waits_beyond_the_end(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    budget = Budget(10, seconds=6)
    budget.take()
    budget.sleep(5)
    with pytest.raises(BudgetSpent, match="--max-time"):
        budget.sleep(2)
    assert clock.slept == [5]


def test_nobody_waits_for_a_turn_that_comes_too_late(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    budget = Budget(10, rps=0.25, seconds=6)
    budget.take()
    budget.take()
    with pytest.raises(BudgetSpent, match="--max-time"):
        budget.take()
    assert clock.slept == [0.0, 4.0]
    assert budget.sent == 2


def test_the_head_of_a_run_names_its_ledger_and_those_that_are_left(pytester):
    api = Crud(deletes=False)
    with servers.http(api) as server:
        arguments = ("--target-url", server.url, "-k", "METH-015")
        first = here(pytester, *arguments, files={"conformance.toml": PROFILE})
        (ledger,) = (pytester.path / "reports").glob("ledger-*.jsonl")
        shown = f"python -m harness cleanup reports/{ledger.name}"
        assert f"ledger of created items: reports/{ledger.name}; after a kill: {shown}" in first.out
        assert f"leftovers: to try again to remove them: {shown}" in first.out
        api.deletes = True
        second = here(pytester, *arguments)
    assert f"{ledger.name} lists the leftovers of an earlier run, unless it is still active: " in second.out
    assert "leftovers: to try" not in second.out
    assert [path.name for path in (pytester.path / "reports").glob("ledger-*")] == [ledger.name]
