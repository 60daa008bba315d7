"""What the ledger holds: items that were created, and creates whose item has no URL yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.client.client import Client
from harness.client.marks import Marker, Marks
from harness.http.content import MISSING
from harness.ledger.archiving import Archive
from harness.ledger.calls import Calls
from harness.ledger.journal import Open

Find = Callable[[bool], "list[str] | None"]
"""Looks for what an unanswered create has made: absolute URLs, none where there surely is nothing, None where that
cannot be seen. Given whether it is looked for the last time."""


CALLS = 3
"""Requests for the removal of an item without a URL of its own: a look before it, and one after it."""
REMOVAL = 2
"""Requests for the removal of an item: a check whether it is still the same, and the DELETE."""
ARCHIVAL = 3
"""Requests for its archival: the same check, the PATCH, and a look at what came of it."""


@dataclass(frozen=True)
class Entry:
    """Something that was created on the target.

    Attributes:
        url: absolute URL to DELETE.
        client: under whose credential it was created.
        if_match: whether a DELETE needs the current entity tag.
        removable: False where the resource has no DELETE.
        number: in the ledger on disk; given by `Ledger.add()` when empty.
        marks: what it is recognised by before it is removed; None if unknown.
        readable: False where the resource has no GET.
        sure: whether it was shown, when it was created, that it was not there before.
        fields: header fields that a DELETE needs besides.
        calls: how it is removed, where it has no URL of its own; `url` then only names it.
        unseen: whether it is removed without a look: nobody else can have its URL, and it shows nothing by GET.
        signed: whether its DELETE goes under a presigned URL of the store in the profile, and no other credential.
        archive: the PATCH that puts it away where there is no DELETE; None where none is known.
    """

    url: str
    client: Client
    if_match: bool = False
    removable: bool = True
    number: str = ""
    marks: Marks | None = None
    readable: bool = True
    sure: bool = True
    fields: tuple[tuple[str, str], ...] = ()
    calls: Calls | None = None
    unseen: bool = False
    signed: bool = False
    archive: Archive | None = None

    @property
    def requests(self) -> int:
        """Requests for its removal; there is no check where the resource has no GET."""
        if self.calls is not None:
            return CALLS
        if not self.readable or self.unseen:
            return 1
        return ARCHIVAL if self.archive is not None and not self.removable else REMOVAL


@dataclass(frozen=True, eq=False)
class CreatePlan:
    """A create whose item has no known URL yet.

    Attributes:
        entry: as it will be, with the URL of the collection.
        shown: the request, as shown to a reader.
        find: see `Find`.
        marker: what its item will be recognised by.
        body: of the create; `MISSING` where it is not known.
    """

    entry: Entry
    shown: str
    find: Find
    marker: Marker | None = None
    body: Any = MISSING


def marks_of_plan(plan: CreatePlan) -> Marks:
    return plan.entry.marks or Marks(plan.entry.client.recorder.ownership.token, plan.marker)


def journal_line(
    entry: Entry,
    shown: str,
    *,
    url: str | None = None,
    resource: str | None = None,
    marker: Marker | None = None,
) -> Open:
    return Open(
        entry.number,
        shown,
        url,
        resource,
        marker,
        entry.client.credential,
        entry.if_match,
        entry.removable,
        unseen=entry.unseen,
        signed=entry.signed,
        fields=entry.fields,
        archive=entry.archive,
    )
