"""Defects on the wire: for each WIRE rule at least one bug that real servers and gateways have."""

from __future__ import annotations

import gzip
import re
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.reader import Reader
from harness.reference.routing import Router
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.matrix.gateway import Rewriting, gateway
from tests.matrix.serving import defect


class HostIsFilledIn(Rewriting):
    """Requests without Host go to the default site."""

    def request(self, head: bytes) -> bytes:
        if b"\r\nhost:" in head.lower():
            return head
        return head.replace(b"\r\n", b"\r\nHost: default\r\n", 1)


class LastHostWins(Rewriting):
    """Fields are put into a table by name."""

    def request(self, head: bytes) -> bytes:
        lines = head.split(b"\r\n")
        hosts = [line for line in lines if line.lower().startswith(b"host:")]
        return b"\r\n".join(line for line in lines if line not in hosts[:-1] or line is hosts[-1])


class NamesAreTrimmed(Rewriting):
    """Lines are split at the colon, and both parts trimmed."""

    def request(self, head: bytes) -> bytes:
        return re.sub(rb"(?m)^([^\s:]+)[ \t]+:", rb"\1:", head)


class FoldIsABadGateway(Rewriting):
    """The server behind refuses a folded line, and the gateway takes that for its failure."""

    def response(self, request: bytes, head: bytes, content: bytes) -> tuple[bytes, bytes]:
        if b"\r\n " not in request:
            return head, content
        return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", b""


class StaysOpen(WirePolicy):
    """Transfer-Encoding is obeyed, and the other length forgotten."""

    def ambiguous(self, call: Call) -> bool:
        return False


class NoContentOfLengthZero(Rewriting):
    """Every response gets a length."""

    def response(self, request: bytes, head: bytes, content: bytes) -> tuple[bytes, bytes]:
        if b" 204 " in head.partition(b"\r\n")[0] and request.startswith((b"DELETE", b"PUT")):
            head = head.replace(b"\r\n", b"\r\nContent-Length: 0\r\n", 1)
        return head, content


class ErrorsWithoutDate(WirePolicy):
    """The error handler stands before the one that adds Date."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        if reply.status >= 400:
            del finished.fields["Date"]
        return finished


class IsoDate(WirePolicy):
    """A timestamp as in the JSON."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["Date"] = datetime.now(UTC).isoformat()
        return finished


class WrongClock(WirePolicy):
    """A machine whose clock is an hour ahead."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        moment = datetime.now(UTC) + timedelta(hours=1)
        finished.fields["Date"] = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return finished


class LongQueryCrashes(Router):
    """The query is written to a column of the log that is too short."""

    def dispatch(self, call: Call, routes: Any) -> Reply:
        if len(str(call.query)) > 10_000:
            raise ValueError("value too long for type character varying(10000)")
        return super().dispatch(call, routes)


class LongFieldCrashes(Router):
    """So are the fields."""

    def dispatch(self, call: Call, routes: Any) -> Reply:
        if any(len(value) > 10_000 for value in call.headers.values()):
            raise ValueError("value too long for type character varying(10000)")
        return super().dispatch(call, routes)


class LongQueryIsInvalid(Router):
    """400 for whatever is too long."""

    def dispatch(self, call: Call, routes: Any) -> Reply:
        if len(str(call.query)) > 10_000:
            raise Problem("invalid_parameter", "A parameter is too long.", parameter="x")
        return super().dispatch(call, routes)


class CloseIsIgnored(Rewriting):
    """Connection is a field of the hop, so that the gateway removes it; and does nothing else."""

    def request(self, head: bytes) -> bytes:
        return re.sub(rb"(?i)\r\nconnection: close", b"", head)


class UnknownPathEndsIt(Rewriting):
    """The connection ends after a 404 for an unknown path, and nothing says so."""

    def goes_on(self, request: bytes, head: bytes) -> bool:
        return super().goes_on(request, head) and b"no-such-route" not in request


class OutOfStep(Rewriting):
    """After the fourth error on a connection, the content that was sent before is still in a buffer."""

    def __init__(self) -> None:
        self.local = threading.local()

    def response(self, request: bytes, head: bytes, content: bytes) -> tuple[bytes, bytes]:
        before = getattr(self.local, "before", (head, content))
        errors = getattr(self.local, "errors", 0) + (b"no-such-route" in request)
        self.local.before, self.local.errors = (head, content), errors
        return before if errors > 3 and b"no-such-route" in request else (head, content)


class NotFoundEndsTheWorker(Rewriting):
    """The handler of an exception fails itself, and the process ends with the connection."""

    status = b" 404 "

    def response(self, request: bytes, head: bytes, content: bytes) -> tuple[bytes, bytes]:
        return (b"", b"") if self.status in head.partition(b"\r\n")[0] else (head, content)

    def goes_on(self, request: bytes, head: bytes) -> bool:
        return super().goes_on(request, head) and self.status not in head.partition(b"\r\n")[0]


class ReadsByLength(Reader):
    """As much content is read as Content-Length says."""

    def read(self, call: Call, *types: str) -> tuple[str, Any]:
        if "transfer-encoding" in call.headers:
            call.body = b""
        return super().read(call, *types)


class CharactersAreCounted(Rewriting):
    """A gateway adds a sign of two bytes to each list, and counts it as one."""

    def response(self, request: bytes, head: bytes, content: bytes) -> tuple[bytes, bytes]:
        if not re.match(rb"GET \S+/documents[ ?]", request) or not content:
            return head, content
        head = re.sub(rb"(?i)(content-length: *)\d+", rb"\g<1>%d" % (len(content) + 1), head)
        return head, content + "\u00a0".encode()


class LengthOfBefore(Rewriting):
    """What is compressed is sent in chunks, and keeps the length that it had before."""

    def response(self, request: bytes, head: bytes, content: bytes) -> tuple[bytes, bytes]:
        asked = re.search(rb"(?im)^accept-encoding:.*\bgzip\b(?! *; *q=0)", request)
        if not asked or not content or b" 200 " not in head.partition(b"\r\n")[0]:
            return head, content
        head = head.replace(b"\r\n", b"\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 1)
        content = gzip.compress(content)
        return head, b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)


class LengthBesideChunks(Rewriting):
    """Errors are streamed from a template, in chunks, with the length of what they replace."""

    def response(self, request: bytes, head: bytes, content: bytes) -> tuple[bytes, bytes]:
        if b" 404 " not in head.partition(b"\r\n")[0] or not content:
            return head, content
        head = head.replace(b"\r\n", b"\r\nTransfer-Encoding: chunked\r\n", 1)
        return head, b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)


def through(
    rule: str, name: str, rewriting: type[Rewriting], perhaps: frozenset[str] = frozenset()
) -> Defect:
    return Defect(rule, name, partial(gateway, rewriting), perhaps=perhaps)


DEFECTS: tuple[Defect, ...] = (
    through("WIRE-001", "a request without Host goes to the default site", HostIsFilledIn),
    through("WIRE-001", "of two Host lines the last is taken", LastHostWins),
    through("WIRE-002", "blanks before the colon are trimmed", NamesAreTrimmed),
    through("WIRE-002", "a folded line is a 502", FoldIsABadGateway),
    defect("WIRE-003", "the connection stays open after two lengths", wire=StaysOpen),
    through("WIRE-004", "204 has Content-Length: 0", NoContentOfLengthZero),
    defect("WIRE-005", "errors have no Date", wire=ErrorsWithoutDate),
    defect("WIRE-005", "Date is in ISO 8601", wire=IsoDate),
    defect("WIRE-005", "the clock is an hour ahead", wire=WrongClock),
    defect("WIRE-006", "a long query crashes the log", router=LongQueryCrashes),
    defect("WIRE-006", "a long field crashes the log", router=LongFieldCrashes),
    defect("WIRE-006", "a long query is a 400", router=LongQueryIsInvalid),
    through("WIRE-007", "Connection: close is ignored", CloseIsIgnored),
    through("WIRE-007", "the connection ends after an unknown path", UnknownPathEndsIt),
    through("WIRE-007", "responses come out of step", OutOfStep),
    through("WIRE-010", "an item that does not exist ends the worker", NotFoundEndsTheWorker),
    through(
        "WIRE-010",
        "Content-Length counts characters",
        CharactersAreCounted,
        # The character is cut, and what is left of it begins the next response of the connection.
        frozenset({"ERR-006", "ERR-009", "NEGO-002", "URL-005"}),
    ),
    through("WIRE-008", "compressed content keeps its length from before", LengthOfBefore),
    defect("WIRE-009", "content is read by its length alone", reader=ReadsByLength),
    # The linter sees it, too, in responses that other rules ask for.
    through("WIRE-008", "errors in chunks have a length", LengthBesideChunks, frozenset({"LINT-001"})),
)
