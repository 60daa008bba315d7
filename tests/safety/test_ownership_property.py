"""No request other than a safe one reaches an item that the run did not create, whatever the server does and answers.

Hypothesis draws how the server behaves and what a run does; `SAFETY_EXAMPLES=2000` is the long search.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.safety.behaviour import LOCATIONS, NO_IDS, Behaviour
from tests.safety.model_server import Model
from tests.safety.run import NESTED, Run

EXAMPLES = int(os.environ.get("SAFETY_EXAMPLES", "40"))
STEPS = 10
MOST_OVERWRITTEN = 2
"""Creates of one process that may change items of somebody else before it has seen that they do."""

CHOICES = {
    name: list(get_args(kind))
    for name, kind in get_type_hints(Behaviour).items()
    if get_args(kind) and name not in ("troubled",)
} | {
    "answer_id": ["own", "foreign", "latest", "same", "none", *NO_IDS],
    "location": list(LOCATIONS),
    "status": [201, 200, 202, 204, 303],
    "content": [True, False],
    "takes_over": [False, True],
    "interleaved": [False, True],
    "lenient": [False, True],
    "put_creates": [True, False],
    "troubled": [("POST",), ("DELETE",), ("PUT", "PATCH", "DELETE"), ("POST", "PUT", "PATCH", "DELETE")],
}


@st.composite
def changes(draw: st.DrawFn, most: int) -> dict[str, object]:
    """Some fields of a behaviour, with other values than a decent API has."""
    names = draw(st.lists(st.sampled_from(sorted(CHOICES)), max_size=most, unique=True))
    return {name: draw(st.sampled_from(CHOICES[name])) for name in names}


class Attack(RuleBasedStateMachine):
    """One server, one run."""

    model: Model
    url: str
    run: Run

    @initialize(
        faults=changes(5),
        foreign=st.sampled_from([4, 1, 2, 9, 50]),
        begins=st.sampled_from(["declared", "surveyed", "locked", "nested", "documented"]),
    )
    def begin(self, faults: dict[str, object], foreign: int, begins: str) -> None:
        self.model.reset(Behaviour(**faults).decidable(), foreign)  # type: ignore[arg-type]
        self.folder = tempfile.TemporaryDirectory(prefix="attack-")
        self.run = Run(self.model, self.url, Path(self.folder.name))
        self.model.documented = begins == "documented"
        if begins in ("surveyed", "nested", "documented"):
            self.run.survey(NESTED if begins == "nested" else None)
        else:
            self.run.declare(locks=begins == "locked")

    # -- what the server, and others, do ---------------------------------------------------------------

    @rule(faults=changes(3))
    def switch(self, faults: dict[str, object]) -> None:
        # Ids that were given stay as they are.
        faults.pop("ids", None)
        for name, value in faults.items():
            setattr(self.model.behaviour, name, value)
        self.model.behaviour.decidable()

    @rule()
    def somebody_adds(self) -> None:
        self.model.somebody_adds()

    @rule()
    def somebody_removes(self) -> None:
        self.model.somebody_removes()

    # -- what the run does -----------------------------------------------------------------------------

    @rule()
    def create(self) -> None:
        self.run.create()

    @rule()
    def post(self) -> None:
        self.run.post()

    @rule()
    def post_again(self) -> None:
        self.run.post_again()

    @rule(id=st.sampled_from(["of-ours", "another", "of-ours/x", "."]))
    def put_new(self, id: str) -> None:
        self.run.put_new(id)

    @rule(id=st.sampled_from(["raced", "of-ours"]))
    def race_puts(self, id: str) -> None:
        self.run.race_puts(id)

    @precondition(lambda self: self.run.items)
    @rule(which=st.integers(0, 5), method=st.sampled_from(["put", "patch", "delete", "act_below"]))
    def write(self, which: int, method: str) -> None:
        getattr(self.run, method)(which)

    @precondition(lambda self: self.run.items)
    @rule(which=st.integers(0, 5))
    def delete_twice(self, which: int) -> None:
        self.run.delete(which)
        self.run.delete(which)

    @precondition(lambda self: self.run.items)
    @rule(which=st.integers(0, 5), method=st.sampled_from(["PUT", "PATCH", "DELETE"]))
    def race_on(self, which: int, method: str) -> None:
        self.run.race_on(which, method)

    @rule(
        what=st.sampled_from(["keyed", "lose_answer", "race_creates", "absent", "stale", "provoke", "clear"])
    )
    def do(self, what: str) -> None:
        getattr(self.run, what)()

    @rule(nested=st.booleans())
    def survey(self, nested: bool) -> None:
        self.run.survey(NESTED if nested else None)

    @rule()
    def restore_and_clear(self) -> None:
        """Whatever happens to what the run made: it is looked at before it is removed.

        Items that were handed out are not written to any more, nor is what lies below a parent: nobody can know of a
        restore that comes between a look and a write.
        """
        self.model.restore()
        self.run.clear()
        if "notes" in self.run.resource.name:
            self.run.declare()

    @rule(restore=st.booleans())
    def kill_and_recover(self, restore: bool) -> None:
        self.run.kill()
        if restore:
            self.model.restore()
        self.run.recover()
        self.model.overwritten.clear()
        self.run = Run(self.model, self.url, Path(self.folder.name))

    # -- what must be so -------------------------------------------------------------------------------

    @invariant()
    def nothing_of_somebody_else_was_touched(self) -> None:
        assert self.model.violations == []

    @invariant()
    def hardly_a_create_changed_what_was_there(self) -> None:
        for collection in self.model.collections:
            changed = [one for one in self.model.overwritten if one.collection == collection]
            raced = {one.id for one in changed if one.raced}
            single = [one for one in changed if not one.raced]
            assert len(single) + len(raced) <= MOST_OVERWRITTEN, changed

    def teardown(self) -> None:
        if not hasattr(self, "run"):
            return
        try:
            self.run.end()
            assert self.model.violations == []
        finally:
            self.folder.cleanup()


@pytest.mark.usefixtures("short_waits")
def test_no_unsafe_request_reaches_an_item_that_the_run_did_not_create(model: tuple[Model, str]) -> None:
    Attack.model, Attack.url = model
    run_state_machine_as_test(
        Attack,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
            print_blob=True,
        ),
    )
