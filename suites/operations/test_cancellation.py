"""LRO: cancelled operations, operations that are started twice, and those of others."""

from __future__ import annotations

import uuid

from harness import (
    CRITICAL,
    MUST,
    SHOULD,
    WRITE,
    applies,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.http.content import json_of, last_segment
from harness.http.monitors import state_in
from harness.resource.ids import unlike

from .cancelling import TRIES, another, way
from .following import begun, describe, drawn, followed, look_at, monitor_path, watch
from .judge import by_done, not_final, took_back, went_on
from .starting import cancellation, operations
from .test_operations import ABSENT, running

SURE = 0.3
"""Seconds beyond the time that an operation takes, after which a cancelled one is looked at again."""
LONGEST_SURE = 5.0


@rule("LRO-007", SHOULD, refs=["AIP-151"], effect=WRITE)
def test_cancellation_is_coherent(client, survey, profile, make_resource):
    """Cancel what is running, and leave what has ended as it is

    Why: a client that was told of a cancelled operation does the work elsewhere; if it goes on, it is done twice.
    Fix: write the state under a condition, so that either the cancellation or the end wins; answer 409 to a
        cancellation of what has ended.
    Probe: an operation is started and cancelled at once, looked at until its end and again when it would have been
        over, and cancelled again; one that has succeeded is cancelled, too. Either end is right; but one that takes as
        long as without a cancellation that was answered 200 or 204 has not noticed it.
    """
    found = operations(survey, profile, make_resource)
    applies(found, ABSENT)
    decided, open_questions = False, []
    for operation in found:
        first = followed(client, profile, operation, "LRO-007")
        if first.at_once:
            continue
        # What does not end by itself may end when it is cancelled, where a declared time bounds the wait.
        bounded = first.url is not None and "had not ended" in first.open and operation.settings.max_seconds
        if first.url is None or not (first.ended or bounded):
            open_questions.append(first.open or f"{operation.name}: it is not known how it ends")
            continue
        path, promises = monitor_path(client, first.url), survey.promises
        if cancellation(operation, path, survey.documented, promises.cancels) is None:
            continue
        if not_final(first.looks, first.after) is not None:
            open_questions.append(f"{operation.name}: its end is not final without a cancellation, either")
            continue
        for _ in range(TRIES):
            one = another(client, operation, survey, first)
            if one is None:
                open_questions.append(
                    f"{operation.name}: that another operation is the run's own is not certain"
                )
                break
            problem = cancelled(client, profile, first, one)
            if not problem:
                leaves_alone(client, first, survey, one)
                decided = True
                break
            open_questions.append(problem)
    if not decided and not open_questions:
        not_applicable(
            "no operation that runs can be cancelled: declare `cancel` in [[operations]] of the profile"
        )
    if not decided:
        inconclusive("; ".join(dict.fromkeys(open_questions)))


def cancelled(client, profile, first, one):
    """Break the rule by what a cancelled operation does; returns why that could not be seen, if so."""
    reply = one.cancel(client)
    said = exchange_of(reply).summary()
    expect(reply.status_code < 500, "2xx for the cancellation of a running operation", said)
    if not reply.is_success:
        look = look_at(client, one.seen)
        if look.ended:
            return f"{said}: the operation had ended before it was cancelled"
        expect(
            reply.status_code not in (404, 405),
            "2xx for the cancellation of a running operation",
            f"{said}, while the monitor shows {describe(look)}",
        )
        return f"{said}: it was not accepted, while the monitor shows {describe(look)}"
    watch(client, profile, one.seen)
    drawn(f"An operation that was cancelled: {said}", [one.seen])
    looks = one.seen.looks
    never_made(one.seen)
    expect(
        "had not ended" not in one.seen.open,
        "an end after a cancellation that was accepted",
        f"{said}; {one.seen.open}; {one.seen.timeline}",
    )
    evidence(f"{said}; {one.seen.timeline}")
    contrary = took_back(state_in(json_of(reply)), looks)
    expect(
        contrary is None,
        "what the response to the cancellation says",
        f"{said}; {contrary}; {one.seen.timeline}",
    )
    if went_on(looks, first.looks, exchange_of(reply).ended - one.seen.start.ended):
        if reply.status_code == 202 or by_done(looks):
            note(f"{said}: the operation went on to its end; a cancellation is a request")
        else:
            warn(
                "an operation that ends sooner, or a refusal",
                f"{said}; it went on to its end: {one.seen.timeline}",
            )
    if looks and looks[-1].status in (404, 410):
        return ""
    if not one.seen.ended:
        return one.seen.open
    took = first.looks[-1].at
    client.recorder.budget.sleep(min(max(2 * took, took + SURE), LONGEST_SURE))
    late = look_at(client, one.seen)
    fault = not_final(looks, [*one.seen.after, late])
    expect(fault is None, "one end: cancelled, or another", f"{said}; {fault}")
    again = one.cancel(client)
    expect(again.status_code < 500, "no error for a repeated cancellation", exchange_of(again).summary())
    fault = not_final(looks, [look_at(client, one.seen)])
    expect(
        fault is None,
        "the same end after a repeated cancellation",
        f"{exchange_of(again).summary()}; {fault}",
    )
    return ""


def never_made(seen):
    """Look no more for the item of a create that the monitor shows as cancelled, or no longer shows."""
    last = seen.looks[-1] if seen.looks else None
    if last is not None and (
        last.status in (404, 410) or (last.state is not None and last.state.phase == "cancelled")
    ):
        for plan in seen.plans:
            seen.operation.resource.ledger.cancelled(plan)


def leaves_alone(client, first, survey, one):
    """Break the rule by a cancellation that changes an operation which has succeeded."""
    done = way(client, first, survey, [one.seen])
    if done is None or first.state is None or first.state.phase != "succeeded":
        return
    reply = done.cancel(client)
    said = exchange_of(reply).summary()
    expect(reply.status_code < 500, "no error for the cancellation of what has ended", said)
    fault = not_final(first.looks, [look_at(client, first)])
    expect(fault is None, "the same end after a cancellation", f"{said}; {fault}")
    evidence(f"a cancellation of what has succeeded: {said}")


@rule(
    "LRO-008",
    SHOULD,
    refs=["AIP-155", "OWASP API Security Top 10 2023 API1", "RFC 9110 section 15.5.5"],
    effect=WRITE,
)
def test_operations_are_one_and_ones_own(client, survey, profile, make_resource):
    """Start one operation for one key, and show it to nobody else

    Why: a retry that starts the work a second time does it twice; an operation that others see gives its results
        away.
    Fix: store the key with the operation; check the owner before anything is shown or cancelled; answer 404 for what
        was never started.
    Probe: the operation is started twice under one Idempotency-Key, where it honours one. Where `private = true` says
        so, client B reads and cancels what client A has started, and reads its result. An id that nobody was given is
        read.
    """
    found = operations(survey, profile, make_resource)
    applies(found, ABSENT)
    decided, open_questions = False, []
    seen = [followed(client, profile, operation, "LRO-008") for operation in found]
    for one in running(seen):
        operation = one.operation
        if one.url is None:
            open_questions.append(one.open)
            continue
        unknown(client, one)
        decided = True
        if operation.settings.keyed:
            started_once(client, operation)
        if operation.settings.private and "other" in client.target.credentials:
            kept_private(client, survey, operation, one)
    if not decided:
        inconclusive("; ".join(dict.fromkeys(open_questions)) or "no monitor is known")


def unknown(client, one):
    """Break the rule by a monitor that shows what was never started."""
    whole = one.url.partition("?")[0]
    head, _, last = whole.rstrip("/").rpartition("/")
    if not last or len(last) < 2:
        return
    reply = client.get(f"{head}/{unlike(last)}{'/' if whole.endswith('/') else ''}")
    state = state_in(json_of(reply)) if reply.is_success else None
    said = exchange_of(reply).summary()
    expect(reply.status_code < 500, "404 for an operation that was never started", said)
    expect(
        state is None or state.status is None,
        "404 for an operation that was never started",
        f"{said} with {state.status if state is not None else ''}",
    )
    evidence(f"an id that nobody was given: {said}")


def started_once(client, operation):
    """Break the rule by two operations under one key."""
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    one, two = (begun(client, operation, headers=headers) for _ in range(2))
    if one.url is None or two.url is None:
        evidence(f"under one Idempotency-Key: {one.start.summary()}, {two.start.summary()}")
        return
    expect(
        one.url == two.url,
        "one operation for two starts under one Idempotency-Key",
        f"{one.start.summary()} leads to {one.link.reference}, the second one to {two.link.reference}",
    )
    evidence(f"under one Idempotency-Key twice: {last_segment(one.url)}")


def kept_private(client, survey, operation, first):
    """Break the rule by an operation that client B sees, or cancels."""
    b = client.under("other")
    reply = b.get(first.url)
    said = f"client B: {exchange_of(reply).summary()}"
    own = client.get(first.url)
    expect(
        not (reply.is_success and own.is_success and json_of(reply) == json_of(own)),
        "403 or 404 for an operation of another client",
        f"{said}, with what client A is shown",
        level=MUST,
        impact=CRITICAL,
    )
    evidence(said)
    result_kept_private(client, first)
    one = another(client, operation, survey, first)
    if one is None:
        return
    answer = one.cancel(b)
    look = look_at(client, one.seen)
    word = look.state.status.lower() if look.state is not None and look.state.status is not None else ""
    expect(
        not word.startswith("cancel"),
        "an operation that only its own client cancels",
        f"client B: {exchange_of(answer).summary()}; client A: {describe(look)}",
        level=MUST,
        impact=CRITICAL,
    )
    evidence(f"client B: {exchange_of(answer).summary()}; client A: {describe(look)}")


def result_kept_private(client, first):
    """Break the rule by a result that client B reads at its own URL."""
    if first.result is None or first.result.url == first.url or first.result.status != 200:
        return
    if "?" in first.result.url:
        # A signature lets in whoever has the URL.
        return
    reply = client.under("other").get(first.result.url)
    own = client.get(first.result.url)
    said = f"client B: {exchange_of(reply).summary()}"
    expect(
        not (reply.status_code == own.status_code == 200 and own.content and reply.content == own.content),
        "403 or 404 for the result of an operation of another client",
        f"{said}, with what client A is shown",
        level=MUST,
        impact=CRITICAL,
    )
    evidence(said)
