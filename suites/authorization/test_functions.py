"""AUTH: functions beyond a client's rights, revoked credentials, and other spellings of paths."""

from __future__ import annotations

import uuid

from harness import (
    CRITICAL,
    MAJOR,
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
)
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.client.kept_connection import KeptConnection
from harness.http.content import MISSING, at, json_of
from harness.resource.canary import victim_of
from harness.rules.causes import PARAMETER_NAMES_OWNER
from harness.rules.checks import NotApplicable, Undecided

from .attempts import refused_for_itself
from .equivalents import detours
from .judge import REFUSALS
from .low_rights import READER, unequal
from .principals import NO_OTHER, Clients, identity, owners_of, said
from .scopes import claiming
from .tokens import lifetime, parse

MOST_RESOURCES = 2
"""Resources of which each method is tried with fewer rights."""
USUAL_LIFETIME = 3600
OVERRIDES = ("X-User-Id", "X-User", "X-Tenant-Id", "X-Tenant", "X-Account-Id", "X-Org-Id", "X-Forwarded-User")
PARAMETERS = ("user_id", "user", "tenant_id", "tenant", "owner", "owner_id", "account_id")


@rule("AUTH-009", SHOULD, refs=["RFC 7009 section 2", "OWASP API2:2023"], effect=WRITE, impact=MAJOR)
def test_revoked_credentials_are_refused(client, profile, make_resource, target):
    """Refuse credentials that were revoked

    Why: who logs out on a lost phone, or leaves the company, expects that the token ends with that.
    Fix: keep tokens short-lived, and check a list of revoked ones, or sessions, with each request.
    Probe: the request of `revoke` in the profile obtains a token; it is used, revoked, and used again.
    """
    how = profile.revoke
    if how is None:
        not_applicable(
            "it is not declared how a credential is obtained and revoked: add [revoke] to the profile"
        )
    resource = protected(profile, make_resource)
    made_up = client.under(None).get(resource.url, headers={"Authorization": "Bearer made-up-7c1d"})
    control(
        not made_up.is_success,
        f"a made-up token should be refused (see AUTH-001): {exchange_of(made_up).summary()}",
    )
    body = target.private.get("login_body", "{}")
    client.may_change("POST", how.login)
    client.may_change(how.method, how.path)
    reply = client.under(None).post(how.login, content=body, headers={"Content-Type": "application/json"})
    token = at(json_of(reply), how.token)
    control(
        reply.is_success and isinstance(token, str),
        f"the login should give a token: {exchange_of(reply).summary()}",
    )
    client.recorder.redactor.learn("SESSION_TOKEN", token)
    fields = {"Authorization": f"Bearer {token}"}

    def use():
        return client.under(None).get(resource.url, headers=fields)

    first = use()
    control(first.is_success, f"the fresh token should be accepted: {exchange_of(first).summary()}")
    ended = client.under(None).request(how.method, how.path, headers=fields)
    control(ended.is_success, f"the revocation should succeed: {exchange_of(ended).summary()}")
    refused = eventually(lambda: not use().is_success, how.lag)
    claims = parse(token)
    seconds = lifetime(claims.claims) if claims is not None else None
    left = f"; its claims end it {seconds:.0f} s after its issue" if seconds is not None else ""
    expect(
        refused,
        "401 for a token that was revoked",
        f"{exchange_of(ended).summary()}, and then {exchange_of(use()).summary()} with the same token{left}",
    )
    if seconds is not None and seconds > USUAL_LIFETIME:
        note(f"access tokens are valid for {seconds / 3600:.0f} hours; an hour or less is usual")


def protected(profile, make_resource):
    """A resource whose list is refused without credentials.

    Raises:
        NotApplicable: there is none.
    """
    for known in profile.resources:
        resource = make_resource(known.name)
        if not resource.can("list") or not resource.client.get(resource.url).is_success:
            continue
        if not resource.client.under(None).get(resource.url).is_success:
            return resource
    raise NotApplicable("does not apply: no list is refused without credentials")


@rule(
    "AUTH-013",
    MUST,
    refs=["OWASP API5:2023", "RFC 9110 section 15.5.4"],
    effect=READ,
    rougher=WRITE,
    impact=CRITICAL,
)
def test_privileged_functions_are_out_of_reach(client, profile, target, make_resource):
    """Deny privileged functions to ordinary clients, and let no parameter change who they are

    Why: an administrator's function that only the user interface hides is open to everybody.
    Fix: check the role on the server with each function, and take user and tenant from the credential alone.
    Probe: the declared `admin_operations` as a client with fewer rights, also in other spellings of the path and with a
        field that overrides the method; each method on an item of the run as `readonly`, where its creates are refused;
        and as client B, fields and parameters that name client A, on an item of client A.
    """
    low = next((name for name in ("readonly", "other") if name in target.credentials), None)
    if low is None:
        not_applicable(NO_OTHER)
    tried = [
        one
        for operation in profile.admin_operations
        if (one := operate(operation, low, client, make_resource))
    ]
    tried += writes(profile, target, make_resource)
    overridden = override(client, profile, make_resource)
    if not tried and overridden is None:
        not_applicable(
            "no privileged function is declared, and nothing shows what the API calls each client: add "
            "[[admin_operations]] or [identities] to the profile"
        )
    evidence("; ".join([*tried, *([overridden] if overridden else [])]))


def writes(profile, target, make_resource):
    """Break the rule by a method that `readonly` may use although it may not create; returns what was seen."""
    if READER not in target.credentials or target.limits.effects < WRITE:
        return []
    seen = []
    for known in profile.resources:
        try:
            found = unequal(make_resource(known.name), profile)
        except (NotApplicable, Undecided):
            continue
        expected = "403 for every method that changes something"
        expect(found.changed is None, expected, found.changed)
        # A client may be meant to add, and no more.
        expect(found.created is None, expected, found.created, level=SHOULD, impact=MAJOR)
        seen += [found.refused] if found.refused is not None else []
        if len(seen) == MOST_RESOURCES:
            break
    return seen


def operate(operation, low, client, make_resource):
    """Try one privileged function as a client with fewer rights; returns what was seen, None if it was not tried."""
    if operation.method != "GET" and client.target.limits.effects < WRITE:
        return None
    path = operation.path
    if operation.resource is not None:
        if client.target.limits.effects < WRITE:
            return None
        path = path.replace("{id}", make_resource(operation.resource).create().id)
    if operation.method != "GET":
        client.may_change(operation.method, path)
    reply = client.under(low).request(operation.method, path, json=operation.body)
    summary = f"{low}: {exchange_of(reply).summary()}"
    expect(not reply.is_success, "403 or 404 for a client without the right", summary)
    if operation.method == "GET" and not refused_for_itself(reply):
        spelt(client.under(low), low, client.url(path))
    if reply.status_code in (401, 403):
        if operation.method not in ("GET", "POST"):
            overriding(operation, path, client.under(low), low)
        return summary
    if operation.method == "GET" and "admin" in client.target.credentials:
        proof = client.under("admin").get(path)
        control(proof.is_success, f"the function should work for admin: {exchange_of(proof).summary()}")
        return f"{summary}; admin: {exchange_of(proof).summary()}"
    inconclusive(f"{summary}: whether the function exists is not known (name the credential `admin`)")
    return None


def overriding(operation, path, stranger, low):
    """Break the rule where a refused method is performed when a field of a POST names it."""
    stranger.may_change("POST", path)
    field = {"X-HTTP-Method-Override": operation.method}
    reply = stranger.post(path, json=operation.body, headers=field)
    if reply.is_success:
        plain = stranger.post(path, json=operation.body)
        expect(
            plain.is_success,
            "403 or 404 for the function, however its method is written",
            f"{low}: {exchange_of(reply).summary()} with X-HTTP-Method-Override: {operation.method}; "
            f"{exchange_of(plain).summary()} without it; {operation.method} is refused",
        )


def spelt(stranger, low, url):
    """Break the rule where another spelling of a refused path is answered, and an unknown path so spelt is not."""
    base = stranger.target.url or stranger.target.origin
    pairs = list(zip(detours(url, base), detours(f"{url}-{uuid.uuid4().hex[:8]}", base), strict=True))
    with KeptConnection(stranger) as wire:
        seen = [[asked(wire, one) for one in pair] for pair in pairs]
    for (detour, _), answers in zip(pairs, seen, strict=True):
        if None in answers:
            continue
        (exchange, reply), (other, _) = answers
        shows = exchange.status == 200 and json_of(reply) is not MISSING
        expect(
            not shows or other.status == 200,
            "403 or 404 for every spelling of the path",
            f"{low}: {exchange.summary()} ({detour.name}); {other.summary()}",
        )


def asked(wire, detour):
    """The exchange and the response of a request in another spelling; None where it is not answered."""
    try:
        return wire.get(detour.url, detour.fields)
    except Undecided:
        return None


def override(client, profile, make_resource):
    """Name client A in fields and parameters of client B's requests; returns what was seen, None if not tried."""
    if "other" not in client.target.credentials:
        return None
    for known in profile.resources:
        resource = make_resource(known.name)
        try:
            clients = Clients(resource)
            if not resource.can("read") or clients.asked.item is not False:
                continue
            victim = clients.victim
            name, members = identity(client, profile), owners_of(clients)
        except (NotApplicable, Undecided):
            continue
        fields, query = (claiming(one, members, name) for one in (OVERRIDES, PARAMETERS))
        if not fields:
            continue
        urls = [victim.url, *([resource.url] if resource.can("list") else [])]
        for url in urls:
            if victim.shown_by(clients.b.client.get(url)) is not None:
                continue
            for kind, options in (("fields", {"headers": fields}), ("parameters", {"params": query})):
                reply = clients.b.client.get(url, **options)
                canary = victim.shown_by(reply)
                expect(
                    canary is None,
                    "client B to stay client B, whatever a field or parameter says",
                    f"client B read {victim.named} with {kind} that name client A ({claimed(options)}): "
                    f"{said('B', reply)} shows {canary!r}; without them it is refused",
                    cause=PARAMETER_NAMES_OWNER if kind == "parameters" else "",
                )
        return f"fields and parameters that name client A show client B nothing of {resource.name}"
    return None


def claimed(options):
    """Names and values of the fields or parameters, as a text."""
    return ", ".join(f"{name}: {value}" for one in options.values() for name, value in one.items())


@rule(
    "AUTH-020",
    MUST,
    refs=["OWASP API5:2023", "RFC 3986 section 6.2.2"],
    needs="read",
    effect=READ,
    rougher=WRITE,
    impact=CRITICAL,
)
def test_equivalent_paths_are_protected_alike(resource, target):
    """Protect every spelling of a path, and ignore fields that override it

    Why: a gateway that protects `/orders` and a server that also answers `/orders/` or `/%6frders` leave a way around.
    Fix: decide on the route that serves the request, after the path was normalised, and drop X-Original-URL.
    Probe: a protected item is requested without credentials, and as client B, in other spellings on a raw connection.
    """
    client = resource.client
    applies(client.credential in target.credentials, "a credential is configured: give one with --header")
    victim = victim_of(resource)
    bare = client.under(None).get(victim.url)
    applies(
        victim.shown_by(bare) is None,
        f"the item is not read without credentials: {exchange_of(bare).summary()}",
    )
    control(
        bare.status_code in (400, *REFUSALS), f"it should be refused without: {exchange_of(bare).summary()}"
    )
    strangers = [("no credentials", client.under(None))]
    if "other" in target.credentials and client.credential != "other":
        other = client.under("other")
        if victim.shown_by(other.get(victim.url)) is None:
            strangers.append(("client B", other))
    usual = said("A", client.get(victim.url))
    for who, stranger in strangers:
        spellings = list(detours(victim.url, target.url or target.origin))
        with KeptConnection(stranger) as wire:
            answers = [asked(wire, one) for one in spellings]
        for detour, answer in zip(spellings, answers, strict=True):
            if answer is None:
                continue
            exchange, reply = answer
            canary = victim.shown_by(reply)
            expect(
                canary is None,
                "no other spelling that shows what is protected",
                f"{who}: {exchange.summary()} ({detour.name}) shows {canary!r}; {usual}; "
                f"{exchange_of(bare).summary()} without credentials",
            )
    if victim.item is not None:
        override_method(victim, strangers)


def override_method(victim, strangers):
    """Break the rule by a DELETE in a field that overrides the method of a POST."""
    victim.item.prove()
    for who, stranger in strangers:
        reply = stranger.post(victim.url, headers={"X-HTTP-Method-Override": "DELETE"})
        seen = victim.item.get()
        expect(
            seen.is_success,
            "client A's item as it was",
            f"{who}: {exchange_of(reply).summary()} with X-HTTP-Method-Override: DELETE removed it; {said('A', seen)}",
        )
