"""A resource under test: what rules create, read, change and remove, and the ledger keeps account of."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from harness import payloads
from harness.client.client import Client, exchange_of
from harness.client.eventually import eventually
from harness.client.marker import Marker
from harness.client.recorder import Refused
from harness.http.content import MISSING, at, differences, id_text, json_of, member_names, normalised
from harness.http.item_urls import leaves_its_place, names_an_item
from harness.ledger.ledger import Ledger
from harness.lists.traversal import Walk
from harness.profile import models as profile
from harness.resource.creating import Creating
from harness.resource.matching import carriers, places
from harness.resource.unanswered import PAGES as LOST_PAGES
from harness.resource.unanswered import find, marker_of
from harness.rules.checks import Undecided, control, inconclusive
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
        self.known = known
        self.client = client
        self.ledger = ledger
        self.name = known.name
        self.volatile = [*(volatile or []), *known.volatile]

    def under(self, credential: str | None) -> ResourceUnderTest:
        """The same resource, used under another credential."""
        return ResourceUnderTest(self.known, self.client.under(credential), self.ledger, self.volatile)

    @property
    def subject(self) -> ResourceUnderTest:
        return self

    @property
    def url(self) -> str:
        """Absolute URL of the collection."""
        return self.client.url(self.known.collection)

    def item_url(self, id: str) -> str:
        """Absolute URL of the item with an id.

        Raises:
            Refused: it would lead out of the collection.
        """
        path = self.known.item.replace("{id}", quote(id, safe=""))
        if not names_an_item(id) or leaves_its_place(path):
            raise Refused(f"{id!r} is no id: {path} may be read as another place than an item's")
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
            inconclusive(f"no create body is known for {self.name}: give `body` in its [[resources]] table")
        body = payloads.fresh(self.known, self.known.body)
        keyed = self.known.idempotency
        if keyed is not None and keyed.body is not None:
            place = self.known.representation + keyed.body
            if keyed.required or at(body, place) is not MISSING:
                # Two creates under one key would be one.
                body = replaced(body, place, str(uuid.uuid4()))
        return tagged(self.known, body) if self.can("tag") else body

    def body_with(self, member: str) -> dict[str, Any]:
        """A valid create body that surely has an optional member, given by its pointer in the representation."""
        body = self.body()
        if at(body, self.known.representation + member) is not MISSING:
            return body
        value = payloads.known_value(self.known, member, body)
        made: dict[str, Any] = replaced(body, self.known.representation + member, value)
        return made

    # -- requests --------------------------------------------------------------------------------------

    def marker(self, body: Any) -> Marker | None:
        """What the item of a create can be told by, should its answer be lost."""
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
            inconclusive(f"the answer to a create holds no id at {self.known.id!r} and no Location")
        made = self.client.recorder.ownership.claim(self.item_url(id))
        if made is None or made.refused:
            doubt = self.client.recorder.ownership.collection(self.url).doubt
            inconclusive(made.refused if made is not None else doubt or f"item {id} is not shown to be ours")
        item = Item(self, id, sent, reply)
        if item.url in before:
            inconclusive(
                f"a create gave an item that was there before ({exchange_of(reply).summary()}, id {id}): name in "
                "`fresh` the members by which the API finds it again"
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

    @property
    def may_create(self) -> bool:
        """Whether items can be created, and the allowed effects let us."""
        return self.client.target.limits.effects >= Effect.WRITE and self.can("create")

    @property
    def listed_id(self) -> str:
        """Where the id stands in a listed item: as in a single one, but for an envelope around that."""
        pointer = self.known.id
        envelope = self.known.representation
        return pointer.removeprefix(envelope) if envelope and pointer.startswith(envelope + "/") else pointer

    def members(self, pages: int = PAGES) -> Members:
        """The items that the collection lists, over the pages that it tells of by itself.

        A page that leads back to one that was read ends the list as incomplete.
        """
        walk = Walk(self, told_only=True)
        while not (walk.over or walk.full) and len(walk.pages) < pages:
            page = walk.step()
            control(
                page.reply.is_success,
                f"the collection should be readable: {exchange_of(page.reply).summary()}",
            )
        found = [item for page in walk.pages for item in page.items or []]
        last = walk.pages[-1]
        return Members(found, complete=walk.over and walk.loop is None and last.ok and not last.told.more)

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
            inconclusive(f"no id of {self.name} is known to learn the form of ids from")
        return self.item_url(unlike(sample))

    sample_id: str | None = None


class Item:
    """An item that a rule created.

    Attributes:
        id: as it stands in the URL.
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

    def get(self, **options: Any) -> httpx.Response:
        return self.client.get(self.url, **options)

    def twins(self) -> list[str] | None:
        """Ids of listed items that carry this item's tag, its own included; None where that cannot be told."""
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
        return normalised(value, volatile=self.resource.volatile, sent=member_names(self.sent))

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
                inconclusive(f"no member of {self.resource.name} is known that an update may change")
            body = changed[0]
        return self.with_version(body)

    def with_version(self, body: Any) -> Any:
        """The body with the current version, where writes must carry it (optimistic locking)."""
        version = self.resource.known.locking.version
        if version is None:
            return body
        where = self.resource.known.representation + version
        return replaced(body, where, at(json_of(self.get()), where))

    def put(self, body: Any) -> httpx.Response:
        return self.client.put(self.url, json=body, headers=self.write_fields())

    def prove(self) -> None:
        """See that the item is ours.

        Raises:
            Undecided: that is not shown.
        """
        why = self.client.recorder.ownership.why_not("DELETE", self.url)
        if why is not None:
            raise Refused(why)

    def delete(self) -> httpx.Response:
        """DELETE the item; it leaves the ledger when the target says that it is gone."""
        fields = {name: value for name, value in self.write_fields().items() if name != "Content-Type"}
        reply = self.client.delete(self.url, headers=fields)
        if reply.status_code < 400:
            self.resource.ledger.forget(self.url)
        return reply


def tagged(known: profile.Resource, body: dict[str, Any]) -> dict[str, Any]:
    """The body with a text of its own in a member that takes free text, so that its item can be recognised.

    The same body where it has no such member.
    """
    return _tag(known, body)[0]


def tag_pointer(known: profile.Resource, body: Any) -> str | None:
    """Where `tagged()` writes its text, inside the whole body; None where it cannot."""
    return _tag(known, body)[1]


def _tag(known: profile.Resource, body: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    found = payloads.changed(known, body)
    if found is None:
        return body, None
    carrying, inside = found
    pointer = known.representation + inside
    text = at(carrying, pointer)
    return (carrying, pointer) if isinstance(text, str) and " " in text else (body, None)


def replaced(body: Any, pointer: str, value: Any) -> Any:
    """A copy of JSON with another value at a pointer; without the member where the value is `MISSING`."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if not parts:
        return value
    head, *others = parts
    rest = "".join(f"/{part}" for part in pointer.split("/")[2:])
    if isinstance(body, list):
        items = list(body)
        items[int(head)] = replaced(items[int(head)], rest, value)
        return items
    members = dict(body) if isinstance(body, Mapping) else {}
    if not others and value is MISSING:
        members.pop(head, None)
    else:
        members[head] = replaced(members.get(head, {}), rest, value)
    return members


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.I)


def unlike(sample: str) -> str:
    """An id of the same form as a sample that surely names nothing.

    Numbers become large ones of nine digits, UUIDs fresh ones; in other ids the characters, but for a prefix
    such as `ord_`, are replaced by others of their kind.
    """
    if sample.isdigit():
        return str(random.randint(900_000_000, 999_999_999))
    if _UUID.match(sample):
        fresh = str(uuid.uuid4())
        return fresh.upper() if sample.upper() == sample else fresh
    head = re.match(r"(?:[A-Za-z]+[_\-:.])*", sample)
    prefix = head.group() if head and len(head.group()) < len(sample) else ""
    rest = sample[len(prefix) :]
    if re.fullmatch(r"(?:[0-9]+[-_.])*[0-9]{1,8}", rest):
        # Short readable ids (INV-0012) are counted up: the highest is the likeliest to be free.
        highest = re.sub("[0-9]", "9", rest)
        if highest != rest:
            return prefix + highest
    # Only characters that the sample has: an alphabet (hexadecimal, Crockford's) is not left by accident.
    kinds = [
        sorted({char for char in rest if kind(char)}) for kind in (str.isdigit, str.islower, str.isupper)
    ]
    for _ in range(100):
        other = "".join(_another(char, kinds) for char in rest)
        if other != rest:
            return prefix + other
    return prefix + rest + rest


def _another(char: str, kinds: list[list[str]]) -> str:
    for kind in kinds:
        if char in kind:
            return random.choice(kind)
    return char
