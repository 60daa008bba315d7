"""The ledger file of one run: its place, its writers, and the removal of what it lists at the end."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from harness.bad_input import BadInput
from harness.cleanup.recovery import notes_on_others, recover
from harness.client.claims import Touched
from harness.client.client import Client
from harness.ledger.journal import PATTERN, Journal, read
from harness.ledger.ledger import Ledger
from harness.rules.rule import Effect


class RunLedger:
    """Records in a file what a run creates, and removes it at the end.

    Args:
        path: of the ledger file.
        ledgers: of this process; the first is the rules' own.

    Attributes:
        share: fraction of the clean-up time that this process may use; 0.5 with workers, because the process that
            began the file continues where they stop.
        settled: whether the removal at the end is done, or was given up.
        touched: changes that creates made to items which existed before, as far as they were observed.
    """

    def __init__(self, path: Path, *ledgers: Ledger) -> None:
        self.path = path
        self._ledgers = ledgers
        self._client: Client | None = None
        self._journal: Journal | None = None
        self.settled = False
        self.share = 1.0
        self.touched: list[Touched] = []
        self._before: list[Touched] = []

    @classmethod
    def beside(cls, folder: Path, run: str, *ledgers: Ledger) -> RunLedger:
        """A ledger in a directory, under a name that no other run has."""
        return cls(folder / PATTERN.replace("*", run), *ledgers)

    @property
    def leftovers(self) -> list[str]:
        """What could not be removed: a URL, or a description where no URL is known."""
        return self._ledgers[0].leftovers

    def resume(self, client: Client) -> None:
        """Remove what the processes of this run have left that was killed, before it creates anything else."""
        if not self.path.exists() or client.target.limits.effects is Effect.READ:
            return
        with client.recorder.budget.cleaning_up():
            self._before = recover(self.path, client).touched

    def begin(self, client: Client, prefix: str, run: str | None = None) -> None:
        """Record what this process creates from now on, if the run is allowed to create anything.

        Args:
            client: reaches the target.
            prefix: of the numbers of entries; distinct for each process.
            run: id of the run, in the process that begins the file; None in a worker.
        """
        self._client = client
        if client.target.limits.effects is Effect.READ:
            return
        self._journal = Journal(self.path, prefix, client.recorder.redactor.text)
        if run is not None and not self.path.exists():
            self._journal.begin(run, client.target.url)
        for ledger in self._ledgers:
            ledger.journal = self._journal

    def pause(self) -> None:
        """Remove what this process created; the process that began the file takes care of the rest."""
        if self._client is not None:
            self._client.recorder.budget.begin_clean_up(self.share)
        self._ledgers[0].clear()
        if self._journal is not None:
            self._journal.close()

    def settle(self) -> None:
        """Remove what any process of the run has left; what cannot be removed goes to `leftovers`."""
        if self.settled or self._client is None:
            return
        self.pause()
        self.settled = True
        self.touched = [*self._before, *(one for ledger in self._ledgers for one in ledger.touched)]
        if self._journal is None:
            return
        try:
            done = recover(self.path, self._client)
            self._ledgers[0].leftovers = done.leftovers
            # The file is removed where all was, and then does not have what was touched before.
            self.touched = done.touched + [one for one in self._before if one not in done.touched]
        except BadInput:
            # Somebody has removed or edited the file: remove at least what this process created.
            for ledger in self._ledgers:
                ledger.journal = None
                ledger.clear(last=True)
                self._ledgers[0].leftovers += ledger.leftovers if ledger is not self._ledgers[0] else []

    def give_up(self) -> None:
        """Stop removing, after a second Ctrl-C: every open entry of the file becomes a leftover."""
        self.settled = True
        with suppress(BadInput):
            self._ledgers[0].leftovers = [one.url or one.shown for one in read(self.path).open]

    def header(self, shown: str) -> list[str]:
        """Lines for the header of a run.

        Args:
            shown: path of the file, as the user would write it.
        """
        if self._journal is None:
            return []
        line = f"ledger of created items: {shown}; after a kill: python -m harness cleanup {shown}"
        return [line, *(f"note: {note}" for note in notes_on_others(self.path.parent, self.path))]

    def retry_hint(self, shown: str) -> str | None:
        """How to remove the leftovers of this run; None where there are none."""
        if self.leftovers and self.path.exists():
            return f"leftovers: to try again to remove them: python -m harness cleanup {shown}"
        return None
