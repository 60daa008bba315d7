"""BULK: how large a batch may be, batches that are none, and what they cost."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from harness import (
    CRITICAL,
    FLOOD,
    MUST,
    SHOULD,
    WRITE,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.http.content import json_of
from harness.http.monitors import monitor_in, state_in
from harness.quota.fields import best, read
from harness.rules.checks import Undecided

from .beyond_most import MOST_REFUSED, refuses_more
from .judge import excess_fault, fall, input_fault, refused_for_size
from .shapes import Request
from .test_batch_results import ZALANDO
from .trial import encoded, path_of, send, trials, written

OWASP = "OWASP API4:2023"
MOST, MOST_IN_FLOODS = 20, 200
"""Items of a batch that is as large as it may be: without floods, and with them."""
MOST_READS, MOST_READS_IN_FLOODS = 100, 1000
"""Requests of such a batch that only reads."""
STEPS = (10, 100, 1_000, 10_000)
COUNTED = 5
LONGEST = 15.0
"""Seconds for which the monitor of an accepted batch is followed."""
LOOKED_FOR = 3
"""Items of it that are looked for in the list."""
SLOW = 2.0
"""Seconds after which nothing larger is sent."""


@rule("BULK-004", SHOULD, refs=["AIP-231", OWASP], effect=WRITE, rougher=FLOOD)
def test_batches_are_bounded(client, survey, profile, make_resource, target):
    """Enforce the maximum of a batch, and refuse what is none

    Why: one request with ten thousand items costs as much as ten thousand requests, past every limit on those.
    Fix: check the size of the array, and that it is one, before anything else; answer 413, 422 or 400.
    Probe: content without an array, and an empty array; where a maximum is declared, a batch of that size and one with
        an item more. From 20 to 100, that one has invalid items, and valid ones only where invalid ones do not show
        it. With `--effects flood`, where none is declared, batches of up to 10,000 invalid items, until one
        is refused for its size.
    """
    found = trials(client, survey, profile, make_resource)
    decided, open_questions = False, []
    for trial in found:
        try:
            trial.working("BULK-004")
            refuses_other_input(trial)
            decided = True
            most = trial.operation.most
            if most is not None:
                enforced(trial, most, target.limits.effects >= FLOOD)
            elif target.limits.effects >= FLOOD:
                with client.recorder.budget.flooding():
                    grown(trial)
        except Undecided as problem:
            open_questions.append(f"{trial.operation.name}: {problem}")
    if not decided:
        inconclusive("; ".join(open_questions))
    for one in open_questions:
        evidence(one)


def refuses_other_input(trial):
    """Break the rule by what an empty array, or content without one, is answered."""
    shape = trial.operation.shape
    wrong = [("an empty array", encoded(shape, [])), ("a text in place of the batch", b'"x"')]
    if shape.array and not shape.multipart:
        text = written(shape.content([])).replace(b"[]", b'"x"') if shape.array.count("/") == 1 else b"{}"
        wrong += [("no array", b"{}"), ("a text in place of the array", text)]
    for what, content in wrong:
        reply = trial.raw(content)
        fault = input_fault(what in ("an empty array", "no array"), reply.status_code, json_of(reply))
        said = f"{what}: {exchange_of(reply).summary()}"
        expect(fault is None, f"4xx for {what}", f"{said}{fault and f', {fault}'}")
        evidence(said)


def enforced(trial, most, floods):
    """Break the rule by a declared maximum that is refused, or that is none."""
    name, shape = trial.operation.name, trial.operation.shape
    reads = shape.requests and shape.reads
    largest = (MOST_READS, MOST_READS_IN_FLOODS) if reads else (MOST, MOST_IN_FLOODS)
    if not reads and largest[floods] < most <= MOST_REFUSED:
        refuses_more(trial, most)
        return
    if most > largest[floods]:
        more = "" if floods or most > largest[True] else "; --effects flood does"
        note(f"{name}: batches of {most} and of {most + 1} are not sent{more}")
        return
    if reads:
        item = trial.resource.existing()
        control(item, "an item to read is known")
        read_ = Request("GET", path_of(item))
        reply, results = trial.requests(*[read_] * most)
        done = [one is not None and not one.failed for one in results.by_input]
        whole = reply.is_success and all(done)
        said = exchange_of(reply).summary()
        expect(
            whole, f"success for a batch of {most} requests, as declared", f"{said}, {sum(done)} succeeded"
        )
        reply, results = trial.requests(*[read_] * (most + 1))
        there = [one is not None and not one.failed for one in results.by_input]
        fault = excess_fault(reply.status_code, there, effects=False)
    else:
        sent = trial.send(*(trial.resource.body() for _ in range(most)))
        # A large batch may be accepted, and processed later.
        taken = sent.succeeded or sent.status == 202
        expect(taken, f"success for a batch of {most} items, as declared", sent.said)
        sent = trial.send(*(trial.resource.body() for _ in range(most + 1)))
        reply, fault = sent.reply, excess_fault(sent.status, sent.there, effects=True)
    said = exchange_of(reply).summary()
    expect(fault is None, f"413, 422 or 400 for more than {most}, and no effect", f"{said}: {fault}")
    evidence(f"{name}: {most} are accepted; {most + 1}: {said}")


def grown(trial):
    """Warn where the largest batch is processed like the smallest."""
    bad, shape, name = trial.invalid(), trial.operation.shape, trial.operation.name
    # Ten thousand items that cannot be removed would stay.
    control(trial.mixed("BULK-004").there[1] is False, "an invalid item in a batch should not be created")
    first = None
    for size in STEPS:
        body = bad.make()
        request = Request("POST", path_of(trial.resource.create_url), trial.resource.as_sent(body))
        reply = trial.perform(encoded(shape, [request] * size))
        exchange = exchange_of(reply)
        expect(
            reply.status_code < 500,
            "4xx for a batch that is too large",
            f"{size:,} items: {exchange.summary()}",
        )
        if first is None:
            first = reply
        elif refused_for_size(first.status_code, reply.status_code):
            evidence(f"{name}: {size:,} items are refused: {exchange.summary()}")
            return
        if exchange.ended - exchange.started > SLOW and size < STEPS[-1]:
            note(
                f"{name}: {size:,} items took {exchange.ended - exchange.started:.1f} s; larger batches are not sent"
            )
            return
    if first.is_success:
        warn(
            "a maximum of items in a batch",
            f"{name}: {STEPS[-1]:,} invalid items are processed like {STEPS[0]}",
        )
    else:
        evidence(f"{name}: invalid items are refused before their number shows")


@rule("BULK-007", SHOULD, refs=[ZALANDO, "RFC 9110 section 15.5.2"], effect=WRITE)
def test_failures_of_the_whole_batch_are_errors(client, survey, profile, make_resource, target):
    """Answer what is wrong with a whole batch with 4xx, and accept large ones with 202 where that is declared

    Why: 207 means that some items were looked at; a client that goes through the results finds none that says what is
        wrong with its request, or its credential.
    Fix: parse and authenticate before the first item; answer 400 or 401.
    Probe: JSON that ends early; a batch without credentials, where a single create needs them; one item more than
        `async_threshold`, where the profile names one; its monitor is followed, and items are looked for in the list.
    """
    found = trials(client, survey, profile, make_resource)
    decided, open_questions = False, []
    for trial in found:
        try:
            trial.working("BULK-007")
            if not trial.operation.shape.multipart:
                cut = written(trial.operation.shape.content([]))[:-1]
                reply = trial.raw(cut)
                said = exchange_of(reply).summary()
                expect(400 <= reply.status_code < 500, "400 for JSON that ends early", said)
                evidence(f"malformed JSON: {said}")
                decided = True
            decided = without_credentials(trial, target) or decided
            accepted(trial)
        except Undecided as problem:
            open_questions.append(f"{trial.operation.name}: {problem}")
    if not decided:
        inconclusive("; ".join(open_questions))


def without_credentials(trial, target):
    """Break the rule by a batch that is processed without credentials; returns whether that could be judged."""
    resource = trial.resource
    if resource.client.credential not in target.credentials:
        return False
    nobody = resource.under(None)
    single = nobody.client.get(nobody.url)
    if single.status_code not in (401, 403):
        return False
    sent = send(trial.operation, [resource.body()], trial.window, sender=nobody.client)
    expect(
        not any(sent.there) and True not in sent.claimed,
        "401 for a batch without credentials",
        f"{sent.what}; GET of the collection without them: {single.status_code}",
        level=MUST,
        impact=CRITICAL,
    )
    evidence(f"without credentials: {sent.said}")
    if sent.reply.is_success and trial.operation.shape.requests:
        note(
            f"{trial.operation.name}: without credentials each request is refused, and not the batch: {sent.said}"
        )
        return True
    expect(400 <= sent.status < 500, "401 for a batch without credentials", sent.said)
    return True


def accepted(trial):
    """Break the rule by a declared threshold beyond which batches are not asynchronous."""
    threshold = trial.operation.asynchronous
    if threshold is None:
        return
    if threshold >= MOST:
        note(
            f"{trial.operation.name}: {threshold + 1} items are not sent, to see whether they are accepted with 202"
        )
        return
    sent = trial.send(*(trial.resource.body() for _ in range(threshold + 1)))
    link = monitor_in(sent.reply.status_code, sent.reply.headers.get, json_of(sent.reply))
    expect(
        sent.status == 202,
        f"202 for more than {threshold} items, as declared (`async_threshold`)",
        sent.said,
    )
    expect(link is not None, "a link to a status monitor with 202", sent.said)
    evidence(f"{threshold + 1} items: {sent.said}")
    state = ended(trial, sent, link)
    evidence(f"{link.how} leads to {state.status if state is not None else 'nothing that shows how it ends'}")
    if state is None or state.phase != "succeeded":
        return
    marks = [trial.resource.marker(body) for body in sent.bodies[:LOOKED_FOR]]
    lists = [trial.resource.lost(mark) for mark in marks if mark is not None]
    absent = sum(found == [] for found in lists)
    expect(
        not absent,
        "the items of a batch that has succeeded",
        f"{sent.said}, whose monitor shows {state.status}; {absent} of {len(lists)} items are not in the list",
    )


def ended(trial, sent, link):
    """What the monitor of a batch shows at its end; None where it shows none in time, or is at another origin."""
    client, budget = trial.resource.client, trial.resource.client.recorder.budget
    url = client.resolve(link.reference, str(sent.reply.request.url))
    if urlsplit(url)[:2] != urlsplit(client.target.url)[:2]:
        return None
    until, pause = time.monotonic() + LONGEST, 0.05
    while time.monotonic() < until:
        state = state_in(json_of(client.get(url)))
        if state is not None and state.ended:
            return state
        budget.sleep(pause)
        pause = min(2 * pause, 1.0)
    return None


@rule("BULK-009", SHOULD, refs=[OWASP], effect=WRITE)
def test_each_item_counts(client, survey, profile, make_resource):
    """Count every item of a batch against the quota

    Why: where a batch counts as one request, a client sends a hundred times its quota, and the quota protects nothing.
    Fix: charge the number of items before the batch is processed.
    Probe: the remaining quota in the responses to a batch of one item and to one of five, or before and after one.
    """
    found = trials(client, survey, profile, make_resource)
    shown, decided, open_questions = False, False, []
    for trial in found:
        try:
            if not quota_in(trial.working("BULK-009").reply):
                continue
            shown = True
            before, after = quotas(trial)
            fell = fall(before, after)
        except Undecided as problem:
            open_questions.append(f"{trial.operation.name}: {problem}")
            continue
        if fell is None:
            open_questions.append(f"{trial.operation.name}: the quota was renewed, or is another one")
            continue
        said = f"{trial.operation.name}: {COUNTED} items take {fell} from the remaining quota"
        expect(fell > 1, f"about {COUNTED} from the quota for {COUNTED} items", said)
        (evidence if fell >= COUNTED else note)(said)
        decided = True
    if decided:
        return
    if not shown and not open_questions:
        not_applicable("responses to batches have no fields with a quota")
    inconclusive("; ".join(open_questions))


def quota_in(reply):
    """The quota of a response; None without one."""
    quota = best(read(exchange_of(reply).response_fields))
    return quota if quota is not None and quota.remaining is not None else None


def quotas(trial):
    """The quotas before and after a batch of several items."""
    resource = trial.resource
    one = quota_in(trial.send(resource.body()).reply)
    look = quota_in(resource.client.get(resource.url))
    if look is not None and one is not None and look.limit == one.limit:
        one = look
    most = min(COUNTED, trial.operation.most or COUNTED)
    control(most > 1, "a batch may have several items")
    return one, quota_in(trial.send(*(resource.body() for _ in range(most))).reply)
