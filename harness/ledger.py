"""The ledger: what this run created, and its removal in reverse order."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from harness.client import Client
from harness.oracle import Undecided

GONE = frozenset({404, 410})


@dataclass(frozen=True)
class Entry:
    """Something that was created on the target.

    Attributes:
        url: absolute URL to DELETE.
        client: under whose credential it was created.
        if_match: whether a DELETE needs the current entity tag.
        removable: False where the resource has no DELETE.
    """

    url: str
    client: Client
    if_match: bool = False
    removable: bool = True

    @property
    def requests(self) -> int:
        """How many requests its removal takes."""
        return 2 if self.if_match else 1


@dataclass
class Ledger:
    """Entries in the order of their creation.

    Attributes:
        leftovers: what could not be removed.
        journal: file that always holds the entries, so that those of a crashed worker can be removed by
            another process.
    """

    entries: list[Entry] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    journal: Path | None = None

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._write()

    def holds(self, url: str) -> bool:
        return any(entry.url == url for entry in self.entries)

    def inherit(self, journal: Path, client: Client) -> None:
        """Take over the entries in the journal of another ledger.

        Args:
            journal: the file.
            client: reaches the target, under any credential.
        """
        for url, credential, if_match, removable in json.loads(journal.read_text()):
            same = credential == client.credential
            sender = client if same else client.under(credential or None)
            self.entries.append(Entry(url, sender, if_match, removable))

    def _write(self) -> None:
        if self.journal is not None:
            rows = [[one.url, one.client.credential, one.if_match, one.removable] for one in self.entries]
            # Its reader may come after a crash in the middle of this.
            draft = self.journal.with_suffix(".draft")
            draft.write_text(json.dumps(rows))
            os.replace(draft, self.journal)

    def forget(self, url: str) -> None:
        """Strike out what a rule removed itself."""
        for entry in reversed(self.entries):
            if entry.url == url:
                self.entries.remove(entry)
                self._write()
                entry.client.recorder.budget.release(entry.requests)
                return

    def clear(self) -> None:
        """Remove all that is left, newest first; what cannot be removed becomes a leftover."""
        while self.entries:
            # Struck out only afterwards: a second Ctrl-C must not lose it.
            entry = self.entries[-1]
            gone = self._remove(entry)
            self.entries.pop()
            self._write()
            if not gone:
                self.leftovers.append(entry.client.recorder.redactor.text(entry.url))

    def _remove(self, entry: Entry) -> bool:
        if not entry.removable:
            entry.client.recorder.budget.release(entry.requests)
            return False
        try:
            headers = {}
            if entry.if_match:
                tag = entry.client.get(entry.url, cleanup=True).headers.get("etag")
                headers = {"If-Match": tag} if tag else {}
            reply = entry.client.delete(entry.url, headers=headers, cleanup=True)
            if reply.status_code == 428 and not headers:
                # That conditions are required was not known when it was created; what was put aside is spent.
                tag = entry.client.get(entry.url).headers.get("etag")
                reply = entry.client.delete(entry.url, headers={"If-Match": tag} if tag else {})
        except Undecided:
            return False
        return reply.status_code < 400 or reply.status_code in GONE
