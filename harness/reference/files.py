"""A store of files: a manual to download, and uploads of the caller's own, kept in memory."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from dataclasses import dataclass, field

from starlette.datastructures import Headers

from harness.reference import times
from harness.reference.byte_ranges import ByteRanges, Digests
from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.representation import Validators
from harness.reference.routing import Route, route

BYTES = "application/octet-stream"
PDF = "application/pdf"
READ_AT_MOST = 16 * 1024 * 1024
"""Bytes of the content of any request that are read."""
TYPES = (BYTES, PDF, "application/zip", "image/png", "text/plain")
"""Media types of files that are taken."""
MOST_BYTES = 512 * 1024
FORM = "multipart/form-data"
LONGEST_NAME = 100
_PARAMETER = re.compile(r';\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))')


def manual() -> bytes:
    """48 KiB that look the same on every server."""
    lines = (f"{number:06d} {hashlib.sha256(str(number).encode()).hexdigest()}\n" for number in range(700))
    return b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + "".join(lines).encode()


@dataclass
class StoredFile:
    """A file.

    Attributes:
        label: what the client calls it, beside its name.
        changed: when its content was written, in microseconds.
    """

    id: str
    owner: str
    name: str
    media_type: str
    content: bytes
    label: str = ""
    changed: int = field(default_factory=times.now)


@dataclass(frozen=True)
class Sent:
    """What an upload has."""

    content: bytes
    name: str
    media_type: str
    label: str = ""


class Files:
    """The endpoints of files; every decision may be replaced.

    Args:
        ranges, digests: how downloads are answered.
    """

    def __init__(self, ranges: ByteRanges | None = None, digests: Digests | None = None) -> None:
        self.ranges, self.digests = ranges or ByteRanges(), digests or Digests()
        self.stored: dict[str, StoredFile] = {}
        self.manual = StoredFile("manual", "", "manual.pdf", PDF, manual(), changed=1_700_000_000_000_000)
        self._lock = threading.Lock()

    def routes(self) -> list[Route]:
        """Their paths."""
        anything = (*TYPES, "application/json")
        manual = route("/v1/downloads/manual.pdf", self, [], public=True)
        one = route("/v1/files/{id}", self, [])
        content = route("/v1/files/{id}/content", self, [])
        return [
            Route(manual.pattern, {"GET": self.read_manual}, public=True, offers=anything),
            Route(route("/v1/files", self, []).pattern, {"POST": self.upload}),
            Route(one.pattern, {"GET": self.shown, "DELETE": self.remove}),
            Route(content.pattern, {"GET": self.read, "PUT": self.replace}, offers=anything),
        ]

    # -- endpoints -------------------------------------------------------------------------------------

    def read_manual(self, call: Call) -> Reply:
        """A file that is there for everybody."""
        return self.download(call, self.manual)

    def upload(self, call: Call) -> Reply:
        """201 with what is known of the file."""
        self.check_size(call)
        sent = self.sent(call)
        self.digests.check(call, call.body)
        self.check_type(sent.media_type)
        id = f"file_{secrets.token_hex(10)}"
        made = StoredFile(
            id, call.principal.name, self.safe_name(sent.name), sent.media_type, self.kept(sent), sent.label
        )
        with self._lock:
            self.stored[id] = made
        reply = self.reply(call, made, 201)
        reply.fields["Location"] = f"/v1/files/{id}"
        return reply

    def shown(self, call: Call) -> Reply:
        """What is known of a file."""
        return self.reply(call, self.own(call))

    def read(self, call: Call) -> Reply:
        """Its bytes."""
        return self.download(call, self.own(call))

    def replace(self, call: Call) -> Reply:
        """204: other bytes; a part of a file cannot be written."""
        found = self.own(call)
        self.check_size(call)
        self.check_part(call)
        self.digests.check(call, call.body)
        sent = Sent(call.body, found.name, self.media_type(call.headers.get("content-type")))
        self.check_type(sent.media_type)
        found.content, found.media_type, found.changed = self.kept(sent), sent.media_type, times.now()
        return Reply(204)

    def remove(self, call: Call) -> Reply:
        """204."""
        found = self.own(call)
        with self._lock:
            self.stored.pop(found.id, None)
        return Reply(204)

    # -- decisions -------------------------------------------------------------------------------------

    def reads(self, method: str, path: str, headers: Headers) -> int:
        """Bytes of content after which reading a request ends: none of a file that says that it is too large."""
        if not path.startswith("/v1/files") or method not in ("POST", "PUT"):
            return READ_AT_MOST
        length = headers.get("content-length", "")
        return 0 if length.isdigit() and int(length) > self.most_content else self.most_content + 1

    def own(self, call: Call) -> StoredFile:
        """The file of the path, or 404."""
        found = self.stored.get(call.parameters["id"])
        if found is None or found.owner != call.principal.name:
            raise Problem("not_found", "There is no file with this identifier.")
        return found

    def check_size(self, call: Call) -> None:
        """413 for too large a file, also where it came without a length."""
        if call.oversized or len(call.body) > self.most_content:
            raise Problem("content_too_large", f"A file has at most {MOST_BYTES} bytes.")

    @property
    def most_content(self) -> int:
        """Bytes of request content, with room for the form around a file."""
        return MOST_BYTES + 16 * 1024

    def check_part(self, call: Call) -> None:
        """400 for PUT with Content-Range (RFC 9110 section 14.5)."""
        if "content-range" in call.headers:
            raise Problem("malformed_request", "A part of a file cannot be written: send all of it.")

    def check_type(self, media_type: str) -> None:
        """415 for what is not taken."""
        if media_type not in TYPES:
            raise Problem("unsupported_media_type", f"Files are {', '.join(TYPES)}.")

    def kept(self, sent: Sent) -> bytes:
        """What is stored of an upload: its bytes."""
        if len(sent.content) > MOST_BYTES:
            raise Problem("content_too_large", f"A file has at most {MOST_BYTES} bytes.")
        return sent.content

    def safe_name(self, name: str) -> str:
        """The last part of a name, without what a file system or a page would stumble over."""
        last = re.split(r"[/\\]", name)[-1]
        return re.sub(r"[^\w.() -]", "_", last, flags=re.ASCII).lstrip(".")[:LONGEST_NAME] or "file"

    def media_type(self, value: str | None) -> str:
        """The media type of a field, without parameters."""
        return (value or BYTES).partition(";")[0].strip().lower() or BYTES

    def sent(self, call: Call) -> Sent:
        """The file of a request: a part of a form, or the whole content."""
        kind = call.headers.get("content-type") or ""
        if self.media_type(kind) != FORM:
            return Sent(call.body, "file", self.media_type(kind))
        parts = form_parts(call.body, kind)
        if "file" not in parts:
            failure = call.policies.validator.failure
            call.policies.validator.refuse(call, [failure(["file"], "required", "is required")])
        fields, content = parts["file"]
        label = parts.get("label", ({}, b""))[1].decode("utf-8", "replace")
        named = parameters(fields.get("content-disposition", ""))
        return Sent(
            content, named.get("filename", "file"), self.media_type(fields.get("content-type")), label
        )

    # -- representations -------------------------------------------------------------------------------

    def document(self, file: StoredFile) -> Document:
        """What is known of a file."""
        return {
            "id": file.id,
            "name": file.name,
            "label": file.label,
            "type": file.media_type,
            "size": len(file.content),
            "sha256": hashlib.sha256(file.content).hexdigest(),
            "content_url": f"/v1/files/{file.id}/content",
            "updated_at": times.rfc3339(file.changed),
        }

    def reply(self, call: Call, file: StoredFile, status: int = 200) -> Reply:
        """JSON."""
        if status == 200:
            return call.policies.representation.selected(call, self.document(file))
        return call.policies.representation.reply(call, status, self.document(file))

    def download(self, call: Call, file: StoredFile) -> Reply:
        """The bytes, or a part of them; to be saved, and not to be shown by a browser."""
        current = Validators(True, self.tag(call, file), file.changed)
        policies = call.policies
        whole = Reply(200, file.content, self.fields(call, file))
        outcome = policies.preconditions.evaluate(call, current)
        if outcome == "failed":
            raise Problem("precondition_failed", "The file is not the one that If-Match names.")
        policies.representation.validated(whole, current)
        if outcome == "not modified":
            return policies.representation.not_modified(whole)
        return self.digests.complete(self.ranges.apply(call, whole), file.content)

    def tag(self, call: Call, file: StoredFile) -> str:
        """A strong entity tag, by the content (RFC 9110 section 8.8.1)."""
        return call.policies.representation.etag(file.content)

    def fields(self, call: Call, file: StoredFile) -> dict[str, str]:
        """The fields of a download."""
        return {
            "Content-Type": file.media_type,
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": call.policies.representation.cache_control(call),
        }


def parameters(value: str) -> dict[str, str]:
    """The parameters of a field such as Content-Disposition."""
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
        for name, quoted, bare in _PARAMETER.findall(value)
    }


def form_parts(content: bytes, kind: str) -> dict[str, tuple[dict[str, str], bytes]]:
    """The parts of multipart/form-data by the name of the field (RFC 7578): header fields, content."""
    boundary = parameters(kind).get("boundary")
    if not boundary:
        raise Problem("malformed_request", "multipart/form-data needs a boundary.")
    pieces = (b"\r\n" + content).split(b"\r\n--" + boundary.encode())
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Problem("malformed_request", "The last delimiter of the form is missing.")
    found = {}
    for piece in pieces[1:-1]:
        head, _, body = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = [line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n")]
        fields = {name.strip().lower(): value.strip() for name, _, value in lines}
        name = parameters(fields.get("content-disposition", "")).get("name")
        if name is not None:
            found[name] = fields, body
    return found
