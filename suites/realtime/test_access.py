"""RT: who may follow a stream, and whose events it shows."""

from __future__ import annotations

import time

from harness import CRITICAL, MUST, WRITE, applies, evidence, expect, inconclusive, not_applicable, rule
from harness.profile.hints import KEYS
from harness.profile.models import WebSocket
from harness.rules.checks import NotApplicable, Undecided
from harness.target.target import DEFAULT

from .following import following
from .idle import begin
from .judge import mentions
from .sources import Given, polled, socket_of, streams

WAITS = 20.0
GRACE = 0.5
"""Seconds for which an event may be later at another client, at least."""


@rule(
    "RT-004",
    MUST,
    refs=["OWASP API Security Top 10 2023, API1 and API2", "RFC 6455 section 10.5"],
    impact=CRITICAL,
    effect=WRITE,
    waits=WAITS,
)
def test_streams_are_authorised_like_any_resource(client, profile, survey, make_resource):
    """Authenticate and authorise streams like any resource

    Why: a stream is often written beside the API's usual checks; whoever connects then sees what all clients do.
    Fix: authenticate the request, or the handshake, and choose the events of each connection by who it is.
    Probe: others connect: without credentials, with expired ones, and as a second client. An event is caused, which
        the first client gets. It must not reach those who may not read the item, or to whom the profile says that
        events are private.
    """
    given = Given(client, profile, survey, make_resource)
    begin(given)
    others = principals(client)
    sources = found(given)
    undecided, judged = [], 0
    for how in sources:
        if how.trigger is None:
            undecided.append(f"{how.path}: what causes an event is not declared (`trigger`)")
            continue
        try:
            judged += judged_source(given, how, others)
        except Undecided as problem:
            undecided.append(f"{how.path}: {problem}")
    if undecided:
        inconclusive("; ".join(undecided))
    applies(judged, "events are private, or of items that not every client may read")


def found(given):
    """The streams, the WebSocket, and what is polled."""
    made, absent = [], []
    looks = (
        lambda: [one.how for one in streams(given)],
        lambda: [socket_of(given)[0]],
        lambda: [polled(given)[0]],
    )
    for look in looks:
        try:
            made += look()
        except NotApplicable as none:
            absent.append(str(none))
    if not made:
        not_applicable("; ".join(absent))
    return made


def principals(client):
    """Who else connects, by what to call them: the credential, or None for none."""
    held = client.target.credentials
    made = {}
    if DEFAULT in held and held[DEFAULT].carriers:
        made["a client without credentials"] = None
    for name, text in (("expired", "a client with expired credentials"), ("other", "a second client")):
        if name in held:
            made[text] = name
    if not made:
        not_applicable(f"does not apply: {KEYS['credentials.other'].condition} (--credential other=...)")
    return made


def judged_source(given, how, others):
    """Judge who gets the events of a source; how many could be judged."""
    if how.private is False:
        evidence(f"{how.path}: the profile says that its events are public (`private`)")
        return 0
    if not how.private and " " in how.trigger:
        evidence(f"{how.path}: nothing says that its events are private (`private`)")
        return 0
    cause, judged = given.cause(how, "trigger"), 0
    for text, credential in others.items():
        client = given.client.under(credential)
        with (
            following(given.client, how) as own,
            following(client, how) as other,
        ):
            mark, arrived = canary(cause, own, how)
            private = how.private or may_not_read(cause, client)
            if not private:
                evidence(f"{how.path}: {text} may read the item, or nothing says that it may not")
                continue
            if arrived is None:
                inconclusive(
                    f"the event of a write did not arrive at the client who wrote (`latency` {how.latency:g} s)"
                )
            got = other.wait(shows(other, mark), later(cause, arrived))
            answer = other.exchange()
        judged += 1
        evidence(
            f"{how.path}: {text}: {answer.summary()}; the event arrived at its owner after {arrived:.2f} s"
        )
        expect(not got, f"no event of an item that {text} may not read", f"{how.path}: it arrived at {text}")
        if credential == "other" or (isinstance(how, WebSocket) and how.first_message):
            continue
        if (answer.status or 0) >= 500:
            inconclusive(f"{text}: {answer.summary()}")
        expect(
            not (how.private and other.open and answer.status is not None and answer.status < 400),
            f"401 or 403 for {text}",
            f"{answer.summary()}: the connection is open, though nothing came",
        )
    return judged


def canary(cause, own, how):
    """Cause an event; its mark, and the seconds until its owner had it, or None."""
    mark = cause()
    if not own.open:
        return mark, None
    came = own.wait(shows(own, mark), time.monotonic() + how.latency)
    return mark, time.monotonic() - cause.began if came else None


def shows(listener, mark):
    """Whether an event with a mark has come, as a condition."""
    return lambda: any(mentions(one, mark) for one in listener.texts())


def later(cause, arrived):
    """Until when the event is awaited at others: they have twice as long as its owner."""
    return max(time.monotonic() + GRACE, cause.began + 2 * arrived)


def may_not_read(cause, client):
    """Whether a GET of the item is refused to a client, though not to its owner, and so should its events be."""
    if cause.item is None or not cause.item.resource.can("read") or not cause.item.get().is_success:
        return False
    return client.get(cause.item.url).status_code in (401, 403, 404)
