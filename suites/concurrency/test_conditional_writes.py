"""CONC: concurrent writes under a precondition (RFC 9110 section 13)."""

from __future__ import annotations

import uuid

from harness import (
    BURST,
    CRITICAL,
    MUST,
    SHOULD,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    note,
    rule,
    warn,
)
from harness.http.content import at, shown
from harness.race import race
from harness.race.outcomes import equal, increments, later, linearity, one_winner, won
from harness.resource.contested import Contested, attempts, changeable_members, patch_type, statuses
from harness.resource.tags import tag_pointer
from harness.rules.causes import LOST_UPDATES
from harness.rules.checks import NotApplicable

from .actors import foreign, operations, restless, work
from .adding import actions_lose_nothing
from .races import STORM, decide, repeat

WORKERS = 4
WORK_RACES = 12


@rule(
    "CONC-002",
    MUST,
    refs=["RFC 9110 section 13.1.1", "RFC 9110 section 13.2.1"],
    needs="create read etag",
    effect=BURST,
    impact=CRITICAL,
)
def test_one_writer_of_an_entity_tag_wins(resource, client, profile):
    """Let exactly one of several concurrent writers with the same ETag succeed

    Why: two people who edit the same version both receive a success. The change of one of them is lost, and
        nobody notices.
    Fix: compare and store in one step: UPDATE ... WHERE version = ?, or compare inside the transaction under a
        lock.
    """
    contested = Contested(resource.create(), profile.consistency_window)
    contested.check_conditions()
    one_winner_rounds(contested, "one 2xx, and its content stored; 412 for all other writers")


def one_winner_rounds(contested, expected, after_round=None):
    """Rounds of writers that all hold the condition of the same state."""
    client = contested.resource.client

    def one_round(number):
        now = contested.look()
        values, requests = contested.storm(now, STORM)
        result = race(client, requests)
        tried = attempts(result, values)
        winners = [one for one in tried if one.won]
        if len(winners) == 1:
            after = contested.settled(lambda value: equal(value, winners[0].value))
        else:
            after = contested.look()
        cause = LOST_UPDATES if len(winners) > 1 else ""
        decide(one_winner(tried, now.value, after.value), expected, result, cause=cause)
        if after_round is not None:
            after_round(now, after, result)
        return result

    repeat(one_round, "no second winner")


@rule(
    "CONC-003",
    MUST,
    refs=["the target's own declaration (`locking.version`)", "RFC 9110 section 15.5.10"],
    needs="create read",
    effect=BURST,
    impact=CRITICAL,
)
def test_one_writer_of_a_version_wins(resource, profile):
    """Reject a stale version in the request content with 409

    Why: the version exists so that nobody overwrites a state that they have not seen. Checked in one step and
        stored in another, it lets two writers through.
    Fix: make the version part of the UPDATE's condition, and check the number of rows that it changed.
    """
    applies(resource.known.locking.version, "writes carry a version (`locking.version`)")
    # In JSON Patch an operation guards the version, not the version in the content.
    merging = "json-patch" not in patch_type(resource.known)
    contested = Contested(resource.create(), profile.consistency_window, patching=merging)
    contested.check_conditions(by_version=True)
    other = set()

    def after_round(now, after, result):
        grown = later(now.version, after.version)
        expect(
            grown or not any(map(won, statuses(result))),
            "a different version after a successful write, and a greater one where it is a number",
            f"version {now.version} before, {after.version} after; {result.summary()}",
        )
        other.update(
            s for s in statuses(result) if s is not None and 400 <= s < 500 and s not in (409, 412, 429)
        )

    one_winner_rounds(contested, "one 2xx, and its content stored; 409 for all other writers", after_round)
    if other:
        warn("409 (or 412) for a stale version", f"also answered {', '.join(map(str, sorted(other)))}")


@rule(
    "CONC-004",
    MUST,
    refs=["RFC 9110 section 13.1.1", "RFC 9110 section 15.3.1"],
    needs="create read",
    effect=BURST,
    impact=CRITICAL,
)
def test_no_increment_is_lost(resource, client, profile, survey):
    """Lose no successful increment

    Why: stock, balances and counters are changed by reading, adding and writing back. Each lost success is a
        piece sold twice or missing money.
    Fix: compare and store in one step, for PATCH as well as for PUT; add in the UPDATE itself where an action adds.
    Probe: several workers read a number and write it, increased, on condition of what they read. Documented actions
        that add to an item, such as `POST /customers/{id}/credits`, are performed twice one after the other, and then
        eight at once: each that is answered with success must add the same.
    """
    judged = actions_lose_nothing(resource, client, profile, survey.promises.adding)
    try:
        conditional_increments(resource, profile)
    except NotApplicable:
        if not judged:
            raise


def conditional_increments(resource, profile):
    """Break the rule by a conditional increment that is lost."""
    item = resource.create()
    numbers, texts = counters(resource.known, item)
    applies(numbers, f"{resource.name} has a writable member with a whole number")
    # Two equal changes may both be answered with success (RFC 9110 section 13.1.1): a text makes them differ.
    applies(texts, f"{resource.name} has a writable member with a text, which distinguishes the increments")
    by_version = needs_condition(resource)
    number = numbers[0]
    contested = Contested(item, profile.consistency_window, patching=True, pointers=[number, texts[0]])
    contested.check_conditions(by_version=by_version)
    begin = at(item.sent, contested.places[0])
    reset = contested.look()
    control(
        won(
            contested.send(
                contested.request(
                    [begin, f"begin {uuid.uuid4().hex[:6]}"], etag=reset.etag, version=reset.version
                )
            ).status_code
        ),
        f"{contested.places[0]} should be writable",
    )
    start = contested.settled(lambda value: equal(value, begin)).value
    control(type(start) is int, f"{contested.places[0]} should stay a whole number, and is {start!r}")

    def following(worker, seen):
        if type(seen.value) is not int:
            inconclusive(f"{contested.places[0]} is no longer a whole number: {seen.value!r}")
        return [seen.value + worker + 1, f"{worker} {uuid.uuid4().hex[:6]}"]

    done = work(contested, WORKERS, WORK_RACES, following)
    steps = [(turn.values[0] - turn.found.value, turn.status) for turn in done.writes]
    control(any(won(status) for _, status in steps), "an increment should succeed")

    def ruling(value):
        return increments(start, value, steps) if type(value) is int else None

    end = contested.settled(lambda value: ruling(value) is not None and ruling(value).breach is None).value
    control(type(end) is int, f"{contested.places[0]} should stay a whole number, and is {end!r}")
    written = [start, *(turn.values[0] for turn in done.writes)]
    if end not in written or foreign(done.turns, start):
        inconclusive(
            f"{contested.places[0]} showed values that none of the workers wrote; another client seems to write"
        )
    found = ruling(end)
    expect(
        found.breach is None,
        "the sum of all successful increments",
        f"{found.breach}; {done.summary()}",
        cause=LOST_UPDATES,
    )
    if found.undecided:
        inconclusive(found.undecided)
    evidence(f"no increment lost from {start} to {end}: {done.summary()}")


def needs_condition(resource):
    """Whether conditional writes of a resource go by a version in the content, not by its entity tag."""
    by_version = bool(resource.known.locking.version) and not resource.can("etag")
    applies(
        by_version or resource.can("etag"),
        f"{resource.name} has entity tags or a version (`locking.version`)",
    )
    return by_version


def counters(known, item):
    """Members of an item that hold a whole number, and those that hold a text; all may be changed."""
    numbers, texts = [], []
    for pointer in changeable_members(known, item.sent, 12):
        value = at(item.sent, known.representation + pointer)
        if type(value) is int:
            numbers.append(pointer)
        elif isinstance(value, str) and tag_pointer(known.model_copy(update={"change": pointer}), item.sent):
            texts.append(pointer)
    return numbers, texts


@rule(
    "CONC-005",
    SHOULD,
    refs=["RFC 9110 section 13.2.1", "background document 004 question 4"],
    needs="create read",
    effect=BURST,
)
def test_conditional_writes_are_linearizable(resource, profile):
    """Make conditional writes linearizable

    Why: a client builds on the success that it received. If no order of the operations explains all responses,
        some client builds on a state that never existed.
    Fix: let one place decide on each item (a row lock, a compare-and-set). Read from there, or invalidate
        caches before the response to the write is sent.
    """
    by_version = needs_condition(resource)
    contested = Contested(resource.create(), profile.consistency_window)
    contested.check_conditions(by_version=by_version)
    initial = contested.look().value
    values = contested.values(WORKERS * WORK_RACES + 1)
    fresh = iter(value for value in values if not equal(value, initial))

    def following(worker, seen):
        value = next(fresh, None)
        if value is None:
            inconclusive(f"{contested.places[0]} accepts too few values to distinguish the writes")
        return [value, *contested.rest()]

    done = work(contested, WORKERS, WORK_RACES, following)
    strange = foreign(done.turns, initial)
    if strange:
        inconclusive(
            f"{strange[0]!r} was read, which none of the workers wrote; another client seems to write"
        )
    # A tag that changes without the value lawfully causes refusals.
    history = operations(done.turns, refusals=not restless(done.turns))
    found = linearity(history, shown(initial, 10_000))
    if found.undecided:
        inconclusive(found.undecided)
    if found.stale and profile.consistency_window > 0:
        # The profile allows reads to be this late; CONC-012 measures how late they are.
        note(f"the writes are linearizable, but some reads are stale: {found.broken}")
        return
    expect(found.broken is None, "an order of all operations that explains every response", found.broken)
    evidence(f"an order explains all {len(history)} operations: {done.summary()}")
