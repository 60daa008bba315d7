"""Objects as S3 has them: presigned URLs with AWS Signature Version 4, and uploads in parts."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import NoReturn

from starlette.datastructures import QueryParams

from harness.http.presigned_urls import ALGORITHM, SIGNATURE, Signer
from harness.reference.call import Call, Reply
from harness.reference.routing import Handler, Route, route

KEY_ID, SECRET = "demo-s3-key", "demo-s3-secret"
LONGEST = 7 * 24 * 3600
KINDS = {
    "AccessDenied": 403,
    "EntityTooLarge": 400,
    "InvalidPart": 400,
    "MalformedXML": 400,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "SignatureDoesNotMatch": 403,
    "IncompleteBody": 400,
}
"""Codes of errors, and their statuses."""


class Denied(Exception):
    """An error of this API: its code."""


@dataclass
class Session:
    """An upload in parts: each by its number, with its entity tag."""

    key: str
    parts: dict[int, bytes] = field(default_factory=dict)


def tag(content: bytes) -> str:
    """An entity tag."""
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


class Objects:
    """The endpoints of objects; every decision may be replaced."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.sessions: dict[str, Session] = {}
        self.signer = Signer(KEY_ID, SECRET)

    def routes(self) -> list[Route]:
        """Their path."""
        methods = ["GET", "PUT", "POST", "DELETE"]
        handlers: dict[str, Handler] = dict.fromkeys(methods, self.answer)
        offers = ("application/octet-stream",)
        return [Route(route("/v1/objects/{key}", self, []).pattern, handlers, public=True, offers=offers)]

    def answer(self, call: Call) -> Reply:
        """The response, or an error in XML."""
        try:
            self.check(call)
            return self.done(call, call.parameters["key"], call.query)
        except Denied as problem:
            code = str(problem)
            return self.xml("Error", {"Code": code}, KINDS[code])

    def done(self, call: Call, key: str, query: QueryParams) -> Reply:
        """What the method and the query ask for."""
        if "uploads" in query and call.method == "POST":
            return self.begin(key)
        session = self.session(key, query["uploadId"]) if "uploadId" in query else None
        if session is not None:
            return self.in_session(call, session, query)
        if call.method == "PUT":
            return self.put(call, key)
        if call.method == "DELETE":
            self.objects.pop(key, None)
            return Reply(204)
        found = self.objects.get(key)
        if call.method == "POST" or found is None:
            return self.refuse("NoSuchKey")
        fields = {"ETag": tag(found), "Content-Type": "application/octet-stream"}
        return Reply(200, found, {**fields, "Cache-Control": "private, no-cache"})

    def put(self, call: Call, key: str) -> Reply:
        """An object in one request."""
        self.objects[key] = self.whole(call)
        return Reply(200, b"", {"ETag": tag(call.body), "Content-Type": "application/octet-stream"})

    # -- uploads in parts ------------------------------------------------------------------------------

    def begin(self, key: str) -> Reply:
        """200 with the id of a session."""
        id = secrets.token_hex(12)
        self.sessions[id] = Session(key)
        return self.xml("InitiateMultipartUploadResult", {"Key": key, "UploadId": id})

    def session(self, key: str, id: str) -> Session:
        """The session of an object."""
        found = self.sessions.get(id)
        return found if found is not None and found.key == key else self.refuse("NoSuchUpload")

    def in_session(self, call: Call, session: Session, query: QueryParams) -> Reply:
        """A part, the list of parts, the end, or the abandonment."""
        if call.method == "PUT":
            number = query.get("partNumber", "")
            if not number.isdecimal() or not 1 <= int(number) <= 10_000:
                self.refuse("InvalidPart")
            return self.part(call, session, int(number))
        if call.method == "POST":
            return self.complete(call, session, query["uploadId"])
        if call.method == "DELETE":
            self.sessions.pop(query["uploadId"], None)
            return Reply(204)
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><Size>{len(part)}</Size></Part>"
            for number, part in sorted(session.parts.items())
        )
        return self.xml("ListPartsResult", {"Key": session.key}, more=parts)

    def part(self, call: Call, session: Session, number: int) -> Reply:
        """A part, if it has arrived whole."""
        content = self.whole(call)
        session.parts[number] = content
        return Reply(200, b"", {"ETag": tag(content), "Content-Type": "application/octet-stream"})

    def complete(self, call: Call, session: Session, id: str) -> Reply:
        """The parts become the object."""
        given = re.findall(
            r"<PartNumber>(\d+)</PartNumber>\s*<ETag>([^<]*)</ETag>", call.body.decode("latin-1")
        )
        if not given:
            self.refuse("MalformedXML")
        content = b"".join(self.listed(session, int(number), unescape(etag)) for number, etag in given)
        self.objects[session.key] = content
        del self.sessions[id]
        return self.xml("CompleteMultipartUploadResult", {"Key": session.key, "ETag": tag(content)})

    def listed(self, session: Session, number: int, etag: str) -> bytes:
        """A part that is listed at the end; an error where it was never sent."""
        part = session.parts.get(number)
        return part if part is not None and tag(part) == etag else self.refuse("InvalidPart")

    def whole(self, call: Call) -> bytes:
        """The content, if all of it has arrived."""
        if call.oversized:
            self.refuse("EntityTooLarge")
        if len(call.body) != int(call.headers.get("content-length", len(call.body))):
            self.refuse("IncompleteBody")
        return call.body

    # -- access ----------------------------------------------------------------------------------------

    def check(self, call: Call) -> None:
        """An error for a URL that is not signed, has expired, or was signed for another request."""
        query = dict(call.query)
        given = query.pop(SIGNATURE, "")
        if query.get("X-Amz-Algorithm") != ALGORITHM or not given:
            self.refuse("AccessDenied")
        if not self.timely(query):
            self.refuse("AccessDenied")
        names = query.get("X-Amz-SignedHeaders", "").split(";")
        fields = {name: call.headers.get(name, "") for name in names}
        if "host" not in fields or not hmac.compare_digest(self.expected(call, query, fields), given):
            self.refuse("SignatureDoesNotMatch")

    def expected(self, call: Call, query: Mapping[str, str], fields: Mapping[str, str]) -> str:
        """The signature that the request should have."""
        method = "GET" if call.method == "HEAD" else call.method
        return self.signer.signature(method, call.path, query, fields)

    def timely(self, query: Mapping[str, str]) -> bool:
        """Whether a URL is valid now."""
        try:
            start = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            seconds = int(query["X-Amz-Expires"])
        except (KeyError, ValueError):
            return False
        return 1 <= seconds <= LONGEST and datetime.now(UTC) < start + timedelta(seconds=seconds)

    # -- responses -------------------------------------------------------------------------------------

    def refuse(self, code: str) -> NoReturn:
        """An error."""
        raise Denied(code)

    def xml(self, name: str, members: Mapping[str, str], status: int = 200, more: str = "") -> Reply:
        """A document with a few elements."""
        inner = "".join(f"<{one}>{value}</{one}>" for one, value in members.items())
        content = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}>{inner}{more}</{name}>'
        return Reply(
            status, content.encode(), {"Content-Type": "application/xml", "Cache-Control": "no-store"}
        )
