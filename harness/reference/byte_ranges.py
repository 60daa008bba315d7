"""Ranges of bytes (RFC 9110 section 14), and digests of what is sent (RFC 9530)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from harness.reference import times
from harness.reference.call import Call, Reply
from harness.reference.errors import Problem

Span = tuple[int, int]
"""First and last position, both inclusive."""
_SPEC = re.compile(r"(\d*)-(\d*)", re.ASCII)


class ByteRanges:
    """Answers Range; every decision may be replaced."""

    most = 20
    """Ranges of one request; more are ignored."""

    def apply(self, call: Call, reply: Reply) -> Reply:
        """The reply to a GET: the 200 at hand, or a part of it.

        Args:
            reply: 200 with everything, and its validators.
        """
        reply.fields["Accept-Ranges"] = "bytes"
        value = call.values("range")
        if reply.status != 200 or value is None or not self.defined_for(call.method):
            return reply
        if not self.current(call.values("if-range"), reply):
            return reply
        spans = self.spans(value, len(reply.body))
        if spans is None:
            return reply
        if not spans:
            return self.unsatisfiable(len(reply.body))
        return self.single(reply, spans[0]) if len(spans) == 1 else self.several(reply, spans)

    def defined_for(self, method: str) -> bool:
        """Whether ranges are defined for a method (section 14.2)."""
        return method == "GET"

    def current(self, value: str | None, reply: Reply) -> bool:
        """Whether If-Range holds: the exact strong entity tag, or the exact date (section 13.1.5)."""
        if value is None:
            return True
        if value.startswith('"'):
            return value == reply.fields.get("etag")
        seconds = times.seconds(value)
        return seconds is not None and seconds == times.seconds(reply.fields.get("last-modified", ""))

    def spans(self, value: str, size: int) -> list[Span] | None:
        """The satisfiable ranges, joined where they touch, in order; None where Range is ignored.

        Ignored are other units, what is malformed, and too many ranges.
        """
        unit, _, listed = value.partition("=")
        if not self.understood(unit.strip().lower()):
            return None
        found = []
        for one in listed.split(","):
            spec = _SPEC.fullmatch(one.strip())
            if spec is None or not any(spec.groups()):
                return None
            if spec[1] and spec[2] and int(spec[2]) < int(spec[1]):
                return None
            span = self.span(spec[1], spec[2], size)
            if span is not None:
                found.append(span)
        return None if len(found) > self.most else self.joined(found)

    def understood(self, unit: str) -> bool:
        """Whether a range unit is supported (section 14.1)."""
        return unit == "bytes"

    def span(self, first: str, last: str, size: int) -> Span | None:
        """The positions of one range; None where it cannot be satisfied (section 14.1.2)."""
        if not first:
            length = min(int(last), size)
            return (size - length, size - 1) if length else None
        return (int(first), min(int(last), size - 1) if last else size - 1) if int(first) < size else None

    def joined(self, spans: list[Span]) -> list[Span]:
        """Ranges that overlap or touch become one (section 15.3.7.2)."""
        made: list[Span] = []
        for first, last in sorted(spans):
            if made and first <= made[-1][1] + 1:
                made[-1] = made[-1][0], max(made[-1][1], last)
            else:
                made.append((first, last))
        return made

    def unsatisfiable(self, size: int) -> Reply:
        """416 with the current length (section 15.5.17)."""
        fields = {"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"}
        raise Problem("range_not_satisfiable", f"The representation has {size} bytes.", fields)

    def named(self, span: Span, size: int) -> str:
        """The value of Content-Range (section 14.4)."""
        return f"bytes {span[0]}-{span[1]}/{size}"

    def part(self, content: bytes, span: Span) -> bytes:
        """The bytes of a range."""
        return content[span[0] : span[1] + 1]

    def single(self, reply: Reply, span: Span) -> Reply:
        """206 with one part and the fields of the 200 (section 15.3.7)."""
        made = Reply(206, self.part(reply.body, span), self.kept(reply))
        made.fields["Content-Range"] = self.named(span, len(reply.body))
        return made

    def kept(self, reply: Reply) -> dict[str, str]:
        """The fields of the 200 that the 206 has, too."""
        return dict(reply.fields.items())

    def several(self, reply: Reply, spans: list[Span]) -> Reply:
        """206 with multipart/byteranges (section 15.3.7.2)."""
        boundary = secrets.token_hex(12)
        kind = reply.fields["content-type"]
        content = b"".join(
            f"--{boundary}\r\n{self.part_head(kind, span, len(reply.body))}\r\n".encode()
            + self.part(reply.body, span)
            + b"\r\n"
            for span in spans
        )
        made = Reply(206, content + f"--{boundary}--\r\n".encode(), self.kept(reply))
        made.fields["Content-Type"] = f"multipart/byteranges; boundary={boundary}"
        return made

    def part_head(self, kind: str, span: Span, size: int) -> str:
        """The header section of a part, its last line end included."""
        return f"Content-Type: {kind}\r\nContent-Range: {self.named(span, size)}\r\n"


class Digests:
    """Integrity fields (RFC 9530); every decision may be replaced."""

    def complete(self, reply: Reply, representation: bytes) -> Reply:
        """The reply with the digests of its content, and of the representation that it is a part of."""
        if reply.status in (200, 206):
            reply.fields["Content-Digest"] = self.field(self.content(reply, representation))
            reply.fields["Repr-Digest"] = self.field(self.representation(reply, representation))
        return reply

    def content(self, reply: Reply, representation: bytes) -> bytes:
        """What Content-Digest is taken over: the content of this message (section 2)."""
        return reply.body

    def representation(self, reply: Reply, representation: bytes) -> bytes:
        """What Repr-Digest is taken over: the whole representation (section 3)."""
        return representation

    def field(self, content: bytes) -> str:
        """The value of a field."""
        return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"

    def check(self, call: Call, content: bytes) -> None:
        """400 for content that does not match its Content-Digest."""
        given = call.values("content-digest")
        found = re.search(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]*):", given or "")
        if found is not None and base64.b64encode(hashlib.sha256(content).digest()).decode() != found[1]:
            raise Problem("digest_mismatch", "Content-Digest is not that of the content that arrived.")
