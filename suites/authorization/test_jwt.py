"""AUTH: JSON Web Tokens that must be refused (RFC 7519, RFC 8725, RFC 9068). Valid ones are tried first."""

from __future__ import annotations

import json
import time
from urllib.parse import urlsplit

from joserfc.jwk import RSAKey

from harness import (
    CRITICAL,
    MAJOR,
    MINOR,
    MUST,
    READ,
    SHOULD,
    WRITE,
    applies,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    rule,
)
from harness.client.client import exchange_of
from harness.client.listener import LOOPBACK, listening_at
from harness.profile.models import Jwt
from harness.resource.canary import creates

from .issuer import NO_SIGNER, jwt_of, no_jwt, signer, tokens_of
from .published_keys import check_key, public_keys
from .tokens import Forged, broken_signatures, confused, current, early, for_others, hmac_signed, late
from .weak_keys import guessed, short_keys

REFUSED = "401 or 403 for a token that is not valid"


def refused(under_test, forged, *, level=None, impact=None):
    """Break the rule by a forged token that is accepted where a request without a token is not.

    Returns:
        Responses that are neither success nor a refusal, a sentence each.
    """
    odd = []
    forged = list(forged)
    sent = [(one, under_test.send) for one in forged]
    for one, send in (*sent, *((one, under_test.create) for one in forged if under_test.guards_creates)):
        reply = send(one.text)
        summary = exchange_of(reply).summary()
        expect(
            not reply.is_success,
            REFUSED,
            f"{summary} with a token that has {one.name}; without a token the same request is refused",
            level=level,
            impact=impact,
        )
        if reply.status_code >= 500:
            odd.append(f"{summary} with {one.name}")
    if odd:
        evidence(f"not accepted, but not refused with 401 either: {'; '.join(odd[:3])}")
    return odd


@rule(
    "AUTH-005",
    MUST,
    refs=["RFC 9068 section 4", "RFC 7519 section 7.2", "RFC 8725 section 3.1"],
    effect=READ,
    rougher=WRITE,
    impact=CRITICAL,
)
def test_unsigned_and_wrongly_signed_tokens_are_refused(client, profile, make_resource):
    """Refuse JWTs without a signature, and with one that does not fit

    Why: whoever writes a token by hand is any user, the administrator included.
    Fix: verify every token with a library, with the algorithms and keys of the configuration, before reading claims.
    Probe: a GET that is refused without a token, and a create, are sent with tokens that are broken in one place each.
    """
    under_test = jwt_of(client, profile, make_resource)
    refused(under_test, broken_signatures(under_test.token))


@rule("AUTH-006", MUST, refs=["RFC 8725 section 3.1"], effect=READ, rougher=WRITE, impact=CRITICAL)
def test_the_public_key_is_no_secret_key(client, profile, make_resource):
    """Refuse HS256 tokens that are keyed with the public key

    Why: the public key is public; where `alg` of the token decides, everybody can sign.
    Fix: name the algorithms that are accepted, and bind each key to one.
    Probe: the claims of a valid token are signed with HS256 and the public key, in the encodings that servers keep.
    """
    under_test = jwt_of(client, profile, make_resource)
    applies(
        under_test.token.asymmetric,
        f"tokens are signed with a private key, not {under_test.token.header['alg']}",
    )
    found = public_keys(client, under_test.how, under_test.token)
    applies(found.keys, found.needed)
    forged = list(confused(under_test.token, found.keys))
    refused(under_test, forged)
    check_key(found, under_test.token)
    evidence(f"{len(forged)} encodings of {len(found.keys)} keys were tried")


@rule(
    "AUTH-007",
    MUST,
    refs=["RFC 7519 section 4.1.4", "RFC 7519 section 4.1.5", "RFC 9068 section 4"],
    effect=READ,
    rougher=WRITE,
    impact=CRITICAL,
)
def test_outdated_tokens_are_refused(client, profile, make_resource, target):
    """Refuse tokens that have expired or are not valid yet

    Why: a stolen token that never ends is a stolen account.
    Fix: let the library check `exp` and `nbf`, with a leeway of a minute or two, and require `exp`.
    Advice: a token without `exp`, where the API is not declared to follow RFC 9068: only the issuer can make one.
    """
    if "expired" in target.credentials:
        pre_issued(client, profile, make_resource)
    under_test = jwt_of(client, profile, make_resource)
    if "expired" in target.credentials and signer(client, under_test.how) is None:
        evidence("the credential expired was refused; further tokens need a key in [jwt]")
        return
    sign, now = under_test.sign, int(time.time())
    header, claims = under_test.token.header, under_test.token.claims
    refused(
        under_test,
        [
            Forged("exp 10 minutes ago", sign(header, late(claims, now))),
            Forged("nbf in 10 minutes", sign(header, early(claims, now))),
        ],
    )
    endless = {name: value for name, value in current(claims, now).items() if name != "exp"}
    # Only the issuer can leave `exp` out; where RFC 9068 does not require it, that is the issuer's to decide.
    level, impact = (MUST, MAJOR) if under_test.how.access_tokens else (SHOULD, MINOR)
    refused(under_test, [Forged("no exp", sign(header, endless))], level=level, impact=impact)


def pre_issued(client, profile, make_resource):
    """Break the rule by the credential `expired`, where the one of the resource is needed."""
    for known in profile.resources:
        resource = make_resource(known.name)
        if not resource.can("list") or not resource.client.get(resource.url).is_success:
            continue
        if resource.client.under(None).get(resource.url).is_success:
            continue
        reply = client.under("expired").get(resource.url)
        expect(not reply.is_success, REFUSED, f"{exchange_of(reply).summary()} with the credential expired")
        written(client, resource)
        return


def written(client, resource):
    """Break the rule by a create with the credential `expired`, where one without any is refused."""
    wallet = client.recorder.wallet
    without = dict.fromkeys(wallet.carried(client.credential).carriers)
    if not creates(resource) or resource.post(headers=without).is_success:
        return
    reply = resource.post(headers={**without, **wallet.carried("expired").fields})
    expect(not reply.is_success, REFUSED, f"{exchange_of(reply).summary()} with the credential expired")


@rule(
    "AUTH-008",
    MUST,
    refs=["RFC 7519 section 4.1.3", "RFC 9068 section 4"],
    effect=READ,
    rougher=WRITE,
    impact=CRITICAL,
)
def test_tokens_for_other_apis_are_refused(client, profile, make_resource):
    """Refuse tokens of another issuer or for another audience

    Why: a token that a user gave to a harmless service opens this API, too.
    Fix: configure issuer and audience, and let the library compare them.
    """
    under_test = jwt_of(client, profile, make_resource)
    sign = under_test.sign
    claims = current(under_test.token.claims, int(time.time()))
    tried = list(for_others(claims, required=under_test.how.access_tokens))
    applies(tried, "the token names an issuer or an audience (`iss`, `aud`)")
    for name, forged in tried:
        # A token without audience is lawful but for access tokens (RFC 7519 section 4.1.3).
        refused(under_test, [Forged(name, sign(under_test.token.header, forged))])


@rule(
    "AUTH-017",
    MUST,
    refs=["RFC 8725 section 3.10", "RFC 7515 section 4.1"],
    effect=READ,
    rougher=WRITE,
    impact=CRITICAL,
)
def test_tokens_do_not_choose_their_keys(client, profile, make_resource, target):
    """Ignore keys that a token brings or names

    Why: a token that says which key to check it with is always right; and a URL in it makes the API send requests.
    Fix: look keys up in the configured set by `kid` alone, as text, and never fetch `jku` or `x5u` of a token.
    Probe: tokens signed with a fresh key bring it as `jwk`, name a listener of the harness as `jku` and `x5u`, or have
        a `kid` that leaves the directory of keys. Where tokens can be signed, an unknown extension is marked critical.
    """
    under_test = jwt_of(client, profile, make_resource)
    key = RSAKey.generate_key(2048, {"kid": "harness-7c1d"})
    public = key.as_dict(private=False)
    refused(under_test, brought(under_test, key, public))
    address = under_test.how.listener or (LOOPBACK if target.loopback else None)
    if address is None:
        evidence("jku and x5u were not tried: the target may not reach this machine (`listener` in [jwt])")
    else:
        fetched(under_test, key, public, address)
    sign = signer(client, under_test.how)
    if sign is not None:
        claims = current(under_test.token.claims, int(time.time()))
        header = {**under_test.token.header, "crit": ["x-harness-7c1d"], "x-harness-7c1d": True}
        critical = resigned(under_test.sign, header, claims)
        if critical is not None:
            refused(under_test, [Forged("an unknown extension in crit", critical)], impact=MAJOR)


def resigned(sign, header, claims):
    """A token with a header that a library may refuse to sign; None then."""
    try:
        return sign(header, claims)
    except Exception:
        return None


def brought(under_test, key, public):
    """Tokens that bring a key, or whose `kid` finds none."""
    claims = current(under_test.token.claims, int(time.time()))
    usual = {**under_test.token.header, "alg": "RS256", "kid": "harness-7c1d"}
    yield Forged("its own public key as jwk", signed(key, {**usual, "jwk": public}, claims))
    yield Forged("an unknown kid and a key of its own", signed(key, usual, claims))
    for kid, secret in (
        ("../" * 12 + "dev/null", b""),
        ("/dev/null", b""),
        ("../" * 12 + "proc/sys/kernel/randomize_va_space", b"2\n"),
        ("x' UNION SELECT '7c1d' -- ", b"7c1d"),
    ):
        yield Forged(
            f"kid {kid!r} and the key that this would find",
            hmac_signed({**under_test.token.header, "kid": kid}, claims, secret),
        )


def signed(key, header, claims):
    from joserfc import jwt
    from joserfc.jws import JWSRegistry

    registry = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    return jwt.encode(header, dict(claims), key, registry=registry)


def fetched(under_test, key, public, address):
    """Break the rule by a key that the target fetches from where a token says."""
    claims = current(under_test.token.claims, int(time.time()))
    pages = {"/keys.json": json.dumps({"keys": [public]}).encode(), "/key.pem": key.as_pem(private=False)}
    usual = {**under_test.token.header, "alg": "RS256", "kid": "harness-7c1d"}
    with listening_at(pages, address) as listener:
        for name, path in (("jku", "/keys.json"), ("x5u", "/key.pem")):
            token = signed(key, {**usual, name: listener.url + path}, claims)
            refused(under_test, [Forged(f"a {name} of the harness and its key", token)])
        expect(
            not listener.seen,
            "no request to where a token says",
            f"the target requested {', '.join(listener.seen)} from the listener that jku or x5u named",
            impact=MAJOR,
        )


@rule(
    "AUTH-018",
    SHOULD,
    refs=["RFC 9068 section 2.1", "RFC 9068 section 4", "RFC 8725 section 3.11"],
    effect=READ,
    rougher=WRITE,
    impact=MAJOR,
)
def test_other_tokens_are_no_access_tokens(client, profile, make_resource):
    """Refuse ID tokens and other tokens of the issuer as access tokens

    Why: an ID token goes to the browser and to every log-in page; it must not open the API as well.
    Fix: require the type `at+jwt`, and the API's own audience.
    """
    under_test = jwt_of(client, profile, make_resource)
    if not under_test.how.access_tokens:
        not_applicable(
            "the issuer is not declared to follow RFC 9068: set `access_tokens = true` in [jwt] if it does"
        )
    applies(signer(client, under_test.how) is not None, NO_SIGNER)
    sign = under_test.sign
    claims = current(under_test.token.claims, int(time.time()))
    header = {**under_test.token.header, "typ": "JWT"}
    refused(
        under_test,
        [
            Forged("the type JWT", sign(header, claims)),
            Forged(
                "the type JWT and the client as audience, as an ID token",
                sign(header, {**claims, "aud": claims.get("client_id", "client-7c1d"), "nonce": "7c1d"}),
            ),
            Forged("the type logout+jwt", sign({**header, "typ": "logout+jwt"}, claims)),
        ],
    )


@rule("AUTH-021", MUST, refs=["RFC 8725 section 3.5", "RFC 7518 section 3"], impact=CRITICAL)
def test_keys_of_tokens_cannot_be_guessed(client, profile, target):
    """Sign tokens with keys that nobody can guess or compute

    Why: who finds the key of one token signs tokens for everybody, the administrator included, and no log shows it.
    Fix: take at least 256 random bits for HS256 (`openssl rand -base64 32`), RSA keys of 2048 bits or more, and start
        no server whose key is that of a template.
    Probe: the signature of each credential that is a JWT is computed with some thousand published and usual keys, and
        with names that the token and the host have; nothing is sent. Of tokens that are signed with a private key, the
        published keys are measured.
    """
    tokens = tokens_of(client)
    if profile.jwt is not None and profile.jwt.credential not in tokens:
        inconclusive(no_jwt(client, profile.jwt))
    applies(tokens, "a credential is a JSON Web Token")
    for name, token in tokens.items():
        key = guessed(token, urlsplit(target.url).hostname or "")
        expect(
            key is None,
            "a key of random bits that is published nowhere",
            f"the token of the credential {name!r} is signed with {token.header['alg']} and the key {key!r}, which is "
            "easy to guess: whoever does can sign a token for any client",
        )
    symmetric = [name for name, token in tokens.items() if not token.asymmetric]
    signed = [token for token in tokens.values() if token.asymmetric]
    if signed:
        found = public_keys(client, profile.jwt or Jwt(), signed[0])
        applies(found.keys or symmetric, found.needed)
        short = short_keys(found.keys)
        expect(not short, "RSA keys of 2048 bits or more", "; ".join(short), impact=MAJOR)
        check_key(found, signed[0])
    evidence(f"credentials that are JWTs: {', '.join(tokens)}; none has a key that is easy to guess")
