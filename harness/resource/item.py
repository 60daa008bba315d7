"""An item that a rule created: how it is read, changed and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from harness import payloads
from harness.client.client import exchange_of
from harness.client.recorder import Refused
from harness.http.content import MISSING, at, json_of, member_names, normalised, replaced, shown_at
from harness.resource.matching import bare, carriers, places
from harness.resource.tags import tag_pointer
from harness.rules.checks import Undecided, inconclusive

if TYPE_CHECKING:
    from harness.resource.resource import ResourceUnderTest


class Item:
    """An item that a rule created.

    Attributes:
        id: as it is in the URL.
        sent: the create body.
        created: the response to the create.
    """

    def __init__(self, resource: ResourceUnderTest, id: str, sent: Any, created: httpx.Response) -> None:
        self.resource = resource
        self.client = resource.client
        self.id = id
        self.sent = sent
        self.created = created
        self.url = resource.item_url(id)

    def url_of(self, path: str) -> str:
        """The URL of a path template in which `{id}` stands for the item."""
        return self.client.url(path.replace("{id}", quote(self.id, safe="")))

    def get(self, **options: Any) -> httpx.Response:
        return self.client.get(self.url, **options)

    def twins(self) -> list[str] | None:
        """Ids of listed items that carry this item's tag, its own included; None where that is unknown."""
        known = self.resource.known
        pointer = tag_pointer(known, self.sent) if self.resource.can("tag") else None
        if pointer is None or not self.resource.can("list"):
            return None
        tag = at(self.sent, pointer)
        members = self.resource.members()
        ids = carriers(members.items, places(known, pointer), tag, self.resource.listed_id)
        return ids if self.id in ids or members.complete else None

    def state(self) -> Any:
        """The current representation without what the server changes by itself.

        Raises:
            Undecided: the item cannot be read.
        """
        reply = self.get()
        value = json_of(reply)
        if not reply.is_success or value is MISSING:
            raise Undecided(f"the item cannot be read: {exchange_of(reply).summary()}")
        return self.normalised(value)

    def normalised(self, value: Any) -> Any:
        """A representation as a GET showed it, without an envelope, and without what the server changes by itself."""
        plain = bare(value, self.sent)
        return normalised(plain, volatile=self.resource.volatile, sent=member_names(self.sent))

    def write_fields(self) -> dict[str, str | None]:
        """Header fields that a write needs to be accepted now."""
        fields: dict[str, str | None] = {"Content-Type": self.resource.known.media_type}
        if self.resource.known.locking.if_match:
            fields["If-Match"] = self.get().headers.get("etag")
        return fields

    def put_body(self, change: bool = False) -> Any:
        """A body that replaces the item by what was sent at its creation, or by that with a change.

        Raises:
            Undecided: a change is asked for and no member is known that may change.
        """
        known = self.resource.known
        body = known.update_body if known.update_body is not None else self.sent
        if known.update_body is not None:
            for pointer in known.unique:
                body = replaced(
                    body, known.representation + pointer, at(self.sent, known.representation + pointer)
                )
        if change:
            changed = payloads.changed(known, body)
            if changed is None:
                inconclusive(f"no member of {self.resource.name} is known to be changeable by an update")
            body = changed[0]
        return self.with_version(body)

    def with_version(self, body: Any) -> Any:
        """The body with the current version, where writes must carry it (optimistic locking)."""
        version = self.resource.known.locking.version
        if version is None:
            return body
        where = self.resource.known.representation + version
        return replaced(body, where, shown_at(json_of(self.get()), where))

    def put(self, body: Any) -> httpx.Response:
        return self.client.put(self.url, json=body, headers=self.write_fields())

    def prove(self) -> None:
        """Make sure that the item belongs to the run.

        Raises:
            Undecided: there is no evidence.
        """
        # Not DELETE, after which another item may be there: nothing is sent yet.
        why = self.client.recorder.ownership.why_not("PUT", self.url)
        if why is not None:
            raise Refused(why)

    def delete(self) -> httpx.Response:
        """DELETE the item; it leaves the ledger when the target says that it is gone."""
        fields = {name: value for name, value in self.write_fields().items() if name != "Content-Type"}
        reply = self.client.delete(self.url, headers=fields)
        if reply.status_code < 400:
            self.resource.ledger.forget(self.url)
        return reply
