"""Items of client B that are put below, or linked to, an item of client A that is refused to client B."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import partial
from typing import Any

import httpx

from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, json_of, replaced
from harness.lists.families import singular
from harness.payloads import run_token
from harness.profile.models import Profile, Resource
from harness.resource.canary import body_with_canary, creates, leaked, marked
from harness.resource.contested import patch_type
from harness.resource.ids import unlike
from harness.resource.item import Item
from harness.resource.patch_documents import merging
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided, evidence

from .attempts import Attempt, attempts, window
from .principals import Clients, said

MOST = 2
"""Links to items of one resource that are tried."""
_PEOPLE = re.compile(
    r"(?:user|account|customer|client|member|person|people|contact|profile|company|supplier|vendor|wallet|recipient)s?",
    re.IGNORECASE,
)
"""What others may be told about, or paid to, without a right to read it."""


def created_below(clients: Clients) -> list[str]:
    """What client B created in a collection below an item that it is refused, as client A reads it."""
    if clients.below is None or not creates(clients.b):
        return []
    body = body_with_canary(clients.b)
    texts = marked(body, run_token.current())
    try:
        item = clients.b.create(body)
    except Undecided:
        return []
    seen = clients.a.client.get(item.url)
    if not seen.is_success or leaked(seen.text, texts) is None:
        return []
    return [
        f"client B created item {item.id} below an item of client A: {said('B', item.created)}; "
        f"{said('B', clients.below)} is the item above it; {said('A', seen)} shows it"
    ]


def moved_below(clients: Clients, parent: ResourceUnderTest, profile: Profile) -> list[str]:
    """What client B read or changed of A's item through a path that begins with an item of its own, a sentence each.

    Args:
        parent: the resource above, under client B's credential.
    """
    victim, item = clients.victim, clients.victim.item
    above = clients.a.url.rstrip("/").rpartition("/")[0]
    if item is None or not creates(parent) or parent.item_url(above.rpartition("/")[2]) != above:
        return []
    body = body_with_canary(parent)
    if not marked(body, run_token.current()):
        # Such an item could not be recognised, and removed, with certainty.
        return []
    try:
        own = parent.create(body)
    except Undecided as problem:
        evidence(f"client B could not create an item of {parent.name}: {problem}")
        return []
    moved = copy(item)
    moved.url = own.url + victim.url[len(above) :]
    refused = said("B", clients.b.client.get(victim.url))
    reply = clients.b.client.get(moved.url)
    canary = victim.shown_by(reply)
    if canary is not None:
        return [
            f"client B read {victim.named} below an item of its own: {said('B', reply)} shows {canary!r}; {refused}"
        ]
    item.prove()
    # A PUT may lawfully create an item of client B there.
    for attempt in (one for one in attempts(moved) if one.method != "PUT"):
        with clients.b.client.recorder.ownership.granting(attempt.method, moved.url):
            reply = attempt.send(clients.b.client)
        if eventually(partial(took, attempt, item), window(reply, profile)):
            where = (
                f"below an item of its own: {said('B', reply)}; {said('A', item.get())} shows it; {refused}"
            )
            return [f"client B {attempt.did} {victim.named} {where}"]
    return []


def took(attempt: Attempt, item: Item) -> bool:
    return attempt.took(item.get())


def links_to(known: Resource, others: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    """Resources whose creates take the id of an item of this one, each with the name of that member. Pure."""
    if _PEOPLE.fullmatch(known.name):
        return
    wanted = re.compile(rf"{re.escape(singular('/' + known.name))}[-_]?(?:id|uuid)", re.IGNORECASE)
    for other in others:
        schema = other.create_schema or {}
        properties = schema.get("properties")
        body = at(other.body, other.representation) if other.body is not None else None
        names = {
            name
            for some in (properties, body)
            if isinstance(some, Mapping)
            for name in some
            if isinstance(name, str)
        }
        for name in sorted(names):
            if other.name != known.name and wanted.fullmatch(name):
                yield other.name, name


class Link:
    """A member of client B's items that names an item of another resource.

    Args:
        clients: of the resource that is named.
        linking: the resource that has the member, under client B's credential.
        member: its name.
    """

    def __init__(self, clients: Clients, linking: ResourceUnderTest, member: str) -> None:
        self.clients, self.linking = clients, linking
        self.place = f"{linking.known.representation}/{member}"
        self.member = member

    def taken(self) -> str | None:
        """How client A's item was accepted where one that does not exist is refused, and B's own accepted; or None.

        Raises:
            Undecided: client B can create no item of one of the two.
        """
        victim = self.clients.victim.item
        assert victim is not None
        own = self.clients.b.create()
        wanted, mine = (at(json_of(one.created), one.resource.known.id) for one in (victim, own))
        absent: Any = unlike(str(wanted))
        absent = int(absent) if isinstance(wanted, int) else absent
        item = self.linking.create(self._with(mine))
        item.prove()
        for send in (self._create, lambda value: self._change(item, value)):
            nothing = send(absent)
            if nothing is None or not 400 <= nothing.status_code < 500:
                continue
            usual, reply = send(mine), send(wanted)
            if usual is None or not usual.is_success or reply is None or not self._shows(reply, item, wanted):
                continue
            return (
                f"client B named {self.clients.victim.named} in `{self.member}` of its own item, which is accepted: "
                f"{said('B', reply)}; {exchange_of(nothing).summary()} with an id that does not exist"
            )
        return None

    def _with(self, value: Any) -> Any:
        return replaced(self.linking.body(), self.place, value)

    def _create(self, value: Any) -> httpx.Response:
        return self.linking.post(self._with(value))

    def _change(self, item: Item, value: Any) -> httpx.Response | None:
        known = self.linking.known
        if not self.linking.can("update") or not known.patch or "json-patch" in patch_type(known):
            return None
        patch = item.with_version(merging(self.place, value))
        fields = {**item.write_fields(), "Content-Type": patch_type(known)}
        return item.client.patch(item.url, json=patch, headers=fields)

    def _shows(self, reply: httpx.Response, item: Item, value: Any) -> bool:
        """Whether client B's item, read again, has the value."""
        if not reply.is_success:
            return False
        if reply.request.method == "PATCH":
            return bool(at(json_of(item.get()), self.place) == value)
        id = self.linking.id_in(reply)
        return (
            id is not None
            and at(json_of(self.linking.client.get(self.linking.item_url(id))), self.place) == value
        )
