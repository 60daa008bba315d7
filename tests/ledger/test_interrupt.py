"""Signals: each ends what runs in order, with a report of the rest not run, and nothing left behind on the target."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.ledger.interrupt import Ending, terminable, uninterrupted
from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import PYTEST, QUICK, environment, foreground, interrupted, started, write

INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
FILES = {"conformance.toml": PROFILE}

pytestmark = pytest.mark.slow

RULES = """
import threading
from harness import MUST, WRITE, rule

def described(function):
    function.__doc__ = "Title\\n\\nWhy: it breaks.\\nFix: mend it.\\n"
    return function

@rule("ACME-001", MUST, refs=["x"], needs="create", effect=WRITE)
@described
def test_first(resource, client):
    client.get(resource.create().url)

@rule("ACME-002", MUST, refs=["x"], needs="create", effect=WRITE)
@described
def test_interrupted(resource, client):
    resource.create()
    resource.create()
    client.get("/marker")
    threading.Event().wait(60)

@rule("ACME-003", MUST, refs=["x"], needs="create", effect=WRITE)
@described
def test_never_run(resource, client):
    resource.create()
"""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_ctrl_c(tmp_path, workers):
    reached = threading.Event()
    api = Crud(on_request=lambda seen: reached.set() if seen.path == "/marker" else None)
    with servers.http(api) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "-n", workers, "test_own.py"),
            files={"test_own.py": RULES, "conformance.toml": PROFILE},
            when=lambda: reached.wait(100),
        )
        assert reached.is_set(), done.out
    assert api.made >= 3
    assert api.items == {}, done.out
    assert done.code == 2
    assert done.verdicts == {"ACME-001": "pass", "ACME-002": "inconclusive", "ACME-003": "inconclusive"}
    assert done.finding("ACME-003")["reason"] == "not run: the run was interrupted"
    assert done.report["run"]["interrupted"] is True
    assert done.report["leftovers"] == []
    assert "Traceback" not in done.out


@pytest.mark.parametrize(
    ("number", "ignoring", "workers", "alone"),
    [
        # As in the background of a shell without job control, and by a supervisor that ignores more.
        (TERM, [INT], "0", False),
        (TERM, [INT, TERM], "0", False),
        (TERM, [INT], "2", True),
        (TERM, [INT], "2", False),
        (HUP, [INT], "0", False),
        (INT, [INT], "0", False),
    ],
)
def test_each_signal_ends_a_run_in_order_whatever_was_inherited(tmp_path, number, ignoring, workers, alone):
    reached = threading.Event()
    api = Crud(on_request=lambda seen: reached.set() if seen.path == "/marker" else None)
    with servers.http(api) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "-n", workers, "test_own.py"),
            files={"test_own.py": RULES, **FILES},
            when=lambda: reached.wait(100),
            number=number,
            alone=alone,
            ignoring=ignoring,
        )
        assert reached.is_set(), done.out
    assert api.items == {}, done.out
    assert done.code == 2, done.out
    assert done.report["run"]["interrupted"] is True
    assert done.report["leftovers"] == []
    assert "Traceback" not in done.out


def test_a_run_in_the_background_of_a_shell_ends_on_sigterm(tmp_path):
    reached = threading.Event()
    api = Crud(on_request=lambda seen: reached.set() if seen.path == "/marker" else None)
    write(tmp_path, {"test_own.py": RULES, **FILES})
    with servers.http(api) as server:
        run = [*PYTEST, *QUICK, "--target-url", server.url, "test_own.py"]
        shell = subprocess.run(
            ["sh", "-c", '"$@" >out.txt 2>&1 & echo $!; exec >&-', "sh", *run],
            cwd=tmp_path,
            env=environment({}),
            stdout=subprocess.PIPE,
            text=True,
            timeout=100,
        )
        process = int(shell.stdout)
        assert reached.wait(100)
        os.kill(process, TERM)
        # Not our child: it has ended when the report is there and nobody of its name is.
        ended = threading.Event()
        for _ in range(1_200):
            if not _runs(process):
                break
            ended.wait(0.05)
        assert not _runs(process)
    assert api.items == {}
    assert '"interrupted": true' in (tmp_path / "reports" / "conformance.json").read_text()


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_nohup_keeps_a_run_going(tmp_path):
    reached, over = threading.Event(), threading.Event()

    def seen(one: servers.Seen) -> None:
        if one.path == "/marker":
            reached.set()

    rules = RULES.replace("threading.Event().wait(60)", "client.get('/on')")
    api = Crud(on_request=seen)
    with servers.http(api) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "test_own.py"),
            files={"test_own.py": rules, **FILES},
            when=lambda: reached.wait(100),
            number=HUP,
            ignoring=[HUP],
        )
    over.set()
    assert done.code == 0, done.out
    assert set(done.verdicts.values()) == {"pass"}
    assert api.items == {}


class Slow(Crud):
    """Its first DELETE after /marker is answered when the test says so."""

    def __init__(self) -> None:
        super().__init__(on_request=self._wait)
        self.armed = self.stuck = False
        self.reached, self.deleting, self.over = threading.Event(), threading.Event(), threading.Event()

    def _wait(self, seen: servers.Seen) -> None:
        self.armed = self.armed or seen.path == "/marker"
        if seen.path == "/marker":
            self.reached.set()
        if self.armed and seen.method == "DELETE" and not self.stuck:
            self.stuck = True
            self.deleting.set()
            self.over.wait(100)


@pytest.mark.parametrize(("number", "workers"), [(INT, "0"), (TERM, "0"), (INT, "1")])
def test_a_second_signal_cuts_the_clean_up_short(tmp_path, number, workers):
    api = Slow()
    with servers.http(api) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "-n", workers, "--timeout", "60", "test_own.py"),
            files={"test_own.py": RULES, **FILES},
            when=lambda: api.reached.wait(100),
            number=number,
            again=lambda: api.deleting.wait(100),
        )
        api.over.set()
    assert done.code == 2, done.out
    assert "Traceback" not in done.out
    (line,) = [
        line for line in done.out.splitlines() if "left" in line and "python -m harness cleanup" in line
    ][-1:]
    ledger = Path(line.rpartition("cleanup ")[2])
    assert (tmp_path / ledger).is_file()


def test_a_signal_in_the_survey_removes_what_that_created(tmp_path):
    reached = threading.Event()

    def seen(one: servers.Seen) -> None:
        if one.method == "PUT":
            reached.set()

    api = Crud(on_request=seen)
    with servers.http(api) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "test_own.py"),
            files={"test_own.py": RULES, "conformance.toml": PROFILE},
            when=lambda: reached.wait(100),
            number=TERM,
            ignoring=[INT],
        )
    assert reached.is_set(), done.out
    assert done.code == 2, done.out
    assert api.made
    assert api.items == {}
    assert "Traceback" not in done.out


@pytest.mark.parametrize("number", [INT, TERM, HUP])
def test_a_signal_ends_init_in_order(tmp_path, number):
    reached = threading.Event()
    api = Crud(on_request=lambda one: reached.set() if one.method == "PUT" else None)
    write(tmp_path, FILES)
    with servers.http(api) as server:
        command = [sys.executable, "-m", "harness", "init", server.url, "--output", "new.toml"]
        process = started(command, tmp_path, [INT])
        assert reached.wait(100)
        os.kill(process.pid, number)
        out, _ = process.communicate(timeout=100)
    assert process.returncode == 2, out
    assert api.made
    assert api.items == {}, out
    assert "Traceback" not in out
    assert out.strip().splitlines()[-1] == "interrupted"


def test_a_signal_ends_cleanup_and_keeps_the_list_of_what_is_left(tmp_path):
    api = Slow()
    with servers.http(api) as server:
        killed = interrupted(
            tmp_path,
            *("--target-url", server.url, "test_own.py"),
            files={"test_own.py": RULES, **FILES},
            when=lambda: api.reached.wait(100),
            number=signal.SIGKILL,
        )
        assert killed.code == -signal.SIGKILL
        (ledger,) = (tmp_path / "reports").glob("ledger-*")
        process = started([sys.executable, "-m", "harness", "cleanup", str(ledger)], tmp_path, [INT])
        assert api.deleting.wait(100)
        os.kill(process.pid, TERM)
        out, _ = process.communicate(timeout=100)
        api.over.set()
    assert process.returncode == 2, out
    assert "Traceback" not in out
    assert f"python -m harness cleanup {ledger}" in out
    assert ledger.is_file()


# -- the handlers themselves ---------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def inherited():
    with foreground():
        yield


@pytest.mark.parametrize("number", [INT, TERM, HUP])
def test_a_signal_waits_for_the_end_of_a_create(number):
    done = []

    def create():
        with uninterrupted():
            signal.raise_signal(number)
            done.append("create")
        done.append("never")

    with terminable(), pytest.raises(KeyboardInterrupt):
        create()
    assert done == ["create"]
    assert signal.getsignal(TERM) is signal.SIG_DFL


def test_a_second_signal_during_a_create_takes_effect_at_once_and_counts_as_one():
    def create():
        with uninterrupted():
            signal.raise_signal(TERM)
            signal.raise_signal(INT)
            pytest.fail("not at once")

    with terminable() as ending:
        with pytest.raises(KeyboardInterrupt):
            create()
        assert ending.asked == 1


def test_handlers_of_others_and_an_ignored_sighup_are_left_alone():
    signal.signal(HUP, signal.SIG_IGN)
    signal.signal(INT, own := lambda number, frame: None)
    with terminable():
        assert signal.getsignal(INT) is own
        assert signal.getsignal(HUP) is signal.SIG_IGN
        assert signal.getsignal(TERM) != signal.SIG_DFL
    assert signal.getsignal(INT) is own


def test_the_first_signal_does_not_stop_a_clean_up_the_second_does():
    done, ending = [], Ending(None)

    def work():
        ending.signalled(INT, None)
        done.append("goes on")
        ending.signalled(INT, None)
        done.append("never")

    ending.clean_up(work, lambda: done.append("given up"))
    ending.close()
    assert done == ["goes on", "given up"]


def test_a_second_signal_outside_of_the_clean_up_ends_at_once_with_a_line(tmp_path):
    code = (
        "import signal\nfrom harness.ledger.interrupt import terminable\n"
        "with terminable(lambda: 'something may be left'):\n"
        "    try:\n        signal.raise_signal(signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n        signal.raise_signal(signal.SIGTERM)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.returncode, done.stderr.strip()) == (2, "something may be left")


def test_in_another_thread_nothing_is_changed():
    found = []

    def other():
        with terminable(), uninterrupted():
            found.append(signal.getsignal(TERM))

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert found == [signal.SIG_DFL]
