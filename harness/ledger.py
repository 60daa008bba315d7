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
                entry.client.recorder.budget.release()
                return

    def clear(self) -> None:
        """Remove all that is left, newest first; what cannot be removed becomes a leftover."""
        while self.entries:
            entry = self.entries.pop()
            if not (entry.removable and self._remove(entry)):
                self.leftovers.append(entry.client.recorder.redactor.text(entry.url))

    def _remove(self, entry: Entry) -> bool:
        try:
            headers = {}
            if entry.if_match:
                tag = entry.client.get(entry.url).headers.get("etag")
                headers = {"If-Match": tag} if tag else {}
            reply = entry.client.delete(entry.url, headers=headers, cleanup=True)
        except Undecided:
            return False
        return reply.is_success or reply.status_code in GONE
