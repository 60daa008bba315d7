"""Claims: items that the run takes for its own, and the evidence for and against that. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.client.marks import Marks
from harness.http.content import MISSING, at, id_text, normalised

_FORESEEABLE = re.compile(r"[A-Za-z]{0,8}[-_.:]?\d{1,12}\Z")


def foreseeable(id: str) -> bool:
    """Whether others may get, or have, the same id: a number that is counted up, a word."""
    return bool(_FORESEEABLE.match(id)) or len(id) < 12


@dataclass(eq=False)
class Claim:
    """An item that a create was answered with.

    Attributes:
        place: key of its URL.
        url: its URL.
        id: its id.
        request: what created it, as a reader is shown it.
        exchange: id of the exchange of its create.
        sent: content and idempotency key of the create: who sends the same again may be answered with the same item.
        put: whether it was created by PUT where nothing was.
        words: texts of the create that carry the token of the run.
        answered: whether the answer to the create showed the item's marks; None if it showed none of them.
        looked: whether a read showed them.
        gone: whether the run has removed it.
        changed: whether the run has written to it since.
        refused: why it does not count as the run's own; empty if it may.
        texts: the values that the run has written at the marker's location; None for a write without one.
        proven: whether there is evidence that the run created it.
        born: what the answer to its create showed, normalised, where the list then had this item more, and no other.
        volatile: pointers of what changes by itself.
        last: JSON that the item showed last; `MISSING` where it was not read.
        stale: whether the run has written to it since.
        home: the collection in which it was created; None where it was PUT.
        prove: collects what evidence is missing, by requests; given whether these may create another item.
        disown: takes it out of the ledger, with the reason.
        wrote: puts a text into the ledger that a write is about to leave at the marker's location; None for no text.
    """

    place: str
    url: str
    id: str
    marks: Marks
    request: str = ""
    exchange: str = ""
    sent: tuple[bytes, str | None] = (b"", None)
    put: bool = False
    words: frozenset[str] = frozenset()
    answered: bool | None = None
    looked: bool = False
    gone: bool = False
    changed: bool = False
    refused: str = ""
    texts: set[str | None] = field(default_factory=set)
    proven: bool = False
    born: Any = MISSING
    volatile: tuple[str, ...] = ()
    last: Any = MISSING
    stale: bool = False
    home: ClaimedCollection | None = None
    prove: Callable[[Claim, bool], str | None] | None = None
    disown: Callable[[Claim], None] | None = None
    wrote: Callable[[Claim, str | None], None] | None = None
    proving: bool = False

    def shows(self, value: Any) -> bool | None:
        """As `Marks.shown_by()`, with what the run has written since."""
        shown = self.marks.shown_by(value)
        if shown is False and self.changed:
            text = self.marks.text_in(value)
            if text in self.texts:
                return True if text is not None else None
        if shown is None and self.born is not MISSING:
            seen = normalised(value, volatile=self.volatile)
            return True if seen == self.born or self._shows_less(seen) else None
        return shown

    def _shows_less(self, seen: Any) -> bool:
        """Whether a representation is that of the create without some members, such as a secret that is shown once.

        An id that can be guessed may be another item's by then.
        """
        if not isinstance(seen, Mapping) or not isinstance(self.born, Mapping) or foreseeable(self.id):
            return False
        return len(seen) > 1 and seen.items() <= self.born.items()

    def as_last_seen(self) -> Callable[[Any], bool]:
        """Returns a predicate: whether a representation equals the one that was last seen, as of now."""
        last, stale = self.last, self.stale

        def same(value: Any) -> bool:
            if stale or last is MISSING:
                return False
            one, other = (normalised(each, volatile=self.volatile) for each in (last, value))
            return bool(one == other)

        return same

    def refuse(self, why: str) -> None:
        """Reject the claim: the item does not belong to the run, or that cannot be shown."""
        if not self.refused:
            self.refused = why
            if self.disown is not None:
                self.disown(self)


@dataclass(eq=False)
class ClaimedCollection:
    """A collection in which the run creates items.

    Attributes:
        place: key of its URL.
        ids: of the items that were listed before the first create.
        items: these, normalised, by id; empty in a worker.
        unnamed: items, normalised, that were listed then without an id that can be read.
        complete: whether that was the whole list; None where it cannot be read.
        listed: whether that was tried.
        read: reads the list again; None in a process that has not read it.
        compared: whether the list was compared after the first create.
        distinct: whether two creates gave two items and the second left the first alone; None where not known.
        tried: whether that was tried.
        doubt: why no response there shows ownership; empty if responses do.
        blind: number of creates whose responses identified no item.
        made: what creates were answered with, in order.
    """

    place: str
    ids: set[str] = field(default_factory=set)
    items: dict[str, Any] = field(default_factory=dict)
    unnamed: list[Any] = field(default_factory=list)
    complete: bool | None = None
    listed: bool = False
    read: Callable[[], tuple[list[Any], bool | None]] | None = None
    compared: bool = False
    distinct: bool | None = None
    tried: bool = False
    doubt: str = ""
    blind: int = 0
    made: list[Claim] = field(default_factory=list)


@dataclass(frozen=True)
class Touched:
    """An item that existed before the run and that a create has changed.

    Attributes:
        message: a sentence that describes what happened.
        exchange: id of the exchange of the create.
    """

    message: str
    exchange: str


@dataclass(frozen=True)
class Before:
    """What a process has found out of a collection, for other processes of the run; see `Collection`."""

    ids: list[str]
    complete: bool | None
    distinct: bool | None
    doubt: str = ""


def listed_ids(items: list[Any], pointers: list[str]) -> Iterator[tuple[str, Any]]:
    """Ids of listed items with the items, by the first pointer that gives one."""
    for item in items:
        id = next((id for one in pointers if (id := id_text(at(item, one))) is not None), None)
        if id is not None:
            yield id, item


def insufficient(claim: Claim, collection: ClaimedCollection, looked: bool | None) -> str | None:
    """The evidence that is missing for an item to belong to the run; None if it is complete.

    Args:
        looked: whether a read of it shows its marks; None if the read is inconclusive or impossible.
    """
    where = f"{claim.request} was answered with item {claim.id}"
    if looked is False or (claim.answered is False and not looked):
        return f"{where}, which does not show the content that was sent"
    if collection.distinct is False:
        return collection.doubt
    if not (collection.distinct or collection.complete):
        return f"{where}, and neither a list nor a second create shows that it is new"
    if not looked and foreseeable(claim.id):
        return f"{where}, which shows nothing of the content that was sent, and its id is predictable"
    return None
