"""RT: long polling."""

from __future__ import annotations

from harness import SHOULD, WRITE, evidence, expect, inconclusive, note, rule
from harness.rules.checks import Undecided

from .idle import begin, first_poll
from .judge import mentions, poll_faults
from .polling import EMPTY, longest
from .sources import Given, polled

WAITS = 70.0
TRIES = 5
SHARE = 0.8
MISSED = 3
LENIENCE = 0.3
"""Seconds by which a busy machine may be late."""


@rule(
    "RT-006",
    SHOULD,
    refs=["RFC 6202 section 2", "RFC 6202 section 5.5"],
    effect=WRITE,
    waits=WAITS,
    beside=True,
)
def test_long_polls_are_held_and_lose_nothing(client, profile, survey, make_resource):
    """Make long polling hold, return on event, and lose nothing between polls

    Why: a poll that is not held is a request in a tight loop; one that a gateway ends is an error each minute; an event
        between two polls that is lost is never seen.
    Fix: hold the request for less than each timeout on the way; answer as soon as there is an event; give each response
        a cursor, and look for events after it before waiting.
    Probe: a poll waits while nothing happens, beside other rules. An event is caused while one waits, then three
        between two polls.
    """
    given = Given(client, profile, survey, make_resource)
    how, supposed = polled(given)
    begin(given)
    poller = idle(given, how)
    if how.trigger is None:
        inconclusive("what causes an event is not declared (`trigger` in [longpoll])")
    cause = given.cause(how, "longpoll.trigger")
    returns_on_an_event(poller, how, cause, supposed=supposed)
    marks = [cause() for _ in range(MISSED)]
    contents = []
    for _ in range(MISSED + TRIES):
        one = poller.poll()
        checked(one)
        contents.append(one.content)
        if all(any(mentions(text, mark) for text in contents) for mark in marks) or one.empty:
            break
    else:
        inconclusive("other events come so fast that the polls do not reach those of the run")
    # What comes twice comes with the next poll.
    if not one.empty:
        contents.append(poller.poll().content)
    result = poll_faults(contents, marks)
    where = f"{how.path}: {MISSED} events between two polls"
    evidence(f"{where} came with {len(contents)} polls")
    expect(not result.lost, "all events since the last poll", f"{where}: {len(result.lost)} never came")
    expect(
        not result.repeated or how.at_least_once,
        "each event once (at_least_once = true in [longpoll] says otherwise)",
        f"{where}: {len(result.repeated)} came with two polls",
    )
    expect(not result.disordered, "the order in which they were caused", f"{where}: in another order")


def checked(one):
    """Continue with a poll that was answered without an error."""
    if one.why:
        raise Undecided(f"{one.exchange.summary()}: {one.why} after {one.seconds:.1f} s")
    expect(
        one.status < 500,
        "an empty response, 204 or 304 at the end of a poll",
        f"{one.exchange.summary()} after {one.seconds:.1f} s"
        + (": something on the way has a shorter timeout" if one.status in (502, 504) else ""),
    )
    if one.status not in (200, *EMPTY):
        inconclusive(f"a poll is answered {one.exchange.summary()}")


def idle(given, how):
    """Let a poll wait while nothing happens; where the next one continues."""
    poller, one = first_poll(given, how)
    for attempt in range(TRIES):
        if attempt:
            one = poller.poll()
        if one.why and one.seconds >= longest(how) - 1:
            expect(
                False,
                f"a response after {how.timeout:g} s at the latest, as the profile declares",
                f"GET {how.path}: none after {one.seconds:.1f} s",
            )
        checked(one)
        if one.seconds >= SHARE * how.timeout:
            evidence(f"an idle poll was held for {one.seconds:.2f} s and answered {one.status}")
            if one.status == 408:
                note(
                    "an idle poll ends with 408, which says that the request was incomplete; 204 or 304 say it better"
                )
            return poller
        expect(
            not (one.empty and attempt),
            f"a poll that is held for {how.timeout:g} s while there is no event",
            f"{one.exchange.summary()} after {one.seconds:.2f} s, without an event",
        )
    raise Undecided("other events come so often that no poll is idle")


def returns_on_an_event(poller, how, cause, *, supposed):
    """Cause an event while a poll waits; what is only supposed to cause one may not."""
    for _ in range(TRIES):
        held = poller.begin()
        over = held.wait(lambda held=held: held.ended is not None, held.sent + min(2.0, how.timeout / 4))
        if over:
            checked(poller.end(held, longest(how)))
            continue
        mark = cause()
        one = poller.end(held, longest(how))
        checked(one)
        late = one.ended - cause.began
        if one.ended < cause.began:
            continue
        for _ in range(TRIES):
            if mentions(one.content, mark) or one.empty:
                break
            # The event of another client ended it first.
            one = poller.poll()
            checked(one)
            late = one.ended - cause.began
        if supposed and not mentions(one.content, mark):
            inconclusive("what causes an event is not declared (`trigger` in [longpoll])")
        expect(
            mentions(one.content, mark),
            "the event, in the response of the poll that waited for it",
            f"{one.exchange.summary()} after {one.seconds:.2f} s, without it",
        )
        evidence(f"the event came {late:.2f} s after the request that caused it was sent")
        expect(
            late <= how.latency + LENIENCE,
            f"a response within {how.latency:g} s of the event",
            f"{one.exchange.summary()} {late:.2f} s after the request that caused it",
        )
        return
    inconclusive("other events come so often that no poll is idle")
