"""The ledger: what this run is about to create and created, and its removal in reverse order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import httpx

from harness.client.client import Client, exchange_of
from harness.client.marker import Marker
from harness.client.ownership import GONE, Claim, Marks, Touched, foreseeable, insufficient
from harness.http.content import MISSING, json_of
from harness.http.fields import entity_tag
from harness.http.item_urls import key
from harness.ledger.journal import Journal, Open
from harness.profile.models import Resource
from harness.rules.checks import Undecided

REMOVAL = 2
"""Requests that the removal of an item takes: a look whether it is still the same, and the DELETE."""
PASSING = frozenset({408, 409, 412, 423, 425, 428, 429})
"""Refusals that may end: a conflict with something else that is to be removed, a lock, a limit."""

REQUIRED = 428
CONDITION_AT_FAULT = frozenset({400, 412, REQUIRED})
"""Refusals of a DELETE that may be due to its If-Match, or to the lack of it."""

Find = Callable[[bool], "list[str] | None"]
"""Looks for what an unanswered create has made: absolute URLs, none where there surely is nothing, None where that
cannot be seen. Given whether it is looked for the last time."""


class Look(Enum):
    """What a look at an item shows, and why it is not removed."""

    OURS = "it is what the run created"
    GONE = "there is nothing"
    FOREIGN = "not removed: what is there now is not what the run created"
    UNKNOWN = "not removed: nothing there shows that it is what the run created"
    UNSURE = "not removed: it was not shown that it was not there before"


@dataclass(frozen=True)
class Entry:
    """Something that was created on the target.

    Attributes:
        url: absolute URL to DELETE.
        client: under whose credential it was created.
        if_match: whether a DELETE needs the current entity tag.
        removable: False where the resource has no DELETE.
        number: in the ledger on disk; given by `Ledger.add()` when empty.
        marks: what it is recognised by before it is removed; None where nothing of that is known.
        readable: False where the resource has no GET.
        sure: whether it was shown, when it was created, that it was not there before.
    """

    url: str
    client: Client
    if_match: bool = False
    removable: bool = True
    number: str = ""
    marks: Marks | None = None
    readable: bool = True
    sure: bool = True

    @property
    def requests(self) -> int:
        """How many requests its removal takes; there is no look where the resource has no GET."""
        return REMOVAL if self.readable else 1


@dataclass(frozen=True, eq=False)
class Plan:
    """A create whose item has no known URL yet.

    Attributes:
        entry: as it will be, with the URL of the collection.
        told: the request, as a reader is told of it.
        find: see `Find`.
        marker: what its item will be told by.
        body: of the create; `MISSING` where it is not known.
    """

    entry: Entry
    told: str
    find: Find
    marker: Marker | None = None
    body: Any = MISSING


@dataclass
class Ledger:
    """Entries in the order of their creation.

    Attributes:
        leftovers: what could not be removed.
        journal: the ledger on disk, which several may share; None for none.
        plans: creates under way.
        lost: creates without an answer, or without an id in it: to be looked for.
        missing: those of them that were looked for and not seen.
        touched: what creates have changed that was there before.
    """

    entries: list[Entry] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    journal: Journal | None = None
    plans: list[Plan] = field(default_factory=list)
    lost: list[Plan] = field(default_factory=list)
    missing: list[Plan] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)

    def add(self, entry: Entry) -> Entry:
        """Take in what was created, or is about to be, at a URL that is known."""
        # One with a number is in the ledger on disk already.
        if self.journal is not None and not entry.number:
            entry = replace(entry, number=self.journal.number())
            marker = entry.marks.marker if entry.marks is not None else None
            self.journal.make(_open(entry, f"an item at {entry.url}", url=entry.url, marker=marker))
            if entry.marks is not None:
                self._made(entry)
        self.entries.append(entry)
        return entry

    def holds(self, url: str) -> bool:
        return any(entry.url == url for entry in self.entries)

    def forget(self, url: str) -> None:
        """Strike out what a rule removed itself: what stands at its URL next may be somebody else's."""
        for entry in reversed(self.entries):
            if entry.url == url:
                entry.client.recorder.ownership.removed(url)
        self.strike(url)

    def strike(self, url: str) -> None:
        """Strike out what was not created after all."""
        for entry in reversed(self.entries):
            if entry.url == url:
                self.entries.remove(entry)
                self._gone(entry.number)
                entry.client.recorder.budget.release(entry.requests)
                return

    def leave(
        self, url: str, client: Client, why: str = "it is still there after a DELETE that succeeded"
    ) -> None:
        """Something is still there after its DELETE: it becomes a leftover."""
        self.forget(url)
        entry = self.add(Entry(url, client))
        self.entries.remove(entry)
        self._keep(entry, why, final=True)

    def touch(self, touched: Touched) -> None:
        """Take note of something that a create has changed and that was there before."""
        self.touched.append(touched)
        if self.journal is not None:
            self.journal.touched(touched.told, touched.exchange)

    def disown(self, url: str, collection: str, why: str, find: Find) -> None:
        """What stands at a URL is not what the run created: that is looked for again.

        Args:
            collection: URL of the collection.
            why: it is not.
            find: see `Find`.
        """
        if self.journal is not None:
            self.journal.foreign(url, why)
        for entry in [one for one in self.entries if one.url == url]:
            self.entries.remove(entry)
            marker = entry.marks.marker if entry.marks is not None else None
            told = f"POST {collection}: {why}"
            self.lost.append(Plan(replace(entry, url=collection), told, find, marker))

    def sure(self, urls: set[str]) -> None:
        """It has been shown since that these items were not there before their creates."""
        for place, entry in enumerate(self.entries):
            if not entry.sure and entry.url in urls:
                self.entries[place] = replace(entry, sure=True)
                self._made(self.entries[place])

    # -- creates whose URL is told by the answer -------------------------------------------------------

    def plan(
        self, entry: Entry, known: Resource, marker: Marker | None, find: Find, body: Any = MISSING
    ) -> Plan:
        """Take note of a create before it is sent.

        Args:
            entry: with the URL of the collection.
            known: the resource.
            marker: what its item will be told by.
            find: see `Find`.
            body: of the create.

        Raises:
            Undecided: the ledger cannot be written.
        """
        told = f"POST {entry.url}"
        if self.journal is not None:
            entry = replace(entry, number=self.journal.number())
            before = entry.client.recorder.ownership.collection(entry.url).ids
            self.journal.resource(known, before)
            self.journal.make(_open(entry, told, resource=known.name, marker=marker))
        plan = Plan(entry, told, find, marker, body)
        self.plans.append(plan)
        return plan

    def made(self, plan: Plan, url: str, marks: Marks | None = None, *, sure: bool = True) -> None:
        """The answer told the URL.

        Args:
            marks: what the item is recognised by.
            sure: whether it is shown that it was not there before.
        """
        self.plans.remove(plan)
        marks = marks or Marks(plan.entry.client.recorder.ownership.token, plan.marker)
        entry = replace(plan.entry, url=url, marks=marks, sure=sure)
        self._made(entry)
        self.entries.append(entry)

    def drop(self, plan: Plan) -> None:
        """Nothing was created, or what was is known already."""
        self.plans.remove(plan)
        self._drop(plan)

    def lose(self, plan: Plan, why: str = "") -> None:
        """Something may have been created, and no answer told its URL.

        Args:
            why: what is wrong with the answer.
        """
        self.plans.remove(plan)
        self.lost.append(replace(plan, told=f"{plan.told}: {why}") if why else plan)

    # -- removal ---------------------------------------------------------------------------------------

    def clear(self, *, last: bool = False) -> None:
        """Remove all that is left, newest first; what cannot be removed becomes a leftover.

        Args:
            last: whether the run is over: what has been looked for in vain is looked for once more, and
                struck out or told.
        """
        # Whoever was interrupted in the middle of a create does not know what came of it.
        self.lost += self.plans
        self.plans = []
        if last:
            self.lost, self.missing = [*self.missing, *self.lost], []
        while self.lost:
            self._look_for(self.lost[-1], last)
            self.lost.pop()
        while self.entries:
            # Struck out only afterwards: a second Ctrl-C must not lose it.
            entry = self.entries[-1]
            why, final = self._remove(entry)
            self.entries.pop()
            if why is None:
                self._gone(entry.number)
            else:
                self._keep(entry, why, final=final)

    def _look_for(self, plan: Plan, last: bool) -> None:
        try:
            urls = plan.find(last)
        except Undecided:
            urls = None
        if urls:
            fresh = [url for url in urls if not self.holds(url)]
            for url in fresh[1:]:
                self.add(replace(plan.entry, url=url, number="", marks=_marks(plan)))
            if fresh:
                self.plans.append(plan)
                self.made(plan, fresh[0])
            else:
                self._drop(plan)
        elif not last:
            self.missing.append(plan)
        elif urls is None:
            why = "no answer told whether it created something, and that cannot be seen"
            self._keep(plan.entry, why, told=f"{plan.told}: {why}")
        else:
            self._drop(plan)

    def _remove(self, entry: Entry) -> tuple[str | None, bool]:
        """Remove something; why it could not be, or None, and whether that is the target's last word."""
        if not entry.removable:
            entry.client.recorder.budget.release(entry.requests)
            return "the resource has no DELETE", True
        try:
            look, tag = self._look(entry, cleanup=True)
            if look is Look.GONE:
                entry.client.recorder.budget.release()
                return None, True
            if look is not Look.OURS:
                entry.client.recorder.budget.release()
                return look.value, False
            reply = self._delete(entry, tag, cleanup=True)
            if reply.status_code in CONDITION_AT_FAULT:
                reply, why = self._delete_again(entry, tag, reply)
                if why is not None:
                    return why, False
        except Undecided as problem:
            return str(problem), False
        if reply.status_code < 400 or reply.status_code in GONE:
            entry.client.recorder.ownership.removed(entry.url)
            return None, True
        return exchange_of(reply).summary(), reply.status_code < 500 and reply.status_code not in PASSING

    def _delete_again(
        self, entry: Entry, tag: str | None, reply: httpx.Response
    ) -> tuple[httpx.Response, str | None]:
        """After a refusal of a DELETE for its condition: look once more, and go with another one, or with none.

        Returns:
            The answer, and why nothing more was sent.
        """
        needed = entry.if_match or reply.status_code == REQUIRED
        look, now = self._look(replace(entry, if_match=needed), removal=True)
        if look not in (Look.OURS, Look.GONE):
            return reply, look.value
        if look is Look.GONE or (now == tag and needed):
            return reply, None
        return self._delete(entry, now if now != tag else None, removal=True), None

    def _delete(self, entry: Entry, tag: str | None, **hints: bool) -> httpx.Response:
        headers = {"If-Match": tag} if tag is not None else {}
        return entry.client.delete(entry.url, headers=headers, **hints)

    def _look(self, entry: Entry, **hints: bool) -> tuple[Look, str | None]:
        """What stands at an entry's URL, and the entity tag for a DELETE of that."""
        registry = entry.client.recorder.ownership
        claim = registry.claim(entry.url)
        if claim is not None and claim.refused:
            return Look.FOREIGN, None
        shown, tag, other = None, None, False
        seen_before = claim.as_last_seen() if claim is not None else None
        if entry.readable:
            reply = entry.client.get(entry.url, **hints)
            if reply.status_code in GONE:
                return Look.GONE, None
            tag = _tag(reply, needed=entry.if_match)
            value = json_of(reply) if reply.status_code == 200 else MISSING
            if value is not MISSING:
                shown = claim.shows(value) if claim is not None else (entry.marks or Marks()).shown_by(value)
                other = seen_before is not None and not seen_before(value)
        if (
            shown is False
            and claim is not None
            and claim.proven
            and claim.changed
            and not (claim.gone or other)
        ):
            # A write of the run has taken the text away.
            shown = True
        if shown is False:
            return Look.FOREIGN, None
        if shown is None and (claim is None or not _proven(claim)):
            return Look.UNKNOWN, None
        if shown is None and other and claim is not None and foreseeable(claim.id):
            # Somebody else may have got the id since.
            return Look.UNKNOWN, None
        if not entry.sure and not (claim is not None and _shown_since(claim)):
            return Look.UNSURE, None
        if claim is None:
            claim = Claim(key(entry.url), entry.url, "", entry.marks or Marks())
            registry.take(claim)
        claim.looked, claim.gone, claim.prove = True, False, None
        return Look.OURS, tag

    # -- the ledger on disk ----------------------------------------------------------------------------

    def _made(self, entry: Entry) -> None:
        marks = entry.marks or Marks()
        if self.journal is not None and entry.number:
            self.journal.made(entry.number, entry.url, marks.shape, sure=entry.sure, expected=marks.expected)

    def _drop(self, plan: Plan) -> None:
        self._gone(plan.entry.number)
        plan.entry.client.recorder.budget.release(plan.entry.requests)

    def _gone(self, number: str) -> None:
        if self.journal is not None and number:
            self.journal.gone(number)

    def _keep(self, entry: Entry, why: str, told: str = "", *, final: bool = False) -> None:
        clean = entry.client.recorder.redactor.text
        self.leftovers.append(clean(told or entry.url))
        if self.journal is not None and entry.number:
            self.journal.kept(entry.number, why, final=final)


def _shown_since(claim: Claim) -> bool:
    """Whether it was shown after its create that an item was not there before, or can be shown without another one."""
    if claim.proven:
        return True
    try:
        return claim.prove is not None and claim.prove(claim, False) is None
    except Undecided:
        return False


def _proven(claim: Claim) -> bool:
    """Whether an item that shows nothing of its marks now is ours all the same."""
    if claim.put or claim.proven or (claim.looked and not claim.gone):
        return True
    return claim.home is not None and insufficient(claim, claim.home, None) is None


def _marks(plan: Plan) -> Marks:
    return Marks(plan.entry.client.recorder.ownership.token, plan.marker)


def _tag(reply: httpx.Response, *, needed: bool) -> str | None:
    """The entity tag of an answer: a strong one, or any where a condition is needed (RFC 9110 section 13.1.1)."""
    written = reply.headers.get("etag")
    tag = entity_tag(written)
    return written if written and (needed or (tag is not None and not tag.weak)) else None


def _open(
    entry: Entry,
    told: str,
    *,
    url: str | None = None,
    resource: str | None = None,
    marker: Marker | None = None,
) -> Open:
    return Open(
        entry.number,
        told,
        url,
        resource,
        marker,
        entry.client.credential,
        entry.if_match,
        entry.removable,
    )
