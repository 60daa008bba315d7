"""SEC: session cookies, and writes that other pages forge with them (RFC 6265bis)."""

from __future__ import annotations

from harness import CRITICAL, MAJOR, MINOR, READ, SHOULD, WRITE, applies, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.http.foreign import FOREIGN

from .cookies import faults, identifies, prefix_faults, set_by
from .forged import Page, carried, kept_by_login, named, session_of


@rule(
    "SEC-009",
    SHOULD,
    refs=["RFC 6265bis section 4.1.2", "OWASP Cross-Site Request Forgery Prevention"],
    effect=READ,
    rougher=WRITE,
)
def test_sessions_are_out_of_reach_of_other_pages(client, survey, profile, target, make_resource):
    """Protect session cookies, and refuse writes that other pages forge with them

    Why: the browser sends the cookie with each request, also with one that a foreign page makes; and scripts, or
        whoever listens on the network, read a cookie that is not protected.
    Fix: set Secure, HttpOnly and SameSite; begin a new session at each login; for unsafe methods check Origin (or
        Sec-Fetch-Site), or ask for a token that only your pages have. Refuse JSON that is labelled text/plain.
    Probe: cookies that responses set are judged. With the cookie of the declared login, or of the run's credential, a
        valid create is sent as a foreign page can send it: from another origin or from `null`, as text/plain or as a
        form, without further fields. The login is repeated with a cookie from before it, which must open nothing then.
    Advice: a cookie that nobody logs in with, and a forged write with a cookie that SameSite keeps from other sites.
    """
    writes = target.limits.effects >= WRITE
    session = session_of(client, profile) if writes else carried(client)
    declared = profile.cookie.names if profile.cookie is not None else []
    seen = [one for one in set_by(survey.exchanges) if identifies(one.name, declared) and not one.removes]
    own = named(session, profile) if session is not None else []
    applies(
        session is not None or seen,
        "a response sets a session cookie, or the run has one: declare the login in [cookie] of the profile",
    )
    tried = forge(session, own, profile, make_resource) if session is not None and writes else []
    if own and profile.cookie is not None and profile.cookie.login is not None and writes:
        tried += fixed(client, profile.cookie.login, own, profile, make_resource)
    unprotected(own, MAJOR)
    unprotected(seen, MAJOR if declared else MINOR)
    if not (tried or own or seen):
        inconclusive(
            "no response was seen that sets the cookie, and no write was forged: that takes --effects write, and a "
            "collection that asks for the cookie"
        )
    evidence("; ".join([*(tried or ["no write was forged"]), *(shown(one) for one in [*own, *seen][:3])]))


def shown(cookie):
    attributes = "; ".join(f"{name}={value}" if value else name for name, value in cookie.attributes.items())
    return f"{cookie.exchange.summary()}: cookie {cookie.name} ({attributes or 'no attributes'})"


def unprotected(cookies, impact):
    """Break the rule by a session cookie that browsers, scripts or the network are free to use."""
    for one in cookies:
        found = faults(one, secure=one.exchange.url.startswith("https:"))
        rejected = bool(prefix_faults(one))
        expect(
            not found,
            "a session cookie with HttpOnly and SameSite, and Secure over TLS",
            f"{shown(one)}: {'; '.join(found)}",
            impact=MAJOR if rejected else impact,
        )


def forge(session, own, profile, make_resource):
    """Break the rule by a forged write that takes effect; returns what was tried."""
    for known in profile.resources:
        resource = make_resource(known.name)
        if not (resource.may_create and resource.known.body is not None and resource.can("list")):
            continue
        page = Page(resource, session)
        if not page.matters():
            continue
        control = page.creates()
        if not control.is_success:
            return [f"writes need more than the cookie: {exchange_of(control).summary()} from the own origin"]
        impact = weight(own)
        tried = []
        for reply in page.forged():
            media = exchange_of(reply).request_field("content-type") or "no Content-Type"
            origin = exchange_of(reply).request_field("origin")
            text = f"{exchange_of(reply).summary()} with the cookie, Origin: {origin}, {media}"
            expect(
                not page.took(reply), "no effect of a forged create", f"{text}: it is created", impact=impact
            )
            tried.append(text)
        if (acted := page.acts()) is not None:
            text = f"{exchange_of(acted[0]).summary()} with the cookie, Origin: {FOREIGN}, no content"
            expect(not acted[1], "no effect of a forged action", f"{text}: {acted[1]}", impact=impact)
            tried.append(text)
        return tried
    return []


def fixed(client, path, own, profile, make_resource):
    """Break the rule by a login that keeps the session which the browser had before; returns what was tried."""
    for known in profile.resources:
        resource = make_resource(known.name)
        if not resource.can("list") or client.under(None).get(resource.url).is_success:
            continue
        for cookie in own[:2]:
            kept = kept_by_login(client, path, cookie.name, resource.url)
            if kept is not None:
                before, login, after = (exchange_of(one).summary() for one in kept)
                expect(
                    False,
                    "a new session at each login",
                    f"{before} with a cookie {cookie.name} from before the login, {login} with it, then {after} with "
                    "the same cookie: whoever has planted it is logged in, too",
                    impact=MAJOR,
                )
        return [f"{path} gives a new session"]
    return []


def weight(own):
    """How much a forged write hurts: SameSite keeps the cookie from other sites, where browsers honour it."""
    if not own:
        return MAJOR
    kept = all(one.same_site in ("lax", "strict") for one in own)
    return MINOR if kept else CRITICAL
