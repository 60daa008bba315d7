"""Requests under an idempotency key, in the target's own spelling, and what they brought about."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from harness.client import exchange_of
from harness.content import at, id_text, json_of
from harness.oracle import Undecided, control, inconclusive
from harness.profile import Idempotency
from harness.resource import ResourceUnderTest, replaced, tag_pointer


def new_key() -> str:
    """A key that no client has used: a version 4 UUID, as the Internet-Draft advises."""
    return str(uuid.uuid4())


class Keyed:
    """Creates items of one resource under idempotency keys.

    Args:
        resource: whose profile says how the key is spelled.
    """

    def __init__(self, resource: ResourceUnderTest) -> None:
        self.resource = resource
        self.how = resource.known.idempotency or Idempotency()

    def under(self, credential: str) -> Keyed:
        """The same, as another client."""
        return Keyed(self.resource.under(credential))

    def spelled(self, key: str) -> str:
        """The key as the field carries it."""
        return f'"{key}"' if self.how.key_format == "string" else key

    def fields(self, key: str) -> dict[str, str | None]:
        """Header fields that carry the key; none where the body does."""
        return {} if self.how.body is not None else {self.how.field: self.spelled(key)}

    def body(self, body: Any, key: str) -> Any:
        """The body with the key in it, where the API takes it there."""
        if self.how.body is None:
            return body
        return replaced(body, self.resource.known.representation + self.how.body, key)

    def post(self, key: str, body: Any) -> httpx.Response:
        """POST under a key; what it creates is removed at the end."""
        return self.resource.post(self.body(body, key), headers=self.fields(key))

    def without_key(self, body: Any) -> httpx.Response:
        """The same POST with no key at all."""
        return self.resource.post(body, headers={self.how.field: None})

    def first(self, key: str, body: Any) -> httpx.Response:
        """The positive control: a valid POST under a fresh key.

        Raises:
            Undecided: it is refused.
        """
        reply = self.post(key, body)
        control(reply.is_success, f"a valid keyed create should succeed: {exchange_of(reply).summary()}")
        return reply

    def id(self, reply: httpx.Response) -> str | None:
        """The id of what a successful response says was created."""
        return self.resource.id_in(reply) if reply.is_success else None

    def refused_by_uniqueness(self, reply: httpx.Response) -> bool:
        """Whether a repeat may have been refused because a member must be unique, and not for its key."""
        return reply.status_code in (400, 409, 422) and self.resource.can("unique")

    def other_body(self, body: Any) -> Any:
        """The body with one business member changed.

        Raises:
            Undecided: no member is known that may have another value.
        """
        from harness import payloads

        changed = payloads.changed(self.resource.known, body)
        if changed is None:
            inconclusive(f"no member of {self.resource.name} is known that can have another value")
        return changed[0]


@dataclass(frozen=True)
class Effects:
    """What exists now of what was sent.

    Attributes:
        ids: of the listed items that carry a body's tag; None where that cannot be told.
    """

    ids: list[str] | None

    @property
    def count(self) -> int | None:
        return None if self.ids is None else len(self.ids)


def effects(resource: ResourceUnderTest, body: Any, known: list[str] | None = None) -> Effects:
    """Count the items that a body brought about, on the target itself.

    Args:
        body: as sent; its tag tells its items from all others.
        known: ids that must be among those listed for the count to be trusted where the collection has more
            pages than are read.
    """
    pointer = tag_pointer(resource.known, body) if resource.can("tag") and resource.can("list") else None
    if pointer is None:
        return Effects(None)
    tag = at(body, pointer)
    places = {pointer, pointer.removeprefix(resource.known.representation)}
    members = resource.members()
    mine = [item for item in members.items if any(at(item, place) == tag for place in places)]
    told = (id_text(at(item, resource.listed_id)) for item in mine)
    ids = list(dict.fromkeys(id for id in told if id is not None))
    seen = members.complete or (bool(known) and set(known or ()) <= set(ids))
    return Effects(ids if seen else None)


def same_result(first: httpx.Response, again: httpx.Response, resource: ResourceUnderTest) -> list[str]:
    """How a replay differs from the stored result: sentences; none where it is the same.

    Volatile members are not compared, nor is anything when either carries no JSON.
    """
    from harness.content import MISSING, differences, normalised, shown

    found = []
    if first.status_code != again.status_code:
        found.append(f"status {again.status_code} instead of {first.status_code}")
    one, two = json_of(first), json_of(again)
    if one is not MISSING and two is not MISSING:
        calm = [normalised(value, volatile=resource.volatile) for value in (one, two)]
        for where in differences(*calm)[:3]:
            found.append(f"{where} is {shown(at(two, where), 40)} instead of {shown(at(one, where), 40)}")
    elif (one is MISSING) != (two is MISSING):
        found.append("one of them carries JSON, the other does not")
    locations = [reply.headers.get("location") for reply in (first, again)]
    if locations[0] is not None and locations[0] != locations[1]:
        found.append(f"Location {locations[1]} instead of {locations[0]}")
    return found


def volatile_aside(fields: Mapping[str, str]) -> dict[str, str]:
    """Fields that mark a replay, of those known in the field."""
    return {
        name: fields[name] for name in ("idempotent-replayed", "idempotency-replay", "x-idempotent-replay") if name in fields
    }


__all__ = ["Effects", "Keyed", "Undecided", "effects", "new_key", "same_result", "volatile_aside"]
