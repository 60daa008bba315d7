"""Requests as pages of other origins send them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.client.client import Client, exchange_of
from harness.http.exchange import Exchange
from harness.http.foreign import FOREIGN
from harness.profile.models import Profile
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.rules.verdict import Impact
from harness.survey.outcome import Survey

from .cookies import identifies, set_by
from .cors import NULL, SIMPLE_METHODS, Preflight, Seen, exposure

SIMPLE_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
"""Media types of content that a page sends without a preflight (Fetch, CORS-safelisted request-header)."""


def page(client: Client, url: str, origin: str | None) -> Seen:
    """What a GET by a page is answered.

    Args:
        origin: of the page; None for a request without Origin, as others than pages send it.
    """
    reply = client.get(url, headers={} if origin is None else {"Origin": origin})
    return Seen(origin, exchange_of(reply))


def asked(client: Client, url: str, preflight: Preflight) -> Exchange:
    """What a preflight is answered; it never carries a credential (Fetch, CORS-preflight fetch)."""
    return exchange_of(client.under(None).options(url, headers=preflight.fields))


def places(resource: ResourceUnderTest) -> Iterator[str]:
    """URLs of the collection, and of one of its items."""
    yield resource.url
    try:
        item = resource.existing()
    except Undecided:
        item = None
    if item is not None:
        yield item


def absent(resource: ResourceUnderTest) -> str | None:
    """URL of an item that does not exist; None where the form of ids is not known."""
    try:
        return resource.absent_url() if resource.can("read") else None
    except Undecided:
        return None


def write_preflight(resource: ResourceUnderTest, origin: str) -> Preflight:
    """The preflight of a create with JSON, or, where nothing can be created, of a GET with a token."""
    if resource.can("create"):
        return Preflight(origin, "POST", ("content-type",))
    return Preflight(origin, "GET", ("authorization",))


def strangers(resource: ResourceUnderTest, urls: Iterable[str]) -> list[Seen]:
    """What pages are answered whose origin nobody owns, or is `null`: GET of each URL, and a preflight."""
    found = [page(resource.client, url, origin) for url in urls for origin in (FOREIGN, NULL)]
    for origin in (FOREIGN, NULL):
        found.append(Seen(origin, asked(resource.client, resource.url, write_preflight(resource, origin))))
    return found


def preflights(resource: ResourceUnderTest, origin: str) -> list[tuple[str, Preflight]]:
    """The preflights of what the resource offers, with their URLs: of requests that need none, none."""
    known, client = resource.known, resource.client
    names = {name.lower() for name in client.recorder.wallet.carried(client.credential).carriers}
    carriers = tuple(sorted(names - {"cookie"}))
    typed = () if known.media_type.partition(";")[0].strip().lower() in SIMPLE_TYPES else ("content-type",)
    guard = ("if-match",) if known.locking.if_match else ()
    keyed = known.idempotency
    key = (keyed.field.lower(),) if keyed is not None and keyed.required and keyed.body is None else ()
    urls = list(places(resource))
    wanted = [
        (urls[0], "GET", ()) if resource.can("list") else None,
        (resource.create_url, "POST", typed + key) if resource.can("create") else None,
    ]
    if len(urls) > 1:
        wanted += [
            (urls[1], method, names)
            for need, method, names in (
                ("replace", "PUT", typed + guard),
                ("update", "PATCH", ("content-type", *guard)),
                ("delete", "DELETE", guard),
            )
            if resource.can(need)
        ]
    made = [(one[0], Preflight(origin, one[1], carriers + one[2])) for one in wanted if one is not None]
    return [(url, one) for url, one in made if one.names or one.method not in SIMPLE_METHODS]


def session_cookies(client: Client, profile: Profile, survey: Survey) -> list[str]:
    """Names of the cookies that identify clients: declared, sent by the run, or seen in responses."""
    how = profile.cookie
    declared = how.names if how is not None else []
    carried = client.recorder.wallet.carried(client.credential).cookies
    seen = [one.name for one in set_by(survey.exchanges) if identifies(one.name, declared)]
    by_login = ["that of the declared login"] if how is not None and how.login is not None else []
    return list(dict.fromkeys([*declared, *carried, *seen, *by_login]))


def exposed(client: Client, profile: Profile, survey: Survey) -> Impact:
    """How much a grant with credentials hurts the clients of the API."""
    credential = client.recorder.wallet.carried(client.credential)
    cookies = session_cookies(client, profile, survey)
    return exposure(credential.fields, cookies, certified=credential.certificate is not None)
