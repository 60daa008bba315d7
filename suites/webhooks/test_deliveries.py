"""HOOK: what is delivered, to whom, how signed, and how often (Standard Webhooks). One round serves all rules."""

from __future__ import annotations

from harness import (
    MAY,
    MUST,
    SHOULD,
    WRITE,
    applies,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    rule,
    warn,
)
from harness.http.content import MISSING
from harness.rules.causes import RECEIVERS_REDIRECT as FOLLOWED

from .judge import MARGIN, event_id, gaps, is_of, retried, shrinking
from .recipients import ends_with_the_subscription, stays_with_its_client
from .setting import setting
from .signatures import key_of, read, recognised, scheme_of, seconds, signature_fields, verifies
from .trial import LENIENCE, MOVED, RESET, trial_of

WAITS = 60.0
TOLERANCE = 300.0
STANDARD = "Standard Webhooks"


@rule("HOOK-003", MUST, refs=[f"{STANDARD}, event types"], effect=WRITE, waits=WAITS)
def test_subscribers_get_their_events_only(client, survey, subscriptions, make_resource, profile):
    """Deliver events to those who subscribed to them, and to nobody else

    Why: a receiver that gets foreign events, or events after it has left, acts on data that it should not have.
    Fix: choose receivers by event when the event is stored, and look the subscription up again before each attempt.
    Probe: receivers subscribe to one event, one to another; both are caused. One unsubscribes, and the first is caused
        again. Where a member of a subscription switches it off, such as `active`, another one is switched off before
        that. A second client causes the event, too, by an item that the first one is refused. One subscription is
        deleted after a first attempt has failed: a retry after that is a warning, unless it was under way.
    """
    given = setting(client, survey, subscriptions, make_resource)
    trial = trial_of(given, "HOOK-003", ["other", "leaving", "paused", "failing", "ending"])
    got = trial.arrived("ok")
    evidence(f"{trial.event} arrived after {got[0].at - trial.began_for('ok'):.2f} s")
    trial.show("ok", "other", "leaving", "paused", "ending")
    if given.subscriptions is None or given.alone:
        evidence("what is not subscribed to was not tried: nothing is subscribed")
        return
    if trial.other_event is None:
        evidence("one event is declared: whether others stay away was not tried")
    else:
        for name, foreign in (
            ("ok", trial.other_event),
            ("leaving", trial.other_event),
            ("other", trial.event),
        ):
            deliveries = trial.endpoints[name].deliveries if name in trial.endpoints else []
            wrong = [one for one in deliveries if is_of(one, foreign)]
            wanted = trial.other_event if name == "other" else trial.event
            expect(
                not wrong,
                f"only {wanted}, which was subscribed to",
                f"the receiver `{name}` got {foreign}, too",
            )
    stays_with_its_client(trial)
    ends_with_the_subscription(trial, profile.consistency_window)


@rule("HOOK-004", MUST, refs=[f"{STANDARD}, signature scheme"], effect=WRITE, waits=WAITS)
def test_deliveries_are_signed(client, survey, subscriptions, make_resource):
    """Sign every delivery, so that the receiver can verify it

    Why: a receiver's URL is no secret; whoever finds it can report payments that never happened.
    Fix: sign id, timestamp and the bytes that are sent with HMAC-SHA256 and a secret of the subscription.
    Probe: the signature is computed again over the bytes that arrived, also with retries, and over the same with one
        byte changed.
    """
    given = setting(client, survey, subscriptions, make_resource)
    trial = trial_of(given, "HOOK-004", ["leaving", "failing"])
    got = trial.arrived("ok")
    signature = given.how.signature
    if signature is None:
        fields = signature_fields(got[0].headers)
        signature = recognised(trial.secrets.get("ok", []), got[0].headers, got[0].content)
        if signature is not None:
            evidence(f"the signature verifies as {signature} has it")
        elif fields:
            inconclusive(
                f"deliveries have {', '.join(fields)}: say how they are signed (`signature` in [webhooks])"
            )
        elif given.alone:
            not_applicable("does not apply: a receiver gets more than one delivery, whose URL may be secret")
        expect(
            signature is not None,
            "a signature",
            f"no field of the delivery looks like one: {', '.join(got[0].headers)}",
            level=SHOULD,
        )
    scheme = scheme_of(signature)
    tried = 0
    for name in trial.endpoints:
        for one in trial.of_first(name)[:3]:
            signed = read(scheme, one.headers)
            expect(
                not signed.missing,
                f"a signature in {scheme.field}",
                f"{signed.missing} at the receiver `{name}`",
            )
            if not trial.secrets.get(name):
                inconclusive(
                    "no secret is known: it is neither in the response to the subscription (`secret`), nor sent "
                    "({secret} in `body`), nor given (`shared_secret`)"
                )
            tried += 1
            keys = [key_of(scheme, secret) for secret in trial.secrets[name]]
            expect(
                any(verifies(scheme, key, one.headers, one.content) for key in keys),
                f"a signature over {scheme.signed} with the secret of the subscription",
                f"the signature in {scheme.field} at the receiver `{name}` does not verify",
            )
            expect(
                not any(verifies(scheme, key, one.headers, one.content + b" ") for key in keys),
                "a signature that content with another byte does not have",
                "the signature verifies for other content, too",
            )
    evidence(f"{tried} deliveries verify")
    shared = "shared_secret" if given.how.shared_secret else None
    if shared is None and "{secret}" not in repr(given.how.body) and len(trial.endpoints) > 1:
        first, second = (trial.secrets.get(name) for name in ("ok", "leaving"))
        if first and second and first[0] == second[0]:
            warn("a secret of its own for each subscription", "two subscriptions have the same secret")


@rule("HOOK-005", SHOULD, refs=[f"{STANDARD}, timestamp"], effect=WRITE, waits=WAITS)
def test_attempts_have_a_fresh_timestamp(client, survey, subscriptions, make_resource):
    """Sign the time of each attempt

    Why: without it a recorded delivery can be sent again for ever; with that of the event, each late retry is refused.
    Fix: take the time when the attempt is sent, and sign it with the content.
    Probe: the times of a first attempt and of its retries are compared with the clock of this machine.
    """
    given = setting(client, survey, subscriptions, make_resource)
    applies(
        given.how.signature is not None,
        "the way deliveries are signed is declared (`signature` in [webhooks])",
    )
    scheme = scheme_of(given.how.signature)
    applies("{timestamp}" in scheme.signed, "the declared signature covers a timestamp")
    trial = trial_of(given, "HOOK-005", ["failing"])
    attempts = trial.arrived("failing")
    for one in [*trial.arrived("ok"), *attempts]:
        signed = read(scheme, one.headers)
        expect(signed.timestamp, "a timestamp in each attempt", signed.missing)
        off = abs(seconds(given.how.signature, signed.timestamp) - one.clock)
        expect(
            off <= TOLERANCE,
            f"a timestamp within {TOLERANCE:g} s of the attempt",
            f"{signed.timestamp}, which is {off:.0f} s off",
        )
    first, last = attempts[0], attempts[-1]
    trial.show("failing")
    if len(attempts) < 2:
        evidence("no retry came: whether the timestamp is renewed does not show")
        return
    if last.clock - first.clock < 2:
        evidence("the retries came within two seconds: whether the timestamp is renewed does not show")
        return
    same = read(scheme, first.headers).timestamp == read(scheme, last.headers).timestamp
    expect(not same, "a new timestamp for a retry", f"the same {last.clock - first.clock:.0f} s later")


@rule("HOOK-006", SHOULD, refs=[f"{STANDARD}, retries"], effect=WRITE, waits=WAITS)
def test_failed_deliveries_are_retried(client, survey, subscriptions, make_resource):
    """Retry failed deliveries with growing delays and the same event id

    Why: receivers are deployed and fail for minutes: what is not retried is lost, and what has a new id is done twice.
    Fix: keep a queue of deliveries; retry with exponential delays and jitter; take the id from the event.
    Probe: a receiver answers 500 twice, then 204; another one does not answer the first attempt; a third one resets
        its connection.
    """
    given = setting(client, survey, subscriptions, make_resource)
    applies(given.how.retries is not False, "the API retries (`retries` in [webhooks])")
    trial = trial_of(given, "HOOK-006", ["failing", "slow", RESET])
    attempts = trial.arrived("failing")
    trial.show("failing", "slow", RESET)
    if len(attempts) < 2:
        waited = f"no retry within {given.how.retry_wait:g} s of an attempt that was answered 500"
        if given.how.retries is None:
            inconclusive(f"{waited}: raise `retry_wait`, or say in [webhooks] whether there are `retries`")
        expect(False, "retries, which the profile declares", waited)
    ids = {event_id(one) for one in attempts} - {None}
    expect(len(ids) <= 1, "the same event id in each attempt", f"{len(ids)} ids in {len(attempts)} attempts")
    shrunk = shrinking(gaps(attempts[:3]))
    if shrunk is not None:
        warn(
            "delays that grow",
            f"{shrunk[0]:.2f} s before the first retry, {shrunk[1]:.2f} s before the second",
        )
    for name, what in (("slow", "was given up without an answer"), (RESET, "was reset")):
        again = retried(trial.of_first(name), given.how.retry_wait, trial.until)
        expect(
            again is not False or given.how.retries is None,
            "retries, which the profile declares",
            f"none within {given.how.retry_wait:g} s of an attempt that {what}, and one after 500",
        )
        if not again:
            evidence(f"no retry was seen after an attempt that {what}")
    if len(attempts) < 3:
        inconclusive(f"one retry came; the second did not within {given.how.retry_wait:g} s (`retry_wait`)")
    if len(attempts) > 3:
        evidence("the event arrived again after 204, which delivery at least once allows")


@rule(
    "HOOK-007",
    SHOULD,
    refs=[f"{STANDARD}, delivery success and failure", "RFC 9110 section 10.2.3"],
    effect=WRITE,
    waits=WAITS,
)
def test_the_status_of_the_receiver_counts(client, survey, subscriptions, make_resource):
    """Do not follow redirects of receivers; obey 410 and Retry-After

    Why: a redirect leads signed data to another host, or into the sender's network; a receiver that is gone or busy and
        is called all the same is harmed.
    Fix: switch redirects off in the HTTP client; disable the subscription on 410; wait as Retry-After says.
    Probe: one receiver answers 302 to another one, one 410, one 429 with Retry-After; then the event is caused again.
    """
    given = setting(client, survey, subscriptions, make_resource)
    given.needs_receivers()
    trial = trial_of(given, "HOOK-007", ["redirect", "gone", "busy"])
    trial.show("redirect", MOVED, "gone", "busy")
    undecided = []
    if not trial.of_first("redirect"):
        undecided.append("nothing arrived at the receiver that redirects")
    followed = trial.endpoints[MOVED].deliveries
    if followed:
        warn("no request to the URL of a redirect", f"{followed[0].method} arrived there", cause=FOLLOWED)
    if given.alone:
        evidence("410 was not looked at: no receiver gets a second event")
    elif not trial.of_first("gone") or trial.second is None:
        undecided.append("no event was delivered after 410, to any receiver")
    late = trial.since_second("gone")
    if late:
        warn(
            "no delivery to a receiver that answered 410",
            f"{len(late)} of an event that was caused after that",
        )
    if given.how.retries is False:
        evidence("Retry-After was not looked at: the API does not retry")
        end(undecided)
        return
    waited = gaps(trial.of_first("busy"))
    usual = gaps(trial.of_first("failing"))
    if not waited:
        undecided.append("no retry came after 429 with Retry-After")
    elif waited[0] < given.how.retry_after - MARGIN:
        warn(
            f"no attempt for {given.how.retry_after} s, as Retry-After asked",
            f"the next one after {waited[0]:.2f} s",
        )
    elif usual and usual[0] >= given.how.retry_after:
        undecided.append("retries are slower than the Retry-After that was sent: raise `retry_after`")
    end(undecided)


def end(undecided):
    """End a rule of which some parts could not be decided."""
    if undecided:
        inconclusive("; ".join(undecided))


@rule("HOOK-008", SHOULD, refs=[f"{STANDARD}, delivery success and failure"], effect=WRITE, waits=WAITS)
def test_a_slow_receiver_is_given_up(client, survey, subscriptions, make_resource):
    """Give a slow receiver up after a while, and let no other wait for it

    Why: one customer whose server hangs must not delay the events of all others.
    Fix: set a timeout of 15 to 30 seconds, and deliver to each receiver from a queue of its own.
    Probe: one receiver never answers its first delivery, others answer at once.
    """
    given = setting(client, survey, subscriptions, make_resource)
    given.needs_receivers()
    trial = trial_of(given, "HOOK-008", ["slow", "leaving"])
    first = trial.arrived("slow")[0]
    trial.show("slow", "ok")
    kept = None if first.ended is None else first.ended - first.at
    shown = "it was kept open until the end" if kept is None else f"it was ended after {kept:.1f} s"
    expect(
        kept is not None and kept <= given.how.timeout + LENIENCE,
        f"an attempt that ends within {given.how.timeout:g} s without an answer",
        shown,
    )
    others = [trial.of_first(name)[0] for name in ("ok", "leaving", "failing") if trial.of_first(name)]
    blocked = others and all(one.at >= first.ended - MARGIN for one in others)
    expect(
        not blocked,
        "deliveries to other receivers meanwhile",
        f"none of {len(others)} got theirs before the attempt at the slow one was given up, after {kept:.2f} s",
    )
    evidence(shown)


@rule("HOOK-010", MAY, refs=[f"{STANDARD}, visibility"], effect=WRITE, waits=WAITS)
def test_the_log_lists_every_attempt(client, survey, subscriptions, make_resource):
    """List every attempt in the log of deliveries

    Why: who looks for a missing event needs to see that it was sent, when, and what the receiver answered.
    Fix: write an entry for each attempt, with time and status, before the next one.
    """
    given = setting(client, survey, subscriptions, make_resource)
    applies(
        given.how.deliveries is not None, "the log of deliveries is declared (`deliveries` in [webhooks])"
    )
    given.needs_subscriptions()
    trial = trial_of(given, "HOOK-010", ["failing"])
    attempts = trial.arrived("failing")
    entries = listed(trial.log)
    if entries is None:
        inconclusive(f"the log cannot be read as a list: GET {given.how.deliveries}")
    expect(
        len(entries) >= len(attempts),
        f"an entry for each of {len(attempts)} attempts",
        f"{len(entries)} in the log",
        level=SHOULD,
    )


def listed(value):
    """The entries of a log: an array, or the only one in an object; None for anything else."""
    if isinstance(value, dict):
        arrays = [inner for inner in value.values() if isinstance(inner, list)]
        value = arrays[0] if len(arrays) == 1 else MISSING
    return value if isinstance(value, list) else None


@rule("HOOK-012", SHOULD, refs=[f"{STANDARD}, signature scheme"], effect=WRITE, waits=WAITS)
def test_both_secrets_sign_while_one_is_rotated(client, survey, subscriptions, make_resource):
    """Sign with the old and the new secret while one is rotated

    Why: a receiver cannot change its secret at the very moment at which the sender does; what it refuses meanwhile is
        lost.
    Fix: keep the previous secret for a day, and send a signature for each.
    Probe: a secret is rotated; the next delivery is verified with the secret before and with the new one.
    """
    given = setting(client, survey, subscriptions, make_resource)
    applies(given.how.rotate is not None, "secrets can be rotated (`rotate` in [webhooks])")
    given.needs_subscriptions()
    if given.how.signature is None:
        not_applicable(
            "does not apply: the way deliveries are signed is declared (`signature` in [webhooks])"
        )
    trial = trial_of(given, "HOOK-012", ["rotated"])
    got = trial.arrived("rotated")[0]
    secrets = trial.secrets["rotated"]
    if len(secrets) < 2:
        inconclusive("no new secret: the rotation was refused, or its response does not show one at `secret`")
    scheme = scheme_of(given.how.signature)
    right = [verifies(scheme, key_of(scheme, secret), got.headers, got.content) for secret in secrets[:2]]
    if not any(right):
        inconclusive("the delivery verifies with neither secret: HOOK-004 says more")
    expect(
        all(right),
        "signatures with both secrets",
        f"none verifies with the {'old' if right[0] else 'new'} one",
    )
