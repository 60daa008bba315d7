"""Canaries: items of one client that are recognised wherever another client is shown them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from harness import payloads
from harness.client.client import exchange_of
from harness.http.content import MISSING, at, id_text, json_of, normalised, shown
from harness.payloads import run_token
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided, control, inconclusive

SHORTEST = 12
"""Characters from which a text is distinctive enough to show whose item a response is about."""


_TIME = re.compile(r"\d{4}-\d\d-\d\d")
"""How a point in time begins: it says nothing about whose item it is."""


def texts_in(value: Any) -> set[str]:
    """All texts in JSON, names of members not among them."""
    if isinstance(value, str):
        return {value}
    inner: Iterable[Any] = ()
    if isinstance(value, Mapping):
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    return {text for one in inner for text in texts_in(one)}


def distinctive(value: Any, common: Collection[str] = ()) -> frozenset[str]:
    """Texts of an item that no other item is likely to have.

    Args:
        common: texts that say nothing, such as those of another item.
    """
    texts = texts_in(value) - set(common)
    return frozenset(text for text in texts if len(text) >= SHORTEST and not _TIME.match(text))


def marked(sent: Any, token: str) -> frozenset[str]:
    """Texts of a create body that carry the token of the run: canaries."""
    return frozenset(text for text in texts_in(sent) if token in text and len(text) >= SHORTEST)


def of_one_item(sent: Any, another: Any, token: str) -> frozenset[str]:
    """The marked texts of a create body that no item of client B has, even if the run created it.

    Args:
        another: a create body of the same resource: what both have is in each of them.
    """
    return marked(sent, token) - texts_in(another)


def leaked(content: str, canaries: Collection[str]) -> str | None:
    """The first canary that a response's content shows, or None.

    Args:
        content: as text; JSON is read, so that escapes do not hide anything.
    """
    try:
        shown = texts_in(json.loads(content))
    except (ValueError, RecursionError):
        shown = {content}
    return next((one for one in sorted(canaries) if any(one in text for text in shown)), None)


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
    own = of_one_item(item.sent, body_with_canary(resource), run_token.current())
    canaries = {text for text in own if leaked(reply.text, {text})}
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
        f"the list of {resource.name} shows client A no item of its own that could be recognised elsewhere; "
        f"{resource.why_none_created}"
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
