"""A create of client B that names the id of client A's item, and so may write over it."""

from __future__ import annotations

import json
from typing import Any

import httpx

from harness.client.eventually import eventually
from harness.http.content import MISSING, at, json_of, replaced
from harness.payloads import run_token
from harness.profile.models import Profile
from harness.resource.canary import body_with_canary, creates, leaked, of_one_item

from .attempts import window
from .cached_refusals import still_there
from .principals import Clients, said


def by_create(clients: Clients, profile: Profile) -> list[str]:
    """What client B wrote over A's item by naming its id in a create, a sentence each."""
    b, victim, item = clients.b, clients.victim, clients.victim.item
    word = b.known.id.rsplit("/", 1)[-1]
    if item is None or not creates(b) or b.puts or not b.can("delete") or not word:
        return []
    body, wanted = body_with_canary(b), at(json_of(item.created), b.known.id)
    before = item.get()
    own = of_one_item(body, [item.sent, json_of(before)], run_token.current())
    if not before.is_success or not own or wanted is MISSING or clients.collection.status_code in (401, 403):
        return []

    def overwritten() -> bool:
        seen = item.get()
        return seen.status_code in (404, 410) or leaked(seen.text, own) is not None

    reply = _created(clients, replaced(body, f"{b.known.representation}/{word}", wanted))
    # A create that is answered with an item of another id made that one: a look at A's item is enough.
    elsewhere = _other_id(clients, reply) is not None
    if not eventually(overwritten, 0.0 if elsewhere else window(reply, profile)):
        return []
    if leaked(item.get().text, own) is None and still_there(clients) is not None:
        return []
    return [
        f"client B wrote over {victim.named} by a create that names its id: {said('B', reply)}; "
        f"{said('A', item.get())} shows it"
    ]


def _created(clients: Clients, body: Any) -> httpx.Response:
    """Send the create: it is known to reach an item of the run, and what else it makes is removed at the end."""
    b, victim = clients.b, clients.victim
    ownership, url = b.client.recorder.ownership, b.create_url
    ownership.reaches(victim.url, json.dumps(body).encode())
    with ownership.granting("POST", url):
        reply = b.client.post(url, json=body, headers=b.fields_for_create())
    if (id := _other_id(clients, reply)) is not None:
        b.adopt(id, reply, body)
    return reply


def _other_id(clients: Clients, reply: httpx.Response) -> str | None:
    """The id of the item that a create made beside A's; None where it shows none."""
    id = clients.b.id_in(reply) if reply.is_success else None
    return id if id != clients.victim.id else None
