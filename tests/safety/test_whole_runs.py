"""Whole runs, with nothing but a URL, against servers that make a run take for its own what others made."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.__main__ import main
from harness.report.model import Report
from harness.rules.suites import suites_folder
from tests import servers
from tests.matrix.running import run
from tests.safety.behaviour import Behaviour
from tests.safety.model_server import Model
from tests.servers import Answer, Seen
from tests.sessions import interrupted

SUITES = suites_folder()
WRITING = [
    *SUITES.glob("methods/test_*.py"),
    *SUITES.glob("idempotency/test_*.py"),
    *SUITES.glob("errors/test_*.py"),
    SUITES / "conditional/test_locking.py",
    SUITES / "patch/test_merge_patch.py",
    SUITES / "pagination/test_cursors.py",
]
RACING = sorted(SUITES.glob("concurrency/test_*.py"))
TOUCHED = "existed before"
"""What the report says of an item that a create changed."""


@contextmanager
def serving(behaviour: Behaviour, foreign: int = 4) -> Iterator[tuple[Model, str]]:
    model = Model(shown=("orders",))
    model.reset(behaviour, foreign)
    with (
        servers.http(model.at_another_origin) as other,
        servers.http(model) as server,
    ):
        model.elsewhere = other.url
        yield model, f"{server.url}/api"


def settled(model: Model, report: Report, theirs: dict[str, dict[str, object]]) -> None:
    """What must be so after any run."""
    assert model.violations == []
    assert len(model.overwritten) <= 2
    changed = {one.id for one in model.overwritten}
    now = model.theirs()
    assert {id: now.get(id) for id in theirs if id not in changed} == {
        id: values for id, values in theirs.items() if id not in changed
    }
    shown = report.model_dump_json()
    for id in changed:
        assert TOUCHED in shown, f"the report does not say that order {id} was changed"


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(Behaviour(creates="by reference"), id="an upsert by customer_ref"),
        pytest.param(Behaviour(creates="by kind"), id="an upsert by kind"),
        pytest.param(Behaviour(creates="third"), id="always id 3"),
        pytest.param(Behaviour(creates="first", status=200), id="a singleton"),
        pytest.param(Behaviour(content=False, location="foreign"), id="Location of another"),
        pytest.param(Behaviour(content=False, location="other origin, foreign"), id="another origin"),
        pytest.param(Behaviour(answer_id="dot", location="none"), id="the id ."),
        pytest.param(Behaviour(answer_id="dots", location="encoded dots"), id="the id .."),
        pytest.param(Behaviour(ids="reused", takes_over=True), id="ids that others take over"),
    ],
)
def test_a_run_touches_nothing_of_somebody_else(behaviour: Behaviour) -> None:
    with serving(behaviour) as (model, url):
        theirs = model.theirs()
        report = run(url, suites=WRITING)
        settled(model, report, theirs)
        # Where items are the run's own, it writes to them.
        assert (model.writes > 20) is (behaviour.creates == "by reference")
        # A DELETE whose id is taken over at once seems to do nothing: only three items are created.
        assert (model.writes > 5) is (behaviour.creates == "by reference" or behaviour.takes_over)


def test_two_workers_touch_nothing_of_somebody_else() -> None:
    with serving(Behaviour(answer_id="latest", interleaved=True)) as (model, url):
        theirs = model.theirs()
        report = run(url, "-n", "2", suites=[*WRITING, *RACING])
        settled(model, report, theirs)


def test_after_a_kill_and_a_restore_cleanup_leaves_the_items_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = threading.Event()
    over = threading.Event()
    with serving(Behaviour()) as (model, _):

        def respond(seen: Seen) -> Answer | None:
            answer = model(seen)
            if len(model.ours()) >= 4:
                # In the middle of a request: what the run has made is there, and it is not over.
                reached.set()
                over.wait(60)
            return answer

        with servers.http(respond) as server:
            done = interrupted(
                tmp_path,
                *("--target-url", f"{server.url}/api", *map(str, RACING)),
                files={},
                when=lambda: reached.wait(60),
                number=signal.SIGKILL,
            )
            assert reached.is_set(), done.out
            reached.clear()
            model.restore(more=100)
            over.set()
            theirs = model.theirs()
            (ledger,) = (tmp_path / "reports").glob("ledger-*.jsonl")
            monkeypatch.chdir(tmp_path)
            code = main(["cleanup", str(ledger)])
    assert model.violations == []
    assert model.theirs() == theirs
    assert code == 1
