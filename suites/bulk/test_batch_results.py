"""BULK: what a batch is answered, and what is there after it."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MAJOR,
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    applies,
    evidence,
    expect,
    inconclusive,
    note,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.http.content import MISSING, at, json_of, replaced
from harness.rules.checks import Undecided

from .invalid import FOR_OTHER_REASONS
from .judge import correlation_faults, described, halves, hidden, misplaced, named_twice, untrue
from .trial import trials

ZALANDO = "Zalando RESTful API Guidelines rule 152"


@rule("BULK-001", SHOULD, refs=["AIP-231", "AIP-233", ZALANDO], effect=WRITE)
def test_each_item_has_one_correlated_result(client, survey, profile, make_resource):
    """Return one result for each item of a batch, and say which item it is of

    Why: a client that cannot tell which of its items got which id stores wrong links, or sends items again.
    Fix: answer with an array in the order of the request, or repeat the client's identifier in each result; give each
        created item its id.
    Probe: a batch of valid items; each result is followed to its item, whose text shows which one it is.
    """
    found = trials(client, survey, profile, make_resource)
    tested = {one.operation.path.rstrip("/") for one in found}
    for one in profile.bulk:
        if one.path.rstrip("/") not in tested:
            note(
                f"POST {one.path} of the profile is not tested: set `resource` to one in which items can be created"
            )
    decided, open_questions = False, []
    for trial in found:
        try:
            sent = trial.valid("BULK-001", fresh=True)
            if refused(trial, sent):
                open_questions.append(f"{trial.operation.name}: {sent.said}")
                continue
            if sent.status == 202:
                open_questions.append(f"{trial.operation.name}: {sent.said}: the batch goes on")
                continue
        except Undecided as problem:
            open_questions.append(f"{trial.operation.name}: {problem}")
            continue
        correlated(trial, sent)
        decided = True
    if not decided:
        inconclusive("; ".join(open_questions))


def refused(trial, sent):
    """Break the rule by a declared operation that refuses what is valid; returns whether it was refused otherwise."""
    if sent.succeeded:
        return False
    if sent.reply.is_success:
        lies = untrue(sent.claimed, sent.there)
        if lies or False not in sent.claimed:
            return False
        return not trial.operation.declared or singly_refused(trial, sent)
    if sent.status in FOR_OTHER_REASONS or not trial.operation.declared:
        return True
    return singly_refused(trial, sent)


def singly_refused(trial, sent):
    """Break the rule where the items are accepted when they are sent alone."""
    alone = trial.resource.post(trial.resource.body())
    if not alone.is_success:
        return True
    expect(
        False,
        f"success for a batch of valid items ({trial.operation.because} declares {trial.operation.name})",
        f"{sent.what}; such an item alone: {exchange_of(alone).summary()}",
    )
    return True


def correlated(trial, sent):
    """Break the rule by results that do not lead to the items they are of."""
    count, requests = len(sent.bodies), trial.operation.shape.requests
    faults = correlation_faults(sent.results, count, requests)
    expect(not faults, f"a result for each of {count} items", f"{sent.said}: {'; '.join(faults)}")
    lost = [number for number, url in enumerate(sent.batch.named, 1) if url is None]
    expect(
        not lost,
        "an id in the result of each created item",
        f"{sent.said}: no id in the results {', '.join(map(str, lost))}",
    )
    gone = [number for number, one in enumerate(sent.there, 1) if one is False]
    expect(
        not gone,
        "ids that resolve",
        f"{sent.said}: the ids in the results {', '.join(map(str, gone))} lead to nothing",
    )
    markers = [trial.resource.marker(body) for body in sent.bodies]
    shown = [shown_of(trial, sent, number) for number in range(count)]
    wrong = misplaced([one.value if one is not None else None for one in markers], shown)
    expect(
        not wrong,
        "results in the order of the items, or with an identifier of each",
        f"{sent.said}: {'; '.join(wrong)}",
    )
    twice = len({url for url in sent.batch.named if url}) < count
    expect(not twice, "an item for each valid item of the batch", f"{sent.said}: two results name one item")
    evidence(f"{sent.said}: {count} results, by {sent.results.correlated}")


def shown_of(trial, sent, number):
    """What the result at a position shows of its item, or a read of that item."""
    result = sent.results.by_input[number]
    if result is not None and result.value is not MISSING and sent.bodies[number] is not None:
        marker = trial.resource.marker(sent.bodies[number])
        if marker is not None and marker.value in repr(result.value):
            return result.value
    url = sent.batch.named[number]
    reply = trial.resource.client.get(url) if url else None
    return json_of(reply) if reply is not None and reply.is_success else MISSING


@rule("BULK-002", SHOULD, refs=[ZALANDO, "RFC 4918 section 11.1"], effect=WRITE)
def test_partial_success_is_reported_truthfully(client, survey, profile, make_resource):
    """Report partial success with 207 or 200, and the truth for each item

    Why: a client that reads 201 takes all items for created; one that reads 422 sends all again, and those that were
        created the first time are there twice.
    Fix: answer 207 with a status for each item; create the items in the loop that writes these statuses.
    Probe: a batch of a valid item, an invalid one and a valid one; each is looked for afterwards, by its id or by its
        text in the list.
    """
    found = trials(client, survey, profile, make_resource)
    decided, open_questions = False, []
    for trial in found:
        name = trial.operation.name
        try:
            trial.working("BULK-002")
            if trial.mode("BULK-002") == "atomic":
                continue
            sent = trial.mixed("BULK-002")
        except Undecided as problem:
            open_questions.append(f"{name}: {problem}")
            continue
        if sent.status in FOR_OTHER_REASONS:
            open_questions.append(f"{name}: {sent.said}")
            continue
        if sent.there[1] is True and sent.claimed[1] is True:
            open_questions.append(f"{name}: an item is created that is refused alone: see BULK-005")
            continue
        if not any(one is not None for one in sent.there):
            open_questions.append(f"{name}: nothing shows what exists after {sent.said}")
            continue
        truthful(trial, sent)
        decided = True
    applies(decided or open_questions, "a batch creates some of its items when others fail")
    if not decided:
        inconclusive("; ".join(open_questions))


def truthful(trial, sent):
    """Break the rule by a response that says something else than what is there."""
    misled = hidden(sent.status, sent.there)
    expect(
        misled is None,
        "207, or 200, for a batch of which a part failed",
        f"{sent.said}: {misled}",
        impact=CRITICAL,
    )
    lies = untrue(sent.claimed, sent.there)
    expect(not lies, "a response that says what is there", f"{sent.said}: {'; '.join(lies)}", impact=CRITICAL)
    if sent.status >= 400:
        note(f"{trial.operation.name}: an invalid item makes the whole batch fail: {sent.said}")
        return
    silent = [number for number, one in enumerate(sent.claimed, 1) if one is None]
    expect(
        not silent,
        "a result for each item",
        f"{sent.said}: nothing about the items {', '.join(map(str, silent))}",
    )
    twice = named_twice(sent.results, len(sent.bodies))
    expect(twice is None, "the position in the request as the index of each result", f"{sent.said}: {twice}")
    result = sent.results.by_input[1]
    if result is not None and result.failed and result.error in (MISSING, None, "", {}, []):
        warn(
            "an error for the item that failed",
            f"{sent.said}: result 2 says nothing but its status",
            impact=MINOR,
        )
    evidence(sent.what)


@rule("BULK-003", MUST, refs=["AIP-231", "AIP-233"], impact=CRITICAL, effect=WRITE)
def test_atomic_batches_are_atomic(client, survey, profile, make_resource):
    """Apply an atomic batch completely, or not at all

    Why: the client of an atomic batch has no code for a half: money has left one account and not reached the other,
        and a retry does the first half twice.
    Fix: validate all items first, and write them in one transaction.
    Probe: a batch of two valid items and an invalid one, and one whose last item has a value that is taken, where
        such a member is known; each item is looked for afterwards. Where nothing declares batches atomic, one shows
        that they are, and this binds as a SHOULD.
    """
    found = trials(client, survey, profile, make_resource)
    decided, open_questions = False, []
    for trial in found:
        name = trial.operation.name
        try:
            trial.working("BULK-003")
            mode = trial.mode("BULK-003")
            if mode == "partial":
                continue
            if mode is None:
                open_questions.append(f"{name}: nothing shows whether batches are atomic")
                continue
            batches = [("an invalid item", trial.send(*last_invalid(trial)))]
            taken = last_taken(trial)
            if taken is not None:
                batches.append(("a value that is taken", trial.send(*taken)))
        except Undecided as problem:
            open_questions.append(f"{name}: {problem}")
            continue
        outcomes = [all_or_nothing(trial, what, sent) for what, sent in batches]
        decided = decided or any(one is None for one in outcomes)
        open_questions += [one for one in outcomes if one is not None]
    applies(decided or open_questions, "a batch is atomic")
    if not decided:
        inconclusive("; ".join(open_questions))


def last_invalid(trial):
    """Two valid items and an invalid one."""
    return [trial.resource.body(), trial.resource.body(), trial.invalid().make()]


def last_taken(trial):
    """Two valid items, and one with a unique value of an item that exists; None where no such member is known."""
    known = trial.resource.known
    if not known.unique:
        return None
    place = known.representation + known.unique[0]
    # What other rules have created may be gone by now.
    value = at(trial.resource.create().sent, place)
    if value is MISSING:
        return None
    return [trial.resource.body(), trial.resource.body(), replaced(trial.resource.body(), place, value)]


def all_or_nothing(trial, what, sent):
    """Break the rule by a half; returns why the batch could not be judged, if so."""
    level = MUST if trial.operation.mode == "atomic" else SHOULD
    half = halves(sent.there)
    lies = untrue(sent.claimed, sent.there)
    if half is not None and not lies and sent.reply.is_success and trial.operation.mode is None:
        # Nothing promises otherwise, and the response says so.
        return f"{trial.operation.name}: a batch with {what} is partial: {sent.what}"
    expect(half is None, f"all or nothing of a batch with {what}", f"{sent.said}: {half}", level=level)
    if lies:
        # Who knows that batches are atomic sees by the result that failed that all have.
        seen = False in sent.claimed
        expect(
            False,
            "no success for an item that does not exist",
            f"{sent.said}: {'; '.join(lies)}",
            level=SHOULD if seen else level,
            impact=MAJOR if seen else None,
        )
    if None in sent.there or sent.status in FOR_OTHER_REASONS:
        return f"{trial.operation.name}: {sent.said}: {described(sent.claimed, sent.there)}"
    if all(sent.there):
        return f"{trial.operation.name}: {what} in a batch is accepted: {sent.said}"
    evidence(f"{what}: {sent.what}")
    return None
