"""Several changes of one item in a row, and the events of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from harness import payloads
from harness.client.client import exchange_of
from harness.client.open_responses import Held
from harness.client.raw import connection
from harness.http.content import at, json_of
from harness.profile.models import Stream
from harness.resource.item import Item
from harness.resource.patch_documents import MERGE_PATCH, merging
from harness.rules.checks import control, inconclusive

from .judge import in_order, mentions

CHANGES = 5


@dataclass
class Changes:
    """Changes of one item, and what followed.

    Attributes:
        began, done: when the first was sent, and the last was answered, on the monotonic clock.
        values: what was written, in order.
        texts: data of the events of the item since then, in order.
        shown: which of the values a read showed after the last event, by its place; None where it showed none.
        early: whether the event of one more change arrived while a read still showed what was before, and the change
            was not answered yet, though a read after that answer showed it at once; None where that could not be seen.
    """

    began: float
    done: float
    values: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    shown: int | None = None
    early: bool | None = None

    @property
    def places(self) -> list[int]:
        """Which values the events show, by their places; empty where events show no values."""
        return in_order(self.texts, self.values)


def changed_in_a_row(item: Item, stream: Held, how: Stream) -> Changes:
    """Change an item several times, wait for the events, and read it.

    Raises:
        Undecided: the item cannot be changed.
    """
    item.prove()
    values: list[str] = []
    began = time.monotonic()
    for _ in range(CHANGES):
        values.append(_changed(item))
    made = Changes(began, time.monotonic(), values)

    def texts() -> list[str]:
        # What came before the first change is of the create.
        return [
            one.event.data for one in stream.events if one.at >= began and mentions(one.event.data, item.id)
        ]

    def complete() -> bool:
        found = texts()
        places = in_order(found, values)
        return CHANGES - 1 in places if places else len(found) >= CHANGES

    stream.wait(complete, made.done + how.latency)
    made.texts = texts()
    shown = in_order([str(json_of(item.get()))], values)
    made.shown = shown[0] if shown else None
    if made.places and item.resource.can("replace"):
        made.early = _early(item, stream, how)
    return made


def _early(item: Item, stream: Held, how: Stream) -> bool | None:
    """Change an item once more, and read it as soon as the event is there, whether the change is answered or not."""
    made = payloads.changed(item.resource.known, item.put_body())
    if made is None:
        return None
    value = str(at(made[0], item.resource.known.representation + made[1]))
    fields = {name: text for name, text in item.write_fields().items() if text is not None}
    content = item.client.written(item.url, made[0], fields)

    def shows() -> bool:
        return mentions(str(json_of(item.get())), value)

    with connection(item.client) as wire:
        started = time.monotonic()
        sent = wire.send_only("PUT", item.url, list(fields.items()), content)
        arrived = stream.wait(
            lambda: any(one.at >= started and mentions(one.event.data, value) for one in list(stream.events)),
            started + how.latency,
        )
        at_once = shows() if arrived else None
        answer = wire.final("PUT", item.url, sent, started)
    if at_once is None or not 200 <= (answer.status or 0) < 300:
        return None
    return not at_once and shows()


def _changed(item: Item) -> str:
    """Change an item once; the new value."""
    known = item.resource.known
    if item.resource.can("replace"):
        made = payloads.changed(known, item.put_body())
        if made is None:
            inconclusive(f"no member of {item.resource.name} is known that a change may set: give `change`")
        body, pointer = made
        reply = item.put(body)
    elif item.resource.can("update") and MERGE_PATCH in (known.patch or ()):
        made = payloads.changed(known, item.sent)
        if made is None:
            inconclusive(f"no member of {item.resource.name} is known that a change may set: give `change`")
        body, pointer = made
        patch: Any = merging(pointer, at(body, known.representation + pointer))
        fields = {**item.write_fields(), "Content-Type": MERGE_PATCH}
        reply = item.client.patch(item.url, json=patch, headers=fields)
    else:
        inconclusive(f"items of {item.resource.name} cannot be changed, so no change causes an event")
    control(reply.is_success, f"a valid change should succeed: {exchange_of(reply).summary()}")
    return str(at(body, known.representation + pointer))
