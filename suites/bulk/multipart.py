"""Batches as multipart/mixed with an HTTP request in each part (OData 4.01 Part 1 section 11.7.7). Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from harness.http.content import MISSING, parsed

from .shapes import Request

BOUNDARY, CHANGES = "batch-of-requests", "changes"
_STATUS_LINE = re.compile(rb"HTTP/\d\.\d (\d{3})[^\r\n]*\r?\n")


def content_type(boundary: str = BOUNDARY) -> str:
    """The Content-Type of a batch."""
    return f"multipart/mixed; boundary={boundary}"


def content(requests: Sequence[Request], paths: Sequence[str], *, atomic: bool) -> bytes:
    """The content of a batch.

    Args:
        paths: of the requests, relative to the batch.
        atomic: whether they are one change set, which succeeds or fails as a whole.
    """
    parts = [
        _part(number, one, path) for number, (one, path) in enumerate(zip(requests, paths, strict=True), 1)
    ]
    if not atomic:
        return _joined(BOUNDARY, parts)
    head = f"Content-Type: {content_type(CHANGES)}\r\n\r\n".encode()
    return _joined(BOUNDARY, [head + _joined(CHANGES, parts)])


def _part(number: int, request: Request, path: str) -> bytes:
    body = b"" if request.body is None else json.dumps(request.body, ensure_ascii=False).encode()
    fields = dict(request.extra)
    if body:
        fields = {"Content-Type": request.media, "Content-Length": str(len(body)), **fields}
    head = [
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        f"Content-ID: {number}",
        "",
        f"{request.method} {path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in fields.items()),
        "",
        "",
    ]
    return "\r\n".join(head).encode() + body


def _joined(boundary: str, parts: Sequence[bytes]) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"


def responses(kind: str, received: bytes, count: int) -> Any:
    """The responses in the content of a response, in the form of a batch in JSON; `MISSING` where it has none.

    A change set that failed is answered by one response: it is that of each of its requests.

    Args:
        kind: Content-Type of the response.
        count: of the requests that were sent.
    """
    if "multipart/" not in kind.lower():
        return MISSING
    whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + received)
    found = list(_responses(whole))
    if len(found) == 1 and found[0]["status"] >= 400:
        alone = {name: value for name, value in found[0].items() if name != "id"}
        found = [alone] * count
    return {"responses": found} if found else MISSING


def _responses(part: Message) -> Iterator[Mapping[str, Any]]:
    """The responses in a part, and in the parts of a change set; the HTTP message is the payload of a part."""
    if part.is_multipart():
        for one in part.get_payload():
            if isinstance(one, Message):
                yield from _responses(one)
        return
    received = part.get_payload(decode=True)
    match = _STATUS_LINE.match(received.lstrip()) if isinstance(received, bytes) else None
    if match is None or not isinstance(received, bytes):
        return
    message = BytesParser(policy=HTTP).parsebytes(received.lstrip()[match.end() :])
    text = message.get_payload(decode=True)
    body: Any = MISSING
    if isinstance(text, bytes) and text.strip():
        try:
            body = parsed(text.strip())
        except ValueError:
            body = MISSING
    fields = {name.lower(): str(value) for name, value in message.items()}
    shown: dict[str, Any] = {"status": int(match[1]), "headers": fields}
    if part.get("Content-ID"):
        shown["id"] = str(part["Content-ID"])
    yield shown if body is MISSING else {**shown, "body": body}
