"""Killed runs are continued: nothing that was decided is repeated, and one report ends it."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from xml.etree import ElementTree

import pytest

from harness.bad_input import BadInput
from harness.payloads import run_token
from harness.run.progress import FILE, Progress, Verdicts, difference, is_settled, read
from harness.run.resuming import Resumable
from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import Done, interrupted, run

RULES = """
from harness import MUST, SHOULD, WRITE, advise, applies, expect, inconclusive, rule


def described(function):
    function.__doc__ = "Title\\n\\nWhy: it breaks.\\nFix: repair it.\\n"
    return function


@rule("ACME-001", MUST, refs=["x"], needs="create", effect=WRITE)
@described
def test_holds(resource, client):
    client.get(resource.create().url)
    client.get("/at/1")


@rule("ACME-002", MUST, refs=["x"])
@described
def test_is_broken(client):
    client.get("/at/2")
    expect(False, "it holds", "it does not")


@rule("ACME-003", SHOULD, refs=["x"])
@described
def test_is_undecided(client):
    client.get("/at/3")
    inconclusive("nobody knows")


@rule("ACME-004", MUST, refs=["x"])
@described
def test_does_not_apply(client):
    client.get("/at/4")
    applies(False, "there is such a thing")


@rule("ACME-005", MUST, refs=["x"], needs="create", effect=WRITE)
@described
def test_holds_too(resource, client):
    # The second one proves that the first one is new.
    resource.create()
    resource.create()
    client.get("/at/5")


@rule("ACME-006", MUST, refs=["x"])
@described
def test_warns(client):
    client.get("/at/6")
    advise("it holds", "not quite")
"""
FILES = {"test_own.py": RULES, "conformance.toml": PROFILE}
SECRET = "a-token-that-nobody-must-see"
SAME = ("--header", f"Authorization: Bearer {SECRET}", "--order", "suites", "test_own.py")
VERDICTS = {
    "ACME-001": "pass",
    "ACME-002": "fail",
    "ACME-003": "inconclusive",
    "ACME-004": "not applicable",
    "ACME-005": "pass",
    "ACME-006": "advice",
}


class Armed:
    """An API that does not answer a request with a certain path the first time, until the run was killed."""

    def __init__(self, path: str) -> None:
        self.api, self._path, self._armed = Crud(), path, True
        self.reached, self.killed = threading.Event(), threading.Event()

    def __call__(self, seen):
        if seen.path == self._path and self._armed:
            self._armed = False
            self.reached.set()
            self.killed.wait(100)
        return self.api(seen)


def marks(server) -> Counter[str]:
    return Counter(one.path for one in server.seen if one.path.startswith("/at/"))


def killed(tmp_path, server, api, *more, number=signal.SIGKILL) -> Done:
    arguments = ("--target-url", server.url, *SAME, *more)
    done = interrupted(tmp_path, *arguments, files=FILES, when=lambda: api.reached.wait(100), number=number)
    api.killed.set()
    assert api.reached.is_set(), done.out
    return done


def resumed(tmp_path, server, *more) -> Done:
    return run(tmp_path, "--target-url", server.url, *SAME, "--resume", *more)


@pytest.mark.slow
@pytest.mark.parametrize(("moment", "workers"), [(6, "0"), (5, "2")])
def test_a_killed_run_is_continued(tmp_path, moment, workers):
    api = Armed(f"/at/{moment}")
    with servers.http(api) as server:
        assert killed(tmp_path, server, api, "-n", workers).code == -signal.SIGKILL
        decided = set(read(tmp_path / "reports" / FILE).places)
        before = marks(server)
        done = resumed(tmp_path, server, "-n", workers)
    assert {code: done.finding(code)["verdict"] for code in VERDICTS} == VERDICTS, done.out
    assert done.code == 1
    after = marks(server)
    for number in range(1, 7):
        path, test = f"/at/{number}", done.finding(f"ACME-00{number}")["nodeid"]
        # A broken rule is repeated once.
        once = 2 if number in (2, 6) else 1
        assert after[path] == (before[path] if test in decided else before[path] + once)
    assert api.api.items == {}
    report = done.report
    assert report["target"]["requests"] <= len(server.seen)
    assert report["run"]["interrupted"] is False
    surveyed = [one for one in report["exchanges"] if one["id"] in report["survey"]]
    # What the clean-up sent before is no evidence of the survey.
    assert surveyed[0]["url"].rstrip("/") == server.url
    known = {one["id"] for one in report["exchanges"]}
    assert len(known) == len(report["exchanges"])
    assert all(id in known for one in report["findings"] for id in one["exchanges"])
    cases = ElementTree.parse(tmp_path / "reports" / "junit.xml").iter("testcase")
    assert len(list(cases)) == len(VERDICTS)
    assert "ACME-002" in (tmp_path / "reports" / "conformance.html").read_text()
    assert sorted(one.name for one in (tmp_path / "reports").iterdir()) == [
        "conformance.html",
        "conformance.json",
        "junit.xml",
    ]


@pytest.mark.slow
def test_a_run_that_was_interrupted_and_then_killed_is_continued(tmp_path):
    first, second = Armed("/at/2"), Armed("/at/5")
    with servers.http(lambda seen: first(seen) if not first.killed.is_set() else second(seen)) as server:
        done = killed(tmp_path, server, first, number=signal.SIGINT)
        assert done.code == 2
        assert "to continue this run: the same command with --resume" in done.out
        second.api = first.api
        killed(tmp_path, server, second, "--resume")
        done = resumed(tmp_path, server)
    assert {code: done.finding(code)["verdict"] for code in VERDICTS} == VERDICTS, done.out
    assert marks(server) == {"/at/1": 1, "/at/2": 3, "/at/3": 1, "/at/4": 1, "/at/5": 2, "/at/6": 2}
    assert first.api.items == second.api.items == {}


@pytest.mark.slow
def test_what_is_different_is_refused(tmp_path):
    api = Armed("/at/3")
    with servers.http(api) as server:
        killed(tmp_path, server, api)
        sent = len(server.seen)
        assert SECRET not in (tmp_path / "reports" / FILE).read_text()
        different = resumed(tmp_path, server, "--max-requests", "70")
        assert different.code == 4
        assert different.error == (
            "--resume: --max-requests was not given when the run began, and is 70 now; use the same, or leave --resume "
            "out to begin again"
        )
        (tmp_path / "test_own.py").write_text(RULES.replace("nobody knows", "who knows"))
        different = resumed(tmp_path, server)
        assert "the files of the rules have changed since the run began" in different.error
        (tmp_path / "test_own.py").write_text(RULES)
        (tmp_path / "conformance.toml").write_text(f"strict = true\n{PROFILE}")
        different = resumed(tmp_path, server)
        assert "the profile has changed since the run began" in different.error
        assert len(server.seen) == sent
        (tmp_path / "conformance.toml").write_text(PROFILE)
        assert resumed(tmp_path, server).code == 1
        done = resumed(tmp_path, server)
    assert done.code == 4
    assert "there is no unfinished run" in done.error


def test_two_runs_in_one_directory_leave_each_other_alone(tmp_path, monkeypatch):
    # The third one takes over the token of the first.
    monkeypatch.setattr(run_token, "_current", run_token.current())
    first = Resumable(tmp_path, resume=False)
    second = Resumable(tmp_path, resume=False)
    assert not first.note
    assert second.note.startswith("another run is active")
    begun(tmp_path / FILE).add("t::a", json.dumps(PASSED), {})
    with pytest.raises(BadInput, match="is still active"):
        Resumable(tmp_path, resume=True)
    second.close(over=True)
    assert (tmp_path / FILE).exists()
    first.close(over=False)
    third = Resumable(tmp_path, resume=True)
    assert third.verdicts is not None
    assert (len(third.verdicts), third.prefix) == (1, "r1.")
    third.close(over=False)
    assert (tmp_path / FILE).exists()


PASSED = {"finding": {"rule": "X-1", "verdict": "pass", "nodeid": "t::a"}, "exchanges": [], "died": None}


def begun(path, **given):
    progress = Progress(path)
    progress.begin("abc", "token", 100.0, given, path.parent)
    progress.planned(7, [["X-1", "orders", "fail"]])
    return progress


def test_the_file_says_what_was_decided(tmp_path):
    path = tmp_path / FILE
    progress = begun(path, one=1)
    progress.add("t::a", json.dumps(PASSED), {"sent": 9})
    failed = {**PASSED, "finding": {**PASSED["finding"], "verdict": "error"}}
    progress.add("t::b", json.dumps(failed), {"sent": 12})
    progress.close(over=False)
    before = read(path)
    assert (before.run, before.token, before.given) == ("abc", "token", {"one": 1})
    assert before.plan == {"spent": 7, "before": [["X-1", "orders", "fail"]]}
    assert before.account == {"sent": 12}
    assert set(before.places) == {"t::a"}
    settled = Verdicts(path, before.places).take("t::a")
    assert settled is not None
    assert settled.finding.verdict == "pass"
    assert Verdicts(path, before.places).take("t::b") is None


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_line_that_was_not_written_whole_does_not_count(tmp_path, cut):
    path = tmp_path / FILE
    progress = begun(path)
    progress.add("t::a", json.dumps(PASSED), {"sent": 9})
    progress.add("t::b", json.dumps(PASSED), {"sent": 12})
    progress.close(over=False)
    os.truncate(path, path.stat().st_size - cut)
    before = read(path)
    assert (set(before.places), before.account) == ({"t::a"}, {"sent": 9})
    again = Progress(path)
    again.resume(before, tmp_path)
    again.add("t::b", json.dumps(PASSED), {"sent": 15})
    again.close(over=False)
    assert set(read(path).places) == {"t::a", "t::b"}
    assert read(path).resumed == 1


def test_times_follow_the_clock_of_a_machine_that_was_started_again(tmp_path, monkeypatch):
    path = tmp_path / FILE
    monkeypatch.setattr("harness.run.progress.clock_offset", lambda: 5000.0)
    progress = begun(path)
    body = {"text": "", "size": 0}
    exchange = {"id": "1", "method": "GET", "url": "http://h/", "request_fields": [], "request_body": body}
    times = {"started": 10.0, "ended": 10.5}
    progress.add("t::a", json.dumps({**PASSED, "exchanges": [{**exchange, **times}]}), {})
    progress.close(over=False)
    monkeypatch.setattr("harness.run.progress.clock_offset", lambda: 5900.0)
    settled = Verdicts(path, read(path).places).take("t::a")
    assert settled is not None
    assert [(one.started, one.ended) for one in settled.exchanges] == [(-890.0, -889.5)]


def test_a_file_without_a_verdict_or_of_a_run_that_is_over_does_not_stay(tmp_path):
    begun(tmp_path / FILE).close(over=False)
    assert not (tmp_path / FILE).exists()
    progress = begun(tmp_path / FILE)
    progress.add("t::a", json.dumps(PASSED), {})
    progress.close(over=True)
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("text", ["", "no JSON\n", "[]\n", '{"ledger": 1}\n', '{"progress": 1}\n'])
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / FILE
    path.write_text(text)
    with pytest.raises(BadInput, match="--resume"):
        read(path)


@pytest.mark.parametrize(
    ("verdict", "died", "settled"),
    [
        ("pass", None, True),
        ("fail", "no answer", True),
        ("inconclusive", None, True),
        ("inconclusive", "no answer", False),
        ("error", None, False),
        ("not applicable", None, True),
    ],
)
def test_what_stands(verdict, died, settled):
    assert is_settled({"finding": {"verdict": verdict}, "died": died}) is settled


@pytest.mark.parametrize(
    ("before", "now", "name"),
    [
        ({"--rps": None, "rules": "a"}, {"--rps": None, "rules": "a"}, None),
        ({"--rps": "3"}, {"--rps": "4"}, "--rps"),
        ({"--rps": "3"}, {}, "--rps"),
        ({}, {"--new": True}, "--new"),
        ({"rules": "a"}, {"rules": "b"}, "rules"),
        ({"--header": ["a"]}, {"--header": ["a", "b"]}, "--header"),
    ],
)
def test_what_must_be_the_same(before, now, name):
    found = difference(before, now)
    assert (found and found[0]) == name
