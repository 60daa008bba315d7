"""The ledger on disk of one run: where it is, who appends to it, and what is done with it in the end."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from harness.bad_input import BadInput
from harness.cleanup.recovery import earlier, recover
from harness.client.claims import Touched
from harness.client.client import Client
from harness.ledger.journal import PATTERN, Journal, read
from harness.ledger.ledger import Ledger
from harness.rules.rule import Effect


class Keeping:
    """Keeps account, on disk, of what a run creates.

    Args:
        path: of the ledger.
        ledgers: of this process; the first is that of the rules.

    Attributes:
        share: of the time for cleaning up that this process may use; half where there are workers, since the process
            that began the ledger goes on where they end.
    """

    def __init__(self, path: Path, *ledgers: Ledger) -> None:
        self.path = path
        self._ledgers = ledgers
        self._client: Client | None = None
        self._journal: Journal | None = None
        self.settled = False
        self.share = 1.0
        self.touched: list[Touched] = []
        """What creates have changed that was there before, as far as is known."""

    @classmethod
    def beside(cls, folder: Path, run: str, *ledgers: Ledger) -> Keeping:
        """In the report directory, under a name that no other run has."""
        return cls(folder / PATTERN.replace("*", run), *ledgers)

    def begin(self, client: Client, prefix: str, run: str | None = None) -> None:
        """Keep account of what this process creates from now on, where the run may create anything.

        Args:
            client: reaches the target.
            prefix: what the numbers of entries begin with; distinct for each worker.
            run: id of the run, in the process that begins the ledger.
        """
        self._client = client
        if client.target.limits.effects is Effect.READ:
            return
        self._journal = Journal(self.path, prefix, client.recorder.redactor.text)
        if run is not None:
            self._journal.begin(run, client.target.url)
        for ledger in self._ledgers:
            ledger.journal = self._journal

    def pause(self) -> None:
        """Remove what this process created; what that leaves is for the process that began the ledger."""
        if self._client is not None:
            self._client.recorder.budget.begin_clean_up(self.share)
        self._ledgers[0].clear()
        if self._journal is not None:
            self._journal.close()

    def settle(self) -> None:
        """Remove all that any process of the run has left; what cannot be is in the first ledger's leftovers."""
        if self.settled or self._client is None:
            return
        self.pause()
        self.settled = True
        self.touched = [one for ledger in self._ledgers for one in ledger.touched]
        if self._journal is None:
            return
        try:
            done = recover(self.path, self._client)
            self._ledgers[0].leftovers, self.touched = done.leftovers, done.touched
        except BadInput:
            # Somebody has removed the file, or written to it: what this process knows of is removed all the same.
            for ledger in self._ledgers:
                ledger.journal = None
                ledger.clear(last=True)
                self._ledgers[0].leftovers += ledger.leftovers if ledger is not self._ledgers[0] else []

    def give_up(self) -> None:
        """Leave what is not removed yet, after a second Ctrl-C: all that the ledger has open is left over."""
        self.settled = True
        with suppress(BadInput):
            self._ledgers[0].leftovers = [one.url or one.told for one in read(self.path).open]

    def header(self, shown: str) -> list[str]:
        """Lines for the head of a run.

        Args:
            shown: the path of the ledger, as the user would write it.
        """
        if self._journal is None:
            return []
        told = f"ledger of what is created: {shown}; after a kill: python -m harness cleanup {shown}"
        return [told, *(f"note: {line}" for line in earlier(self.path.parent, self.path))]

    def told(self, shown: str) -> str | None:
        """A line for the end of a run that has left something; None where it has not."""
        if self._ledgers[0].leftovers and self.path.exists():
            return f"left over: to try again to remove it: python -m harness cleanup {shown}"
        return None
