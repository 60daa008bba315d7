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
    inconclusive,
    not_applicable,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.rules.causes import ANY_ORIGIN, NULL_ORIGIN

from .browsers import absent, asked, browser_adds_credentials, page, places, strangers
from .cors import (
    FOREIGN,
    NULL,
    ORIGIN,
    depends_on_origin,
    ineffective,
    lookalikes,
    shown,
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
    needs="list",
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
            expect(
                seen.granted,
                f"Access-Control-Allow-Origin: {origin} for that allowed origin, exactly, or *",
                str(seen),
            )
            evidence(str(seen))


@rule(
    "SEC-006",
    SHOULD,
    refs=["Fetch Standard, CORS protocol and credentials", "OWASP API8:2023"],
    needs="list",
    effect=READ,
    rougher=WRITE,
)
def test_credentials_are_granted_to_no_unknown_origin(resource, profile, survey, target):
    """Grant no unknown origin CORS with credentials

    Why: any page that a user visits reads, with the user's cookies, all that the user may read.
    Fix: send Access-Control-Allow-Credentials only with an origin of your list; never reflect Origin unchecked.
    Advice: where clients send a token in a field, which no browser adds by itself, a foreign page has none to send; and
        browsers ignore the combination with `*`.
    """
    urls = [*places(resource), *([missing] if (missing := absent(resource)) is not None else [])]
    seen = strangers(resource, urls)
    mine = [page(resource.client, resource.url, origin) for origin in (declared(profile) or [])[:1]]
    applies(any(one.value for one in [*seen, *mine]), f"a response grants CORS: {UNDECLARED}")
    adds = browser_adds_credentials(resource.client, profile, survey)
    impact = {True: CRITICAL, None: MAJOR, False: MINOR}[adds]
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
