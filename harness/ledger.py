"""The ledger: what this run created, and its removal in reverse order."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    """Entries in the order of their creation."""

    entries: list[Entry] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)

    def forget(self, url: str) -> None:
        """Strike out what a rule removed itself."""
        for entry in reversed(self.entries):
            if entry.url == url:
                self.entries.remove(entry)
                entry.client.recorder.budget.release(entry.requests)
                return

    def clear(self) -> None:
        """Remove all that is left, newest first; what cannot be removed becomes a leftover."""
        while self.entries:
            # Struck out only afterwards: a second Ctrl-C must not lose it.
            entry = self.entries[-1]
            gone = self._remove(entry)
            self.entries.pop()
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
        except Undecided:
            return False
        return reply.is_success or reply.status_code in GONE
