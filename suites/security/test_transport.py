"""SEC: TLS, its certificate, and what is served without it (RFC 6797, RFC 8996, RFC 9325)."""

from __future__ import annotations

import datetime as dt

from harness import (
    MAJOR,
    MINOR,
    MUST,
    READ,
    SHOULD,
    advise,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.client.handshakes import VERSIONS, Handshakes
from harness.client.recorder import Unanswered
from harness.client.without_tls import usual_origin, without_tls
from harness.http.intermediary import errors
from harness.rules.verdict import Impact

from .cors import ORIGIN
from .transport import certificate_flaws, named, plain_flaw, policy_flaw

SECURE = "the target has an https URL"
MADE_UP = "made-up-7c1d5e"
CURRENT = ("1.2", "1.3")


def is_secure(target):
    return target.url.startswith("https:")


@rule("SEC-001", SHOULD, refs=["RFC 6797 section 7.1", "RFC 6797 section 6.1"])
def test_https_responses_carry_hsts(client, survey, profile, target):
    """Send one well-formed Strict-Transport-Security over TLS

    Why: without it a browser, asked for the plain URL, sends the first request in clear to whoever answers; and it
        ignores a field that is malformed or there twice.
    Fix: add `Strict-Transport-Security: max-age=63072000` where TLS ends, to errors, too (`always` in nginx), in one
        place only.
    Advice: most clients of an API that sets no cookie and grants no CORS are no browsers, and ignore the field. A
        policy of less than 180 days protects a user who comes often, and browsers learn one that errors lack elsewhere.
    """
    applies(is_secure(target), SECURE)
    applies(named(target.url), "the target's host has a name: browsers ignore the field for an address")
    seen = [one for one in survey.exchanges if one.status is not None and one.url.startswith(target.url)]
    good = [one for one in seen if 200 <= one.status < 300][:5]
    refused = list(errors(seen, target.url).own)[:5]
    control(good or refused, "the survey should have received a response")
    flaws = [(one, flaw) for one in (*good, *refused) if (flaw := policy_flaw(one)) is not None]
    partly = len({flaw.text for _, flaw in flaws}) == 1 and not any(one in good for one, _ in flaws)
    for one, flaw in flaws:
        minor = flaw.level is None and (partly or not for_browsers(seen, profile))
        expect(
            False,
            "one Strict-Transport-Security field with max-age, on errors, too",
            f"{one.summary()}: {flaw.text}",
            level=flaw.level,
            impact=MINOR if minor else flaw.impact,
        )
    evidence("; ".join(f"{one.summary()}: {one.field('strict-transport-security')}" for one in good[:2]))


def for_browsers(seen, profile):
    """Whether pages in browsers seem to use the API: it is declared, or a response sets a cookie or grants CORS."""
    declared = profile.cookie is not None or (profile.cors is not None and profile.cors.allowed_origins)
    return declared or any(one.field("set-cookie") or one.field(ORIGIN) for one in seen)


@rule(
    "SEC-002",
    MUST,
    refs=["RFC 6797 section 7.2", "Internet-Draft draft-ietf-httpapi-privacy section 3"],
    impact=MAJOR,
)
def test_nothing_is_served_without_tls(client, profile, target):
    """Refuse every request without TLS, and send no HSTS there

    Why: what a client sends to the plain URL, its credential included, is read by everybody on the way. A redirect
        hides that: the client works, and leaks with each request.
    Fix: close the port, or answer 403 to every request there, whatever it carries.
    Advice: a redirect to https is what browsers need; API clients should be told instead.
    Probe: GET of a URL that succeeds over TLS, without a credential and with a made-up one. The run's own credentials
        are never sent without TLS.
    """
    applies(is_secure(target), SECURE)
    declared = profile.tls.plain if profile.tls is not None else None
    origin = declared or usual_origin(target.url)
    applies(
        origin,
        "the port without TLS is known: set `plain` in [tls] of the profile, since the target's port is not 443",
    )
    path = readable(client, profile)
    found = []
    client.recorder.redactor.learn("MADE_UP_TOKEN", MADE_UP)
    with without_tls(client, origin) as plain:
        for fields in ({}, {"Authorization": f"Bearer {MADE_UP}"}):
            try:
                answer = exchange_of(plain.get(path, headers=fields))
            except Unanswered as problem:
                evidence(f"{origin}: {problem.exchange.error}")
                continue
            flaw = plain_flaw(answer)
            if flaw is not None:
                found.append(flaw)
            evidence(f"{answer.summary()} at {origin}, {'made-up' if fields else 'no'} credential")
    found.sort(key=lambda flaw: (flaw.level is not None, list(Impact).index(flaw.impact or MAJOR)))
    for flaw in found:
        expect(False, "403, or no port at all", flaw.text, level=flaw.level, impact=flaw.impact)


def readable(client, profile):
    """Path of a collection that is read over TLS.

    Raises:
        Undecided: there is none.
    """
    paths = (known.collection for known in profile.resources if known.missing("list") is None)
    path = next((one for one in paths if client.get(one).is_success), None)
    control(path is not None, "a collection should be read over TLS, or a refusal without it shows nothing")
    return path


@rule(
    "SEC-003",
    MUST,
    refs=["RFC 8996 sections 4 and 5", "RFC 9325 section 3.1.1", "RFC 9110 section 4.3.4"],
    effect=READ,
    impact=MAJOR,
)
def test_tls_is_current_and_its_certificate_valid(client, target):
    """Offer TLS 1.2 and 1.3 only, with a valid certificate

    Why: TLS 1.0 and 1.1 can be broken by whoever is on the way; an expired certificate, or one for another name, ends
        every connection, or teaches clients not to look.
    Fix: allow TLS 1.2 and 1.3 where TLS ends (a load balancer has its own settings); let a program renew certificates.
    Probe: a handshake for each version; one that verifies chain, name and dates. What OpenSSL on this machine cannot
        offer stays open. A private authority is trusted by `authority` in [tls].
    Advice: TLS 1.2 alone is secure if it is configured well.
    """
    applies(is_secure(target), SECURE)
    hands = Handshakes(client)
    where = f"{hands.host}:{hands.port}"
    made = {version: hands.offering(version) for version in VERSIONS}
    tried = "; ".join(f"TLS {version}: {one.detail}" for version, one in made.items())
    current = [one for version, one in made.items() if version in CURRENT and one.accepted]
    expect(current, "TLS 1.2 or 1.3", f"{where}: {tried}")
    old = [version for version, one in made.items() if version not in CURRENT and one.accepted]
    flaws = certificate_flaws(current[0].certificate, hands.host, dt.datetime.now(dt.UTC))
    wrong = [f"it accepts TLS {version} ({again(where, version)})" for version in old]
    wrong += [f"its certificate: {flaw.text}" for flaw in flaws if flaw.level is None]
    wrong += [] if wrong else untrusted(hands, target)
    expect(
        not wrong,
        "no TLS 1.0 or 1.1, and a certificate for this host, valid now",
        f"{where}: {'; '.join(wrong)} [{tried}]",
    )
    for flaw in flaws:
        warn("a certificate that is renewed in time", f"{where}: {flaw.text}")
    if made["1.3"].accepted is False:
        advise("TLS 1.3 as well", f"{where}: {tried}")
    evidence(f"{where}: {tried}")
    untried = [one.detail for one in made.values() if one.accepted is None]
    if untried:
        inconclusive(f"not tried: {'; '.join(untried)}. The rest holds: {tried}")


def again(where, version):
    """A command that repeats the handshake with an old version."""
    return (
        f"openssl s_client -connect {where} -tls1{'_1' if version == '1.1' else ''} -cipher 'ALL:@SECLEVEL=0'"
    )


def untrusted(hands, target):
    """Why the certificate does not lead to a trusted authority: nothing if the user said not to look."""
    verified = hands.trusting()
    if verified.accepted:
        return []
    if target.insecure and target.authority is None:
        evidence(
            f"the chain is not verified (--insecure): {verified.detail}; `authority` in [tls] would do that"
        )
        return []
    return [f"its certificate: {verified.detail}"]
