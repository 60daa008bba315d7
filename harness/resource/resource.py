"""A resource under test: what rules create, read, change and remove, and the ledger keeps account of."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from harness import payloads
from harness.client.client import Client, exchange_of
from harness.client.encoding import PLAIN, Encoding
from harness.client.eventually import eventually
from harness.client.marks import Marker
from harness.client.recorder import Refused
from harness.http.content import MISSING, at, differences, id_text, key_parts, replaced
from harness.http.item_urls import key, leaves_its_place, names_an_item
from harness.ledger.ledger import Ledger
from harness.lists.traversal import Walk
from harness.profile import models as profile
from harness.resource.creating import Creating
from harness.resource.ids import in_collection, unlike
from harness.resource.item import Item
from harness.resource.json_api import resource_type
from harness.resource.matching import places
from harness.resource.tags import tag_pointer, tagged
from harness.resource.unanswered import PAGES as LOST_PAGES
from harness.resource.unanswered import find, marker_of
from harness.rules.checks import control, inconclusive
from harness.rules.rule import Effect

PAGES = 10
LONGEST_LAG = 10.0
"""Seconds that a rule waits for its item to show, where the survey saw that items show late."""


@dataclass(frozen=True)
class Members:
    """The items that a collection lists.

    Attributes:
        items: representations as listed.
        complete: False where there were more pages than were read.
    """

    items: list[Any]
    complete: bool


class ResourceUnderTest(Creating):
    """A collection and its items, as a rule works with them.

    Args:
        known: what the profile says of it.
        client: sends the requests.
        ledger: keeps account of what is created.
        volatile: locations that change by themselves in every representation.
    """

    def __init__(
        self, known: profile.Resource, client: Client, ledger: Ledger, volatile: list[str] | None = None
    ) -> None:
        self.client = client
        self.known = known
        self.ledger = ledger
        self.name = known.name
        self.volatile = [*(volatile or []), *known.volatile]

    def under(self, credential: str | None) -> ResourceUnderTest:
        """The same resource, used under another credential."""
        return ResourceUnderTest(self.known, self.client.under(credential), self.ledger, self.volatile)

    def on_new_connections(self) -> ResourceUnderTest:
        """The same resource, used with a new connection for every request."""
        return ResourceUnderTest(self.known, self.client.on_new_connections(), self.ledger, self.volatile)

    def showing_failures(self) -> ResourceUnderTest:
        """The same resource, whose client returns a 503 that does not say when it will pass."""
        return ResourceUnderTest(self.known, self.client.showing_failures(), self.ledger, self.volatile)

    @property
    def known(self) -> profile.Resource:
        """What is known of the resource; how its bodies are written follows from it."""
        return self._known

    @known.setter
    def known(self, known: profile.Resource) -> None:
        self._known = known
        with suppress(httpx.InvalidURL):
            bare = known.representation if known.bare else ""
            within, kind = known.within if bare else "", resource_type(known)
            own = Encoding(bare, within, payloads.files(known), frozenset(known.repeated), kind)
            if own != PLAIN:
                for url in (self.url, self.create_url):
                    self.client.recorder.encodings[key(url)] = own

    @property
    def subject(self) -> ResourceUnderTest:
        return self

    @property
    def url(self) -> str:
        """Absolute URL of the collection."""
        return self.client.url(self.known.collection)

    @property
    def create_url(self) -> str:
        """Absolute URL to which creates are sent."""
        return self.client.url(self.known.collection if self.known.create is None else self.known.create)

    def item_url(self, id: str) -> str:
        """Absolute URL of the item with an id.

        Raises:
            Refused: it would lead out of the collection.
        """
        # The parts of a key of several members are separated as OData writes them (URL Conventions section 4.3.1).
        # A comma may separate the parts of other keys, too, and its encoding is another URI (RFC 3986 section 2.2).
        safe = "=,'" if len(key_parts(self.known.id)) > 1 else ","
        path = self.known.item.replace(
            "{id}", quote(in_collection(id, self.known.collection or ""), safe=safe)
        )
        if not names_an_item(id) or leaves_its_place(path):
            raise Refused(f"{id!r} is not a valid id: {path} may resolve to another path than an item's")
        return self.client.url(path)

    def can(self, need: str) -> bool:
        return self.known.missing(need) is None

    def documented(self, what: str) -> list[str]:
        """Methods that the API documents for its `collection` or `item`; empty where it documents none."""
        return list(self.known.methods.get(what, []))  # type: ignore[call-overload]

    # -- bodies ----------------------------------------------------------------------------------------

    def body(self) -> dict[str, Any]:
        """A valid create body with fresh values where they must be unique."""
        if self.known.body is None:
            inconclusive(f"no create body is known for {self.name}: set `body` in its [[resources]] table")
        body = payloads.fresh(self.known, self.known.body)
        keyed = self.known.idempotency
        if keyed is not None and keyed.body is not None:
            place = self.known.representation + keyed.body
            if keyed.required or at(body, place) is not MISSING:
                # Two creates under one key would be one.
                body = replaced(body, place, str(uuid.uuid4()))
        return self.with_id(tagged(self.known, body) if self.can("tag") else body)

    def body_with(self, member: str) -> dict[str, Any]:
        """A valid create body that surely has an optional member, given by its pointer in the representation."""
        body = self.body()
        if at(body, self.known.representation + member) is not MISSING:
            return body
        value = payloads.known_value(self.known, member, body)
        made: dict[str, Any] = replaced(body, self.known.representation + member, value)
        return made

    def as_sent(self, body: Any) -> Any:
        """A body without the envelope that only responses have."""
        return self.client.recorder.encoding(self.url).sent(body)

    def written(self, body: Any) -> bytes:
        """A body as the bytes that a create sends: JSON or a form, without an envelope that only responses have."""
        return self.client.written(self.url, body, {"Content-Type": self.known.media_type})

    # -- requests --------------------------------------------------------------------------------------

    def marker(self, body: Any) -> Marker | None:
        """What the item of a create can be recognised by, should its answer be lost."""
        if not isinstance(body, Mapping):
            return None
        return marker_of(self.known, body, tag_pointer(self.known, body))

    def lost(self, marker: Marker | None, *, last: bool = False, pages: int = LOST_PAGES) -> list[str] | None:
        """URLs of what a create has made whose answer was lost: see `harness.resource.unanswered.find`.

        Args:
            last: whether to wait for a list that shows items late.
        """
        late = last and (self.can("lag") or self.can("long_running"))
        return find(self, marker, LONGEST_LAG if late else 0.0, pages)

    def create(self, body: Any = MISSING) -> Item:
        """Create an item, as the positive control of a rule.

        Raises:
            Undecided: the target does not accept a valid body now.
        """
        sent = self.body() if body is MISSING else body
        before = {entry.url for entry in self.ledger.entries}
        reply = self.post(sent)
        control(reply.is_success, f"a valid create should succeed: {exchange_of(reply).summary()}")
        id = self.id_in(reply)
        later = self.later(reply)
        if later is not None:
            inconclusive(f"creates are long-running: {exchange_of(reply).summary()} with {later}")
        if id is None:
            inconclusive(f"the answer to a create has no id at {self.known.id!r} and no Location")
        made = self.client.recorder.ownership.claim(self.item_url(id))
        if made is None or made.refused:
            doubt = self.client.recorder.ownership.collection(self.url).doubt
            inconclusive(
                made.refused if made is not None else doubt or f"item {id} is not shown to belong to this run"
            )
        item = Item(self, id, sent, reply)
        if item.url in before:
            inconclusive(
                f"a create returned an item that existed before ({exchange_of(reply).summary()}, id {id}): list in "
                "`fresh` the members by which the API identifies items"
            )
        if self.can("lag"):
            eventually(lambda: item.get().is_success, LONGEST_LAG)
        return item

    def drift(self, seconds: float, prepare: Callable[[Item], object] | None = None) -> list[str]:
        """Locations that change by themselves in a fresh item that nobody touches for some seconds.

        Args:
            prepare: what to do with the item before; nothing when omitted.
        """
        item = self.create()
        if prepare is not None:
            prepare(item)
        before = item.state()
        self.client.recorder.budget.sleep(seconds)
        return differences(before, item.state())

    def existing(self) -> str | None:
        """URL of an item to read: one of its own where it may create, else one that the list shows."""
        if self.may_create:
            return self.create().url
        for item in self.members(pages=1).items:
            id = id_text(at(item, self.listed_id))
            if id is not None and self.can("read"):
                return self.item_url(id)
        return None

    def kept_url(self) -> str | None:
        """URL of an item that the run created earlier and that cannot be removed; None without one."""
        made = self.client.recorder.ownership.collection(self.url).made
        return next((one.url for one in made if not (one.gone or one.refused)), None)

    @property
    def may_create(self) -> bool:
        """Whether items can be created, the allowed effects let us, and not too many stay behind."""
        return self.client.target.limits.effects >= Effect.WRITE and self.can("create") and self.has_room()

    @property
    def why_none_created(self) -> str:
        """Why a run has no items of its own here, for the end of a message."""
        if self.client.target.limits.effects < Effect.WRITE:
            return "--effects write would add some"
        return (
            f"the run adds none ({self.known.missing('create') or self.staying or 'nothing can be removed'})"
        )

    @property
    def listed_id(self) -> str:
        """Where the id is in a listed item: as in a single one, except an envelope around that."""
        return places(self.known, self.known.id)[-1]

    def members(self, pages: int = PAGES) -> Members:
        """The items that the collection lists, over the pages that it links to.

        A page that leads back to one that was read ends the list as incomplete.
        """
        walk = Walk(self, links_only=True)
        while not (walk.over or walk.full) and len(walk.pages) < pages:
            page = walk.step()
            control(
                page.reply.is_success,
                f"the collection should be readable: {exchange_of(page.reply).summary()}",
            )
        found = [item for page in walk.pages for item in page.items or []]
        last = walk.pages[-1]
        return Members(found, complete=walk.over and walk.loop is None and last.ok and not last.info.more)

    # -- ids that name nothing -------------------------------------------------------------------------

    def absent_url(self) -> str:
        """URL of an item that does not exist, with an id of the right form.

        Raises:
            Undecided: no id is known that the form could be learnt from.
        """
        if self.known.absent_id is not None:
            return self.item_url(self.known.absent_id)
        sample = self.sample_id
        if sample is None:
            inconclusive(f"no id of {self.name} is known, so the form of its ids is unknown")
        return self.item_url(unlike(sample))

    sample_id: str | None = None
