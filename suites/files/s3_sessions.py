"""An upload in parts to a store with the API of S3, under presigned URLs of the run's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import quote, urlsplit

import httpx

from harness.client.client import Unanswered, exchange_of
from harness.client.eventually import eventually
from harness.client.raw import connection
from harness.rules.checks import Undecided, control

from .presigned import Store
from .s3_judge import element, listed_parts

NOTICING = 0.3
"""Seconds in which a store has noticed that a connection has ended."""


class Session:
    """An upload in parts.

    Args:
        store: signs.
        name: of the object, which the run has made up.
        id: of the upload.
    """

    def __init__(self, store: Store, name: str, id: str) -> None:
        self.store, self.name, self.id = store, name, id
        self.url = f"{store.place(name)}?uploadId={quote(id, safe='')}"

    def request(
        self, method: str, content: bytes | None = None, parameters: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """A request to the session.

        Args:
            parameters: of the query, besides the id of the upload.
        """
        return asked(self.store, self.name, method, content, {"uploadId": self.id, **(parameters or {})})

    def part(self, number: int, content: bytes) -> httpx.Response:
        """Send a part."""
        return self.request("PUT", content, {"partNumber": str(number)})

    def cut(self, number: int, content: bytes, announced: int) -> None:
        """Send the beginning of a part, and end the connection.

        Args:
            announced: bytes that Content-Length announces.
        """
        parameters = {"uploadId": self.id, "partNumber": str(number)}
        url = self.store.url_for("PUT", self.name, parameters=parameters)
        nobody = self.store.nobody
        with nobody.recorder.ownership.granting("PUT", url), connection(nobody) as wire:
            wire.send_only("PUT", url, [("Content-Length", str(announced))], content, measured=False)

    def parts(self) -> dict[int, int] | None:
        """Sizes of the parts that the store has, by their numbers; None where it does not say."""
        reply = self.request("GET")
        return listed_parts(reply.text) if reply.is_success else None

    def noticed(self, number: int) -> int | None:
        """The size with which a part is listed soon after its connection ended; None where it is not."""
        seen: list[int | None] = []

        def there() -> bool:
            seen.append((self.parts() or {}).get(number))
            return seen[-1] is not None

        eventually(there, NOTICING)
        return seen[-1]


def asked(
    store: Store,
    name: str,
    method: str,
    content: bytes | None = None,
    parameters: Mapping[str, str] | None = None,
) -> httpx.Response:
    """A request for an object of the run, under a presigned URL and no other credential.

    Args:
        name: of the object, which the run has made up.
    """
    url = store.url_for(method, name, parameters=parameters)
    kind = {"Content-Type": "application/octet-stream"} if content is not None else {}
    with store.nobody.recorder.ownership.granting(method, url):
        return store.nobody.request(method, url, headers={"Accept": "*/*", **kind}, content=content)


def in_short(reply: httpx.Response) -> str:
    """A response in one line, without the query of its URL, which is long."""
    exchange = exchange_of(reply)
    return f"{exchange.method} {urlsplit(exchange.url).path} -> {exchange.status}"


@contextmanager
def session(store: Store) -> Iterator[Session]:
    """An upload in parts; it, and the object that it became, are removed at the end.

    Raises:
        Undecided: there is none.
    """
    name = store.new_name()
    before = asked(store, name, "GET")
    control(before.status_code == 404, f"404 for a name that was made up: {in_short(before)}")
    begun = store.ledger.begin(store.begun(name), f"POST {name}?uploads")
    try:
        reply = asked(store, name, "POST", b"", {"uploads": ""})
    except Unanswered:
        store.ledger.lose(begun)
        raise
    id = element(reply.text, "UploadId")
    if not reply.is_success or not id:
        store.ledger.drop(begun)
    control(reply.is_success and bool(id), f"an upload in parts begins: {in_short(reply)}")
    made = Session(store, name, str(id))
    place = store.recorded(begun.entry.url)
    store.ledger.made(begun, made.url)
    try:
        yield made
    finally:
        with suppress(Undecided, Unanswered):
            ended(store, made, place)


def ended(store: Store, made: Session, place: str) -> None:
    """Remove an upload in parts, or the object that it became; what is then still there is left and named.

    Args:
        place: URL of the object.
    """
    ledger = store.ledger
    if not asked(store, made.name, "GET").is_success:
        ledger.strike(place)
        ledger.remove(made.url)
        return
    # A store need not know an upload any more that has become an object.
    ledger.strike(made.url)
    ledger.remove(place)
    if asked(store, made.name, "GET").is_success:
        ledger.leave(place, store.client)
