"""Two clients and an item of the first: what the second one is tried with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx

from harness.client.client import Client, exchange_of
from harness.client.invalid_credentials import carried
from harness.http.content import MISSING, json_of
from harness.lists.traversal import Walk
from harness.profile.models import Profile
from harness.resource.canary import Victim, victim_of
from harness.resource.resource import PAGES, ResourceUnderTest
from harness.rules.checks import Undecided, inconclusive, not_applicable
from harness.target.credentials.resolved import Credential
from harness.target.target import Target

from .judge import REFUSALS, Asked, listed_with
from .scopes import owners
from .tokens import parse

NO_OTHER = "only one client is configured: add a second one, of another tenant, in [credentials.other]"


def name_of_other(target: Target, credential: str) -> str:
    """The credential of client B, where client A has the given one.

    Raises:
        NotApplicable: there is no second client.
    """
    name = "other" if credential != "other" else "default"
    if name not in target.credentials:
        not_applicable(NO_OTHER)
    if target.credentials[name] == target.credentials.get(credential):
        inconclusive(f"credentials.{name}: it is the same as {credential!r}: give one of another client")
    subjects = [subject_of(target.credentials.get(one)) for one in (credential, name)]
    if subjects[0] is not None and subjects[0] == subjects[1]:
        inconclusive(
            f"credentials.{name}: its token has the same `sub` as that of {credential!r}: give one of another client"
        )
    return name


def subject_of(credential: Credential | None) -> str | None:
    """The subject of the JWT that a credential is; None where it is none."""
    for value in credential.fields.values() if credential is not None else ():
        token = parse(value.rpartition(" ")[2])
        if token is not None and isinstance(token.claims.get("sub"), str):
            return str(token.claims["sub"])
    return None


def identity(client: Client, profile: Profile) -> str | None:
    """What the API calls client A: as declared, or the subject of its token."""
    if client.credential in profile.identities:
        return profile.identities[client.credential]
    found = carried(client.recorder.wallet.carried(client.credential))
    token = parse(found[2]) if found is not None else None
    subject = None if token is None else token.claims.get("sub")
    return subject if isinstance(subject, str) else None


class Clients:
    """Client A, client B, and what is known of how they share.

    Args:
        resource: under client A's credential.

    Raises:
        NotApplicable: only one client is configured, or the profile says that items are shared.
        Undecided: client B is refused everywhere.
    """

    def __init__(self, resource: ResourceUnderTest) -> None:
        self.declared = resource.known.ownership
        if self.declared is False:
            not_applicable(
                f"clients share the items of {resource.name}, as the profile declares (`ownership = false`)"
            )
        self.a = resource
        self.b = resource.under(name_of_other(resource.client.target, resource.client.credential))
        self.nobody = resource.under(None)

    @cached_property
    def victim(self) -> Victim:
        return victim_of(self.a)

    @cached_property
    def collection(self) -> httpx.Response:
        """What B is answered by the collection: shows whether its credential is accepted."""
        reply = self.b.client.get(self.b.url)
        if reply.status_code == 401:
            inconclusive(
                f"credentials.{self.b.client.credential}: it is not accepted: {exchange_of(reply).summary()}"
            )
        return reply

    def lists(self, to: ResourceUnderTest, query: Mapping[str, str] | None = None) -> bool | None:
        """Whether a list that a client is shown has A's item; None where that cannot be seen."""
        if not to.can("list"):
            return None
        how = to.known.pagination
        counted = how is not None and how.style in ("page", "offset")
        walk = Walk(to, query or {}, links_only=not query and not counted)
        while not (walk.over or walk.full) and len(walk.pages) < PAGES:
            page = walk.step()
            if not page.reply.is_success or page.items is None:
                return None
            if listed_with(page.items, self.victim.id, to.listed_id, self.victim.canaries):
                return True
        last = walk.pages[-1]
        whole = walk.over and walk.loop is None and not last.info.more
        return False if whole and (counted or not seems_cut(len(last.items or []))) else None

    @cached_property
    def asked(self) -> Asked:
        """Whether clients share items, as the target shows it by reads alone."""
        barred = self.collection.status_code in (403, 404) and self.a.client.get(self.a.url).is_success
        public = self.victim.shown_by(self.nobody.client.get(self.victim.url)) is not None
        seen = self.b.client.get(self.victim.url)
        item = self.victim.shown_by(seen) is not None
        known = item or seen.status_code in (401, 403, 404, 410)
        # A list that leaves the item out is evidence only if it is there for A.
        listed = None if barred else self.lists(self.b)
        if listed is False and not self.lists(self.a):
            listed = None
        return Asked(self.declared, public, listed, item if known else None, barred, self.below is not None)

    @cached_property
    def below(self) -> httpx.Response | None:
        """How B is refused the item below which the collection is; None where there is none, or it is not refused."""
        if self.a.known.parent is None:
            return None
        above = self.a.url.rstrip("/").rpartition("/")[0]
        if not self.a.client.get(above).is_success:
            return None
        reply = self.b.client.get(above)
        return reply if reply.status_code in REFUSALS else None


def owners_of(clients: Clients) -> dict[str, str]:
    """Members of client A's item that say whose it is."""
    others = clients.b.members(pages=1).items if clients.b.can("list") else []
    shown = json_of(clients.a.client.get(clients.victim.url))
    return owners(shown, others, clients.a.known.representation)


def seems_cut(shown: int) -> bool:
    """Whether a page has as many items as a usual limit allows, so that more may follow although nothing says so."""
    return shown >= 10 and shown % 5 == 0


def said(who: str, reply: httpx.Response) -> str:
    """One client's request and its response, for a finding."""
    return f"client {who}: {exchange_of(reply).summary()}"


def value_of(reply: httpx.Response) -> Any:
    """The JSON of a response.

    Raises:
        Undecided: it has none.
    """
    value = json_of(reply)
    if value is MISSING:
        raise Undecided(f"not JSON: {exchange_of(reply).summary()}")
    return value
