"""Presigned URLs: they let one method write or read one object for a while, without any other credential."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from harness.reference import times
from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.reader import JSON
from harness.reference.routing import Route, route

OCTETS = "application/octet-stream"
LONGEST = 900
"""Seconds for which a URL is valid at most, and unless the client asks for fewer."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+\Z")


@dataclass
class Blob:
    """An object."""

    content: bytes
    kind: str


@dataclass(frozen=True)
class Grant:
    """What a URL permits.

    Attributes:
        expires: seconds since the epoch.
        kind: the media type that an upload must have.
    """

    method: str
    key: str
    expires: int
    kind: str


class Presigned:
    """The endpoint that hands out URLs, and the objects behind them; every decision may be replaced."""

    def __init__(self) -> None:
        self.blobs: dict[str, Blob] = {}

    def routes(self) -> list[Route]:
        """Their paths."""
        blob = Route(
            route("/v1/blobs/{owner}/{name}", self, []).pattern,
            {"GET": self.read, "PUT": self.write, "DELETE": self.remove},
            public=True,
            offers=(OCTETS,),
        )
        return [Route(route("/v1/presigned", self, []).pattern, {"POST": self.presign}), blob]

    # -- endpoints -------------------------------------------------------------------------------------

    def presign(self, call: Call) -> Reply:
        """201 with a URL."""
        _, sent = call.policies.reader.read(call, JSON)
        grant = self.granted(call, sent if isinstance(sent, dict) else {})
        url = f"{call.origin}/v1/blobs/{grant.key}?{urlencode(self.query(call, grant))}"
        expires = times.rfc3339(grant.expires * 1_000_000)
        document = {"url": url, "method": grant.method, "expires_at": expires}
        reply = call.policies.representation.selected(call, document)
        reply.status = 201 if reply.status == 200 else reply.status
        reply.fields["Cache-Control"] = "no-store"
        return reply

    def write(self, call: Call) -> Reply:
        """201 or 204: the object is what was sent."""
        grant = self.check(call)
        if call.oversized:
            raise Problem("content_too_large", "Objects have 1 MiB at most.")
        made = grant.key not in self.blobs
        self.blobs[grant.key] = Blob(call.body, grant.kind)
        return Reply(201, b"", {"Content-Length": "0"}) if made else Reply(204)

    def read(self, call: Call) -> Reply:
        """The object."""
        found = self.blobs.get(self.check(call).key) or self.absent()
        fields = {"Content-Type": found.kind, "Cache-Control": "private, no-cache"}
        return Reply(200, found.content, {**fields, "Content-Disposition": "attachment"})

    def remove(self, call: Call) -> Reply:
        """204, for the owner alone: no URL is signed for this."""
        caller = call.policies.authenticator.authenticate(call)
        if caller.name != call.parameters["owner"] or self.blobs.pop(self.key(call), None) is None:
            self.absent()
        return Reply(204)

    # -- decisions -------------------------------------------------------------------------------------

    def granted(self, call: Call, sent: dict[str, Any]) -> Grant:
        """What the client asks for, or 422."""
        name, method = sent.get("name"), sent.get("method", "PUT")
        kind, seconds = sent.get("type", OCTETS), sent.get("expires_in", LONGEST)
        checks = {
            "name": isinstance(name, str) and _NAME.match(name),
            "method": method in ("GET", "PUT"),
            "type": isinstance(kind, str) and _TYPE.match(kind),
            "expires_in": type(seconds) is int and 1 <= seconds <= LONGEST,
        }
        failures = [
            {"field": f"/{member}", "message": "Not valid."} for member, sound in checks.items() if not sound
        ]
        if failures:
            raise Problem("validation_failed", "No URL can be made of this.", errors=failures)
        expires = times.now() // 1_000_000 + self.seconds(int(seconds))
        return Grant(str(method), f"{call.principal.name}/{name}", expires, str(kind))

    def seconds(self, wanted: int) -> int:
        """For how long a URL is valid."""
        return wanted

    def query(self, call: Call, grant: Grant) -> dict[str, str]:
        """The query of a URL."""
        given = {"method": grant.method, "expires": str(grant.expires), "type": grant.kind}
        return {**given, "signature": self.signature(call, grant)}

    def signature(self, call: Call, grant: Grant) -> str:
        """The HMAC of all that a URL permits."""
        text = "\n".join(self.signed(grant))
        return hmac.new(call.store.secret, text.encode(), hashlib.sha256).hexdigest()

    def signed(self, grant: Grant) -> tuple[str, ...]:
        """What the signature covers."""
        return (grant.method, grant.key, str(grant.expires), grant.kind)

    def check(self, call: Call) -> Grant:
        """What the URL of the request permits, or 403."""
        query = call.query
        expires = query.get("expires", "")
        kind = query.get("type", "")
        if not expires.isdecimal() or not expires.isascii() or len(expires) > 12:
            raise Problem("forbidden", "The URL is not signed.")
        grant = Grant(query.get("method", ""), self.key(call), int(expires), kind)
        if not hmac.compare_digest(self.signature(call, grant).encode(), query.get("signature", "").encode()):
            raise Problem("forbidden", "The signature of the URL does not fit.")
        self.check_method(call, grant)
        self.check_time(grant)
        self.check_type(call, grant)
        return grant

    def check_method(self, call: Call, grant: Grant) -> None:
        """403 for another method; HEAD is GET without content."""
        if ("GET" if call.method == "HEAD" else call.method) != grant.method:
            raise Problem("forbidden", f"The URL is for {grant.method}.")

    def check_time(self, grant: Grant) -> None:
        """403 for a URL that has expired."""
        if grant.expires * 1_000_000 <= times.now():
            raise Problem("forbidden", "The URL has expired.")

    def check_type(self, call: Call, grant: Grant) -> None:
        """403 for content of another type than the URL is for."""
        if call.method == "PUT" and call.policies.reader.media_type(call) != grant.kind:
            raise Problem("forbidden", f"The URL is for content of type {grant.kind}.")

    def key(self, call: Call) -> str:
        """The key of the object of the path."""
        return f"{call.parameters['owner']}/{call.parameters['name']}"

    def absent(self) -> Blob:
        """404."""
        raise Problem("not_found", "There is no such object.")
