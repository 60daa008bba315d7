"""What a ledger on disk still has open is removed: at the end of a run, and after one that was killed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path

from harness.bad_input import BadInput
from harness.client.claims import Claim, Touched
from harness.client.client import Client
from harness.client.marks import Marks
from harness.http.item_urls import key
from harness.ledger.entries import Entry, Find, Plan
from harness.ledger.journal import PATTERN, Journal, Listing, Open, read
from harness.ledger.ledger import Ledger
from harness.resource import matching
from harness.resource.resource import ResourceUnderTest
from harness.resource.unanswered import PAGES


@dataclass
class Recovered:
    """What came of a recovery.

    Attributes:
        removed: how many entries were struck out, those included that turned out to be nothing.
        left: what could not be removed.
        touched: what creates of the run have changed that was there before.
    """

    removed: int = 0
    left: list[Open] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)

    @property
    def leftovers(self) -> list[str]:
        """What is left, as the report names it."""
        return [one.url or f"{one.told}: {one.why}" for one in self.left]


def recover(path: Path, client: Client, *, every: bool = False, pages: int = PAGES) -> Recovered:
    """Remove what a ledger has open, newest first; a ledger without anything open is removed as well.

    Args:
        path: the ledger.
        client: reaches the target, under any credential.
        every: try again what the target has clearly refused to remove, too.
        pages: of a list that are read to find what no answer told of.

    Raises:
        BadInput: the file is no ledger, or names a credential that is not known.
    """
    before = read(path)
    unknown = {one.credential for one in before.open} - {"", client.credential, *client.target.credentials}
    if unknown:
        name = min(unknown)
        raise BadInput(
            str(path), f"the credential {name!r} is needed", f"give a profile with [credentials.{name}]"
        )
    for name, known in before.resources.items():
        collection = client.recorder.ownership.collection(client.url(known.collection))
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


def _take(one: Open, listing: Listing, ledger: Ledger, client: Client, pages: int) -> None:
    sender = client if one.credential == client.credential else client.under(one.credential or None)
    restored = _restored(one.url, client) if one.url is not None else None
    known = listing.resources.get(one.resource or "")
    read = known.capabilities.get("read") if known is not None else None
    places = tuple(matching.places(known, one.marker.pointer)) if known is not None and one.marker else ()
    entry = Entry(
        restored or "",
        sender,
        one.if_match,
        one.removable,
        one.number,
        Marks(listing.token, one.marker, one.shape, places, one.expected),
        read is None or read.there,
        one.sure,
    )
    if restored is not None:
        ledger.add(entry)
    else:
        ledger.lost.append(Plan(entry, one.told, _finder(one, listing, sender, ledger, pages)))


def _finder(one: Open, listing: Listing, client: Client, ledger: Ledger, pages: int) -> Find:
    known = listing.resources.get(one.resource or "")
    if known is None:
        return lambda last: None
    subject = ResourceUnderTest(known, client, ledger)
    return lambda last: subject.lost(one.marker, last=last, pages=pages)


def _restored(url: str, client: Client) -> str:
    """A URL with the secrets that the ledger has only the names of."""
    for name, value in client.target.secrets.items():
        url = url.replace(f"${name}", value)
    return url


def earlier(folder: Path, own: Path | None) -> list[str]:
    """What is to be said of the ledgers of other runs in a report directory."""
    return [
        f"{path} lists what an earlier run has left behind, unless that still runs: python -m harness cleanup {path}"
        for path in sorted(folder.glob(PATTERN))
        if path != own
    ]
