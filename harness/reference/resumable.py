"""Resumable uploads by draft-ietf-httpbis-resumable-upload (text of -12), without interim responses."""

from __future__ import annotations

from harness.reference import times
from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.routing import Handler
from harness.reference.tus import LARGEST, Tus, Upload

CHUNK = "application/partial-upload"


class Resumable(Tus):
    """The endpoints of uploads by the draft; they are stored as those of tus are."""

    extensions = ("termination",)
    path = "/v1/resumable"

    def handled(self, handler: Handler) -> Handler:
        """The handler: requests need no version."""
        return handler

    def configuration(self, call: Call) -> Reply:
        """What may be appended (section Limits of the draft)."""
        return Reply(204, b"", {"Accept-Patch": CHUNK, "Upload-Limit": f"max-size={LARGEST}"})

    def create(self, call: Call) -> Reply:
        """201 with the URL of the upload; what came with the request is its beginning."""
        length = self.number(call, "upload-length")
        made = self.begin(call, length)
        self.check_room(made, call)
        self.write(made, call)
        state = {"Upload-Complete": self.state(made), "Upload-Limit": self.limits(made)}
        return Reply(201, b"", {"Location": f"{self.path}/{made.id}", **state})

    def status(self, call: Call) -> Reply:
        """How much there is."""
        found = self.own(call)
        numbers = {"Upload-Offset": str(found.offset), "Upload-Length": str(found.length)}
        state = {"Upload-Complete": self.state(found), "Upload-Limit": self.limits(found)}
        return Reply(204, b"", {**numbers, **state, "Cache-Control": "no-store"})

    def append(self, call: Call) -> Reply:
        """204 for another chunk, 200 for the last."""
        found = self.own(call)
        if call.policies.reader.media_type(call) != CHUNK:
            call.policies.reader.unsupported(call, (CHUNK,))
        with found.lock:
            self.check_offset(found, self.number(call, "upload-offset"))
            self.check_room(found, call)
            self.write(found, call)
        return Reply(204, b"", {"Upload-Complete": self.state(found)})

    def check_offset(self, upload: Upload, offset: int) -> None:
        """409 with the offset."""
        if offset != upload.offset:
            fields = {"Upload-Offset": str(upload.offset)}
            raise Problem("offset_conflict", f"The offset of the upload is {upload.offset}.", fields)

    def state(self, upload: Upload) -> str:
        """Whether it is complete, as a Boolean of Structured Fields."""
        return "?1" if upload.offset == upload.length else "?0"

    def limits(self, upload: Upload) -> str:
        """The limits, as a Dictionary of Structured Fields."""
        left = max(0, upload.expires - times.now()) // 1_000_000
        return f"max-size={LARGEST}, max-age={left}"
