"""Uploads of more than the maximum, over raw connections: what is sent stops where the server refuses."""

from __future__ import annotations

import time
from dataclasses import dataclass

import httpx

from harness.client.client import exchange_of
from harness.client.raw import Wire, connection
from harness.http.exchange import Exchange
from harness.rules.checks import Undecided, control
from harness.rules.checks import note as remark

from .creating import begin, content_url
from .uploading import Uploads
from .ways import multipart

PATIENCE = 3.0
"""Seconds for which 100 (Continue), or a refusal, is waited for; not for ever (RFC 9110 section 10.1.1)."""
PIECE = 64 * 1024
_MARK = b"conformance-content-goes-here"


@dataclass
class Tried:
    """What came of an upload.

    Attributes:
        status: of the final response; None where the connection was closed without one.
        all_sent: whether all of the content was sent before that.
        stored: whether the file was accepted.
        shown: in a sentence.
    """

    status: int | None
    all_sent: bool
    stored: bool
    shown: str


def oversized(store: Uploads, most: int, size: int, *, chunked: bool) -> Tried:
    """Upload a file that is too large, a piece at a time.

    Args:
        store: how files are uploaded.
        most: bytes of the largest file; behind them a refusal is waited for.
        size: bytes of this one.
        chunked: whether it comes in chunks without a length; with its length and Expect: 100-continue otherwise.

    Raises:
        Undecided: the connection failed.
    """
    how, client = store.how, store.client
    name = store.name()
    found = _url(store, name, size)
    if isinstance(found, Tried):
        return found
    method, url, path = how.method, found, found.removeprefix(client.target.url)
    before, after, media = b"", b"", how.kind
    if how.form is not None:
        form, media = multipart(how.form, _MARK, name, how.kind)
        before, _, after = form.partition(_MARK)
    length = (
        [("Transfer-Encoding", "chunked")]
        if chunked
        else [
            ("Content-Length", str(len(before) + size + len(after))),
            ("Expect", "100-continue"),
        ]
    )
    with connection(client) as wire, client.recorder.ownership.granting(method, url):
        started = time.monotonic()
        fields = wire.send_only(method, url, [("Content-Type", media), *length])
        sent = _content(wire, (before, after), most, size, chunked=chunked)
        exchange = wire.final(method, url, fields, started)
    stored = exchange.status is not None and 200 <= exchange.status < 300
    if stored and how.create is None:
        _adopt(store, exchange, url)
    how_sent = "in chunks" if chunked else "with Expect: 100-continue"
    shown = f"{method} {path} -> {exchange.status or 'no response'} for {size} bytes {how_sent}, {sent} of them sent"
    return Tried(exchange.status, sent >= size, stored, shown)


def _url(store: Uploads, name: str, size: int) -> str | Tried:
    """Where the content is sent to; the refusal, where a create that comes first refuses the size."""
    how, client = store.how, store.client
    if how.create is not None:
        reply, made = begin(store, b"", name, how.kind, size)
        if made is not None:
            return content_url(store, made)
        shown = f"{exchange_of(reply).summary()} for the create of a file of {size} bytes"
        return Tried(reply.status_code, False, False, shown)
    url = client.url(how.path.replace("{name}", name))
    if how.method == "PUT":
        before = client.get(url)
        control(before.status_code in (404, 410), f"nothing is there before: {exchange_of(before).summary()}")
    return url


def _content(wire: Wire, around: tuple[bytes, bytes], most: int, size: int, *, chunked: bool) -> int:
    """Send content until the server answers; returns how many bytes of the file were sent."""
    # Without Expect a server answers when it likes; with it, 100 comes first.
    if not chunked and wire.answered(PATIENCE) and not wire.continued():
        return 0
    if not _sends(wire, around[0], chunked):
        return 0
    block, sent = bytes(PIECE), 0
    while sent < size:
        piece = block[: size - sent]
        if not _sends(wire, piece, chunked):
            return sent
        sent += len(piece)
        if sent - len(piece) <= most < sent < size and wire.answered(PATIENCE) and not wire.continued():
            # What is sent at once lies in buffers: without a pause nobody knows what the server has read.
            return sent
    wire.push((_framed(around[1]) + b"0\r\n\r\n") if chunked else around[1])
    return sent


def _sends(wire: Wire, piece: bytes, chunked: bool) -> bool:
    """Whether a piece was sent, and the server had not answered before."""
    refused = wire.answered(0.0) and not wire.continued()
    return not refused and wire.push(_framed(piece) if chunked else piece)


def _framed(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if piece else b""


def _adopt(store: Uploads, exchange: Exchange, url: str) -> None:
    """Take what was stored all the same into the ledger."""
    fields = [(name, value) for name, value in exchange.response_fields]
    reply = httpx.Response(
        exchange.status or 200,
        headers=fields,
        content=exchange.response_body.text.encode(),
        request=httpx.Request("POST", url),
        extensions={"exchange": exchange},
    )
    try:
        store.adopted(reply, url)
    except Undecided as problem:
        remark(str(problem))
