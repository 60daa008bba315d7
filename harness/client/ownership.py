"""What the run may change: its own items, and nothing else. Decides without I/O; everything is denied by default.

An item is ours where a create of the run was answered with it, it was not there before, and it shows what was sent.
`proving.py` collects the evidence; `Recorder.admit` asks `Ownership.why_not()` before every request that is not safe.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.client.marker import Marker
from harness.http.content import MISSING, at, id_text, normalised, parsed
from harness.http.item_urls import above, key

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "REPORT", "SEARCH"})
"""Methods that are registered as safe (RFC 9110 section 9.2.1, RFC 9205 and the IANA registry)."""
STANDARD = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ABSENT_FOR = 5.0
"""Seconds for which a 404 shows that there is nothing."""
GONE = (404, 410)
_FORESEEABLE = re.compile(r"[A-Za-z]{0,8}[-_.:]?\d{1,12}\Z")
_CREATED = re.compile(r"(?i)_?(created|inserted|registered|added)[_-]?(at|on|date|time|timestamp)?")


_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


@dataclass(frozen=True)
class Marks:
    """What an item of the run is recognised by.

    Attributes:
        token: of the run; every text of the run carries it. Empty where it is not known.
        marker: the text that its create sent; None where no member took one.
        shape: scalar members that the answer to its create showed, by pointer.
        places: where the marker may stand in a representation; its own pointer when empty.
        expected: whether the answer to its create showed the marker: then what lacks it is something else.
    """

    token: str = ""
    marker: Marker | None = None
    shape: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    expected: bool = False

    def shown_by(self, value: Any) -> bool | None:
        """Whether a representation, as JSON, is that of the item; None where it shows nothing that tells."""
        words = [self.token, self.marker.value if self.marker is not None else ""]
        if any(word and _holds(value, word.casefold()) for word in words):
            return True
        if self.marker is not None and (self.expected or self.text_in(value) is not None):
            return False
        if not self.shape:
            return None
        return all(_alike(at(value, pointer), one) for pointer, one in self.shape.items())

    def text_in(self, value: Any) -> str | None:
        """The text that stands where the marker should; None where there is none."""
        if self.marker is None:
            return None
        found = (at(value, place) for place in self.places or (self.marker.pointer,))
        return next((one for one in found if isinstance(one, str)), None)


def shape_of(value: Any) -> dict[str, Any]:
    """What in the answer to a create tells its item from others that came later: the time of its creation.

    Other members may well be alike in items of others.
    """
    if not isinstance(value, Mapping):
        return {}
    return {
        f"/{name}": one
        for name, one in value.items()
        if isinstance(one, str | int | float) and isinstance(name, str) and _CREATED.fullmatch(name)
    }


def _alike(one: Any, other: Any) -> bool:
    """Whether two values are the same; of times, whether they are of the same minute."""
    if isinstance(one, str) and isinstance(other, str) and _TIME.match(one):
        return one[:16] == other[:16]
    return bool(one == other)


def holds(value: Any, text: str) -> bool:
    """Whether a text in JSON contains another one, in any case."""
    return _holds(value, text.casefold())


def _holds(value: Any, word: str) -> bool:
    """Whether a text in JSON contains a word, in any case."""
    if isinstance(value, str):
        return word in value.casefold()
    if isinstance(value, Mapping):
        # A server that misreads the content may make a name of it.
        return any(_holds(str(name), word) or _holds(inner, word) for name, inner in value.items())
    return isinstance(value, list) and any(_holds(inner, word) for inner in value)


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
        answered: whether the answer to the create showed the item's marks; None where it showed nothing of them.
        looked: whether a read showed them.
        gone: whether the run has removed it.
        changed: whether the run has written to it since.
        refused: why it is not taken for ours; empty where it may be.
        texts: that the run has written where the marker stood; None where it has written none there.
        proven: whether it was shown to be ours.
        born: what the answer to its create showed, normalised, where the list then had this item more, and no other.
        volatile: pointers of what changes by itself.
        last: JSON that the item showed last; `MISSING` where it was not read.
        stale: whether the run has written to it since.
        home: the collection in which it was created; None where it was PUT.
        prove: collects what evidence is missing, by requests; given whether these may create another item.
        disown: takes it out of the ledger, with the reason.
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
    home: Collection | None = None
    prove: Callable[[Claim, bool], str | None] | None = None
    disown: Callable[[Claim], None] | None = None
    proving: bool = False

    def shows(self, value: Any) -> bool | None:
        """As `Marks.shown_by()`, with what the run has written since."""
        shown = self.marks.shown_by(value)
        if shown is False and self.changed:
            text = self.marks.text_in(value)
            if text in self.texts:
                return True if text is not None else None
        if shown is None and self.born is not MISSING:
            return True if normalised(value, volatile=self.volatile) == self.born else None
        return shown

    def as_last_seen(self) -> Callable[[Any], bool]:
        """Tells whether a representation is the one that was seen last, as of now."""
        last, stale = self.last, self.stale

        def same(value: Any) -> bool:
            if stale or last is MISSING:
                return False
            one, other = (normalised(each, volatile=self.volatile) for each in (last, value))
            return bool(one == other)

        return same

    def refuse(self, why: str) -> None:
        """It is not ours, or that cannot be shown."""
        if not self.refused:
            self.refused = why
            if self.disown is not None:
                self.disown(self)


@dataclass(eq=False)
class Collection:
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
        doubt: why nothing that is answered there can be taken for ours; empty where it can.
        blind: creates whose answers told nothing of their items.
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
    """Something that was there before and that a create has changed.

    Attributes:
        told: what happened, a sentence.
        exchange: id of the exchange of the create.
    """

    told: str
    exchange: str


@dataclass(frozen=True)
class Before:
    """What a process has found out of a collection, for other processes of the run; see `Collection`."""

    ids: list[str]
    complete: bool | None
    distinct: bool | None
    doubt: str = ""


class Ownership:
    """Who owns what, as far as one process of a run knows.

    Args:
        token: of the run; see `Marks`.
    """

    def __init__(self, token: str = "") -> None:
        self.token = token
        self.collections: dict[str, Collection] = {}
        self.claims: dict[str, Claim] = {}
        self.touched: list[Touched] = []
        self._absent: dict[str, float] = {}
        self._granted: set[tuple[str, str]] = set()

    # -- what is known ---------------------------------------------------------------------------------

    def collection(self, url: str) -> Collection:
        """The collection at a URL; from now on items may be created there."""
        place = key(url)
        return self.collections.setdefault(place, Collection(place))

    def grant(self, method: str, url: str) -> None:
        """Let requests pass that the user has written: in `setup` of the profile, or in a rule of their own."""
        self._granted.add((method.upper(), key(url)))

    def claim(self, url: str) -> Claim | None:
        """The claim on an item's URL, if there is one."""
        return self.claims.get(key(url))

    def take(self, claim: Claim) -> None:
        """Take a claim on."""
        self.claims[claim.place] = claim

    def drop(self, url: str) -> None:
        """Forget a claim: the item is not ours, or is known under another URL."""
        claim = self.claims.pop(key(url), None)
        if claim is not None and claim.home is not None and claim in claim.home.made:
            claim.home.made.remove(claim)

    def removed(self, url: str) -> None:
        """The run has removed an item: whatever stands there next may be somebody else's."""
        if (claim := self.claim(url)) is not None:
            claim.gone, claim.looked = True, False
            self._absent.pop(claim.place, None)

    def saw(self, method: str, url: str, status: int, value: Callable[[], Any]) -> None:
        """Take note of an answer.

        Args:
            value: gives the JSON of its content.
        """
        if method not in ("GET", "HEAD"):
            if method not in SAFE and status < 400:
                self._absent.pop(key(url), None)
            if method in ("PUT", "PATCH") and 200 <= status < 300:
                self._showed(key(url), value())
            return
        place = key(url)
        if status in GONE:
            self._absent[place] = time.monotonic()
            return
        self._absent.pop(place, None)
        claim = self.claims.get(place)
        if claim is None or method != "GET" or status != 200:
            return
        shown = value()
        ours = claim.shows(shown)
        if ours or (not claim.gone and (claim.stale or claim.last is MISSING)):
            # What differs otherwise is not the run's doing: it may be another item.
            claim.last, claim.stale = shown, False
        if not claim.looked:
            claim.looked = ours is True
            claim.gone = claim.gone and not claim.looked

    def _showed(self, place: str, value: Any) -> None:
        """Take note of the answer to a write, where that is the item's representation."""
        claim = self.claims.get(place)
        if claim is not None and isinstance(value, Mapping) and claim.id in map(id_text, value.values()):
            claim.last, claim.stale = value, False

    def wrote(self, url: str, content: bytes) -> None:
        """Take note of what is written to an item of ours."""
        claim = self.claim(url)
        if claim is None or claim.marks.marker is None or not content:
            return
        try:
            sent = parsed(content)
        except ValueError:
            return
        claim.texts.add(claim.marks.text_in(sent))
        for one in sent if isinstance(sent, list) else ():
            if isinstance(one, Mapping) and one.get("path") in claim.marks.places:
                text = one.get("value")
                claim.texts.add(text if isinstance(text, str) else None)

    def begin_rule(self) -> None:
        """What was absent is to be shown again by the next rule."""
        self._absent.clear()

    def is_absent(self, url: str) -> bool:
        """Whether a GET has just shown that there is nothing at a URL."""
        seen = self._absent.get(key(url))
        return seen is not None and time.monotonic() - seen <= ABSENT_FOR

    def found_out(self) -> dict[str, Before]:
        """What other processes need not find out again, by the key of the collection."""
        return {
            place: Before(sorted(one.ids), one.complete, one.distinct, one.doubt)
            for place, one in self.collections.items()
            if one.listed and (one.distinct is not None or one.doubt)
        }

    def load(self, before: Mapping[str, Before]) -> None:
        """Take over what another process has found out."""
        for place, one in before.items():
            if place not in self.collections:
                self.collections[place] = Collection(
                    place,
                    set(one.ids),
                    complete=one.complete,
                    listed=True,
                    compared=True,
                    distinct=one.distinct,
                    tried=True,
                    doubt=one.doubt,
                )

    # -- decisions -------------------------------------------------------------------------------------

    def why_not(self, method: str, url: str) -> str | None:
        """Why a request must not be sent; None where it may.

        It may where it is safe, the user wrote it, it creates in a collection under test, it is sent to an item that
        is ours or below one, or to a URL that was just shown to name nothing.
        """
        if method in SAFE:
            return None
        place = key(url)
        if (method, place) in self._granted:
            return None
        found = self.collections.get(place)
        if found is not None and (method == "POST" or method not in STANDARD):
            return found.doubt or None
        for claim in self._claims_over(place):
            why = self._not_ours(claim)
            if why is None and method == "DELETE" and claim.place == place:
                # Whatever comes of it: another item may stand there next.
                claim.gone, claim.looked = True, False
            return None if why is None else f"{method} {url} is not sent: {why}"
        if self.is_absent(url):
            return None
        return (
            f"{method} {url} is not sent: it was not shown that this run created what is there "
            "(a rule of your own may declare it: client.may_change(method, url))"
        )

    def _claims_over(self, place: str) -> Iterator[Claim]:
        for one in above(place):
            if (claim := self.claims.get(one)) is not None:
                yield claim
            # An action of an item, as in AIP-136: /orders/5:cancel.
            head, colon, _ = one.rpartition("%3A")
            if colon and (claim := self.claims.get(head)) is not None:
                yield claim

    def _not_ours(self, claim: Claim) -> str | None:
        if claim.refused:
            return claim.refused
        if claim.proving or claim.prove is None:
            claim.changed = claim.stale = True
            return None
        claim.proving = True
        try:
            why = claim.prove(claim, True)
        finally:
            claim.proving = False
        if why is None:
            claim.changed = claim.stale = True
        return why


def listed_ids(items: list[Any], pointers: list[str]) -> Iterator[tuple[str, Any]]:
    """Ids of listed items with the items, by the first pointer that gives one."""
    for item in items:
        id = next((id for one in pointers if (id := id_text(at(item, one))) is not None), None)
        if id is not None:
            yield id, item


def insufficient(claim: Claim, collection: Collection, looked: bool | None) -> str | None:
    """What is lacking for an item to be ours; None where nothing is.

    Args:
        looked: whether a read of it shows its marks; None where it shows nothing that tells, or cannot be read.
    """
    where = f"{claim.request} was answered with item {claim.id}"
    if looked is False or (claim.answered is False and not looked):
        return f"{where}, which shows something else than was sent"
    if collection.distinct is False:
        return collection.doubt
    if not (collection.distinct or collection.complete):
        return f"{where}, and neither a list nor a second create shows that it was not there before"
    if not looked and foreseeable(claim.id):
        return f"{where}, which shows nothing of what was sent, and others may get such an id"
    return None
