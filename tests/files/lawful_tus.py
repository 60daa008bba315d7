"""Lawful servers of tus, and lawful presigned URLs."""

from __future__ import annotations

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.presigned import Grant
from harness.reference.tus import Tus, Upload
from tests.files.defects_presigned import Shared, ShowsUrl
from tests.matrix.declared import FILES
from tests.matrix.variant import Variant, variant

BLOCK = 4096


class Minimal(Tus):
    """Creation is the only extension; what was interrupted is kept in whole blocks; files are found elsewhere."""

    extensions = ("creation",)

    def write(self, upload: Upload, call: Call) -> None:
        interrupted = len(call.body) < int(call.headers.get("content-length", "0"))
        upload.content += call.body[: len(call.body) // BLOCK * BLOCK] if interrupted else call.body

    def read(self, call: Call) -> Reply:
        raise Problem("not_found", "Files are found by their names.")


class CreatedElsewhere(Tus):
    """Uploads are created by another service: the creation extension is not offered."""

    extensions = ("termination",)

    def create(self, call: Call) -> Reply:
        raise Problem("method_not_allowed", "Create uploads by the API of projects.", {"Allow": "OPTIONS"})


class Once(Shared):
    """URLs for uploads serve once, last ten minutes at least, and are 410 afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def seconds(self, wanted: int) -> int:
        return max(wanted, 600)

    def check_time(self, grant: Grant) -> None:
        if grant.key in self.used and grant.method == "PUT":
            raise Problem("expired", "The URL has been used.")

    def write(self, call: Call) -> Reply:
        reply = super().write(call)
        self.used.add(self.key(call))
        return reply


VARIANTS: tuple[Variant, ...] = (
    variant(
        "tus with creation alone, which keeps whole blocks; presigned URLs that serve once, also in items",
        on=("documents",),
        profile=FILES,
        tus=Minimal,
        presigned=Once,
        representation=ShowsUrl,
    ),
    variant("tus uploads that are created elsewhere", on=("documents",), profile=FILES, tus=CreatedElsewhere),
)
