"""What client B reads and changes of client A's item by putting its id beside that of an item of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx

from harness import payloads
from harness.client.client import Client
from harness.client.eventually import eventually
from harness.client.ownership import SAFE
from harness.http.content import MISSING, at, id_text, json_of
from harness.profile.models import Profile
from harness.resource.canary import Victim, body_with_canary, creates
from harness.resource.item import Item
from harness.resource.soft_delete import looks_deleted
from harness.rules.checks import Undecided, evidence
from harness.survey.openapi.batches import Batch
from harness.survey.outcome import Survey

from .attempts import refused_for_itself, window
from .judge import shown_among
from .principals import Clients, said


class Batches:
    """The documented operations of a collection that take the ids of several items.

    Attributes:
        open_questions: which of them could not be tried, and why, a sentence each.
    """

    def __init__(self, clients: Clients, survey: Survey, profile: Profile) -> None:
        self.clients, self.profile = clients, profile
        collection = clients.a.known.collection or ""
        found = [(one, one.of(collection) if collection else None) for one in survey.promises.batches]
        self.found: list[tuple[Batch, str]] = [(one, path) for one, path in found if path is not None]
        self.open_questions: list[str] = []

    @cached_property
    def own(self) -> Item | None:
        """An item that client B creates; None where it cannot."""
        b = self.clients.b
        if self.clients.victim.item is None or not creates(b):
            return None
        if self.clients.collection.status_code in (401, 403):
            return None
        try:
            return b.create(body_with_canary(b))
        except Undecided as problem:
            evidence(f"client B could not create an item of its own: {problem}")
            return None

    @cached_property
    def own_id(self) -> str | None:
        """The id of an item of client B: created, or listed where the run only reads."""
        if self.own is not None:
            return self.own.id
        if not self.clients.b.can("list") or not self.clients.collection.is_success:
            return None
        ids = [id_text(at(one, self.clients.b.listed_id)) for one in self.clients.b.members(pages=1).items]
        return next((id for id in ids if id is not None), None)

    def read(self) -> list[str]:
        """What client B read of A's item, a sentence each: A's own request shows first that the operation works."""
        victim = self.clients.victim
        found = []
        for batch, path in self.found:
            if batch.purpose != "read" or (victim.item is None and batch.method not in SAFE):
                continue
            usual = send(self.clients.a.client, batch, path, [victim.id])
            if shown_in(victim, usual) is None:
                self.open_questions.append(
                    f"{batch.method} {path} could not be tried with A's id beside client B's: {said('A', usual)}"
                )
                continue
            pair = [one for one in (self.own_id, victim.id) if one is not None]
            for ids in (pair, pair[::-1])[: len(pair)]:
                reply = send(self.clients.b.client, batch, path, ids)
                canary = shown_in(victim, reply)
                if canary is not None:
                    alone = said("B", self.clients.b.client.get(victim.url))
                    found.append(
                        f"client B read {victim.named} by its id beside one of its own: {said('B', reply)} shows "
                        f"{canary!r}; {said('A', usual)}; {alone}"
                    )
                    break
        return found

    def changed(self) -> list[str]:
        """What client B changed of A's item, and whether it removed it, a sentence each."""
        victim = self.clients.victim
        if victim.item is None:
            return []
        found = []
        for batch, path in sorted(self.found, key=lambda one: one[0].purpose == "deleted"):
            reaching = batch.at_collection and (batch.purpose == "deleted" or batch.shared)
            if reaching and not self.profile.non_production:
                would = "remove" if batch.purpose == "deleted" else "change"
                evidence(
                    f"{batch.method} {path} is not sent: a server that overlooks the ids would {would} all items "
                    "(`non_production = true` allows it)"
                )
            elif batch.purpose != "read" and self.own is not None:
                found += self._try(batch, path, victim.item, self.own)
            if found:
                break
        return found

    def _try(self, batch: Batch, path: str, item: Item, own: Item) -> list[str]:
        """Send one unsafe request that names both items, and let client A read its own."""
        made = change(batch, item) if batch.purpose == "changed" else ({}, "", None)
        if made is None:
            return []
        members, place, value = made
        before = json_of(item.get())
        for one in (item, own):
            one.prove()

        def took() -> bool:
            seen = item.get()
            if batch.purpose == "deleted":
                return seen.status_code in (404, 410) or looks_deleted(before, json_of(seen)) is not None
            return seen.is_success and at(json_of(seen), place) == value

        def sent(client: Client, *ids: str) -> httpx.Response:
            for one in (item, own):
                one.client.recorder.ownership.reaches(one.url, json.dumps(members).encode())
            return send(client, batch, path, list(ids), members)

        reply = sent(self.clients.b.client, own.id, item.id)
        if eventually(took, window(reply, self.profile)):
            named = self.clients.victim.named
            return [
                f"client B {batch.purpose} {named} by its id beside one of its own: {said('B', reply)}; "
                f"{said('A', item.get())} shows it"
            ]
        if refused_for_itself(reply) and batch.purpose == "changed":
            answer = sent(item.client, item.id)
            if not answer.is_success:
                self.open_questions.append(
                    f"{batch.method} {path} could not be tried as client B: {said('B', reply)}, and {said('A', answer)}"
                )
        return []


def change(batch: Batch, item: Item) -> tuple[dict[str, Any], str, Any] | None:
    """A member to change, its location in a representation, and the value; None where the operation takes none."""
    known = item.resource.known
    made = payloads.changed(known, item.sent)
    if made is None or known.locking.version is not None:
        return None
    body, pointer = made
    place = known.representation + pointer
    name, value = pointer[1:], at(body, place)
    return ({name: value}, place, value) if name in batch.members else None


def send(
    client: Client, batch: Batch, path: str, ids: list[str], members: Mapping[str, Any] | None = None
) -> httpx.Response:
    """Send a request that names items; where it is not safe, only the run's own may be among them."""
    url, query = client.url(path), batch.parameters(ids)
    content = batch.content(ids, members or {})
    with client.recorder.ownership.granting(batch.method, url):
        return client.request(batch.method, url, params=query, json=content)


def shown_in(victim: Victim, reply: httpx.Response) -> str | None:
    """What a response about several items shows of A's, or None."""
    whole = victim.whole if reply.is_success else MISSING
    return shown_among(reply.text, victim.id, victim.canaries, whole, victim.resource.volatile)
