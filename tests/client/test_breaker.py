"""When a target is given up: a run against one that fails ends soon and clean, and one on a sound one goes on."""

from __future__ import annotations

import threading

import pytest

from harness.client.breaker import FAILING
from harness.client.recorder import TargetDied, Unanswered
from harness.rules.checks import Undecided
from tests import servers
from tests.clients import unguarded
from tests.ledger.test_ledger import under_test
from tests.servers import PROFILE, Answer, Crud
from tests.sessions import run


class Breaks:
    """A CRUD API that answers with an error, once it is told to; each method by itself."""

    def __init__(self, status=500):
        self.api, self.status = Crud(), status
        self.broken: set[str] = set()

    def __call__(self, seen):
        answer = self.api(seen)
        if seen.method not in self.broken:
            return answer
        return Answer(self.status) if self.status else None


def provoke(client, times, method="POST"):
    for _ in range(times):
        client.request(method, "/things", json={}, obey_throttling=False)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_errors_that_a_rule_provokes_do_not_open_it(status):
    api = Breaks(status)
    api.broken = {"POST"}
    with servers.http(api) as server, unguarded(server.url) as client:
        client.get("/things")
        provoke(client, 3 * FAILING)
        assert client.recorder.died is None
    # Asked again after every ten.
    assert server.methods == ["GET", *3 * (["POST"] * FAILING + ["GET"])]


@pytest.mark.parametrize("status", [501, 505])
def test_what_a_server_does_not_support_is_no_failure(status):
    api = Breaks(status)
    api.broken = {"POST", "GET"}
    with servers.http(api) as server, unguarded(server.url) as client:
        provoke(client, 3 * FAILING)
        assert client.recorder.died is None
    assert server.methods == ["POST"] * 3 * FAILING


def test_an_answer_in_between_resets_the_count():
    api = Breaks()
    api.broken = {"POST"}
    with servers.http(api) as server, unguarded(server.url) as client:
        for _ in range(3):
            provoke(client, FAILING - 1)
            client.get("/things")
        assert client.recorder.died is None
    assert server.methods == 3 * (["POST"] * (FAILING - 1) + ["GET"])


def test_a_target_that_fails_is_given_up_and_cleaned_all_the_same():
    api = Breaks()
    with servers.http(api) as server, unguarded(server.url) as client:
        resource = under_test(client)
        resource.create().get()
        client.get("/things")
        api.broken = {"GET", "POST"}
        provoke(client, FAILING)
        died = client.recorder.died
        assert died is not None
        assert f"{FAILING} requests in a row" in died
        assert f"then a GET that had been fine failed, too: {server.url}/things: 500" in died
        with pytest.raises(TargetDied):
            client.get("/")
        resource.ledger.clear()
        assert resource.ledger.leftovers == []
    assert api.api.items == {}
    # A look that fails does not keep what a read has shown to be ours from being removed.
    assert server.methods == ["GET", "POST", "GET", "GET", *["POST"] * FAILING, "GET", "GET", "DELETE"]


def test_removals_are_tried_three_times_in_vain_and_no_more():
    api = Breaks(0)
    with servers.http(api) as server, unguarded(server.url) as client:
        resource = under_test(client)
        for _ in range(6):
            resource.create()
        api.broken = {"GET", "DELETE"}
        for _ in range(3):
            with pytest.raises(Unanswered):
                client.get("/")
        assert "stopped answering" in str(client.recorder.died)
        resource.ledger.clear()
        assert len(resource.ledger.leftovers) == 6
    assert server.methods == ["GET", *["POST"] * 6, *["GET"] * 3, *["GET"] * 3]


def test_timeouts_open_it_as_errors_do():
    over, hanging = threading.Event(), threading.Event()
    api = Crud(on_request=lambda seen: over.wait(60) if hanging.is_set() else None)
    with servers.http(api) as server, unguarded(server.url, timeout=0.05) as client:
        client.get("/things")
        hanging.set()
        unanswered = 0
        while client.recorder.died is None:
            with pytest.raises(Unanswered):
                client.get("/things")
            unanswered += 1
        over.set()
    assert unanswered == FAILING
    assert "stopped answering: 10 requests in a row without a response" in client.recorder.died


def test_a_flood_that_is_refused_with_503_is_no_failure():
    api = Breaks(503)
    api.broken = {"POST", "GET"}
    with servers.http(api) as server, unguarded(server.url) as client:
        client.recorder.budget.flood = 1000
        with client.recorder.budget.flooding():
            provoke(client, 3 * FAILING)
        assert client.recorder.died is None
    assert server.methods == ["POST"] * 3 * FAILING


def test_the_answer_at_hand_is_not_lost_where_there_is_nothing_left_to_ask_with():
    api = Breaks()
    api.broken = {"POST"}
    with servers.http(api) as server, unguarded(server.url, requests=1 + FAILING) as client:
        client.get("/things")
        provoke(client, FAILING)
        with pytest.raises(Undecided, match="--max-requests"):
            client.get("/things")
    assert len(server.seen) == 1 + FAILING


RULES = """
from harness import MUST, WRITE, rule

def made(code):
    def mark(function):
        function.__doc__ = "Title\\n\\nWhy: it breaks.\\nFix: mend it.\\n"
        return rule(code, MUST, refs=["x"], needs="create", effect=WRITE)(function)
    return mark
""" + "".join(
    f"""
@made("ACME-{number:03}")
def test_{number}(resource, client):
    resource.create()
    client.get("/fails")
    for _ in range(4):
        client.get("/things")
"""
    for number in range(40)
)


def test_a_run_ends_soon_and_clean(tmp_path):
    failing = threading.Event()
    api = Crud()

    def respond(seen):
        if seen.path == "/fails":
            failing.set()
        if failing.is_set() and seen.method in ("GET", "POST"):
            return Answer(500)
        return api(seen)

    with servers.http(respond) as server:
        done = run(
            tmp_path,
            *("--target-url", server.url, "-n", "2", "test_own.py"),
            files={"test_own.py": RULES, "conformance.toml": PROFILE},
        )
        since = [one.method for one in server.seen].count("GET")
    assert done.code == 1
    assert set(done.verdicts.values()) <= {"pass", "inconclusive"}
    assert list(done.verdicts.values()).count("inconclusive") >= 38
    died = done.report["target"]["died"]
    assert "the target fails: 10 requests in a row" in died
    assert sum(finding["reason"] == died for finding in done.report["findings"]) >= 15
    assert since < 60
    # Before each DELETE a GET shows that the item is still the run's: what cannot be seen is reported, not removed.
    left = [url for url in done.report["leftovers"] if "/things/" in url]
    assert {url.rpartition("/")[2] for url in left} == set(api.items)
    assert len(left) == len(done.report["leftovers"]) <= 2


def test_a_resource_that_always_fails_does_not_keep_the_others_from_being_tested():
    def respond(seen):
        return Answer(500 if seen.path == "/broken" else 200)

    with servers.http(respond) as server, unguarded(server.url) as client:
        for _ in range(4):
            client.get("/fine")
            for _ in range(2 * FAILING):
                assert client.get("/broken").status_code == 500
        assert client.recorder.died is None
