"""LRO: what a long-running operation shows from its start to its end."""

from __future__ import annotations

from harness import (
    MAY,
    MINOR,
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

from .following import begun, drawn, follow, followed, look_at, words
from .judge import (
    bad_wait,
    cacheable,
    changed_id,
    falling,
    late_result,
    not_final,
    out_of_range,
    stepped_back,
    unlisted,
    unreadable,
    unreported,
    wrong_result,
)
from .starting import operations

LOOKS = 4
"""Further looks at what has ended."""
APART = 0.25
"""Seconds between them."""
ABSENT = (
    "the API has a long-running operation: a create that is accepted with 202, a documented one, or one in "
    "[[operations]] of the profile"
)


def each(code, client, survey, profile, make_resource):
    """Every operation, followed; at once not applicable without one."""
    found = operations(survey, profile, make_resource)
    applies(found, ABSENT)
    return [followed(client, profile, one, code) for one in found]


def running(seen):
    """Those that go on after the response; not applicable where all are finished by it."""
    found = [one for one in seen if not one.at_once]
    if not found:
        not_applicable("; ".join(f"{one.start.summary()}: finished at once" for one in seen))
    drawn("Operations, since their start was answered", found)
    return found


def ending(decided, seen, *more):
    """End a rule that found nothing wrong: undecided where nothing was decided."""
    for one in seen:
        evidence(one.timeline)
    if not decided:
        reasons = dict.fromkeys([*(one.open for one in seen if one.open), *more])
        inconclusive("; ".join(reasons) or "nothing was seen that decides it")


@rule(
    "LRO-001",
    SHOULD,
    refs=["RFC 9110 section 15.3.3", "Zalando RESTful API Guidelines rule 253"],
    effect=WRITE,
)
def test_accepted_work_points_to_its_monitor(client, survey, profile, make_resource):
    """Accept work that goes on with 202, and point to a status monitor

    Why: a client that gets no monitor cannot learn whether its work was done, so it starts it again.
    Fix: answer 202 with Location or Operation-Location, or a link in the content, to a resource that shows the state.
    Probe: creates that the survey saw accepted with 202, documented harmless operations and those of the profile are
        started.
    """
    seen = each("LRO-001", client, survey, profile, make_resource)
    decided = False
    for one in seen:
        status = one.start.status or 0
        expect(status < 500, "202 or another success for a valid start", one.start.summary())
        expect(
            status != 202 or one.link is not None,
            "202 with Location, Operation-Location or a link in the content that leads to a status monitor",
            one.open,
        )
        decided = decided or status < 300
        if one.at_once:
            note(f"{one.start.summary()}: finished at once, without a monitor")
        elif one.link is not None:
            evidence(f"{one.start.summary()}: {one.link.how}: {one.link.reference}")
    ending(decided, seen)


@rule("LRO-002", SHOULD, refs=["AIP-151", "RFC 9110 section 15.3.3"], effect=WRITE)
def test_a_running_operation_shows_its_status(client, survey, profile, make_resource):
    """Show the status of an operation, for programs to read, until it has ended

    Why: 404, an error or a page of HTML from the monitor looks like failure, and the work is started a second time.
    Fix: make the monitor visible before the start is answered; answer 200 with JSON that has a status.
    Probe: the monitor is looked at from the response on until the operation ends, as often as Retry-After lets. Each
        status is one that the document lists, where it lists them.
    """
    seen = running(each("LRO-002", client, survey, profile, make_resource))
    for one in seen:
        fault = unreadable(one.looks, plain=one.plain) or changed_id([*one.looks, *one.after])
        expect(fault is None, "200 with the status of the operation, each time", f"{fault}; {one.timeline}")
        strange = unlisted([*one.looks, *one.after], words(client, one))
        expect(strange is None, "a status that the document lists", f"{strange}; {one.timeline}")
    ending([one for one in seen if any(look.status < 400 for look in one.looks)], seen)


@rule("LRO-003", SHOULD, refs=["AIP-151"], effect=WRITE)
def test_an_end_is_final_and_progress_never_falls(client, survey, profile, make_resource):
    """Move forward only: an end is final, and progress never falls

    Why: a client acts on the end that it sees; if the operation goes on, it has acted on what is not so.
    Fix: write the final state once, after everything else is stored; compute progress from what is done.
    Probe: the looks of LRO-002 are compared, with further looks after the end. Progress may fall when the
        status changes. A status that was shown before may not
        come again after a later one, by the meaning of words or the order in the document, unless a count of attempts
        grows.
    """
    seen = running(each("LRO-003", client, survey, profile, make_resource))
    for one in seen:
        look_again(client, one)
        fault = not_final(one.looks, one.after)
        expect(fault is None, "the same end at each look after it", f"{fault}; {one.timeline}")
        fall = falling(one.looks)
        expect(fall is None, "progress that never falls", f"{fall}; {one.timeline}")
        back = stepped_back(one.looks, words(client, one))
        expect(back is None, "no way back from work to waiting", f"{back}; {one.timeline}")
        wrong = out_of_range([*one.looks, *one.after])
        expect(wrong is None, "progress from 0 to 100", f"{wrong}; {one.timeline}")
    ending([one for one in seen if one.ended], seen)


def look_again(client, one):
    """Look at an operation that has ended a few times more: one node of several may have another end."""
    if one.url is None or not one.ended:
        return
    for _ in range(LOOKS):
        client.recorder.budget.sleep(APART)
        one.after.append(look_at(client, one))


@rule("LRO-004", SHOULD, refs=["AIP-151", "Zalando RESTful API Guidelines rule 253"], effect=WRITE)
def test_operations_end_in_time(client, survey, profile, make_resource):
    """Let every operation end within its declared time

    Why: an operation that never ends holds up everything that waits for it, and nobody is alarmed.
    Fix: give the work a deadline, and let what passes it fail.
    Probe: the monitor is followed for `max_seconds` of [[operations]] in the profile.
    """
    found = operations(survey, profile, make_resource)
    applies(found, ABSENT)
    bounded = [one for one in found if one.settings.max_seconds is not None]
    applies(bounded, "the profile declares `max_seconds` of an operation")
    seen = running([followed(client, profile, one, "LRO-004") for one in bounded])
    for one in seen:
        runs = one.state is not None and one.state.phase == "running"
        late = "had not ended" in one.open and (runs or (one.plain and one.looks[-1].status == 202))
        most = one.operation.settings.max_seconds
        expect(not late, f"an end within {most:g} seconds", f"{one.open}; {one.timeline}")
    ending([one for one in seen if one.ended], seen)


@rule("LRO-005", SHOULD, refs=["AIP-151", "Zalando RESTful API Guidelines rule 253"], effect=WRITE)
def test_success_leads_to_the_result(client, survey, profile, make_resource):
    """Lead from an operation that succeeded to its result

    Why: the client has waited for the result; a link to nothing makes it start the work again.
    Fix: store the result before the operation is shown as succeeded; link it, or put it into the content.
    Probe: the link to the result, or Location of a 303, is followed as soon as the operation has succeeded; without
        one, the path below the monitor that the document has for it.
    """
    seen = running(each("LRO-005", client, survey, profile, make_resource))
    decided, missing = False, []
    for one in seen:
        if not one.succeeded:
            continue
        fault = wrong_result(one.looks, one.result, linked=not one.documented or one.operation.chosen)
        expect(
            fault is None, "200 with the result where the operation leads to it", f"{fault}; {one.timeline}"
        )
        early = late_result(one.looks, one.after)
        expect(early is None, "the result as soon as the operation has succeeded", f"{early}; {one.timeline}")
        decided = decided or one.result is not None or (one.state is not None and one.state.inline)
        if one.result is None and not (one.state is not None and one.state.inline):
            missing.append(f"{one.operation.name}: the monitor has neither a result nor a link to one")
    if missing and not decided and not any(one.open for one in seen):
        evidence("; ".join(one.timeline for one in seen))
        not_applicable(f"{'; '.join(missing)}; work that makes nothing needs none")
    ending(decided, seen, *missing)


@rule("LRO-006", SHOULD, refs=["AIP-151", "RFC 9457 section 3"], effect=WRITE)
def test_failures_are_data(client, survey, profile, make_resource):
    """Report a failure in the monitor, and refuse invalid input at once

    Why: a monitor that answers 500 looks broken, so the client asks on; one that says nothing leaves the user
        with nothing to correct.
    Fix: answer 200 with the status failed and an error with code and message; validate before the work is accepted.
    Probe: `failing_body` of [[operations]] is started and followed. Content without a required member, or
        `invalid_body`, is sent, which must be refused with 4xx.
    Advice: input that is refused only in the monitor is refused all the same.
    """
    found = operations(survey, profile, make_resource)
    applies(found, ABSENT)
    decided, seen = False, []
    for operation in found:
        one = followed(client, profile, operation, "LRO-006")
        seen.append(one)
        if operation.settings.failing_body is not None and not one.at_once:
            failing = follow(client, profile, operation, body=operation.settings.failing_body)
            seen.append(failing)
            # Where the monitor of work that succeeds is broken, too, LRO-002 says so.
            decided = reported(failing, errors=one.ended) or decided
        decided = reported(one, errors=False) or decided
        if operation.invalid is not None and (one.start.status or 0) < 300:
            decided = refused(client, profile, operation) or decided
    if not decided and not any(one.open for one in seen):
        not_applicable(
            "no operation failed: declare `failing_body` or `invalid_body` in [[operations]] of the profile"
        )
    ending(decided, seen)


def reported(seen, errors):
    """Break the rule by a failure that the monitor does not report; returns whether one was seen.

    Args:
        errors: whether an error status of the monitor is that of the operation.
    """
    last = seen.looks[-1] if seen.looks else None
    if last is None:
        return False
    if (errors and last.status >= 400) or (last.state is not None and last.state.phase == "failed"):
        fault = unreported(last)
        expect(fault is None, "200 with the status failed and what failed", f"{fault}; {seen.timeline}")
        return True
    return False


def refused(client, profile, operation):
    """Break the rule by invalid input that is accepted and then fails, or that is not understood."""
    one = follow(client, profile, operation, body=operation.invalid)
    status = one.start.status or 0
    expect(status < 500, "4xx for invalid input", one.start.summary())
    state = one.state
    if status < 300 and state is not None and state.phase == "failed":
        warn("4xx for invalid input, before any work is accepted", one.timeline, impact=MINOR)
    evidence(f"without what is required: {one.start.summary()}")
    return status >= 400


@rule(
    "LRO-009",
    MAY,
    refs=["RFC 9110 section 10.2.3", "RFC 9111 section 5.2.2", "RFC 7240 section 4.1"],
    effect=WRITE,
)
def test_polling_is_guided(client, survey, profile, make_resource):
    """Guide clients that poll: a Retry-After that can be read, no caching, and the truth about respond-async

    Why: a cache that keeps the state shows a running operation long after its end; a client that is told that its
        preference was applied waits for a monitor.
    Fix: send Cache-Control: no-cache with the state; name respond-async in Preference-Applied only with 202.
    Probe: the looks of LRO-002 are read for Retry-After and freshness, and the operation is started with
        Prefer: respond-async.
    """
    seen = running(each("LRO-009", client, survey, profile, make_resource))
    decided = False
    for one in seen:
        looks = [look.exchange for look in one.looks if look.status < 300]
        for exchange in [one.start, *looks]:
            fault = bad_wait(exchange)
            if fault is not None:
                warn("Retry-After with seconds or a date", f"{exchange.summary()} with {fault}")
                break
        for look in one.looks:
            fresh = cacheable(look.exchange) if look.status < 300 and not look.ended else None
            if fresh is not None:
                warn(
                    "no freshness of a state that changes",
                    f"{look.exchange.summary()}, {describe_state(look)}, with {fresh}",
                )
                break
        decided = decided or bool(looks)
        prefers(client, one)
    ending(decided, seen)


def describe_state(look):
    return look.state.status if look.state is not None else "no status"


def prefers(client, seen):
    """Break the rule by a preference that is said to be applied and is not."""
    if (seen.start.status or 0) >= 300:
        return
    asked = begun(client, seen.operation, headers={"Prefer": "respond-async"})
    applied = (asked.start.field("preference-applied") or "").lower()
    if "respond-async" in applied and asked.start.status != 202:
        warn(
            "Preference-Applied: respond-async only with 202",
            f"{asked.start.summary()} with Preference-Applied: {applied}",
        )
    evidence(f"Prefer: respond-async: {asked.start.summary()}, Preference-Applied: {applied or 'none'}")
