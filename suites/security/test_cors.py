"""SEC: which pages may read responses and send requests (Fetch, CORS)."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MAJOR,
    MINOR,
    MUST,
    READ,
    SHOULD,
    WRITE,
    advise,
    applies,
    evidence,
    expect,
    not_applicable,
    rule,
)
from harness.client.client import exchange_of
from harness.http.foreign import FOREIGN
from harness.http.intermediary import from_edge
from harness.rules.causes import ANY_ORIGIN, INEXACT_GRANT, NULL_ORIGIN
from harness.rules.verdict import Impact, Level

from .browsers import absent, asked, exposed, page, places, preflights, strangers
from .cors import (
    NULL,
    Seen,
    depends_on_origin,
    grade,
    hidden,
    ineffective,
    kept,
    lookalikes,
    shown,
    stored,
    unencrypted,
    without_vary,
)

FETCH = "Fetch Standard, CORS protocol"
UNDECLARED = "declare the origins of your pages in [cors] of the profile"


def declared(profile):
    """The declared origins; None where nothing is declared."""
    return None if profile.cors is None else profile.cors.allowed_origins


@rule(
    "SEC-005",
    SHOULD,
    refs=[FETCH, "OWASP API8:2023"],
    effect=READ,
    rougher=WRITE,
)
def test_cors_is_granted_to_allowed_origins_only(resource, profile, target):
    """Grant CORS to the allowed origins, and to no other

    Why: a page that users merely visit reads and changes data as if it were yours; and your own pages are locked out by
        a grant that is not exactly their origin.
    Fix: compare Origin with a list of whole origins; no prefix, suffix or pattern, and never `null`.
    Probe: GET and a preflight with each allowed origin, with one that nobody owns, with `null`, and with origins that
        resemble an allowed one. Without `[cors]` in the profile the API's own origin is used for those.
    """
    allowed = declared(profile)
    urls = list(places(resource))
    seen = strangers(resource, urls)
    if allowed is not None and "*" in allowed:
        served(resource, urls, [FOREIGN])
        return
    foreign = [one for one in seen if one.origin == FOREIGN and one.granted]
    if foreign and allowed is None:
        not_applicable(
            f"any origin is granted, which may be meant ({foreign[0]}): {UNDECLARED}; SEC-006 judges cookies"
        )
    expect(not foreign, "no grant to an origin that is not allowed", shown(foreign), cause=ANY_ORIGIN)
    null = [one for one in seen if one.origin == NULL and one.granted]
    expect(
        not null,
        "no grant to `null`",
        shown(null),
        cause=NULL_ORIGIN,
    )
    fixed = [value for one in seen if (value := one.value) not in (None, "*", NULL) and "://" in value]
    resembled(resource, allowed if allowed is not None else [*fixed[:1], target.origin], declared=allowed)
    if allowed is None:
        applies(fixed, f"a response grants CORS, or the profile says to whom: {UNDECLARED}")
    served(resource, urls, allowed or [])
    evidence(shown(seen))


def resembled(resource, origins, *, declared):
    """Break the rule by a grant to an origin that only resembles one of these."""
    for origin in list(dict.fromkeys(origins))[:2]:
        tried = lookalikes(origin)
        if declared and (plain := unencrypted(origin)) is not None and plain not in declared:
            tried[plain] = f"is {origin} without TLS"
        for other, careless in tried.items():
            if declared and other in declared:
                continue
            seen = page(resource.client, resource.url, other)
            expect(
                not seen.granted,
                "no grant to an origin that resembles an allowed one",
                f"{seen}; that origin {careless}",
                impact=CRITICAL if seen.with_credentials and other.startswith("https:") else MAJOR,
            )


def served(resource, urls, origins):
    """Break the rule by a declared origin that has no grant; says what was seen."""
    for origin in origins[:3]:
        for url in urls:
            seen = page(resource.client, url, origin)
            if not seen.succeeded:
                continue
            expect(
                seen.granted,
                f"Access-Control-Allow-Origin: {origin} for that allowed origin, exactly, or *",
                str(seen),
                cause="" if seen.value in (None, NULL) else INEXACT_GRANT,
            )
            evidence(str(seen))


@rule(
    "SEC-006",
    SHOULD,
    refs=["Fetch Standard, CORS protocol and credentials", "OWASP API8:2023"],
    effect=READ,
    rougher=WRITE,
)
def test_credentials_are_granted_to_no_unknown_origin(resource, profile, survey):
    """Grant no unknown origin CORS with credentials

    Why: any page that a user visits reads, with the user's cookies, all that the user may read.
    Fix: send Access-Control-Allow-Credentials only with an origin of your list; never reflect Origin unchecked.
    Advice: where clients send no credential, or a token in a field, browsers add nothing that a foreign page could use;
        and they ignore the combination with `*`.
    """
    urls = [*places(resource), *([missing] if (missing := absent(resource)) is not None else [])]
    seen = strangers(resource, urls)
    mine = [page(resource.client, resource.url, origin) for origin in (declared(profile) or [])[:1]]
    applies(any(one.value for one in [*seen, *mine]), f"a response grants CORS: {UNDECLARED}")
    impact = exposed(resource.client, profile, survey)
    for origin, cause in ((FOREIGN, ANY_ORIGIN), (NULL, NULL_ORIGIN)):
        broken = [one for one in seen if one.origin == origin and one.with_credentials]
        expect(
            not broken,
            f"no Access-Control-Allow-Credentials: true with the origin {origin}",
            shown(broken),
            impact=impact,
            cause=cause,
        )
    odd = [f"{one.exchange.summary()}: {why}" for one in [*seen, *mine] if (why := ineffective(one.exchange))]
    if odd:
        advise("Access-Control-Allow-Credentials: true, with an origin, or none at all", odd[0])
    evidence(shown([*mine, *(one for one in seen if one.value)]))


def usable(resource, profile):
    """An origin whose pages may use the resource, and whether it is declared; None for no origin."""
    allowed = declared(profile)
    if allowed:
        return (FOREIGN if "*" in allowed else allowed[0]), True
    seen = page(resource.client, resource.url, FOREIGN)
    return (FOREIGN, False) if allowed is None and seen.granted else (None, False)


@rule(
    "SEC-007",
    MUST,
    refs=["Fetch Standard, CORS-preflight fetch"],
    effect=READ,
    rougher=WRITE,
)
def test_preflights_succeed_without_credentials(resource, profile):
    """Answer preflights successfully and without credentials

    Why: the browser sends no request of your pages whose preflight fails, and shows the script only a network error.
    Fix: answer OPTIONS before authentication, and list all methods and fields that your pages send.
    Probe: for each operation of the resource the preflight that a browser sends, with the fields that the run's own
        requests need. Where `[cors]` declares no origin, the API must have granted CORS to any.
    Advice: where no origin is declared, or no method that changes something is allowed, this may be meant.
    """
    origin, sure = usable(resource, profile)
    applies(origin, f"pages of some origin may use {resource.name}: {UNDECLARED}")
    tried = [(one, asked(resource.client, url, one)) for url, one in preflights(resource, origin)]
    applies(tried, f"a request to {resource.name} needs a preflight")
    broken = [(one, answer, why) for one, answer in tried if (why := one.fault(answer)) is not None]
    unsafe = [one for one, _ in tried if one.method != "GET"]
    read_only = bool(unsafe) and all(one in [each for each, _, _ in broken] for one in unsafe)
    expected = "2xx, a grant, and the method and fields of the request"
    public = bool(broken) and not sure and open_to_all(resource)
    facts = {
        "declared": sure,
        "read_only": read_only,
        "public": public,
        "cookies": profile.cookie is not None,
    }
    graded = [(grade(one, answer, **facts), one, answer, why) for one, answer, why in broken]
    for (level, impact), one, answer, why in sorted(graded, key=lambda each: gravity(each[0])):
        text = f"{answer.summary()} for {one.method} with {', '.join(one.names) or 'no field'}: {why}"
        inexact = answer.field("access-control-allow-origin") not in (None, "*", NULL, origin)
        expect(False, expected, text, level=level, impact=impact, cause=INEXACT_GRANT if inexact else "")
    evidence("; ".join(f"{answer.summary()} for {one.method}" for one, answer in tried))


def gravity(graded):
    level, impact = graded
    return list(Level).index(level), list(Impact).index(impact)


def open_to_all(resource):
    return resource.client.under(None).get(resource.url).is_success


@rule(
    "SEC-008",
    SHOULD,
    refs=["Fetch Standard, CORS protocol and HTTP caches", "RFC 9110 section 12.5.5"],
    effect=READ,
    rougher=WRITE,
)
def test_vary_names_origin(resource, profile):
    """Send Vary: Origin where the grant depends on the origin

    Why: a cache gives the response to one page, or to none, to another page, which the browser then locks out.
    Fix: add Vary: Origin to every response, also to those without a grant; or always send the same grant.
    Advice: a response that no cache serves without asking reaches only its page.
    """
    allowed = [one for one in declared(profile) or [] if one != "*"][:2]
    broken, all_seen = [], []
    for url in places(resource):
        seen = [page(resource.client, url, origin) for origin in (None, FOREIGN, *allowed)]
        all_seen += seen
        if seen[0].succeeded and depends_on_origin(seen):
            broken += [one for one in without_vary(seen) if stored(one.exchange)]
    applies(any(one.value for one in all_seen), f"a response grants CORS: {UNDECLARED}")
    harmful = [one for one in broken if kept(one.exchange)]
    expect(
        not broken,
        "Vary: Origin in all responses for the URL",
        f"{shown(harmful or broken)}; Vary: {(harmful or broken or all_seen)[0].exchange.field('vary') or 'none'}",
        impact=MAJOR if harmful else MINOR,
    )
    evidence(shown(all_seen))


@rule(
    "SEC-013",
    SHOULD,
    refs=["Fetch Standard, CORS-safelisted response-header name"],
    effect=READ,
    rougher=WRITE,
)
def test_pages_read_the_fields_that_they_need(resource, profile):
    """Let pages read errors, and the fields that clients need

    Why: to a script, a field that is not exposed is not there: no next page, no version to write with, no quota; and
        an error without a grant is a network error without a status.
    Fix: add the grant in one place, errors included, and list ETag, Link, Location, Retry-After and the fields of your
        quota in Access-Control-Expose-Headers.
    Advice: where no origin is declared, pages may not be meant to need them.
    """
    origin, sure = usable(resource, profile)
    applies(origin, f"pages of some origin may use {resource.name}: {UNDECLARED}")
    urls = list(places(resource))
    seen = [page(resource.client, url, origin) for url in urls]
    if resource.may_create and resource.known.body is not None:
        seen.append(Seen(origin, exchange_of(resource.post(headers={"Origin": origin}))))
    applies(any(one.granted for one in seen), f"a response grants CORS to {origin} (SEC-005 judges that)")
    missing = absent(resource)
    errors = [page(resource.client, missing, origin)] if missing is not None else []
    errors += [page(resource.client.under(None), urls[0], origin)]
    impact = MAJOR if sure else MINOR
    silent = [one for one in errors if is_error(one.exchange, seen) and not one.granted]
    expect(not silent, "the same grant on errors", shown(silent), impact=impact)
    tagged = resource.can("etag") and (resource.can("replace") or resource.can("update"))
    lost = {
        f"{one.exchange.summary()}: {', '.join(names)}"
        for one in seen
        if one.granted and (names := hidden(one.exchange, tagged=tagged))
    }
    expect(
        not lost,
        "Access-Control-Expose-Headers with the fields that clients act on",
        f"not exposed: {'; '.join(sorted(lost))}",
        impact=impact,
    )
    evidence(shown([*seen, *errors]))


def is_error(exchange, seen):
    """Whether the API itself answered with an error that is not the server's own trouble."""
    return 400 <= (exchange.status or 0) < 500 and from_edge(exchange, [one.exchange for one in seen]) is None
