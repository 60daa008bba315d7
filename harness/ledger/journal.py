"""The ledger on disk: what a run is about to create, and what it created, so that even `kill -9` leaves a list.

JSON Lines that are only ever appended to, each in one write: all workers of a run share one file, and a line is there
before the request that it describes. It names credentials and never contains their values.

1. `{"ledger": 1, "run": ..., "target": ..., "started": ...}` comes first.
2. `{"resource": NAME, "known": {...}, "before": [...]}`: how to list a collection, and the ids that it listed before
   the first create; the last one of a name counts.
3. `{"make": NUMBER, ...}`: a request that may create something is about to be sent: at `url`, where the client chose
   that, else in the collection of `resource`, where its item is identified by its `marker`. `unseen`, `signed` and
   `fields` say how it is removed, where that is not a look and a plain DELETE.
4. `{"made": NUMBER, "url": ..., "shape": {...}, "sure": ..., "calls": {...}}`,
   `{"kept": NUMBER, "why": ..., "final": ...}`, `{"gone": NUMBER}`: what came of it.
5. `{"wrote": NUMBER, "text": ...}`: a write that replaces the text by which the item is recognised is about to be sent;
   null where it leaves no text there.
6. `{"archive": NUMBER, "by": {...}}`: the PATCH that puts it away, where there is no DELETE.
7. `{"foreign": URL, "why": ...}`: what a create was answered with is not what it made.
8. `{"touched": TEXT, "exchange": ...}`: a create has changed something that was there before.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.bad_input import BadInput
from harness.client.marks import Marker
from harness.ledger.archiving import Archive
from harness.ledger.calls import Calls
from harness.payloads import run_token
from harness.profile.models import Capability, Resource
from harness.rules.checks import Undecided

VERSION = 1
_KNOWN = (
    *("collection", "name", "item", "id", "items", "representation", "media_type", "soft_delete"),
    *("pagination", "locking"),
)
PATTERN = "ledger-*.jsonl"
"""Names of ledgers in a report directory."""


@dataclass(frozen=True)
class Open:
    """Something that a run created, or may have, and has not struck out.

    Attributes:
        number: of its entry.
        shown: the request that created it, or may have, as shown to a reader.
        url: absolute URL to DELETE; None if no response gave it.
        resource: name of the resource, where the URL must be looked for.
        marker: what to look for; None where there is nothing.
        credential: name of the credential under which it was created; empty for none.
        if_match: whether a DELETE needs the current entity tag.
        removable: False where the resource has no DELETE.
        why: why it was not removed, where that was tried.
        final: whether the target has clearly refused to remove it.
        shape: members that the answer to its create showed, by pointer.
        sure: whether it was shown that it was not there before.
        expected: whether the answer to its create showed the marker.
        calls: how it is removed, where it has no URL of its own.
        texts: what the run has written over the marker; None for no text.
        unseen, signed, fields, archive: see `Entry`.
    """

    number: str
    shown: str
    url: str | None
    resource: str | None
    marker: Marker | None
    credential: str
    if_match: bool
    removable: bool
    why: str = ""
    final: bool = False
    shape: Mapping[str, Any] = field(default_factory=dict)
    sure: bool = True
    expected: bool = False
    calls: Calls | None = None
    unseen: bool = False
    signed: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    archive: Archive | None = None
    texts: frozenset[str | None] = frozenset()


@dataclass
class JournalContent:
    """What a ledger on disk says.

    Attributes:
        run: id of the run.
        target: base URL of the API.
        resources: how to list each collection, by name.
        open: what has not been struck out, in the order of its creation.
        before: ids that each collection listed before the first create, by the resource's name.
        token: that texts of the run carry; empty where the ledger has none.
        touched: what creates have changed that was there before: a sentence, and the id of the exchange.
        foreign: URLs of what is not the run's, though creates were answered with it, and why.
    """

    run: str
    target: str
    resources: dict[str, Resource] = field(default_factory=dict)
    open: list[Open] = field(default_factory=list)
    before: dict[str, list[str]] = field(default_factory=dict)
    token: str = ""
    touched: list[tuple[str, str]] = field(default_factory=list)
    foreign: list[tuple[str, str]] = field(default_factory=list)


class Journal:
    """Appends to the ledger of a run.

    Args:
        path: the file; made with the first entry.
        prefix: what the numbers of entries begin with; distinct for each worker.
        clean: takes secrets out of a text.
    """

    def __init__(self, path: Path, prefix: str = "", clean: Callable[[str], str] = str) -> None:
        self.path = path
        self._prefix, self._clean = prefix, clean
        self._numbers = itertools.count(1)
        self._told: dict[str, str] = {}
        self._file: int | None = None

    def begin(self, run: str, target: str) -> None:
        """Write the first line: once a run, before any worker appends."""
        started = datetime.now(UTC).isoformat(timespec="seconds")
        self._append(
            {
                "ledger": VERSION,
                "run": run,
                "target": target,
                "started": started,
                "texts": run_token.current(),
            }
        )

    def number(self) -> str:
        """A number for a new entry."""
        return f"{self._prefix}{next(self._numbers)}"

    def resource(self, known: Resource, before: Iterable[str] = ()) -> None:
        """Write how a collection is listed and what it listed before the first create, once."""
        shown = known.model_dump(mode="json", include=set(_KNOWN), exclude_none=True)
        shown["capabilities"] = {name: one.there for name, one in sorted(known.capabilities.items())}
        text = json.dumps(shown)
        if self._told.get(known.name) != text:
            self._append({"resource": known.name, "known": shown, "before": sorted(before)})
            self._told[known.name] = text

    def make(self, entry: Open) -> None:
        """Write a request that is about to be sent, or an item that exists."""
        marker = None if entry.marker is None else [entry.marker.pointer, entry.marker.value]
        how = {"unseen": entry.unseen, "signed": entry.signed, "fields": entry.fields}
        self._append(
            {
                "make": entry.number,
                "told": entry.shown,
                "url": entry.url,
                "resource": entry.resource,
                "marker": marker,
                "credential": entry.credential,
                "if_match": entry.if_match,
                "removable": entry.removable,
                **{name: value for name, value in how.items() if value},
            }
        )
        if entry.archive is not None:
            self.archive(entry.number, entry.archive)

    def made(
        self,
        number: str,
        url: str,
        shape: Mapping[str, Any] | None = None,
        *,
        sure: bool = True,
        expected: bool = False,
        calls: Calls | None = None,
    ) -> None:
        """Write the URL of what was created, and the data for the check before its removal.

        Args:
            shape: members that the answer to its create showed.
            sure: whether it was surely not there before.
            expected: whether that answer showed the marker.
            calls: how it is removed, where it has no URL of its own.
        """
        shown = {"made": number, "url": url, "shape": dict(shape or {}), "sure": sure, "expected": expected}
        if calls is not None:
            shown["calls"] = asdict(calls)
        self._append(shown)

    def wrote(self, number: str, text: str | None) -> None:
        """Write the text that the marker of an item is about to be replaced by; None for no text."""
        self._append({"wrote": number, "text": text})

    def archive(self, number: str, how: Archive) -> None:
        """Write how an item is put away where there is no DELETE."""
        self._append({"archive": number, "by": asdict(how)})

    def foreign(self, url: str, why: str) -> None:
        """Write that the item at a URL is not what the run created."""
        self._append({"foreign": url, "why": why})

    def touched(self, shown: str, exchange: str) -> None:
        """Write what a create has changed that existed before."""
        self._append({"touched": shown, "exchange": exchange})

    def kept(self, number: str, why: str, *, final: bool) -> None:
        """Write why something could not be removed, and whether the target clearly refused."""
        self._append({"kept": number, "why": why, "final": final})

    def gone(self, number: str) -> None:
        """Strike an entry out."""
        self._append({"gone": number})

    def close(self) -> None:
        """Close the file; it is opened again by the next line."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, line: dict[str, Any]) -> None:
        """Append one line, in one write: workers share the file.

        Raises:
            Undecided: it cannot be written, so nothing may be created.
        """
        octets = (self._clean(json.dumps(line)) + "\n").encode("utf-8", "replace")
        try:
            if self._file is None:
                self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            os.write(self._file, octets)
        except OSError as problem:
            raise Undecided(
                f"the ledger cannot be written: {problem}; therefore nothing is created"
            ) from None


def read(path: Path) -> JournalContent:
    """What a ledger says.

    Raises:
        BadInput: there is no such file, or it is no ledger.
    """
    lines = list(_lines(path))
    head = lines[0] if lines else {}
    if not isinstance(head.get("target"), str) or head.get("ledger") != VERSION:
        raise BadInput(
            str(path), "this is not the ledger of a run", f"give a {PATTERN} of a report directory"
        )
    listing = JournalContent(str(head.get("run", "")), head["target"], token=str(head.get("texts", "")))
    entries: dict[str, Open] = {}
    try:
        for line in lines[1:]:
            _take(line, listing, entries)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise BadInput(str(path), f"its line {line} cannot be read: {problem}") from None
    listing.open = list(entries.values())
    return listing


def _take(line: dict[str, Any], listing: JournalContent, entries: dict[str, Open]) -> None:
    if "make" in line:
        marker = line["marker"]
        entries[line["make"]] = Open(
            line["make"],
            line["told"],
            line["url"],
            line["resource"],
            None if marker is None else Marker(*marker),
            line["credential"],
            line["if_match"],
            line["removable"],
            unseen=line.get("unseen", False),
            signed=line.get("signed", False),
            fields=tuple((str(name), str(value)) for name, value in line.get("fields", ())),
        )
    elif "known" in line:
        known = dict(line["known"])
        listing.before[line["resource"]] = [str(id) for id in line.get("before", [])]
        there = known.pop("capabilities")
        listing.resources[line["resource"]] = Resource(
            **known,
            capabilities={
                name: Capability.model_validate(
                    {"state": "detected" if has else "absent", "because": "the run knew it"}
                )
                for name, has in there.items()
            },
        )
    elif "made" in line:
        entries[line["made"]] = replace(
            entries[line["made"]],
            url=line["url"],
            shape=line.get("shape", {}),
            sure=line.get("sure", True),
            expected=line.get("expected", False),
            calls=Calls(**line["calls"]) if "calls" in line else None,
        )
    elif "wrote" in line:
        if (entry := entries.get(line["wrote"])) is not None:
            entries[line["wrote"]] = replace(entry, texts=entry.texts | {line["text"]})
    elif "archive" in line:
        if line["archive"] in entries:
            entries[line["archive"]] = replace(entries[line["archive"]], archive=Archive(**line["by"]))
    elif "foreign" in line:
        listing.foreign.append((line["foreign"], line["why"]))
        for number, entry in entries.items():
            if entry.url == line["foreign"]:
                entries[number] = replace(entry, url=None)
    elif "touched" in line:
        listing.touched.append((str(line["touched"]), str(line["exchange"])))
    elif "kept" in line:
        entries[line["kept"]] = replace(entries[line["kept"]], why=line["why"], final=line["final"])
    elif "gone" in line:
        entries.pop(line["gone"], None)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        texts = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text"
        raise BadInput(str(path), f"cannot be read: {why}") from None
    for number, text in enumerate(texts, 1):
        try:
            line = json.loads(text)
        except ValueError:
            if number == len(texts):
                # A machine that went down in the middle of a line: its request was not sent.
                return
            raise BadInput(str(path), f"line {number} is not JSON", "is it a ledger?") from None
        if not isinstance(line, dict):
            raise BadInput(str(path), f"line {number} is not an object", "is it a ledger?")
        yield line
