"""Files that the run uploads, reads back and removes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit
from weakref import WeakKeyDictionary

import httpx

from harness.client.claims import Claim
from harness.client.client import Client, exchange_of
from harness.client.eventually import eventually
from harness.client.marks import Marks
from harness.client.recorder import Recorder, Unanswered
from harness.client.streams import Incoming
from harness.http.content import json_of
from harness.http.item_urls import is_below, key, leaves_its_place, names_an_item
from harness.ledger.entries import Entry
from harness.ledger.interrupt import uninterrupted
from harness.ledger.ledger import Ledger
from harness.profile.models import Profile
from harness.rules.checks import Undecided, applies, control, expect, inconclusive
from harness.survey.outcome import Survey

from .creating import created_first
from .stored import Download, Stored
from .ways import Way, below, id_in, links, multipart, way

ABSENT = "files can be uploaded: a documented upload whose files can be deleted, or `upload` in [files] of the profile"
_UNFIT: WeakKeyDictionary[Recorder, str] = WeakKeyDictionary()
"""By recorder: why no more files are uploaded."""
_UNPROVEN: WeakKeyDictionary[Recorder, str] = WeakKeyDictionary()
"""By recorder: why no plain file could be uploaded and read."""
_MADE: WeakKeyDictionary[Recorder, list[str]] = WeakKeyDictionary()
"""By recorder: URLs of the files that were uploaded."""
_PROVEN: WeakKeyDictionary[Recorder, str] = WeakKeyDictionary()
"""By recorder: where downloads are, once two uploads have given two files with the content of each."""


class Uploads:
    """Uploads files, each of which is in the ledger, and reads them.

    Args:
        client: sends.
        ledger: removes files at the end of the rule.
        how: see `Way`.
        window: seconds after which a read must show an upload.
    """

    def __init__(self, client: Client, ledger: Ledger, how: Way, window: float) -> None:
        self.client, self.ledger, self.how, self.window = client, ledger, how, window
        self.place = _PROVEN.get(client.recorder, "")

    def name(self, ending: str = ".bin") -> str:
        """A name that no other file has."""
        return f"conformance-{self.client.recorder.ownership.token}-{secrets.token_hex(4)}{ending}"

    def send(
        self,
        content: bytes,
        name: str = "",
        kind: str = "",
        digest: Callable[[bytes], str] | None = None,
    ) -> tuple[httpx.Response, Stored | None]:
        """Upload a file; what was stored is None where it was refused.

        Args:
            name: of the file; a new one when omitted.
            kind: its media type; one of any bytes when omitted.
            digest: gives the Content-Digest of the content of the request; none is sent when omitted.

        Raises:
            Undecided: nothing was sent, or nobody can tell what was stored.
        """
        self._check()
        name = name or self.name()
        kind = kind or self.how.kind or inconclusive("every accepted media type has a form of its own")
        if self.how.create is not None:
            return created_first(self, content, name, kind, digest)
        if self.how.method == "PUT":
            return self._put(content, name, kind, {"Content-Digest": digest(content)} if digest else {})
        body, media = (
            (content, kind) if self.how.form is None else multipart(self.how.form, content, name, kind)
        )
        headers = {"Content-Type": media, **({"Content-Digest": digest(body)} if digest else {})}
        return self.posted(content, name, {"content": body, "headers": headers})

    def posted(
        self, content: bytes, name: str, given: Mapping[str, Any]
    ) -> tuple[httpx.Response, Stored | None]:
        """The first request of an upload, by POST, and the file that its response names.

        Args:
            content: of the file.
            given: content and fields of the request.
        """
        url, stored = self.client.url(self.how.start), None
        self.client.recorder.budget.reserve(2)
        with uninterrupted(), self.client.recorder.ownership.granting("POST", url):
            try:
                reply = self.client.post(url, **given)
                stored = self.taken(reply, content) if reply.is_success else None
            except Unanswered as problem:
                if problem.sent:
                    self._leave(f"POST {url}: no response says whether it stored {name}")
                raise
            finally:
                if stored is None:
                    self.client.recorder.budget.release(2)
        return reply, stored

    def _leave(self, text: str) -> None:
        """Report something that may be left on the target; no more files are uploaded."""
        clean = self.client.recorder.redactor.text(text)
        self.ledger.leftovers.append(clean)
        _UNFIT[self.client.recorder] = clean

    def _check(self) -> None:
        """Check that files may still be uploaded.

        Raises:
            Undecided: one could not be removed.
        """
        recorder = self.client.recorder
        stays = next(
            (one for one in self.made() if recorder.redactor.text(one) in self.ledger.leftovers), None
        )
        if stays is not None:
            _UNFIT[recorder] = f"{stays} could not be removed: no more files are uploaded"
        if recorder in _UNFIT:
            inconclusive(_UNFIT[recorder])

    def made(self) -> list[str]:
        """URLs of all files that this process has uploaded, by which they are removed."""
        return _MADE.setdefault(self.client.recorder, [])

    def _put(
        self, content: bytes, name: str, kind: str, headers: Mapping[str, str]
    ) -> tuple[httpx.Response, Stored | None]:
        url = self.client.url(self.how.path.replace("{name}", quote(name, safe="")))
        before = self.client.get(url)
        control(before.status_code in (404, 410), f"nothing is there before: {exchange_of(before).summary()}")
        recorder = self.client.recorder
        recorder.budget.reserve(2)
        entry = self.ledger.add(Entry(url, self.client, marks=Marks(recorder.ownership.token)))
        self.made().append(url)
        reply = self.client.put(url, content=content, headers={"Content-Type": kind, **headers})
        if not reply.is_success:
            if reply.status_code < 500:
                self.ledger.strike(entry.url)
            return reply, None
        recorder.ownership.take(Claim(key(url), url, name, Marks(), f"PUT {url}", put=True))
        sent = hashlib.sha256(content).hexdigest()
        return reply, Stored(name, sent, len(content), json_of(reply), exchange_of(reply), (url,))

    def taken(self, reply: httpx.Response, content: bytes) -> Stored:
        """The file of the response to a POST, which goes into the ledger.

        Raises:
            Undecided: no response says what was stored.
        """
        exchange, value = exchange_of(reply), json_of(reply)
        id = id_in(value, reply.headers.get("location"), self.how.id)
        delete = self.own_url(self.how.delete, id) or self._location(reply)
        if id is None or delete is None:
            left = f"{exchange.summary()}: a file that no response names"
            self._leave(left)
            inconclusive(f"{left}: set `id` and `delete` in [files]")
        recorder = self.client.recorder
        entry = Entry(delete, self.client, marks=Marks(recorder.ownership.token))
        if self.ledger.holds(delete):
            inconclusive(f"{exchange.summary()}: two uploads were answered with one file, {delete}")
        self.ledger.add(entry)
        self.made().append(delete)
        recorder.ownership.take(
            Claim(
                key(delete),
                delete,
                id,
                Marks(recorder.ownership.token),
                f"POST {self.how.start}",
                proven=bool(self.place),
            )
        )
        sent = hashlib.sha256(content).hexdigest()
        return Stored(id, sent, len(content), value, exchange, tuple(self.likely_places(reply, value, id)))

    def adopted(self, reply: httpx.Response, url: str) -> None:
        """Take a file into the ledger that was accepted although it should not have been.

        Args:
            url: of the upload.
        """
        recorder = self.client.recorder
        recorder.budget.reserve(2)
        if self.how.method == "POST":
            self.taken(reply, b"")
            return
        self.ledger.add(Entry(url, self.client, marks=Marks(recorder.ownership.token)))
        recorder.ownership.take(Claim(key(url), url, "", Marks(), f"PUT {url}", put=True))

    def own_url(self, template: str | None, id: str | None) -> str | None:
        """The URL of a file by its id; None where that does not name one item."""
        if template is None or id is None or not names_an_item(id):
            return None
        path = template.replace("{id}", quote(id, safe="")).replace("{name}", quote(id, safe=""))
        return None if leaves_its_place(path) else self.client.url(path)

    def _location(self, reply: httpx.Response) -> str | None:
        url = self.on_target(reply.headers.get("location"))
        above = self.client.url(self.how.start)
        return url if url is not None and key(url) != key(above) else None

    def on_target(self, reference: str | None) -> str | None:
        """A reference as URL; None where it leads away from the target."""
        if not reference:
            return None
        try:
            url = self.client.resolve(reference, self.client.url(self.how.start))
        except Undecided:
            return None
        return url if is_below(url, self.client.target.url) else None

    def likely_places(self, reply: httpx.Response, value: Any, id: str) -> list[str]:
        """URLs at which the bytes of a file may be, the most likely one first."""
        declared = self.own_url(self.how.download, id)
        if declared is not None:
            return [declared]
        item = self.own_url(self.how.delete, id) or self._location(reply)
        guessed = [*links(value), *(below(item) if item else [])]
        found = [url for one in guessed if (url := self.on_target(one)) is not None]
        if self.place:
            found.sort(key=lambda url: self._shape(url, id) != self.place)
        return list(dict.fromkeys(found))

    @staticmethod
    def _shape(url: str, id: str) -> str:
        return urlsplit(url).path.replace(quote(id, safe=""), "{}")

    def get(self, url: str, keep: int = 32 * 1024) -> Download:
        """Read a file.

        Args:
            keep: bytes of its beginning that are kept.
        """
        sink = Incoming(keep=keep)
        reply = self.client.get(url, headers={"Accept": "*/*"}, sink=sink)
        named = {name.lower(): value for name, value in reply.headers.items()}
        return Download(exchange_of(reply), sink.size, sink.sha256, named, bytes(sink.kept))

    def read(self, stored: Stored) -> Download:
        """What is read of a file, until it is what was sent, or the time for that is over."""
        seen: list[Download] = []

        def right() -> bool:
            for url in stored.places[:1] if self.place else stored.places:
                seen.insert(0, self.get(url))
                if seen[0].is_of(stored):
                    return True
            return False

        eventually(right, self.window)
        return seen[0]

    def settled(self, url: str, *contents: bytes) -> Download:
        """What is read at a URL once it is one of these, or the time for that is over."""
        seen: list[Download] = []

        def there() -> bool:
            seen[:] = [self.get(url)]
            return seen[0].beginning in contents

        eventually(there, self.window)
        return seen[0]

    def remove(self, stored: Stored) -> None:
        """Remove a file before the rule ends."""
        self.ledger.remove(self.removal_url(stored))

    def removal_url(self, stored: Stored) -> str:
        """The URL by which a file is removed."""
        return self.own_url(self.how.delete, stored.id) or stored.places[0]

    def prove(self, *, judged: bool = False) -> None:
        """Show, once in a process, that a plain file can be uploaded and read, and that a second one replaces nothing.

        Args:
            judged: whether the rule breaks where that fails; it is undecided otherwise.

        Raises:
            Undecided: it is not shown.
        """
        if self.place:
            return
        recorder = self.client.recorder
        if recorder in _UNPROVEN and not judged:
            inconclusive(_UNPROVEN[recorder])
        try:
            self._prove(judged)
        except Undecided as problem:
            # The other rules need not upload a file each to find the same.
            _UNPROVEN[recorder] = str(problem)
            raise

    def _prove(self, judged: bool) -> None:
        contents = [f"conformance {self.name()} {number}\n".encode() for number in range(2)]
        made = [self._control(content, judged) for content in contents]
        control(made[0].id != made[1].id, f"two uploads give two files, not {made[0].id} twice")
        again = self.read(made[0])
        control(again.is_of(made[0]), f"the first file is left alone by the second upload: {again.shown}")
        self.place = self._shape(str(again.exchange.url), made[0].id)
        _PROVEN[self.client.recorder] = self.place
        for one in made:
            claim = self.client.recorder.ownership.claim(self.removal_url(one))
            if claim is not None:
                claim.proven = True

    def _control(self, content: bytes, judged: bool) -> Stored:
        reply, stored = self.send(content)
        if stored is None:
            shown = exchange_of(reply).summary()
            failed = judged and reply.status_code >= 500
            expect(not failed, f"a valid upload to be accepted, as {self.how.said} says", shown)
            inconclusive(f"a plain file is not accepted, see FILE-001: {shown}")
        control(
            bool(stored.places),
            f"{stored.exchange.summary()} says where the file is: set `download` in [files]",
        )
        got = self.read(stored)
        if not got.is_of(stored):
            other = judged and self.how.download is not None and got.exchange.status == 200
            text = f"{got.shown}, where {stored.size} bytes with SHA-256 {stored.sent[:16]} were uploaded"
            expect(not other, "the bytes that were uploaded", text)
            inconclusive(f"no GET returns the bytes of a plain file: {text}; set `download` in [files]")
        return stored


def way_of(profile: Profile, survey: Survey) -> Way | None:
    """How files are uploaded; None where nothing says it."""
    # A user who names collections means these, and nothing else.
    documented = () if profile.only else survey.promises.uploads
    bodies = {one.collection: one.body for one in survey.profile.resources if one.collection and one.body}
    return way(profile.files, documented, survey.promises.downloads, survey.documented, bodies)


def uploads(
    client: Client, ledger: Ledger, profile: Profile, survey: Survey, *, judged: bool = False
) -> Uploads:
    """The uploads of the API; the rule does not apply where there are none.

    Args:
        judged: whether the rule breaks where valid uploads fail.

    Raises:
        Undecided: no plain file can be uploaded and read.
    """
    how = way_of(profile, survey)
    applies(how is not None, ABSENT)
    assert how is not None
    made = Uploads(client, ledger, how, profile.consistency_window)
    made.prove(judged=judged)
    return made
