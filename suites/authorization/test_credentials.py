"""AUTH: requests without valid credentials, and how they are refused (RFC 9110 section 11, RFC 6750)."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MAJOR,
    MINOR,
    MUST,
    READ,
    SHOULD,
    WRITE,
    applies,
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
from harness.client.eventually import eventually
from harness.client.invalid_credentials import NOBODY, Variant, carried, send, variants
from harness.http.intermediary import errors, from_edge
from harness.resource.canary import creates, distinctive, leaked
from harness.survey.secured import secured

from .attempts import attempts
from .challenges import INVALID_TOKEN, bearer, faults, misused
from .credentials import reads, wrong_refusal
from .low_rights import take_away
from .principals import said, value_of

RFC_6750 = "RFC 6750"


def held(resource):
    """The credential of the resource.

    Raises:
        NotApplicable: its requests carry none.
    """
    client = resource.client
    applies(
        client.credential in client.target.credentials,
        "a credential is configured: give one with --header, or in [credentials.default]",
    )
    return client.recorder.wallet.carried(client.credential)


def secret_texts(resource, url):
    """What a response to the valid credential shows."""
    reply = resource.client.get(url)
    control(reply.is_success, f"the valid credential should read: {exchange_of(reply).summary()}")
    return distinctive(value_of(reply))


def open_by_design(resource, survey, url):
    """Whether a GET is served without credentials, and nothing says that it should not be."""
    reply = resource.client.under(None).apart().get(url)
    return reply.is_success and not secured(survey, resource.client, "GET", url)


@rule(
    "AUTH-001",
    SHOULD,
    refs=["RFC 9110 section 11.4", "OpenAPI Security Requirement Object", "OWASP API2:2023"],
    needs="read",
    effect=READ,
    rougher=WRITE,
    impact=MAJOR,
    light=True,
)
def test_protected_operations_need_valid_credentials(resource, survey, client, profile):
    """Refuse requests without valid credentials, with 401

    Why: one operation that forgot the check gives everybody's data away. A status other than 401 keeps clients from
        asking for a new token.
    Fix: check credentials in one place, before any handler, and let handlers opt out instead of in.
    Advice: 403 where no credential was sent, if one that is not valid gets 401; 403 for a cookie, or for a key in a
        field of the API's own, which no client can renew.
    Probe: what the valid credential may do is repeated without credentials, with an empty and a made-up one, with
        another scheme, and with part of the valid one. The OpenAPI document, or a refusal, shows what is protected.
    """
    credential = held(resource)
    # STAT-001 judges what a connection remembers.
    client = client.apart()
    urls = reads(resource)
    control(urls, "the valid credential should read the collection or an item")
    protected, wrong = [], []
    for url in urls:
        if open_by_design(resource, survey, url):
            continue
        protected.append(url)
        texts = secret_texts(resource, url)
        for variant in variants(credential):
            reply = send(client, variant, "GET", url)
            if reply.is_success:
                accepted(reply, variant, texts, declared=secured(survey, client, "GET", url))
            elif (fault := wrong_refusal(reply, survey, sent=variant.name != NOBODY)) is not None:
                wrong.append((variant.name, fault))
        headed(client, url)
    tried = unsafe(resource, client, credential, profile, survey, bool(protected)) if creates(resource) else 0
    if not protected and not tried:
        not_applicable(
            f"{resource.name} is read without credentials ({said_without(resource, urls[0])}), and no OpenAPI document "
            "requires any"
        )
    names = {fault: [name for name, one in wrong if one == fault] for _, fault in wrong}
    shown = "; ".join(f"{fault} with {', '.join(some)}" for fault, some in names.items())
    # A client whose token has expired waits for 401; one that sends no token knows that. A key is not renewed, and a
    # cookie is by a new login, whatever the refusal.
    token = (found := carried(credential)) is not None and found[0].lower() == "authorization"
    renewed = token and any("made-up" in name or "last characters" in name for name, _ in wrong)
    expect(not wrong, "401 for requests without valid credentials", shown, impact=MAJOR if renewed else MINOR)


def headed(client, url):
    """Break the rule by a HEAD that is answered without credentials, where GET is refused."""
    nobody = client.under(None)
    reply = nobody.head(url)
    if not reply.is_success:
        return
    plain = nobody.get(url)
    expect(
        not 400 <= plain.status_code < 500,
        "401 for a HEAD without credentials",
        f"{exchange_of(reply).summary()}, and {exchange_of(plain).summary()}: the fields tell what is there",
        impact=MAJOR,
    )


def said_without(resource, url):
    return exchange_of(resource.client.under(None).get(url)).summary()


def accepted(reply, variant, texts, *, declared):
    """Break the rule by a response to a request without valid credentials, if it shows anything."""
    if not distinctive_of(reply):
        note(f"{exchange_of(reply).summary()} with {variant.name}: it shows nothing")
        return
    shown = next((text for text in sorted(texts) if leaked(reply.text, {text})), None)
    expect(
        False,
        "401 for a request without valid credentials",
        f"{exchange_of(reply).summary()} with {variant.name}"
        + (f", which shows {shown!r}, as with the valid one" if shown else ", with content"),
        level=MUST if declared else SHOULD,
        impact=CRITICAL if shown else MAJOR,
    )


def distinctive_of(reply):
    try:
        return reply.json()
    except ValueError:
        return reply.text.strip()


def unsafe(resource, client, credential, profile, survey, protected):
    """Break the rule by an unsafe request without valid credentials that takes effect on an own item.

    Returns:
        How many were tried: where everybody reads, only those for which the document requires a credential.
    """
    item = resource.create()
    item.prove()
    last, tried = list(variants(credential)), 0
    for attempt in attempts(item, survey.promises.actions):
        if not protected and not secured(survey, client, attempt.method, item.url):
            continue
        tried += 1
        # What is refused without any credential is tried with a made-up one; a DELETE that works is the end.
        for variant in (last[0], *(one for one in last if "made-up" in one.name)):
            reply = attempt.send(Without(client, variant))
            window = profile.consistency_window if reply.is_success else 0.0
            took = eventually(lambda attempt=attempt: attempt.took(item.get()), window)
            expect(
                not took,
                "401, and nothing changed, for a request without valid credentials",
                f"{exchange_of(reply).summary()} with {variant.name} {attempt.did} item {item.id}",
                level=MUST,
                impact=CRITICAL,
            )
    return tried


class Without:
    """A client that sends no valid credentials."""

    def __init__(self, client, variant):
        self.client, self.variant = client.under(None), variant

    def request(self, method, url, *, headers=None, **options):
        return self.client.request(method, url, headers={**(headers or {}), **self.variant.fields}, **options)

    def delete(self, url, **options):
        return self.request("DELETE", url, **options)


@rule(
    "AUTH-002",
    MUST,
    refs=[
        "RFC 9110 section 15.5.2",
        "RFC 9110 section 11.6.1",
        "RFC 9110 section 11.2",
        "RFC 9110 section 11.5",
    ],
    impact=MINOR,
)
def test_401_carries_a_challenge(survey, client, profile):
    """Send a well-formed WWW-Authenticate with every 401

    Why: the challenge tells clients and libraries which credential is wanted; without it a 401 cannot be answered.
    Fix: add WWW-Authenticate where the 401 is made, such as `WWW-Authenticate: Bearer realm="orders"`.
    Advice: most clients know from the documentation which credential is wanted, and act on the status alone.
    """
    seen = [*survey.exchanges, *provoked(client, profile)]
    refused = [one for one in errors(seen, client.target.url).own if one.status == 401]
    applies(refused, "a request was answered 401 by the API")
    for exchange in refused:
        found = faults(exchange.field("www-authenticate"))
        expect(
            not found,
            "WWW-Authenticate with at least one well-formed challenge",
            f"{exchange.summary()}: {'; '.join(found)}",
        )


def provoked(client, profile):
    """Exchanges with requests without credentials, and with one that is not valid, to each collection."""
    found = []
    wrong = [Variant(NOBODY, {}), Variant("a token", {"Authorization": "Bearer made-up-7c1d"})]
    credential = client.recorder.wallet.carried(client.credential)
    if credential.cookies:
        wrong += [one for one in variants(credential) if "made-up" in one.name]
    for known in profile.resources[:3]:
        for variant in wrong:
            if known.missing("list") is None:
                found.append(exchange_of(send(client, variant, "GET", known.collection)))
    return found


@rule(
    "AUTH-003",
    MUST,
    refs=[f"{RFC_6750} section 3", f"{RFC_6750} section 3.1"],
    impact=MINOR,
)
def test_bearer_challenges_follow_rfc_6750(survey, client, profile):
    """Use Bearer challenges and error codes as RFC 6750 defines them

    Why: OAuth clients decide by `error` whether to renew the token, to ask for more scope, or to give up.
    Fix: send `Bearer realm="..."` without a token, and `error="invalid_token"` for one that is not valid.
    Advice: most clients renew their token on 401, whatever the challenge says.
    """
    credential = client.recorder.wallet.carried(client.credential)
    found = carried(credential)
    usual = found is not None and found[1].strip().lower() == "bearer"
    seen = [one for one in (*survey.exchanges, *provoked(client, profile)) if one.status in (401, 403)]
    challenged = [(one, bearer(one.field("www-authenticate"))) for one in errors(seen, client.target.url).own]
    challenged = [(one, challenge) for one, challenge in challenged if challenge is not None]
    applies(usual or challenged, "a credential is a bearer token, or a response has a Bearer challenge")
    applies(challenged, "a refusal has a Bearer challenge (AUTH-002 judges those without any)")
    for exchange, challenge in challenged:
        expect(
            challenge.parameters,
            "a Bearer challenge with one parameter or more",
            f"{exchange.summary()}: WWW-Authenticate: {exchange.field('www-authenticate')}",
        )
        sent = exchange.request_field("authorization") is not None
        fault = misused(challenge, exchange.status, sent=sent)
        if fault is not None:
            warn("error codes as RFC 6750 section 3.1 defines them", f"{exchange.summary()}: {fault}")
        elif sent and exchange.status == 401 and challenge.value("error") is None and usual:
            warn(
                f'error="{INVALID_TOKEN}" for a token that is not valid',
                f"{exchange.summary()}: WWW-Authenticate: {exchange.field('www-authenticate')}",
                impact=MINOR,
            )


@rule(
    "AUTH-004",
    SHOULD,
    refs=["RFC 9110 section 11.4", "RFC 9110 section 15.5.4"],
    needs="create read",
    effect=WRITE,
    impact=MINOR,
)
def test_missing_rights_are_403(resource, target):
    """Answer valid credentials without the right for a request with 403, or 404 to hide

    Why: on 401 a client discards its token and logs in again, for nothing and without end.
    Fix: keep authentication (401) and authorisation (403) apart.
    Probe: the credential `readonly` reads, and then creates; the requests are valid.
    Advice: the request is refused all the same.
    """
    applies(
        "readonly" in target.credentials,
        "a credential with fewer rights is named: add one in [credentials.readonly]",
    )
    low = resource.under("readonly")
    reading = low.client.get(resource.url)
    if reading.status_code == 401:
        inconclusive(f"credentials.readonly: it is not accepted: {exchange_of(reading).summary()}")
    item = resource.create()
    reply = low.post()
    take_away(resource, reply)
    summary = f"readonly: {exchange_of(reply).summary()}; {said('default', item.created)}"
    if reply.is_success:
        inconclusive(f"the credential readonly may create (see AUTH-013): {summary}")
    edge = from_edge(exchange_of(reply), [])
    if edge:
        inconclusive(f"an intermediary seems to have answered: {summary} ({edge})")
    expect(reply.status_code in (403, 404), "403 or 404 for a client that lacks the right", summary)


@rule(
    "AUTH-010",
    SHOULD,
    refs=[f"{RFC_6750} section 2.3", "OWASP API2:2023"],
    needs="list",
    impact=MAJOR,
)
def test_credentials_do_not_travel_in_urls(resource, survey, client):
    """Neither accept nor emit credentials in URLs

    Why: URLs end up in logs, histories and Referer fields, and so do the credentials in them.
    Fix: read tokens from Authorization only, and give out signed links of limited use instead of live tokens.
    Advice: a parameter that the OpenAPI document has for that is a decision of the API's author, for clients that
        cannot send fields.
    """
    credential = held(resource)
    found = carried(credential)
    names = set(client.recorder.redactor.names.values())
    for exchange in survey.exchanges:
        for name in ("location", "link", "content-location"):
            value = exchange.field(name) or ""
            live = [one for one in sorted(names) if f"${one}" in value]
            expect(not live, "no live credential in a URL", f"{exchange.summary()}: {name}: {value}")
    if found is None and credential.cookies:
        not_applicable("the credential is a cookie: no client sends it in a URL")
    if found is None:
        not_applicable("the credential is not a header field, so that it cannot be moved into a URL")
    bare = resource.client.under(None).get(resource.url)
    if bare.is_success:
        evidence(f"not tried: {resource.name} is read without credentials")
        return
    documented = {one.name for one in survey.promises.queries} | set(survey.promises.query_credentials)
    accepted_in, documented_in = [], []
    for name in ("access_token", "token") if found[1] else ("api_key", "apikey", found[0]):
        reply = resource.client.under(None).get(resource.url, params={name: found[2]})
        if reply.is_success:
            kept = documented_in if name in documented else accepted_in
            kept.append(f"{exchange_of(reply).summary()} with the token in `{name}`")
    for some, impact in ((accepted_in, MAJOR), (documented_in, MINOR)):
        expect(
            not some,
            "401 for a credential in the query",
            f"{'; '.join(some)}; without it: {exchange_of(bare).summary()}",
            impact=impact,
        )
