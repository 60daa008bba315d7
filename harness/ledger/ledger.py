"""The ledger: what this run is about to create and created, and its removal in reverse order."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from harness.client.claims import Touched
from harness.client.client import Client
from harness.client.marks import Marker, Marks
from harness.http.content import MISSING
from harness.http.item_urls import key
from harness.ledger.archiving import Archive
from harness.ledger.calls import Calls
from harness.ledger.entries import CreatePlan, Entry, Find, journal_line, marks_of_plan
from harness.ledger.journal import Journal
from harness.ledger.removal import remove, unprovable
from harness.profile.models import Resource
from harness.rules.checks import Undecided

_ROUNDS = 2
"""How often a clean-up looks for what is lost, and removes what is left."""


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
        kept: items that could not be removed.
    """

    entries: list[Entry] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    journal: Journal | None = None
    plans: list[CreatePlan] = field(default_factory=list)
    lost: list[CreatePlan] = field(default_factory=list)
    missing: list[CreatePlan] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    kept: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> Entry:
        """Add what was created, or is about to be, at a URL that is known."""
        # One with a number is in the ledger on disk already.
        if self.journal is not None and not entry.number:
            entry = replace(entry, number=self.journal.number())
            marker = entry.marks.marker if entry.marks is not None else None
            self.journal.make(journal_line(entry, f"an item at {entry.url}", url=entry.url, marker=marker))
            if entry.marks is not None:
                self._made(entry)
        self.entries.append(entry)
        return entry

    def holds(self, url: str) -> bool:
        return any(entry.url == url for entry in self.entries)

    def forget(self, url: str) -> None:
        """Remove from the ledger what a rule removed itself: what is at its URL next may be another client's."""
        for entry in reversed(self.entries):
            if entry.url == url:
                entry.client.recorder.ownership.removed(url)
        self.strike(url)

    def strike(self, url: str) -> None:
        """Remove from the ledger what was not created after all."""
        for entry in reversed(self.entries):
            if entry.url == url:
                self.entries.remove(entry)
                self._gone(entry.number)
                entry.client.recorder.budget.release(entry.requests)
                return

    def leave(self, url: str, client: Client, why: str = "it still exists after a successful DELETE") -> None:
        """Something is still there after its DELETE: it becomes a leftover."""
        self.forget(url)
        entry = self.add(Entry(url, client))
        self.entries.remove(entry)
        self._keep(entry, why, final=True)

    def touch(self, touched: Touched) -> None:
        """Record something that a create has changed and that was there before."""
        self.touched.append(touched)
        if self.journal is not None:
            self.journal.touched(touched.message, touched.exchange)

    def disown(self, url: str, collection: str, why: str, find: Find) -> None:
        """What is at a URL is not what the run created: that is looked for again.

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
            shown = f"POST {collection}: {why}"
            self.lost.append(CreatePlan(replace(entry, url=collection), shown, find, marker))

    def wrote(self, url: str, text: str | None) -> None:
        """Record on disk that a write to an item is about to replace the text that it is recognised by.

        Args:
            text: in its place; None for no text.
        """
        for entry in self.entries:
            if entry.url == url and entry.number and self.journal is not None:
                self.journal.wrote(entry.number, text)

    def sure(self, urls: set[str]) -> None:
        """It has been shown since that these items were not there before their creates."""
        for place, entry in enumerate(self.entries):
            if not entry.sure and entry.url in urls:
                self.entries[place] = replace(entry, sure=True)
                self._made(self.entries[place])

    def archive(self, collection: str, how: Archive | None) -> None:
        """Record how the items below a URL are put away, where there is no DELETE.

        Args:
            how: None where that has failed.
        """
        below = f"{key(collection)}/"
        for place, entry in enumerate(self.entries):
            if key(entry.url).startswith(below) and entry.archive != how:
                self.entries[place] = made = replace(entry, archive=how)
                more = made.requests - entry.requests
                budget = entry.client.recorder.budget
                if more < 0:
                    budget.release(-more)
                elif more > 0:
                    with suppress(Undecided):
                        budget.reserve(more)
                if self.journal is not None and entry.number and how is not None:
                    self.journal.archive(entry.number, how)

    def again(self, collection: str, how: Archive) -> None:
        """Take back what could not be removed below a URL, now that it is known how it is put away."""
        below = f"{key(collection)}/"
        for entry in [one for one in self.kept if key(one.url).startswith(below)]:
            self.kept.remove(entry)
            self.leftovers.remove(entry.client.recorder.redactor.text(entry.url))
            self.entries.append(replace(entry, archive=how))
            entry.client.recorder.budget.goes(key(collection))

    # -- creates whose URL is in the response -------------------------------------------------------

    def plan(
        self, entry: Entry, known: Resource, marker: Marker | None, find: Find, body: Any = MISSING
    ) -> CreatePlan:
        """Record a create before it is sent.

        Args:
            entry: with the URL of the collection.
            known: the resource.
            marker: what its item will be recognised by.
            find: see `Find`.
            body: of the create.

        Raises:
            Undecided: the ledger cannot be written.
        """
        shown = f"POST {entry.url}"
        if self.journal is not None:
            entry = replace(entry, number=self.journal.number())
            before = entry.client.recorder.ownership.collection(entry.url).ids
            self.journal.resource(known, before)
            self.journal.make(journal_line(entry, shown, resource=known.name, marker=marker))
        plan = CreatePlan(entry, shown, find, marker, body)
        self.plans.append(plan)
        return plan

    def begin(self, entry: Entry, shown: str) -> CreatePlan:
        """Record a create before it is sent whose item has no URL of its own.

        Args:
            entry: with the URL that the request is sent to.
            shown: the request.

        Raises:
            Undecided: the ledger cannot be written.
        """
        if self.journal is not None:
            entry = replace(entry, number=self.journal.number())
            self.journal.make(journal_line(entry, shown))
        plan = CreatePlan(entry, shown, lambda last: None)
        self.plans.append(plan)
        return plan

    def made(
        self,
        plan: CreatePlan,
        url: str,
        marks: Marks | None = None,
        *,
        sure: bool = True,
        calls: Calls | None = None,
    ) -> None:
        """The response gave the URL.

        Args:
            marks: what the item is recognised by.
            sure: whether it is shown that it was not there before.
            calls: how it is removed, where it has no URL of its own.
        """
        self.plans.remove(plan)
        marks = marks or marks_of_plan(plan)
        entry = replace(plan.entry, url=url, marks=marks, sure=sure, calls=calls)
        self._made(entry)
        self.entries.append(entry)

    def drop(self, plan: CreatePlan) -> None:
        """Nothing was created, or what was is known already."""
        self.plans.remove(plan)
        self._drop(plan)

    def lose(self, plan: CreatePlan, why: str = "") -> None:
        """Something may have been created, and no response gave its URL.

        Args:
            why: what is wrong with the answer.
        """
        self.plans.remove(plan)
        self.lost.append(replace(plan, shown=f"{plan.shown}: {why}") if why else plan)

    def cancelled(self, plan: CreatePlan) -> None:
        """The target says that it cancelled what it had only accepted: nothing is left, unless an item is seen."""
        if not any(one is plan for one in self.lost):
            return
        try:
            urls = plan.find(True)
        except Undecided:
            urls = None
        if not urls:
            self.lost = [one for one in self.lost if one is not plan]
            self._drop(plan)

    def stays(self, plan: CreatePlan, why: str) -> None:
        """Something was stored that is no item, and cannot be removed."""
        self.plans.remove(plan)
        self._keep(plan.entry, why, shown=f"{plan.shown}: {why}", final=True)

    # -- removal ---------------------------------------------------------------------------------------

    def clear(self, *, last: bool = False) -> None:
        """Remove all that is left, newest first; what cannot be removed becomes a leftover.

        Args:
            last: whether the run is over: what has been looked for in vain is looked for once more, and
                removed from the ledger or reported.
        """
        # Whoever was interrupted in the middle of a create does not know what came of it.
        self.lost += self.plans
        self.plans = []
        if last:
            self.lost, self.missing = [*self.missing, *self.lost], []
        # What turns out not to be ours is looked for again.
        for _ in range(_ROUNDS):
            while self.lost:
                self._look_for(self.lost[-1], last)
                self.lost.pop()
            while self.entries:
                self._remove(self.entries[-1])

    def remove(self, url: str) -> None:
        """Remove one item early; where that fails, it becomes a leftover."""
        for entry in reversed(self.entries):
            if entry.url == url:
                self._remove(entry)
                return

    def _remove(self, entry: Entry) -> None:
        # Struck out only afterwards: a second Ctrl-C must not lose it.
        why, final = remove(entry)
        if not any(one is entry for one in self.entries):
            # Another item is at its URL: what the run created is looked for.
            return
        self.entries.remove(entry)
        if why is None:
            self._gone(entry.number)
            return
        if unprovable(entry, why):
            # So will the next ones: few are created where none is removed.
            entry.client.recorder.budget.stays(key(entry.url).rpartition("/")[0], why)
        self._keep(entry, why, final=final)

    def _look_for(self, plan: CreatePlan, last: bool) -> None:
        try:
            with plan.entry.client.recorder.budget.seeking():
                urls = plan.find(last)
        except Undecided:
            urls = None
        if urls:
            fresh = [url for url in urls if not self.holds(url)]
            for url in fresh[1:]:
                self.add(replace(plan.entry, url=url, number="", marks=marks_of_plan(plan)))
            if fresh:
                self.plans.append(plan)
                self.made(plan, fresh[0])
            else:
                self._drop(plan)
        elif not last:
            self.missing.append(plan)
        elif urls is None:
            why = "no response says whether it created an item, and the list does not show it"
            self._keep(plan.entry, why, shown=f"{plan.shown}: {why}")
        else:
            self._drop(plan)

    # -- the ledger on disk ----------------------------------------------------------------------------

    def _made(self, entry: Entry) -> None:
        marks = entry.marks or Marks()
        if self.journal is not None and entry.number:
            self.journal.made(
                entry.number,
                entry.url,
                marks.shape,
                sure=entry.sure,
                expected=marks.expected,
                calls=entry.calls,
            )

    def _drop(self, plan: CreatePlan) -> None:
        plan.entry.client.recorder.budget.count_create(key(plan.entry.url), -1)
        self._gone(plan.entry.number)
        plan.entry.client.recorder.budget.release(plan.entry.requests)

    def _gone(self, number: str) -> None:
        if self.journal is not None and number:
            self.journal.gone(number)

    def _keep(self, entry: Entry, why: str, shown: str = "", *, final: bool = False) -> None:
        clean = entry.client.recorder.redactor.text
        self.leftovers.append(clean(shown or entry.url))
        if not shown and entry.marks is not None:
            self.kept.append(entry)
        if final:
            entry.client.recorder.budget.stays(key(entry.url).rpartition("/")[0], why)
        if self.journal is not None and entry.number:
            self.journal.kept(entry.number, why, final=final)
