"""Defects of downloads: ranges."""

from __future__ import annotations

from harness.reference.byte_ranges import ByteRanges, Span
from harness.reference.call import Call, Reply
from harness.reference.files import Files, StoredFile
from tests.matrix.defect import Defect
from tests.matrix.serving import defect as _defect

ON = ("contracts",)


def defect(rule: str, name: str, **more: object) -> Defect:
    """A defect that shows on a declared file, beside the resource that is the fastest to survey."""
    return _defect(rule, name, **{"on": ON, **more})  # type: ignore[arg-type]


def downloads(ranges: type[ByteRanges]) -> type[Files]:
    """The files with other ranges."""

    class Ranging(Files):
        def __init__(self) -> None:
            super().__init__(ranges())

    return Ranging


class EndIsExclusive(ByteRanges):
    """The last position is left out, as in a slice; the length of Content-Range is right."""

    def part(self, content: bytes, span: Span) -> bytes:
        return content[span[0] : max(span[1], span[0] + 1)]


class SuffixFromTheStart(ByteRanges):
    """`-50` is read as `0-50`."""

    def span(self, first: str, last: str, size: int) -> Span | None:
        return super().span(first or "0", last, size)


class LengthOfThePart(ByteRanges):
    """Content-Range has the length of the part in place of the length of the file."""

    def named(self, span: Span, size: int) -> str:
        return f"bytes {span[0]}-{span[1]}/{span[1] + 1}"


class NoTagInParts(ByteRanges):
    """A 206 has no ETag."""

    def kept(self, reply: Reply) -> dict[str, str]:
        return {name: value for name, value in reply.fields.items() if name != "etag"}


class RangesFail(ByteRanges):
    """Ranges are announced, and the code behind them fails."""

    def spans(self, value: str, size: int) -> list[Span] | None:
        raise RuntimeError("seek is not supported")


class OnlyAnnounced(ByteRanges):
    """A proxy announces ranges; the application ignores them."""

    def understood(self, unit: str) -> bool:
        return False


class EmptyPart(ByteRanges):
    """A range behind the end is an empty part."""

    def unsatisfiable(self, size: int) -> Reply:
        return Reply(206, b"", {"Content-Type": "application/pdf", "Content-Range": f"bytes */{size}"})


class FailsBehindTheEnd(ByteRanges):
    """A range behind the end is a server error."""

    def unsatisfiable(self, size: int) -> Reply:
        raise RuntimeError("negative length")


class IgnoresIfRange(ByteRanges):
    """Nobody looks at If-Range."""

    def current(self, value: str | None, reply: Reply) -> bool:
        return True


class AnyUnit(ByteRanges):
    """What is behind the equals sign is read, whatever the unit."""

    def understood(self, unit: str) -> bool:
        return True


class PartsWithoutRange(ByteRanges):
    """The parts of multipart/byteranges do not say which bytes they are."""

    def part_head(self, kind: str, span: Span, size: int) -> str:
        return f"Content-Type: {kind}\r\n"


class Amplifies(ByteRanges):
    """Ranges that overlap are sent as they are."""

    most = 1000

    def joined(self, spans: list[Span]) -> list[Span]:
        return spans


class TagByServer(Files):
    """Each of the servers behind one name has ETags of its own; which one answers depends on the connection."""

    def tag(self, call: Call, file: StoredFile) -> str:
        return f'{super().tag(call, file)[:-1]}-{call.connection.rpartition(":")[2]}"'


DEFECTS: tuple[Defect, ...] = (
    # The parts of several ranges are cut by the same line.
    defect(
        "FILE-004",
        "the last byte of a range is missing",
        perhaps=frozenset({"FILE-007"}),
        files=downloads(EndIsExclusive),
    ),
    defect("FILE-004", "announced ranges always fail", files=downloads(RangesFail)),
    defect("FILE-005", "a range behind the end is an empty 206", files=downloads(EmptyPart)),
    defect("FILE-006", "If-Range is ignored", files=downloads(IgnoresIfRange)),
    defect("FILE-007", "parts do not say which bytes they are", files=downloads(PartsWithoutRange)),
    defect("FILE-008", "servers give one file different ETags", files=TagByServer),
)
