"""What the run may change: only its own items. Decides without I/O; everything else is denied.

An item belongs to the run if a create was answered with it, it did not exist before, and it shows the content sent.
`proving.py` collects the evidence; `Recorder.admit` asks `Ownership.why_not()` before every request that is not safe.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from harness.client.claims import Before, Claim, ClaimedCollection, Touched
from harness.http.content import MISSING, id_text, parsed
from harness.http.item_urls import above, key

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "REPORT", "SEARCH"})
"""Methods that are registered as safe (RFC 9110 section 9.2.1, RFC 9205 and the IANA registry)."""
STANDARD = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ABSENT_FOR = 5.0
"""Seconds for which a 404 shows that there is nothing."""
GONE = (404, 410)


class Ownership:
    """Ownership of items, as known to one process of a run.

    Args:
        token: of the run; see `Marks`.
    """

    def __init__(self, token: str = "") -> None:
        self.token = token
        self.collections: dict[str, ClaimedCollection] = {}
        self.claims: dict[str, Claim] = {}
        self.touched: list[Touched] = []
        self._absent: dict[str, float] = {}
        self._creates: dict[str, str] = {}
        self._granted: set[tuple[str, str]] = set()

    # -- what is known ---------------------------------------------------------------------------------

    def collection(self, url: str, create: str | None = None) -> ClaimedCollection:
        """The collection at a URL; from now on items may be created there.

        Args:
            create: URL to which creates are sent, if that is another one.
        """
        place = key(url)
        if create is not None and key(create) != place:
            self._creates[key(create)] = place
        return self.collections.setdefault(place, ClaimedCollection(place))

    def grant(self, method: str, url: str) -> None:
        """Allow requests that the user has written: in `setup` of the profile, or in a rule of their own."""
        self._granted.add((method.upper(), key(url)))

    @contextmanager
    def granting(self, method: str, url: str) -> Iterator[None]:
        """Allow one method at one URL for a while: for an operation that names items of the run by their ids."""
        granted = (method.upper(), key(url))
        added = granted not in self._granted
        self._granted.add(granted)
        try:
            yield
        finally:
            if added:
                self._granted.discard(granted)

    def reaches(self, url: str, content: bytes) -> None:
        """Record that a request to another URL may write this content to an item of the run."""
        claim = self.claim(url)
        if claim is not None:
            claim.changed = claim.stale = True
            self.wrote(url, content)

    def claim(self, url: str) -> Claim | None:
        """The claim on an item's URL, if there is one."""
        return self.claims.get(key(url))

    def take(self, claim: Claim) -> None:
        """Take a claim on."""
        self.claims[claim.place] = claim

    def drop(self, url: str) -> None:
        """Remove a claim: the item does not belong to the run, or has another URL."""
        claim = self.claims.pop(key(url), None)
        if claim is not None and claim.home is not None and claim in claim.home.made:
            claim.home.made.remove(claim)

    def removed(self, url: str) -> None:
        """The run has removed an item: whatever is there next may be another client's."""
        if (claim := self.claim(url)) is not None:
            claim.gone, claim.looked = True, False
            self._absent.pop(claim.place, None)

    def saw(self, method: str, url: str, status: int, value: Callable[[], Any]) -> None:
        """Record an answer.

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
            if "?" not in url:
                # A filter that matches nothing says nothing of the place itself.
                self._absent[place] = time.monotonic()
            return
        self._absent.pop(place, None)
        claim = self.claims.get(place)
        if claim is None or method != "GET" or status != 200:
            return
        shown = value()
        ours = claim.shows(shown)
        if ours or (not claim.gone and (claim.stale or claim.last is MISSING)):
            # Any other difference is not the run's doing: it may be another item.
            claim.last, claim.stale = shown, False
        if not claim.looked:
            claim.looked = ours is True
            claim.gone = claim.gone and not claim.looked

    def _showed(self, place: str, value: Any) -> None:
        """Record the answer to a write, where that is the item's representation."""
        claim = self.claims.get(place)
        if claim is not None and isinstance(value, Mapping) and claim.id in map(id_text, value.values()):
            claim.last, claim.stale = value, False

    def wrote(self, url: str, content: bytes) -> None:
        """Record what is about to be written to an item of the run, or was.

        Raises:
            Undecided: the ledger cannot be written, so nothing may be changed.
        """
        claim = self.claim(url)
        if claim is None or claim.marks.marker is None or not content:
            return
        try:
            sent = parsed(content)
        except ValueError:
            return
        self._leaves(claim, claim.marks.text_in(sent))
        for one in sent if isinstance(sent, list) else ():
            if isinstance(one, Mapping) and one.get("path") in claim.marks.places:
                text = one.get("value")
                self._leaves(claim, text if isinstance(text, str) else None)

    @staticmethod
    def _leaves(claim: Claim, text: str | None) -> None:
        """A write leaves a text at the marker's location, or none."""
        if text in claim.texts:
            return
        if claim.wrote is not None and (text is None or not claim.marks.names(text)):
            claim.wrote(claim, text)
        claim.texts.add(text)

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
                self.collections[place] = ClaimedCollection(
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
        """Why a request must not be sent; None if it may be.

        Allowed are safe requests, requests that the user wrote, creates in a collection under test, requests to an
        item of the run or below one, and requests to a URL that was just answered 404 or 410.
        """
        if method in SAFE:
            return None
        place = key(url)
        if (method, place) in self._granted:
            return None
        found = self.collections.get(self._creates.get(place, place) if method == "POST" else place)
        if found is not None and (method == "POST" or method not in STANDARD):
            return found.doubt or None
        for claim in self._claims_over(place):
            why = self._not_ours(claim)
            if why is None and method == "DELETE" and claim.place == place:
                # Whatever the response: another item may be there next.
                claim.gone, claim.looked = True, False
            return None if why is None else f"{method} {url} is not sent: {why}"
        if self.is_absent(url):
            return None
        return (
            f"{method} {url} is not sent: there is no evidence that this run created the item "
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
