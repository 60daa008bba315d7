"""Removal of the open entries of a ledger file: at the end of a run, and after one that was killed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path

from harness.bad_input import BadInput
from harness.client.claims import Claim, Touched
from harness.client.client import Client
from harness.client.marks import Marks
from harness.http.item_urls import key
from harness.ledger.entries import CreatePlan, Entry, Find
from harness.ledger.journal import PATTERN, Journal, JournalContent, Open, read
from harness.ledger.ledger import Ledger
from harness.resource import matching
from harness.resource.resource import ResourceUnderTest
from harness.resource.unanswered import PAGES, none_new


@dataclass
class Recovered:
    """The result of a recovery.

    Attributes:
        removed: number of entries closed, including those whose item never existed or was gone.
        left: entries that could not be removed.
        touched: changes that creates of the run made to items which existed before.
    """

    removed: int = 0
    left: list[Open] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)

    @property
    def leftovers(self) -> list[str]:
        """The entries left, as the report names them."""
        return [one.url or f"{one.shown}: {one.why}" for one in self.left]


def recover(path: Path, client: Client, *, every: bool = False, pages: int = PAGES) -> Recovered:
    """Remove the open entries of a ledger, newest first; delete the file once none is open.

    Args:
        path: the ledger file.
        client: reaches the target, under any credential.
        every: whether to retry the entries that the target has clearly refused to remove.
        pages: number of pages of a list that are searched for a create whose response was lost.

    Raises:
        BadInput: the file is no ledger, or names a credential that the profile lacks.
    """
    before = read(path)
    unknown = {one.credential for one in before.open} - {"", client.credential, *client.target.credentials}
    if unknown:
        name = min(unknown)
        raise BadInput(
            str(path), f"the credential {name!r} is needed", f"give a profile with [credentials.{name}]"
        )
    for name, resource in before.resources.items():
        collection = client.recorder.ownership.collection(client.url(resource.collection))
        collection.ids |= set(before.before.get(name, []))
    for url, why in before.foreign:
        client.recorder.ownership.take(Claim(key(url), url, "", Marks(), refused=why))
    journal = Journal(path, f"r{uuid.uuid4().hex[:8]}.", client.recorder.redactor.text)
    ledger = Ledger(journal=journal)
    for one in before.open:
        if one.why and one.final and not every:
            continue
        _take(one, before, ledger, client, pages)
    try:
        ledger.clear(last=True)
    finally:
        journal.close()
    left = read(path).open
    if not left:
        path.unlink()
    return Recovered(len(before.open) - len(left), left, [Touched(*one) for one in before.touched])


def _take(one: Open, listing: JournalContent, ledger: Ledger, client: Client, pages: int) -> None:
    sender = client if one.credential == client.credential else client.under(one.credential or None)
    restored = _restored(one.url, client) if one.url is not None else None
    resource = listing.resources.get(one.resource or "")
    read = resource.capabilities.get("read") if resource is not None else None
    places = tuple(matching.places(resource, one.marker.pointer)) if resource and one.marker else ()
    entry = Entry(
        restored or "",
        sender,
        one.if_match,
        one.removable,
        one.number,
        Marks(listing.token, one.marker, one.shape, places, one.expected, one.texts),
        read is None or read.there,
        one.sure,
        one.fields,
        one.calls,
        one.unseen,
        one.signed,
        one.archive,
    )
    if restored is not None and one.unseen:
        client.recorder.ownership.take(Claim(key(restored), restored, "", Marks(), proven=True))
    if restored is not None:
        ledger.add(entry)
    else:
        ledger.lost.append(CreatePlan(entry, one.shown, _finder(one, listing, sender, ledger, pages)))


def _finder(one: Open, listing: JournalContent, client: Client, ledger: Ledger, pages: int) -> Find:
    resource = listing.resources.get(one.resource or "")
    if resource is None:
        return lambda last: None
    subject = ResourceUnderTest(resource, client, ledger)
    if one.marker is None:
        own = {other.url for other in listing.open if other.url is not None}
        return lambda last: none_new(subject, own, pages) if last else None
    return lambda last: subject.lost(one.marker, last=last, pages=pages)


def _restored(url: str, client: Client) -> str:
    """A URL with the values of the secrets, of which the ledger has the names only."""
    for name, value in client.target.secrets.items():
        url = url.replace(f"${name}", value)
    return url


def notes_on_others(folder: Path, own: Path | None) -> list[str]:
    """A line for each ledger of another run in a report directory."""
    return [
        f"{path} lists the leftovers of an earlier run, unless it is still active: python -m harness cleanup {path}"
        for path in sorted(folder.glob(PATTERN))
        if path != own
    ]
