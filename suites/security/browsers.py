"""Requests as pages of other origins send them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.client.client import Client, exchange_of
from harness.http.exchange import Exchange
from harness.profile.models import Profile
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.survey.outcome import Survey

from .cookies import identifies, set_by
from .cors import FOREIGN, NULL, Preflight, Seen, ambient


def page(client: Client, url: str, origin: str | None) -> Seen:
    """What a GET by a page of an origin is answered; None for a request that no page sends."""
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


def session_cookies(client: Client, profile: Profile, survey: Survey) -> list[str]:
    """Names of the cookies that identify clients: declared, sent by the run, or seen in responses."""
    how = profile.cookie
    declared = how.names if how is not None else []
    carried = client.recorder.wallet.carried(client.credential).cookies
    seen = [one.name for one in set_by(survey.exchanges) if identifies(one.name, declared)]
    by_login = ["that of the declared login"] if how is not None and how.login is not None else []
    return list(dict.fromkeys([*declared, *carried, *seen, *by_login]))


def browser_adds_credentials(client: Client, profile: Profile, survey: Survey) -> bool | None:
    """Whether browsers add the credential of a client by themselves, so that any page can use it."""
    credential = client.recorder.wallet.carried(client.credential)
    fields = dict(credential.fields)
    if credential.grant is not None:
        fields["Authorization"] = "Bearer"
    return ambient(fields, session_cookies(client, profile, survey))
