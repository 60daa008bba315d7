"""Defects of uploads and of digests."""

from __future__ import annotations

from dataclasses import replace

from starlette.datastructures import Headers

from harness.reference.byte_ranges import Digests
from harness.reference.call import Call, Reply
from harness.reference.files import READ_AT_MOST, Files, Sent, StoredFile
from harness.reference.routing import Route
from harness.reference.wire import WirePolicy
from tests.files.defects import defect
from tests.matrix.defect import Defect


class TextMode(Files):
    """The file is opened in text mode: CRLF becomes LF."""

    def kept(self, sent: Sent) -> bytes:
        return super().kept(sent).replace(b"\r\n", b"\n")


class UploadsFail(Files):
    """Each upload fails."""

    def kept(self, sent: Sent) -> bytes:
        raise RuntimeError("no space left on device")


class ShowsPages(Files):
    """Any media type is taken, and given back for a browser to show."""

    def check_type(self, media_type: str) -> None:
        pass

    def fields(self, call: Call, file: StoredFile) -> dict[str, str]:
        return {**super().fields(call, file), "Content-Disposition": "inline"}


class Unconfined(WirePolicy):
    """Files have no Content-Security-Policy."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        made = super().finish(call, reply)
        if call.path.endswith("/content"):
            del made.fields["Content-Security-Policy"]
        return made


class ReadByAll(Files):
    """A download looks the file up by its id alone."""

    def read(self, call: Call) -> Reply:
        found = self.stored.get(call.parameters["id"])
        return super().read(call) if found is None else self.download(call, found)


class RemovedByAll(Files):
    """DELETE looks the file up by its id alone."""

    def remove(self, call: Call) -> Reply:
        if self.stored.pop(call.parameters["id"], None) is None:
            return super().remove(call)
        return Reply(204)


class NoLimit(Files):
    """The maximum is in the documentation only."""

    def reads(self, method: str, path: str, headers: Headers) -> int:
        return READ_AT_MOST

    def check_size(self, call: Call) -> None:
        pass

    def kept(self, sent: Sent) -> bytes:
        return sent.content


class PartIsTheFile(Files):
    """Nobody looks at Content-Range in requests."""

    def check_part(self, call: Call) -> None:
        pass


class BytesForAllClients(Files):
    """The handler of the bytes looks for the id alone."""

    def read(self, call: Call) -> Reply:
        found = self.stored.get(call.parameters["id"])
        return self.download(call, found or self.own(call))


class BytesForEverybody(BytesForAllClients):
    """The path of the bytes was taken out of the middleware for a viewer that could send no token."""

    def routes(self) -> list[Route]:
        return [
            replace(one, public=True) if "content" in one.pattern.pattern else one for one in super().routes()
        ]


class DigestOfTheWhole(Digests):
    """Content-Digest of a part is that of the whole file."""

    def content(self, reply: Reply, representation: bytes) -> bytes:
        return representation


class UncheckedDigest(Digests):
    """The digest of an upload is not compared."""

    def check(self, call: Call, content: bytes) -> None:
        pass


def digesting(digests: type[Digests]) -> type[Files]:
    """The files with other digests."""

    class Digesting(Files):
        def __init__(self) -> None:
            super().__init__(digests=digests())

    return Digesting


DEFECTS: tuple[Defect, ...] = (
    defect("FILE-001", "line ends are changed", files=TextMode),
    defect("FILE-001", "declared uploads always fail", files=UploadsFail),
    defect("FILE-002", "an uploaded page is shown by browsers", files=ShowsPages, wire=Unconfined),
    defect("FILE-015", "all clients read a file by its id", files=ReadByAll),
    defect("FILE-015", "all clients remove a file by its id", files=RemovedByAll),
    defect("FILE-003", "the maximum is not enforced", files=NoLimit),
    defect("FILE-015", "any client reads the bytes of a file", files=BytesForAllClients),
    defect("FILE-015", "the bytes of a file are read without credentials", files=BytesForEverybody),
    defect("FILE-009", "a part replaces the file", files=PartIsTheFile),
    defect("FILE-013", "the digest of a part is that of the whole", files=digesting(DigestOfTheWhole)),
    defect("FILE-013", "a wrong digest of an upload is accepted", files=digesting(UncheckedDigest)),
)
