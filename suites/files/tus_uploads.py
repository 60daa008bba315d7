"""Resumable uploads by tus that the run creates, and removes where the server can do that."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

import httpx

from harness.client.claims import Claim
from harness.client.client import Client, exchange_of
from harness.client.eventually import eventually
from harness.client.marks import Marks
from harness.client.ownership import GONE
from harness.client.raw import connection
from harness.http.item_urls import key
from harness.ledger.entries import Entry
from harness.ledger.ledger import Ledger
from harness.rules.checks import Undecided, applies, control, inconclusive

from .presigned_judge import filled
from .tus_judge import VERSION, Offer, Place, number, offer, place

CHUNK = "application/offset+octet-stream"
SETTLING = 3.0
"""Seconds in which a server has noticed that a connection has ended."""
BUSY = (409, 423)
"""Statuses of a server that still works on what was cut off."""
_OFFERS: WeakKeyDictionary[Any, tuple[Offer, httpx.Response]] = WeakKeyDictionary()
_DISTINCT: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""By recorder: the servers where two creates have given two uploads."""


class Server:
    """The URL at which uploads are created.

    Args:
        client: sends.
        found: where it is.
        ledger: records uploads, so that they are removed if the rule cannot do that.
        metadata: of uploads, with {name} and {type}; name and type when omitted.
    """

    def __init__(
        self, client: Client, found: Place, ledger: Ledger, metadata: Mapping[str, str] | None = None
    ) -> None:
        self.client, self.found, self.ledger = client, found, ledger
        self.metadata = {"filename": "{name}", "filetype": "{type}"} if metadata is None else metadata

    def asked(self) -> tuple[Offer, httpx.Response]:
        """What it offers, by OPTIONS, which is sent once in a process."""
        recorder = self.client.recorder
        if recorder not in _OFFERS:
            reply = self.client.options(self.found.url)
            _OFFERS[recorder] = (offer(reply.headers) if reply.is_success else Offer(), reply)
        elif exchange_of(_OFFERS[recorder][1]) not in recorder.exchanges:
            recorder.exchanges.append(exchange_of(_OFFERS[recorder][1]))
        return _OFFERS[recorder]

    @property
    def offer(self) -> Offer:
        """What it offers."""
        return self.asked()[0]

    always: Mapping[str, str] = {"Tus-Resumable": VERSION}
    """Fields of every request."""
    chunks = CHUNK
    """Media type of a chunk."""

    def opening(self, length: int) -> dict[str, str]:
        """Fields of a request that asks for an upload."""
        name = f"conformance-{self.client.recorder.ownership.token}-{secrets.token_hex(4)}.bin"
        texts = filled(self.metadata, {"name": name, "type": "application/octet-stream"})
        metadata = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in texts.items()
        )
        shown = {"Upload-Metadata": metadata} if metadata else {}
        return {"Upload-Length": str(length), **shown}

    def appending(self, offset: int, last: bool) -> dict[str, str]:
        """Fields of a request with a chunk.

        Args:
            last: whether the upload is complete with it.
        """
        return {"Upload-Offset": str(offset), "Content-Type": self.chunks}

    def post(self, length: int) -> httpx.Response:
        """Ask for an upload.

        Args:
            length: in bytes.
        """
        with self.client.recorder.ownership.granting("POST", self.found.url):
            return self.client.post(self.found.url, headers={**self.always, **self.opening(length)})

    def plain(self) -> Server:
        """The same server, whose uploads have no metadata."""
        return Server(self.client, self.found, self.ledger, {})

    def create(self, length: int) -> Upload:
        """An upload that is shown to be new and the run's own; nothing unsafe was sent to it yet.

        Raises:
            Undecided: there is none.
        """
        control(
            self.offer.may_have("creation"),
            f"{self.found.url} creates uploads: Tus-Extension names {', '.join(self.offer.extensions or ())}",
        )
        reply = self.post(length)
        summary = exchange_of(reply).summary()
        control(reply.status_code == 201 and "location" in reply.headers, f"201 with Location: {summary}")
        return self.taken(reply, length)

    def taken(self, reply: httpx.Response, length: int) -> Upload:
        """The upload of a response with Location."""
        url = self.client.resolve(reply.headers["location"], self.found.url)
        return Upload(self, url, length)

    @contextmanager
    def upload(self, length: int) -> Iterator[Upload]:
        """An upload, which is removed at the end.

        Raises:
            Undecided: there is none, or nothing shows that it is the run's own.
        """
        made = self.create(length)
        try:
            self.prove(made)
            yield made
        finally:
            made.remove()

    def prove(self, made: Upload) -> None:
        """Show that an upload is new and the run's own, and record it; before, nothing unsafe is sent to it.

        The first one of a server takes a second create, which must give another one.

        Raises:
            Undecided: it is not shown.
        """
        made.look()
        shown = _DISTINCT.setdefault(self.client.recorder, set())
        if self.found.url in shown:
            made.record()
            return
        second = self.create(made.length + 1)
        try:
            control(second.url != made.url, f"two creates give two uploads, not {made.url} twice")
            second.look()
            made.look()
            made.record()
            second.record()
            shown.add(self.found.url)
        finally:
            second.remove()

    def discard(self, made: Upload) -> None:
        """Remove an upload that is not needed, if it is surely the run's own; else it is listed."""
        with suppress(Undecided):
            self.prove(made)
        made.remove()


class Upload:
    """An upload of the run.

    Attributes:
        own: whether it was shown to be new and the run's own.
        complete: whether the last chunk was taken.
    """

    def __init__(self, server: Server, url: str, length: int) -> None:
        self.server, self.client, self.url, self.length = server, server.client, url, length
        self.own = self.complete = False

    def look(self) -> None:
        """Show that it may be the run's own: empty, and of the length that was asked for.

        Raises:
            Undecided: it is not.
        """
        reply = self.head()
        fields = reply.headers
        control(
            self.shown_by(reply),
            f"a new upload is empty and has the length that was asked for, {self.length}: "
            f"{exchange_of(reply).summary()}, Upload-Offset {fields.get('upload-offset')}, "
            f"Upload-Length {fields.get('upload-length')}",
        )

    def shown_by(self, reply: httpx.Response) -> bool:
        """Whether a response to HEAD shows a new upload of that length."""
        shown = number(reply.headers.get("upload-offset")), number(reply.headers.get("upload-length"))
        return reply.is_success and shown == (0, self.length)

    def head(self) -> httpx.Response:
        """Ask for the offset."""
        return self.client.head(self.url, headers=self.server.always)

    def known_offset(self) -> int | None:
        """The offset; None where the server does not show the upload any more."""
        reply = self.head()
        return self._shown(reply) if not 400 <= reply.status_code < 500 else None

    def offset(self) -> int:
        """The offset.

        Raises:
            Undecided: the server does not say.
        """
        return self._shown(self.head())

    def _shown(self, reply: httpx.Response) -> int:
        shown = number(reply.headers.get("upload-offset"))
        if not reply.is_success or shown is None:
            inconclusive(f"the offset is not shown: {exchange_of(reply).summary()}")
        return shown

    def append(
        self, offset: int, content: bytes, headers: Mapping[str, str | None] | None = None
    ) -> httpx.Response:
        """Send a chunk.

        Args:
            headers: fields to add or replace.
        """
        control(self.own, f"{self.url} is the run's own")
        fields = self._fields(offset, len(content))
        reply = self.client.patch(self.url, headers={**fields, **(headers or {})}, content=content)
        self.complete = self.complete or (reply.is_success and offset + len(content) >= self.length)
        return reply

    def _fields(self, offset: int, size: int) -> dict[str, str | None]:
        return {**self.server.always, **self.server.appending(offset, offset + size >= self.length)}

    def cut(self, offset: int, content: bytes, announced: int) -> None:
        """Send the beginning of a chunk on a connection of its own, and end the connection.

        Args:
            content: what is sent.
            announced: bytes that Content-Length announces.
        """
        control(self.own, f"{self.url} is the run's own")
        fields = [(name, str(value)) for name, value in self._fields(offset, announced).items()]
        fields.append(("Content-Length", str(announced)))
        with connection(self.client) as wire:
            wire.send_only("PATCH", self.url, fields, content, measured=False)

    def settled(self, before: int, sent: int) -> int:
        """The offset after an interruption: as soon as it has moved and stays, or is as large as it can be.

        Args:
            before: offset before the chunk that was interrupted.
            sent: bytes of the upload that were sent in all.
        """
        seen: list[int] = []

        def reached() -> bool:
            reply = self.head()
            # The request that was cut off may still hold the lock.
            shown = None if reply.status_code in BUSY else self._shown(reply)
            seen.extend([] if shown is None else [shown])
            return bool(seen) and (
                seen[-1] >= sent or seen[-1] < before or seen[-2:] == [seen[-1]] * 2 != [before] * 2
            )

        eventually(reached, SETTLING)
        return seen[-1] if seen else self.offset()

    def continued(self, offset: int, content: bytes) -> httpx.Response:
        """Send the rest of the content from an offset on; from the next one where the server has moved meanwhile.

        Args:
            content: of the whole upload.
        """
        replies: list[httpx.Response] = []
        at = [offset]

        def done() -> bool:
            if replies:
                at[0] = self.settled(0, 0)
            replies.append(self.append(at[0], content[at[0] :]))
            return replies[-1].status_code not in BUSY

        eventually(done, SETTLING)
        return replies[-1]

    def content(self) -> bytes | None:
        """What a GET shows; None where the server does not give uploads back."""
        reply = self.client.get(self.url, headers={**self.server.always, "Accept": "*/*"})
        return reply.content if reply.status_code == 200 else None

    def record(self) -> None:
        """Record it as the run's own: from now on requests may change it."""
        self.own = True
        recorder = self.client.recorder
        recorder.budget.reserve()
        claim = Claim(key(self.url), self.url, self.url.rpartition("/")[2], Marks(), proven=True)
        recorder.ownership.take(claim)
        fields = tuple(self.server.always.items())
        self.server.ledger.add(Entry(self.url, self.client, readable=False, fields=fields, unseen=True))

    def remove(self) -> httpx.Response | None:
        """Terminate it; the response, or None where the server cannot do that."""
        ledger = self.server.ledger
        if not self.own:
            ledger.leave(self.url, self.client, "nothing shows that it is the run's own")
            return None
        self.own = False
        if not self.server.offer.may_have("termination"):
            ledger.leave(self.url, self.client, "the server does not announce the termination extension")
            return None
        # What cannot be sent now is left to the ledger.
        with suppress(Undecided):
            reply = self.client.delete(self.url, headers=self.server.always)
            if self.complete and reply.status_code in GONE:
                ledger.leave(
                    self.url, self.client, "it was complete and cannot be removed: its file may be there"
                )
            elif reply.is_success or reply.status_code in GONE:
                ledger.forget(self.url)
            else:
                ledger.leave(self.url, self.client, exchange_of(reply).summary())
            return reply
        return None


def of(client: Client, profile: Any, survey: Any, target: Any, ledger: Ledger) -> Server:
    """The server; the rule does not apply where the API shows no sign of one.

    Raises:
        NotApplicable: there is no sign of one.
    """
    files = profile.files
    given = files.tus if files is not None else None
    found = place(given, survey.promises.answers, survey.documented, survey.exchanges, target.url)
    applies(found is not None, "the API takes uploads by tus: set `tus` in [files] if it does")
    assert found is not None
    server = Server(client, found, ledger, files.metadata if files is not None else None)
    if not found.sure:
        said, reply = server.asked()
        applies(said.versions, f"Tus-Version in {exchange_of(reply).summary()}: set `tus` in [files]")
    versions = server.offer.versions
    if versions and VERSION not in versions:
        inconclusive(f"the server has version {', '.join(versions)} of tus, and this rule is about {VERSION}")
    return server
