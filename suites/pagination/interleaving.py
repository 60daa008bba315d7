"""A traversal with writes between its pages: the steps, the items seen, and the faults for a reader.

Only untouched items are judged strictly: each is shown exactly once, and in the order of before. An item that was
deleted or inserted meanwhile may be shown once or not at all; a moved one 0 to 2 times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.client.client import exchange_of
from harness.lists.traversal import Page
from harness.resource.own_list import Scope
from harness.rules.checks import control, inconclusive
from harness.rules.figures import ListedItem, Step, TraversalFigure

Kind = Literal["page", "insert", "delete", "move", "size"]


@dataclass(frozen=True)
class Act:
    """One step of an interleaving, independent of the items that exist.

    Attributes:
        where: of an insert, `before` or `after` the cursor; of a delete or a move, which item: one `seen`, one
            `unseen`, or the `cursor`'s own, the last that was seen.
        pick: which of those.
        to: of a move, whether `before` or `after` the cursor.
        size: the new page size.
    """

    kind: Kind
    where: Literal["", "before", "after", "seen", "unseen", "cursor"] = ""
    pick: int = 0
    to: Literal["", "before", "after"] = ""
    size: int = 0


PAGE = Act("page")


@dataclass(frozen=True)
class Event:
    """A write, or a page with the items that it showed."""

    kind: Kind
    text: str
    ids: tuple[str, ...] = ()
    exchange: str | None = None
    refused: str | None = None


@dataclass
class Played:
    """The course of an interleaving.

    Attributes:
        initial: ids of the run's items in the order of the list before the writes.
        events: in order; pages list the run's items only.
        first: request and status of the first page.
        loop: why the traversal would never end; None where it ended.
    """

    initial: list[str]
    events: list[Event] = field(default_factory=list)
    loop: str | None = None
    first: str = ""

    @property
    def touched(self) -> set[str]:
        return {id for event in self.events if event.kind in ("delete", "move") for id in event.ids}

    @property
    def untouched(self) -> list[str]:
        return [id for id in self.initial if id not in self.touched]

    @property
    def seen(self) -> list[str]:
        return [id for event in self.events if event.kind == "page" for id in event.ids]

    @property
    def writes(self) -> int:
        return sum(event.kind in ("insert", "delete", "move") for event in self.events)


def wrong(played: Played) -> list[str]:
    """Faults that a reader of the traversal meets, as sentences. Pure."""
    refused = [event.refused for event in played.events if event.refused is not None]
    if refused:
        return [f"the traversal was cut off: {refused[0]}"]
    counts, untouched, found = Counter(played.seen), played.untouched, []
    missed = [id for id in untouched if id not in counts]
    again = [id for id in untouched if counts[id] > 1]
    inserted = {id for event in played.events if event.kind == "insert" for id in event.ids}
    deleted = {id for event in played.events if event.kind == "delete" for id in event.ids}
    moved = {id for event in played.events if event.kind == "move" for id in event.ids}
    twice = [id for id in counts if counts[id] > 1 and id in (inserted | deleted) - moved]
    label = labels(played)
    if missed:
        found.append(f"untouched {_shown(missed, label)} never shown")
    if again:
        found.append(f"untouched {_shown(again, label)} shown more than once")
    if twice:
        found.append(f"{_shown(twice, label)} shown more than once")
    shown = [id for id in played.seen if id in set(untouched)]
    if not found and shown != untouched:
        found.append("untouched items shown in a different order than before")
    if played.loop is not None and not found:
        found.append(f"the traversal does not end: {played.loop}")
    return found


def labels(played: Played) -> dict[str, str]:
    """A short name for each item, in the order of the list, and then of insertion: A, B, …, Z, A1, …"""
    ids = dict.fromkeys([*played.initial, *(id for event in played.events for id in event.ids)])
    return {
        id: chr(65 + place % 26) + (str(place // 26) if place >= 26 else "") for place, id in enumerate(ids)
    }


def table(played: Played) -> str:
    """The steps in one line, for a finding; the ids behind the letters follow at the end."""
    label = labels(played)
    steps = [
        f"{number}. {event.text}{': ' if event.ids else ''}{' '.join(label[id] for id in event.ids)}"
        for number, event in enumerate(played.events, start=1)
    ]
    blamed = _blamed(played)
    names = ", ".join(f"{label[id]} = {id}" for id in label if id in blamed)
    return f"list of {' '.join(label[id] for id in played.initial)}; {'; '.join(steps)}{f' ({names})' if names else ''}"


def figure(title: str, played: Played) -> TraversalFigure:
    """The steps as a figure."""
    label, seen = labels(played), Counter[str]()
    inserted = {id for event in played.events if event.kind == "insert" for id in event.ids}
    marks = {"insert": "inserted", "delete": "deleted", "move": "moved"}
    steps = []
    for event in played.events:
        items = []
        for id in event.ids:
            mark: Any = marks.get(event.kind)
            if mark is None:
                mark = "again" if seen[id] else ("inserted" if id in inserted else "seen")
                seen[id] += 1
            items.append(ListedItem(label=label[id], mark=mark))
        steps.append(Step(action=event.kind, text=event.text, items=items, exchange=event.exchange))
    missed = [id for id in played.untouched if id not in seen]
    if missed:
        lost = [ListedItem(label=label[id], mark="missed") for id in missed]
        steps.append(Step(action="page", text="never shown", items=lost))
    return TraversalFigure(title=title, steps=steps)


def _blamed(played: Played) -> set[str]:
    counts = Counter(played.seen)
    written = {id for event in played.events if event.kind != "page" for id in event.ids}
    return {id for id in played.untouched if counts[id] != 1} | written


def _shown(ids: Sequence[str], label: dict[str, str]) -> str:
    return ("item " if len(ids) == 1 else "items ") + ", ".join(label[id] for id in ids[:6])


# -- playing it -----------------------------------------------------------------------------------------------


class Interleaving:
    """Plays acts on the items of a scope.

    Args:
        scope: already has its items.
        limit: page size to begin with.
    """

    def __init__(self, scope: Scope, limit: int) -> None:
        self.scope = scope
        self.all = scope.settled()
        self.walk = scope.walk(limit)
        self.played = Played(scope.own(self.all))
        self.live = list(self.played.initial)
        self.mine = set(self.live)
        values = [scope.values[id] for id in self.live if id in scope.values]
        self.descending = len(values) > 1 and values[0] > values[-1]

    def play(self, acts: Sequence[Act]) -> Played:
        """Read a page, do the acts, and read to the end.

        Raises:
            Undecided: a write was refused, or the end is not reached in time.
        """
        self._page()
        for act in acts:
            if self.walk.over and act.kind != "page":
                break
            self._do(act)
        most = len(self.walk.pages) + len(self.all) + len(acts) + 3
        while not self.walk.over:
            if len(self.walk.pages) > most:
                inconclusive(f"the end was not reached after {most} pages")
            self._page()
        self.played.loop = self.walk.loop
        return self.played

    def _do(self, act: Act) -> None:
        if act.kind == "page":
            if not self.walk.over:
                self._page()
        elif act.kind == "size":
            self.walk.resize(act.size)
            self.played.events.append(Event("size", f"page size {act.size} from here on"))
        elif act.kind == "insert":
            self._insert(act)
        else:
            id = self._chosen(act)
            if id is None:
                return
            where = "the cursor's own item" if act.where == "cursor" else f"an item {act.where}"
            if act.kind == "delete":
                reply = self.scope.remove(id)
                self.live.remove(id)
                text = f"delete {where}"
            else:
                to = f" to {act.to} the cursor" if self.scope.sort is not None and act.to else ""
                text = f"{'move' if to else 'update'} {where}{to}"
                reply = self.scope.change(id, self._value(act.to, far=True) if to else None)
            self.played.events.append(Event(act.kind, text, (id,), exchange_of(reply).id))

    def _page(self) -> Page:
        page = self.walk.step()
        own = tuple(id for id in page.ids if id in self.mine)
        refused = None if page.ok else page.summary
        if page.number == 1:
            control(page.ok, f"the first page should be readable: {page.summary}")
            self.played.first = page.summary
        text = f"page {page.number}" if refused is None else f"page {page.number} is refused ({page.summary})"
        self.played.events.append(Event("page", text, own, exchange_of(page.reply).id, refused))
        return page

    def _insert(self, act: Act) -> None:
        placed = self.scope.sort is not None
        item = self.scope.create(self._value(act.where) if placed else None)
        self.mine.add(item.id)
        text = f"insert {act.where} the cursor" if placed else "insert"
        self.played.events.append(Event("insert", text, (item.id,), exchange_of(item.created).id))

    def _value(self, where: str, *, far: bool = False) -> int:
        """A sort value right before, or after, the cursor; if far, beyond other items as well."""
        values = self.scope.values
        seen = [id for id in self.played.seen if id in values]
        ahead = [id for id in self.live if id in values and id not in seen]
        anchors = seen[-1:] or list(values)[:1]
        if far:
            anchors = (seen[:1] if where == "before" else ahead[2:3] or ahead[-1:]) or anchors
        return self.scope.between(values[anchors[0]], -1 if (where == "before") != self.descending else 1)

    def _chosen(self, act: Act) -> str | None:
        seen = set(self.played.seen)
        cursor = next((id for id in reversed(self.played.seen)), None)
        if act.where == "cursor":
            return cursor if cursor in self.live else None
        wanted = [id for id in self.live if (id in seen) == (act.where == "seen") and id != cursor]
        return wanted[act.pick % len(wanted)] if wanted else None
