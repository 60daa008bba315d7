"""Defects of uploads by tus."""

from __future__ import annotations

from harness.reference.call import Call, Reply
from harness.reference.tus import Tus, Upload
from tests.matrix.serving import defect


class AlwaysFails(Tus):
    """The disk is full."""

    def create(self, call: Call) -> Reply:
        raise RuntimeError("no space left on device")


class AnyOffset(Tus):
    """What arrives is appended, whatever its offset."""

    def check_offset(self, upload: Upload, offset: int) -> None:
        pass


class CacheableStatus(Tus):
    """The response to HEAD says nothing of caches."""

    def status(self, call: Call) -> Reply:
        reply = super().status(call)
        del reply.fields["Cache-Control"]
        return reply


class OldOffset(Tus):
    """The offset in the response to PATCH is that of before the chunk."""

    def append(self, call: Call) -> Reply:
        reply = super().append(call)
        reply.fields["Upload-Offset"] = call.headers["upload-offset"]
        return reply


class AnyVersion(Tus):
    """Nobody looks at Tus-Resumable."""

    def check_version(self, call: Call) -> None:
        pass


class AnySize(Tus):
    """The announced largest size is not enforced."""

    def check_size(self, length: int) -> None:
        pass


DEFECTS = (
    defect("FILE-010", "uploads always fail", tus=AlwaysFails),
    defect("FILE-010", "a chunk is appended at any offset", tus=AnyOffset),
    defect("FILE-010", "the offset may be kept by caches", tus=CacheableStatus),
    defect("FILE-010", "PATCH gives the offset of before the chunk", tus=OldOffset),
    defect("FILE-010", "chunks of any version are taken", tus=AnyVersion),
    defect("FILE-010", "the largest size is not enforced", tus=AnySize),
)
