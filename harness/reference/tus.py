"""Resumable uploads by tus 1.0.0: the core, and the extensions creation, expiration, checksum and termination."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import threading
from dataclasses import dataclass, field

from harness.reference import times
from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.routing import Handler, Route, route

VERSION = "1.0.0"
CHUNK = "application/offset+octet-stream"
LARGEST = 1024 * 1024
LIFETIME = 24 * 3600
"""Seconds for which an upload is kept."""
ALGORITHMS = ("sha1", "sha256")
EXTENSIONS = ("creation", "expiration", "checksum", "termination")
PATH = "/v1/uploads"


@dataclass
class Upload:
    """An upload under way, or complete."""

    id: str
    owner: str
    length: int
    metadata: str
    expires: int
    content: bytearray = field(default_factory=bytearray)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def offset(self) -> int:
        """How many bytes are kept."""
        return len(self.content)


class Tus:
    """The endpoints of uploads; every decision may be replaced."""

    extensions: tuple[str, ...] = EXTENSIONS
    path = PATH

    def __init__(self) -> None:
        self.uploads: dict[str, Upload] = {}

    def routes(self) -> list[Route]:
        """Their paths."""
        offers = ("application/octet-stream",)
        made = {"POST": self.handled(self.create), "OPTIONS": self.configuration}
        one = {"HEAD": self.status, "GET": self.read, "PATCH": self.append, "DELETE": self.terminate}
        handlers = {method: self.handled(handler) for method, handler in one.items()}
        if "termination" not in self.extensions:
            del handlers["DELETE"]
        return [
            Route(route(self.path, self, []).pattern, made, offers=offers),
            Route(
                route(f"{self.path}/{{id}}", self, []).pattern,
                {**handlers, "OPTIONS": self.configuration},
                offers=offers,
            ),
        ]

    # -- endpoints -------------------------------------------------------------------------------------

    def handled(self, handler: Handler) -> Handler:
        """The handler, with what every request and response of tus has."""

        def answer(call: Call) -> Reply:
            try:
                if call.method != "GET":
                    self.check_version(call)
                reply = handler(call)
            except Problem as problem:
                problem.fields.setdefault("Tus-Resumable", VERSION)
                raise
            reply.fields["Tus-Resumable"] = VERSION
            return reply

        return answer

    def configuration(self, call: Call) -> Reply:
        """What the server offers."""
        fields = {
            "Tus-Version": VERSION,
            "Tus-Extension": ",".join(self.extensions),
            "Tus-Max-Size": str(LARGEST),
        }
        if "checksum" in self.extensions:
            fields["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
        return Reply(204, b"", {"Tus-Resumable": VERSION, **fields})

    def create(self, call: Call) -> Reply:
        """201 with the URL of the upload."""
        length = self.number(call, "upload-length")
        made = self.begin(call, length)
        fields = {"Location": f"{self.path}/{made.id}", "Upload-Expires": times.http_date(made.expires)}
        return Reply(201, b"", fields)

    def begin(self, call: Call, length: int) -> Upload:
        """A new upload."""
        self.check_size(length)
        expires = times.now() + LIFETIME * 1_000_000
        metadata = call.headers.get("upload-metadata", "")
        made = Upload(secrets.token_hex(12), call.principal.name, length, metadata, expires)
        self.uploads[made.id] = made
        return made

    def status(self, call: Call) -> Reply:
        """How much there is."""
        found = self.own(call)
        fields = {"Upload-Offset": str(found.offset), "Upload-Length": str(found.length)}
        if found.metadata:
            fields["Upload-Metadata"] = found.metadata
        return Reply(204, b"", {**fields, "Cache-Control": "no-store"})

    def append(self, call: Call) -> Reply:
        """204 with the new offset."""
        found = self.own(call)
        if call.policies.reader.media_type(call) != CHUNK:
            call.policies.reader.unsupported(call, (CHUNK,))
        with found.lock:
            self.check_offset(found, self.number(call, "upload-offset"))
            self.check_room(found, call)
            self.check_checksum(call)
            self.write(found, call)
        fields = {"Upload-Offset": str(found.offset), "Upload-Expires": times.http_date(found.expires)}
        return Reply(204, b"", fields)

    def read(self, call: Call) -> Reply:
        """The content, once it is complete."""
        found = self.own(call)
        if found.offset < found.length:
            raise Problem("invalid_state", "The upload is not complete.")
        fields = {"Content-Type": "application/octet-stream", "Cache-Control": "private, no-cache"}
        return Reply(200, bytes(found.content), fields)

    def terminate(self, call: Call) -> Reply:
        """204, and nothing is left of it."""
        del self.uploads[self.own(call).id]
        return Reply(204)

    # -- decisions -------------------------------------------------------------------------------------

    def check_version(self, call: Call) -> None:
        """412 for another version of the protocol."""
        if call.headers.get("tus-resumable") != VERSION:
            raise Problem("precondition_failed", f"Use tus {VERSION}.", {"Tus-Version": VERSION})

    def check_size(self, length: int) -> None:
        """413 for more than the largest size."""
        if length > LARGEST:
            raise Problem("content_too_large", f"Uploads have {LARGEST} bytes at most.")

    def own(self, call: Call) -> Upload:
        """The upload of the path: 404 where there is none, 410 where it has expired."""
        found = self.uploads.get(call.parameters["id"])
        if found is None or not call.policies.authenticator.sees(call.principal, found.owner):
            raise Problem("not_found", "There is no such upload.", {"Cache-Control": "no-store"})
        if found.expires <= times.now():
            raise Problem("expired", "The upload has expired.")
        return found

    def number(self, call: Call, name: str) -> int:
        """A field whose value is a whole number, or 400."""
        text = call.headers.get(name, "")
        if not text.isdecimal() or not text.isascii() or len(text) > 18:
            raise Problem("malformed_request", f"{name} must be a whole number.")
        return int(text)

    def check_offset(self, upload: Upload, offset: int) -> None:
        """409 where the request does not go on where the upload ends."""
        if offset != upload.offset:
            raise Problem("offset_conflict", f"The offset of the upload is {upload.offset}.")

    def check_room(self, upload: Upload, call: Call) -> None:
        """413 for more than the length that was announced."""
        if call.oversized or upload.offset + len(call.body) > upload.length:
            raise Problem("content_too_large", f"The length of the upload is {upload.length}.")

    def check_checksum(self, call: Call) -> None:
        """460 for content with another checksum, 400 for an algorithm that is not offered."""
        given = call.headers.get("upload-checksum")
        if given is None or "checksum" not in self.extensions:
            return
        algorithm, _, written = given.partition(" ")
        if algorithm not in ALGORITHMS:
            raise Problem("malformed_request", f"The checksum must be one of {', '.join(ALGORITHMS)}.")
        try:
            expected = base64.b64decode(written, validate=True)
        except binascii.Error:
            raise Problem("malformed_request", "The checksum is not base64.") from None
        if hashlib.new(algorithm, call.body).digest() != expected:
            raise Problem("checksum_mismatch", "The content does not have that checksum.")

    def write(self, upload: Upload, call: Call) -> None:
        """Keep what has arrived, which is less than was announced where the connection ended."""
        upload.content += call.body
