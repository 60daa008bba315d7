"""What a run does, played once against each way of misbehaving that was found to matter; and against a decent API."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.safety.behaviour import LOCATIONS, NO_IDS, Behaviour
from tests.safety.model_server import Model
from tests.safety.run import NESTED, Run

pytestmark = pytest.mark.usefixtures("short_waits")

SERVERS = {
    "a singleton": Behaviour(creates="first"),
    "a singleton that says nothing": Behaviour(creates="first", content=False, location="none", status=204),
    "always id 3": Behaviour(creates="third"),
    "a singleton, answered 303": Behaviour(creates="first", status=303),
    "always id 3, unlisted": Behaviour(creates="third", listing="empty"),
    "an upsert by reference": Behaviour(creates="by reference"),
    "an upsert by a reference that is cut": Behaviour(creates="by reference", texts="cut"),
    "an upsert by reference, ids that are floats": Behaviour(
        creates="by reference", spelled="float", location="none"
    ),
    "an upsert by kind": Behaviour(creates="by kind"),
    "an upsert by kind, 200": Behaviour(creates="by kind", status=200, listing="reordered"),
    "the id of another": Behaviour(answer_id="foreign"),
    "the id of another, padded": Behaviour(answer_id="foreign", spelled="padded", lenient=True),
    "the id of another, with a zero": Behaviour(answer_id="foreign", spelled="zeros", lenient=True),
    "the id of another, a float": Behaviour(answer_id="foreign", spelled="float", lenient=True),
    "the id of another, unlisted": Behaviour(answer_id="foreign", listing="empty"),
    "the id of another, on a late page": Behaviour(answer_id="latest", listing="paged"),
    "the id of another, without text": Behaviour(answer_id="foreign", listing="refused", hidden="everywhere"),
    "the content of another": Behaviour(answer_id="foreign", shows="foreign", location="foreign"),
    "the newest id, of another": Behaviour(answer_id="latest", interleaved=True),
    "the newest id, without text": Behaviour(answer_id="latest", interleaved=True, hidden="everywhere"),
    "an id that is taken over": Behaviour(ids="reused", takes_over=True),
    "an id that is taken over, unanswered": Behaviour(
        ids="reused", takes_over=True, answers="dropped", troubled=("DELETE",)
    ),
    "an id that is taken over, 500": Behaviour(
        ids="reused", takes_over=True, answers="failing", troubled=("DELETE",)
    ),
    "deletes that do nothing": Behaviour(deletes="ignored"),
    "deletes that archive": Behaviour(deletes="archived", ids="reused"),
    "no answer to creates": Behaviour(answers="dropped", creates="by kind"),
    "500 for creates that took effect": Behaviour(answers="failing", creates="first"),
    "replays that name another": Behaviour(keys="foreign"),
    "a list that mixes ids up": Behaviour(listing="mixed"),
    "a list that mixes ids up, no answers": Behaviour(listing="mixed", answers="dropped"),
    "creates that do nothing": Behaviour(creates="nothing"),
    "creates that do nothing, ids that others get": Behaviour(creates="nothing", interleaved=True),
    "items that move": Behaviour(moves="renamed"),
    "items that go, for one of another": Behaviour(moves="foreign"),
    "texts in upper case": Behaviour(texts="upper"),
    "texts that are empty": Behaviour(texts="emptied", answer_id="foreign"),
}
ANSWERS = {
    **{f"id {name}": Behaviour(answer_id=name, location="none") for name in NO_IDS},
    **{f"id {name}, loosely": Behaviour(answer_id=name, lenient=True, decodes=2) for name in NO_IDS},
    **{f"Location: {name}": Behaviour(location=name, content=False) for name in LOCATIONS},
    **{
        f"Location: {name}, decoded twice": Behaviour(
            location=name, status=303, content=False, decodes=2, lenient=True
        )
        for name in ("foreign encoded", "foreign padded", "encoded dots", "doubly encoded dots", "backslash")
    },
}


def play(run: Run) -> None:
    """Everything that a run does, once, its end included."""
    run.create()
    run.post_again()
    run.create()
    for which in range(2):
        for act in (run.put, run.patch, run.act_below):
            act(which)
    run.keyed()
    run.lose_answer()
    run.race_creates()
    run.race_on(0, "PUT")
    run.put_new("of-ours")
    run.race_puts("raced")
    run.absent()
    run.stale()
    run.delete(0)
    run.put(0)
    run.delete(0)
    run.clear()
    run.create()
    run.provoke()
    run.end()


def started(model: tuple[Model, str], tmp_path: Path, behaviour: Behaviour, begins: str) -> Run:
    server, url = model
    server.reset(behaviour)
    run = Run(server, url, tmp_path)
    if begins != "declared":
        server.documented = begins == "documented"
        run.survey(NESTED if begins == "nested" else None)
    return run


@pytest.mark.parametrize(
    ("behaviour", "begins"),
    [
        *(pytest.param(one, "declared", id=f"{name}, declared") for name, one in SERVERS.items()),
        *(pytest.param(one, "nested", id=f"{name}, nested") for name, one in SERVERS.items()),
        *(pytest.param(one, "documented", id=f"{name}, documented") for name, one in SERVERS.items()),
        *(pytest.param(one, "surveyed", id=name) for name, one in {**SERVERS, **ANSWERS}.items()),
    ],
)
def test_nothing_of_somebody_else_is_touched(
    model: tuple[Model, str], tmp_path: Path, behaviour: Behaviour, begins: str
) -> None:
    server, _ = model
    # Behaviours may be changed while they are played.
    run = started(model, tmp_path, replace(behaviour), begins)
    play(run)
    assert server.violations == []
    assert len([one for one in server.overwritten if not one.raced]) <= 2, server.overwritten


@pytest.mark.parametrize("restored", [False, True])
@pytest.mark.parametrize("ids", ["sequence", "reused", "uuid"])
def test_cleanup_after_a_kill_removes_what_the_run_made_and_nothing_else(
    model: tuple[Model, str], tmp_path: Path, ids: str, restored: bool
) -> None:
    server, _ = model
    run = started(model, tmp_path, Behaviour(ids=ids), "surveyed")  # type: ignore[arg-type]
    for _ in range(5):
        run.create()
    run.lose_answer()
    assert len(server.ours()) >= 5
    run.kill()
    if restored:
        server.restore()
    before = server.theirs()
    run.recover()
    assert server.violations == []
    assert server.theirs() == before
    assert server.ours() == []


@pytest.mark.parametrize("begins", ["surveyed", "nested", "declared"])
@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(),
        Behaviour(shows="foreign"),
        Behaviour(content=False),
        Behaviour(hidden="everywhere"),
        Behaviour(hidden="list", if_match="none"),
        Behaviour(texts="upper"),
        Behaviour(texts="cut"),
        Behaviour(ids="reused", deletes="ignored"),
        Behaviour(listing="refused", location="none"),
    ],
    ids=str,
)
def test_the_end_of_a_run_after_a_restore_leaves_the_items_of_others(
    model: tuple[Model, str], tmp_path: Path, behaviour: Behaviour, begins: str
) -> None:
    server, _ = model
    run = started(model, tmp_path, replace(behaviour), begins)
    for _ in range(3):
        run.create()
    run.keyed()
    run.race_creates()
    server.restore(more=100)
    theirs = server.theirs(), server.theirs("customers")
    run.end()
    assert server.violations == []
    assert (server.theirs(), server.theirs("customers")) == theirs


@pytest.mark.parametrize("begins", ["surveyed", "documented"])
@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(),
        Behaviour(ids="uuid", location="none"),
        Behaviour(ids="reused", if_match="required"),
        Behaviour(location="relative", content=False),
        Behaviour(listing="paged", status=200),
        Behaviour(hidden="list"),
        Behaviour(listing="reordered", interleaved=True),
        Behaviour(listing="refused", ids="uuid"),
    ],
    ids=str,
)
def test_a_decent_api_is_written_to_as_before(
    model: tuple[Model, str], tmp_path: Path, behaviour: Behaviour, begins: str
) -> None:
    """Protection that lets nothing through would be none."""
    server, _ = model
    run = started(model, tmp_path, replace(behaviour), begins)
    assert run.found is not None
    assert run.found.warnings == []
    assert (run.found.openapi is not None) is (begins == "documented")
    theirs = server.theirs()
    run.create()
    run.create()
    assert len(run.items) == 2
    before = server.writes
    run.put(0)
    run.patch(1)
    run.delete(0)
    assert server.writes == before + 3
    play(run)
    assert server.violations == []
    assert server.overwritten == []
    assert {id: server.theirs()[id] for id in theirs} == theirs
    # What no answer told of is found by the list alone.
    assert len(server.ours()) <= (behaviour.hidden == "list" or behaviour.listing == "refused")
