"""Lawful stores of files that a careless rule would accuse."""

from __future__ import annotations

from harness.reference.byte_ranges import ByteRanges, Span
from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.files import Files, StoredFile
from tests.matrix.declared import CLIENTS
from tests.matrix.variant import Variant, variant

RAW = """
[files]
samples = ["/downloads/manual.pdf"]
upload = "POST /files"
max_bytes = 524288
"""


class Sparing(ByteRanges):
    """One range at a time, and no more than 8 KiB of it (RFC 9110 section 15.3.7)."""

    most = 1

    def span(self, first: str, last: str, size: int) -> Span | None:
        found = super().span(first, last, size)
        return None if found is None else (found[0], min(found[1], found[0] + 8191))


class Strict(Files):
    """Weak tags, no chunks without a length, no empty files, a part refused with 409; the id is in Location only."""

    def __init__(self) -> None:
        super().__init__(Sparing())

    def tag(self, call: Call, file: StoredFile) -> str:
        return f"W/{super().tag(call, file)}"

    def upload(self, call: Call) -> Reply:
        if "transfer-encoding" in call.headers:
            return Reply(411, b"", {"Connection": "close"})
        if not call.body:
            raise Problem("malformed_request", "A file has one byte or more.")
        made = super().upload(call)
        return Reply(204, b"", {"Location": made.fields["Location"]})

    def check_part(self, call: Call) -> None:
        if "content-range" in call.headers:
            raise Problem("invalid_state", "Parts are written elsewhere.")


class Shared(Files):
    """Clients read each other's files; nothing says that they are private."""

    def own(self, call: Call) -> StoredFile:
        found = self.stored.get(call.parameters["id"])
        return super().own(call) if found is None or call.method == "DELETE" else found


VARIANTS: tuple[Variant, ...] = (
    variant(
        "a store with weak tags, small parts and no chunks", on=("contracts",), profile=RAW, files=Strict
    ),
    variant("a store that clients share", on=("contracts",), profile=CLIENTS + RAW, files=Shared),
)
