"""Whole runs that are ended by a signal: nothing stays behind, or a list from which it is removed."""

from __future__ import annotations

import signal
import threading

import pytest

from harness.__main__ import main
from harness.ledger.journal import read
from tests import servers
from tests.cleanup.test_recovery import Silent
from tests.servers import PROFILE, Crud
from tests.sessions import interrupted

pytestmark = pytest.mark.slow

SECRET = "a-token-that-nobody-must-see"
RULES = '''
import threading
from harness import MUST, WRITE, rule

@rule("ACME-001", MUST, refs=["x"], needs="create", effect=WRITE)
def test_interrupted(resource, client):
    """Title

    Why: it breaks.
    Fix: mend it.
    """
    resource.create()
    resource.create()
    client.get("/marker")
    resource.create()
'''


class Stalls:
    """Creates what the POST after /marker asks for, and does not answer it until the test is over."""

    def __init__(self):
        self.api = Crud()
        self.armed = False
        self.reached, self.over = threading.Event(), threading.Event()

    def __call__(self, seen):
        answer = self.api(seen)
        if self.armed and seen.method == "POST":
            self.armed = False
            self.reached.set()
            self.over.wait(100)
        self.armed = self.armed or seen.path == "/marker"
        return answer


def ended(tmp_path, number, workers):
    """A run that is ended by a signal in the middle of a create; what it has left, and its ledgers."""
    stalls = Stalls()
    with servers.http(stalls) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "-n", workers, "--header", f"Authorization: Bearer {SECRET}"),
            *("--timeout", "1", "test_own.py"),
            files={"test_own.py": RULES, "conformance.toml": PROFILE},
            when=lambda: stalls.reached.wait(100),
            number=number,
        )
        assert stalls.reached.is_set(), done.out
        left = dict(stalls.api.items)
        stalls.over.set()
        yield done, left, sorted((tmp_path / "reports").glob("ledger-*.jsonl"))
        yield stalls.api.items, [one for one in server.seen if one.method == "DELETE"]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_kill_9_leaves_a_list_and_cleanup_removes_what_is_on_it(tmp_path, monkeypatch, capsys, workers):
    run = ended(tmp_path, signal.SIGKILL, workers)
    done, left, ledgers = next(run)
    assert done.code == -signal.SIGKILL
    assert len(left) == 3
    (path,) = ledgers
    assert SECRET not in path.read_text()
    assert [one.url is None for one in read(path).open] == [False, False, True]
    monkeypatch.chdir(tmp_path)
    assert main(["cleanup", str(path), "--header", f"Authorization: Bearer {SECRET}"]) == 0
    items, deletions = next(run)
    assert items == {}
    assert deletions[-1].field("authorization") == f"Bearer {SECRET}"
    assert not path.exists()
    assert "3 removed or gone, 0 left" in capsys.readouterr().out


UNANSWERED = '''
import threading
from harness import MUST, WRITE, rule

@rule("ACME-001", MUST, refs=["x"], needs="create", effect=WRITE)
def test_interrupted(resource, client):
    """Title

    Why: it breaks.
    Fix: mend it.
    """
    resource.create()
    client.get("/marker")
    try:
        resource.create()
    except Exception:
        threading.Event().wait(60)
'''


@pytest.mark.parametrize(("workers", "number"), [("2", signal.SIGINT), ("0", signal.SIGTERM)])
def test_ctrl_c_leaves_nothing_not_even_what_no_answer_reported_of(tmp_path, workers, number):
    api, reached = Silent(), threading.Event()

    def respond(seen):
        answer = api(seen)
        if api.silent and seen.method == "POST":
            reached.set()
        api.silent = seen.path == "/marker"
        return answer

    with servers.http(respond) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "-n", workers, "test_own.py"),
            files={"test_own.py": UNANSWERED, "conformance.toml": PROFILE},
            when=lambda: reached.wait(100),
            number=number,
            alone=True,
        )
        assert reached.is_set(), done.out
    assert api.api.made >= 2
    assert api.api.items == {}, done.out
    assert done.code == 2, done.out
    assert done.report["leftovers"] == []
    assert list((tmp_path / "reports").glob("ledger-*")) == []
