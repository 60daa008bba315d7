"""The ledger: what this run is about to create and created, and its removal in reverse order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from harness.client import Client, exchange_of
from harness.journal import Journal, Marker, Open
from harness.oracle import Undecided
from harness.profile import Resource

GONE = frozenset({404, 410})
PASSING = frozenset({408, 409, 412, 423, 425, 428, 429})
"""Refusals that may end: a conflict with something else that is to be removed, a lock, a limit."""

Find = Callable[[bool], "list[str] | None"]
"""Looks for what an unanswered create has made: absolute URLs, none where there surely is nothing, None where that
cannot be seen. Given whether it is looked for the last time."""


@dataclass(frozen=True)
class Entry:
    """Something that was created on the target.

    Attributes:
        url: absolute URL to DELETE.
        client: under whose credential it was created.
        if_match: whether a DELETE needs the current entity tag.
        removable: False where the resource has no DELETE.
        number: in the ledger on disk; given by `Ledger.add()` when empty.
    """

    url: str
    client: Client
    if_match: bool = False
    removable: bool = True
    number: str = ""

    @property
    def requests(self) -> int:
        """How many requests its removal takes."""
        return 2 if self.if_match else 1


@dataclass(frozen=True, eq=False)
class Plan:
    """A create whose item has no known URL yet.

    Attributes:
        entry: as it will be, with the URL of the collection.
        told: the request, as a reader is told of it.
        find: see `Find`.
    """

    entry: Entry
    told: str
    find: Find


@dataclass
class Ledger:
    """Entries in the order of their creation.

    Attributes:
        leftovers: what could not be removed.
        journal: the ledger on disk, which several may share; None for none.
        plans: creates under way.
        lost: creates without an answer, or without an id in it: to be looked for.
        missing: those of them that were looked for and not seen.
    """

    entries: list[Entry] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    journal: Journal | None = None
    plans: list[Plan] = field(default_factory=list)
    lost: list[Plan] = field(default_factory=list)
    missing: list[Plan] = field(default_factory=list)

    def add(self, entry: Entry) -> Entry:
        """Take in what was created, or is about to be, at a URL that is known."""
        # One with a number is in the ledger on disk already.
        if self.journal is not None and not entry.number:
            entry = replace(entry, number=self.journal.number())
            self.journal.make(_open(entry, f"an item at {entry.url}", url=entry.url))
        self.entries.append(entry)
        return entry

    def holds(self, url: str) -> bool:
        return any(entry.url == url for entry in self.entries)

    def forget(self, url: str) -> None:
        """Strike out what a rule removed itself, or what was not created after all."""
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

    # -- creates whose URL is told by the answer -------------------------------------------------------

    def plan(self, entry: Entry, known: Resource, marker: Marker | None, find: Find) -> Plan:
        """Take note of a create before it is sent.

        Args:
            entry: with the URL of the collection.
            known: the resource.
            marker: what its item will be told by.
            find: see `Find`.

        Raises:
            Undecided: the ledger cannot be written.
        """
        told = f"POST {entry.url}"
        if self.journal is not None:
            entry = replace(entry, number=self.journal.number())
            self.journal.resource(known)
            self.journal.make(_open(entry, told, resource=known.name, marker=marker))
        plan = Plan(entry, told, find)
        self.plans.append(plan)
        return plan

    def made(self, plan: Plan, url: str) -> None:
        """The answer told the URL."""
        self.plans.remove(plan)
        if self.journal is not None:
            self.journal.made(plan.entry.number, url)
        self.entries.append(replace(plan.entry, url=url))

    def drop(self, plan: Plan) -> None:
        """Nothing was created, or what was is known already."""
        self.plans.remove(plan)
        self._drop(plan)

    def lose(self, plan: Plan) -> None:
        """Something may have been created, and no answer told its URL."""
        self.plans.remove(plan)
        self.lost.append(plan)

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
                self.add(replace(plan.entry, url=url, number=""))
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
            headers = {}
            if entry.if_match:
                tag = entry.client.get(entry.url, cleanup=True).headers.get("etag")
                headers = {"If-Match": tag} if tag else {}
            reply = entry.client.delete(entry.url, headers=headers, cleanup=True)
            if reply.status_code == 428 and not headers:
                # That conditions are required was not known when it was created; what was put aside is spent.
                tag = entry.client.get(entry.url, removal=True).headers.get("etag")
                reply = entry.client.delete(entry.url, headers={"If-Match": tag} if tag else {}, removal=True)
        except Undecided as problem:
            return str(problem), False
        if reply.status_code < 400 or reply.status_code in GONE:
            return None, True
        return exchange_of(reply).summary(), reply.status_code < 500 and reply.status_code not in PASSING

    # -- the ledger on disk ----------------------------------------------------------------------------

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
