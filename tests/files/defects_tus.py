"""Defects of uploads by tus."""

from __future__ import annotations

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.resumable import Resumable
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


class AnyVersion(Tus):
    """Nobody looks at Tus-Resumable."""

    def check_version(self, call: Call) -> None:
        pass


class NoBound(Tus):
    """Nobody compares the chunk with the length of the upload."""

    def check_room(self, upload: Upload, call: Call) -> None:
        pass


class KeepsDamaged(Tus):
    """The checksum is calculated while the chunk is written."""

    def check_checksum(self, call: Call) -> None:
        try:
            super().check_checksum(call)
        except Problem:
            self.write(self.own(call), call)
            raise


def cut_off(call: Call) -> bool:
    """Whether the connection ended before the whole content came."""
    return len(call.body) < int(call.headers.get("content-length", "0"))


class CountsUnwritten(Tus):
    """The last block of what arrived is counted, but not written, if the connection ends."""

    def write(self, upload: Upload, call: Call) -> None:
        upload.content += call.body[:-512] + bytes(512) if cut_off(call) else call.body


class StartsAgain(Tus):
    """An error of the connection throws the whole file away."""

    def write(self, upload: Upload, call: Call) -> None:
        if cut_off(call):
            upload.content.clear()
        else:
            super().write(upload, call)


class NoOffsetInConflict(Resumable):
    """The 409 does not say where the upload is."""

    def check_offset(self, upload: Upload, offset: int) -> None:
        if offset != upload.offset:
            raise Problem("offset_conflict", "The offset of the upload is another one.")


class Reopened(Resumable):
    """A complete upload takes more."""

    def check_room(self, upload: Upload, call: Call) -> None:
        if upload.offset < upload.length:
            super().check_room(upload, call)


class NeverOpens(Resumable):
    """The disk is full."""

    def create(self, call: Call) -> Reply:
        raise RuntimeError("no space left on device")


DEFECTS = (
    defect("FILE-010", "uploads always fail", tus=AlwaysFails),
    defect("FILE-010", "a chunk is appended at any offset", tus=AnyOffset),
    defect("FILE-010", "chunks of any version are taken", tus=AnyVersion),
    defect("FILE-011", "the end of what arrived is counted, but not written", tus=CountsUnwritten),
    defect("FILE-011", "an interruption throws away what was acknowledged", tus=StartsAgain),
    defect("FILE-011", "a conflict does not show the offset", resumable=NoOffsetInConflict),
    defect("FILE-011", "resumable uploads always fail", resumable=NeverOpens),
    defect("FILE-014", "a chunk may be longer than the upload", tus=NoBound),
    defect("FILE-014", "a complete upload grows", resumable=Reopened),
    defect("FILE-014", "a chunk is kept although its checksum is wrong", tus=KeepsDamaged),
)
