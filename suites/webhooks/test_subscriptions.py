"""HOOK: subscriptions as resources, and what their URLs may be (Standard Webhooks, OWASP API7)."""

from __future__ import annotations

from contextlib import ExitStack

from harness import MUST, SHOULD, WRITE, evidence, expect, inconclusive, rule, warn
from harness.client.client import exchange_of
from harness.http.content import at, json_of
from harness.payloads import run_token
from harness.rules.causes import RECEIVERS_REDIRECT
from harness.rules.checks import Undecided

from .causing import cause_of
from .changing import places, refuses_invalid_changes
from .internal import other_loopback, spellings
from .receiver import OK, Answer, Endpoint
from .setting import filled, is_address, opened, prepared, setting, subscribed
from .signatures import fresh_secret
from .trial import MOST_QUIET
from .untrusted import Signed, untrusted

INVALID = "not a url"
RIGHT = "is valid"
OTHER_NAME = "another.invalid"
OWASP = "OWASP API Security Top 10 2023, API7"


def texts(given, url):
    """What the placeholders of a subscription stand for."""
    return {"url": url, "event": next(iter(given.how.events)), "secret": fresh_secret()}


@rule("HOOK-001", SHOULD, refs=["Standard Webhooks, endpoint management"], effect=WRITE)
def test_subscriptions_are_resources(client, survey, subscriptions, make_resource):
    """Manage subscriptions as resources, and do not show their secrets again

    Why: a secret that every read shows is in logs and caches; a URL with a typing error is found when events are lost.
    Fix: return the secret once, in the response to the create; validate URL and events; let DELETE end a subscription.
    Probe: a subscription is created, read, listed, changed by PATCH and PUT, and deleted; others have a URL or an event
        that cannot exist, or are changed to one. A valid one that is answered 500 fails.
    """
    given = setting(client, survey, subscriptions, make_resource)
    given.needs_subscriptions()
    with opened(given) as receiver:
        prepared(given, receiver)
        endpoint = receiver.add(Endpoint("ok", f"/{run_token.current()}/managed"))
        try:
            item, _ = subscribed(given, receiver.url, endpoint, next(iter(given.how.events)))
        except Undecided:
            failed = crashed(client.recorder.exchanges, given.subscriptions.create_url)
            expect(failed is None, "a subscription, as declared", failed and failed.summary(), level=MUST)
            raise
        hides_secret(given, item)
        refuses_invalid(given, receiver.url + endpoint.path)
        for pointer in places(given.how.body, "{url}"):
            other = f"{receiver.url}{endpoint.path}/changed"
            refuses_invalid_changes(item, pointer, other, INVALID, "a URL that is none")
        ends(item)


def crashed(exchanges, url):
    """The last create of a subscription, if it was answered 500; None otherwise. Pure."""
    made = [one for one in exchanges if (one.method, one.url) == ("POST", url)]
    return made[-1] if made and made[-1].status == 500 else None


def hides_secret(given, item):
    """Break the rule where a read shows the secret of a subscription again."""
    shown = at(json_of(item.created), given.how.secret)
    place = next(places(given.how.body, "{secret}"), None)
    secret = at(item.sent, place) if place is not None else shown
    if not isinstance(secret, str) or len(secret) < 8:
        evidence("the response to a subscription shows no secret")
        return
    for reply in (item.get(), given.client.get(given.subscriptions.url)):
        expect(
            not (reply.is_success and secret in reply.text),
            "no secret, or a masked one",
            f"{exchange_of(reply).summary()} shows the secret of the subscription",
        )


def refuses_invalid(given, url):
    """Break the rule where a URL or an event that cannot exist is accepted."""
    tried = [("a URL that is none", filled(given.how.body, texts(given, INVALID)))]
    if "{event}" in repr(given.how.body):
        unknown = {**texts(given, url), "event": f"harness.{run_token.current()}"}
        tried.append(("an event that nothing declares", filled(given.how.body, unknown)))
    for name, body in tried:
        reply = given.subscriptions.post(body)
        expect(
            not reply.is_success,
            "400 or 422",
            f"{exchange_of(reply).summary()} for a subscription with {name}",
        )


def ends(item):
    """Break the rule where a deleted subscription is still there."""
    if not item.get().is_success:
        evidence("a subscription cannot be read: whether DELETE ends it was not looked at")
        return
    reply = item.delete()
    after = item.get()
    expect(
        reply.is_success and not after.is_success,
        "DELETE removes the subscription",
        f"{exchange_of(reply).summary()}, then {exchange_of(after).summary()}",
    )


@rule(
    "HOOK-002", SHOULD, refs=["Standard Webhooks, server-side request forgery", OWASP], effect=WRITE, waits=30
)
def test_receivers_are_not_internal(client, survey, subscriptions, make_resource):
    """Refuse receivers at internal addresses, however they are written

    Why: who can choose where the API sends requests reaches what only the API can: databases, metadata of the cloud.
    Fix: resolve the host when the delivery is sent, refuse addresses that are not public, and connect to that address.
    Probe: URLs that lead to this machine's own receiver in other spellings are subscribed, and a receiver redirects to
        one of them. Only what arrives there counts, and only where the API refuses another address of this machine,
        plainly written: where it does not, it may be meant to deliver inside. A name whose address changes after the
        check (DNS rebinding) takes a name server of one's own, and is not tried.
    """
    given = setting(client, survey, subscriptions, make_resource)
    given.needs_receivers()
    cause = cause_of(given, next(iter(given.how.events)))
    with opened(given) as receiver:
        prepared(given, receiver)
        control = receiver.add(Endpoint("ok", f"/{run_token.current()}/public"))
        subscribed(given, receiver.url, control, next(iter(given.how.events)))
        plain = other_loopback(receiver.url)
        _, refused = registered(given, receiver, [plain])
        if not refused:
            inconclusive(f"{plain} is not refused: internal receivers may be allowed")
        accepted, refused = registered(given, receiver, spellings(receiver.url))
        if not client.target.loopback:
            # They lead to the target's own machine: nothing that arrives there could be seen, and it may do harm.
            if accepted:
                inconclusive(
                    f"accepted: {', '.join(accepted)}; whether anything is sent there does not show from here"
                )
            evidence(f"refused: {', '.join(refused)}")
            return
        target = next(iter([*refused, *accepted]))
        inside, outside = redirecting(given, receiver, target)
        cause()
        check = client.recorder.budget.check_time
        until = cause.began + given.how.wait
        if not receiver.wait(lambda: bool(control.deliveries and outside.deliveries), until, check):
            inconclusive("nothing arrived at the receiver of the control")
        last = max(one.deliveries[0].at for one in (control, outside))
        quiet = last + min(MOST_QUIET, max(0.3, 2 * (last - cause.began)))
        waited = [*accepted.values(), inside]
        receiver.wait(lambda: all(one.deliveries for one in waited), quiet, check)
        reached = [name for name, one in accepted.items() if one.deliveries]
        for name in reached[:1]:
            warn(
                "no delivery to an internal address",
                f"{name} was delivered to, though {plain} is refused",
            )
        if inside.deliveries:
            warn(
                "no request to an internal address to which a receiver redirects",
                f"{inside.deliveries[0].method} {target} arrived, and {plain} is refused as the URL of a receiver",
                cause=RECEIVERS_REDIRECT,
            )
        evidence(f"refused: {', '.join([plain, *refused])}")
        if accepted and not reached:
            inconclusive(f"accepted, and nothing arrived there: {', '.join(accepted)}")


def redirecting(given, receiver, internal):
    """The endpoint at an internal URL, and that of a subscribed receiver which redirects to it with the method kept."""
    inside = receiver.add(Endpoint("inside", f"/{run_token.current()}/inside"))
    answer = Answer(307, {"Location": internal + inside.path})
    outside = receiver.add(Endpoint("outside", f"/{run_token.current()}/outside", (answer, OK)))
    subscribed(given, receiver.url, outside, next(iter(given.how.events)))
    return inside, outside


def registered(given, receiver, urls):
    """Subscriptions of internal URLs: the receivers of those that are accepted, and what is refused."""
    accepted, refused = {}, []
    for spelling in urls:
        endpoint = Endpoint("internal", f"/{run_token.current()}/internal{len(receiver.endpoints)}")
        body = filled(given.how.body, texts(given, spelling + endpoint.path))
        try:
            reply = given.subscriptions.post(body)
        except Undecided as problem:
            evidence(f"{spelling}: {problem}")
            continue
        if reply.is_success:
            accepted[spelling] = receiver.add(endpoint)
        elif reply.status_code < 500:
            refused.append(spelling)
    return accepted, refused


@rule("HOOK-011", SHOULD, refs=["Standard Webhooks, HTTPS", OWASP], effect=WRITE, waits=30)
def test_certificates_of_receivers_are_verified(client, survey, subscriptions, make_resource):
    """Deliver to no receiver whose certificate is not valid

    Why: without a valid certificate the receiver may be anybody on the way, who then reads every event.
    Fix: leave verification on in the HTTP client, and count a failed handshake as a failed delivery.
    Probe: a receiver over TLS has a certificate that it signed itself; another one shows that events are delivered.
        Where `authority` in [webhooks] names one that the target trusts, another certificate is of that authority and
        of another name, and one is right.
    """
    given = setting(client, survey, subscriptions, make_resource)
    given.needs_receivers()
    address = given.how.listen.rpartition(":")[0].strip("[]")
    if given.how.receiver is not None or not is_address(address):
        inconclusive(
            "the target reaches this machine by another address only: no receiver of its own has TLS"
        )
    event = next(iter(given.how.events))
    cause = cause_of(given, event)
    ca = client.target.private.get("webhooks_authority")
    signed = {"is signed by itself": None}
    if ca is not None:
        signed |= {RIGHT: Signed(ca), "is that of another name": Signed(ca, OTHER_NAME)}
    with ExitStack() as more:
        receiver = more.enter_context(opened(given))
        listeners = {what: more.enter_context(untrusted(address, one)) for what, one in signed.items()}
        prepared(given, receiver)
        control = receiver.add(Endpoint("ok", f"/{run_token.current()}/plain"))
        subscribed(given, receiver.url, control, event)
        for listener in listeners.values():
            url = f"{listener.url}/{run_token.current()}/hook"
            reply = subscriptions.post(filled(given.how.body, texts(given, url)))
            if not reply.is_success:
                inconclusive(f"an https URL of this machine is refused: {exchange_of(reply).summary()}")
        cause()
        check, until = client.recorder.budget.check_time, cause.began + given.how.wait
        if not receiver.wait(lambda: bool(control.deliveries), until, check):
            inconclusive("nothing arrived at the receiver of the control")
        for what, listener in listeners.items():
            with listener.changed:
                listener.changed.wait_for(lambda one=listener: one.connections > 0, MOST_QUIET)
            expect(
                what == RIGHT or not listener.requests,
                f"no delivery over a connection whose certificate {what}",
                f"{', '.join(listener.requests[:1])} arrived there",
            )
            evidence(
                f"certificate that {what}: {listener.connections} connections, {len(listener.requests)} deliveries"
            )
        judged_tries(listeners)


def judged_tries(listeners):
    """End the rule as inconclusive where nothing was delivered for another reason than the certificate."""
    silent = [what for what, listener in listeners.items() if not listener.connections]
    if silent:
        inconclusive(f"no connection came to the receiver with TLS whose certificate {' or '.join(silent)}")
    if RIGHT in listeners and not listeners[RIGHT].requests:
        inconclusive(
            "nothing was delivered with a valid certificate, either: see that the target trusts `authority`"
        )
    if RIGHT not in listeners:
        evidence("a certificate of another name was not tried: `authority` in [webhooks] names who signs it")
