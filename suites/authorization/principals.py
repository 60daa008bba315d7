"""Two clients and an item of the first: what the second one is tried with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from harness import payloads
from harness.client.client import exchange_of
from harness.http.content import MISSING, at, id_text, json_of, normalised, shown
from harness.lists.traversal import Walk
from harness.payloads import run_token
from harness.resource.item import Item
from harness.resource.resource import PAGES, ResourceUnderTest
from harness.rules.checks import Undecided, control, inconclusive, not_applicable
from harness.target.credentials.resolved import Credential
from harness.target.target import Target

from .judge import Asked, distinctive, leaked, listed_with, marked
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
        inconclusive(f"the credentials {credential!r} and {name!r} are the same: give one of another client")
    subjects = [subject_of(target.credentials.get(one)) for one in (credential, name)]
    if subjects[0] is not None and subjects[0] == subjects[1]:
        inconclusive(
            f"the tokens of {credential!r} and {name!r} have the same `sub`: give one of another client"
        )
    return name


def subject_of(credential: Credential | None) -> str | None:
    """The subject of the JWT that a credential is; None where it is none."""
    for value in credential.fields.values() if credential is not None else ():
        token = parse(value.rpartition(" ")[2])
        if token is not None and isinstance(token.claims.get("sub"), str):
            return str(token.claims["sub"])
    return None


@dataclass(frozen=True)
class Victim:
    """An item of client A.

    Attributes:
        item: what the run created for this; None for one that the list showed.
        canaries: texts by which its content is recognised.
        whole: what client A is shown, without what changes by itself; it is compared where there are no texts.
    """

    resource: ResourceUnderTest
    id: str
    url: str
    canaries: frozenset[str]
    item: Item | None = None
    whole: Any = MISSING

    @property
    def named(self) -> str:
        return f"{self.resource.known.name} item {self.id} of client A"

    def shown_by(self, reply: httpx.Response) -> str | None:
        """The canary that a response shows, or None."""
        if self.canaries or self.whole is MISSING or not reply.is_success:
            return leaked(reply.text, self.canaries)
        same = normalised(json_of(reply), volatile=self.resource.volatile) == self.whole
        return f"the same as to client A: {shown(self.whole)}" if same else None


def created(resource: ResourceUnderTest) -> Victim:
    """An item that client A creates now, and reads.

    Raises:
        Undecided: it cannot be created or read, or holds nothing by which it is recognised.
    """
    item = resource.create(body_with_canary(resource))
    reply = item.get()
    control(reply.is_success, f"client A should be able to read its own item: {exchange_of(reply).summary()}")
    value = json_of(reply)
    canaries = {text for text in marked(item.sent, run_token.current()) if leaked(reply.text, {text})}
    whole = normalised(value, volatile=resource.volatile) if isinstance(value, dict) else MISSING
    if not canaries and (whole is MISSING or not whole):
        inconclusive(
            f"items of {resource.name} show no text of their create by which a leak would be recognised: set `change`"
        )
    return Victim(resource, item.id, item.url, frozenset(canaries), item, whole)


def body_with_canary(resource: ResourceUnderTest) -> Any:
    """A valid create body with a text of the run's own, where a member takes one."""
    body = resource.body()
    if marked(body, run_token.current()):
        return body
    made = payloads.changed(resource.known, body)
    return made[0] if made is not None and marked(made[0], run_token.current()) else body


def found(resource: ResourceUnderTest) -> Victim:
    """An item that the list shows to client A; for runs that only read.

    Raises:
        Undecided: there is none that could be recognised.
    """
    members = resource.members(pages=1).items
    for member in members:
        id = id_text(at(member, resource.listed_id))
        if id is None:
            continue
        others = [text for one in members if one is not member for text in distinctive(one)]
        # An error may repeat the URL, and the id in it.
        canaries = {text for text in distinctive(member, others) if id not in text}
        url = resource.item_url(id)
        reply = resource.client.get(url)
        value = json_of(reply)
        if not reply.is_success or not isinstance(value, dict) or not value:
            continue
        repeated = frozenset(text for text in canaries if leaked(reply.text, {text}))
        return Victim(resource, id, url, repeated, None, normalised(value, volatile=resource.volatile))
    raise Undecided(
        f"the list of {resource.name} shows client A no item of its own that could be recognised elsewhere: "
        "create one, or allow --effects write"
    )


def creates(resource: ResourceUnderTest) -> bool:
    """Whether items can be created: that is allowed, and a body for it is known."""
    return resource.may_create and resource.known.body is not None


def victim_of(resource: ResourceUnderTest) -> Victim:
    """An item of client A: created where that is possible, else one that the list shows.

    Raises:
        Undecided: there is none that could be recognised.
    """
    return created(resource) if creates(resource) else found(resource)


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
                f"the credential {self.b.client.credential!r} is not accepted: {exchange_of(reply).summary()}"
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
        return Asked(self.declared, public, listed, item if known else None, barred)


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
