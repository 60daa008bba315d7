"""The last step: fields of every response, and what goes onto the wire."""

from __future__ import annotations

import secrets
from asyncio import timeout
from contextlib import AbstractAsyncContextManager

from starlette.datastructures import MutableHeaders
from starlette.types import Send

from harness.reference import times
from harness.reference.call import Call, Reply


class WirePolicy:
    """Completes and sends a reply."""

    longest_request = 30.0
    """Seconds in which a request must have arrived."""

    def arriving(self) -> AbstractAsyncContextManager[object]:
        """What surrounds the reading of a request: nothing that others wait for.

        Raises:
            TimeoutError: it takes too long.
        """
        return timeout(self.longest_request)

    def request_id(self) -> str:
        """A unique name for the request."""
        return "req_" + secrets.token_hex(10)

    def finish(self, call: Call, reply: Reply) -> Reply:
        """The fields that every response has."""
        reply.fields["Date"] = times.http_date(times.now())
        reply.fields["X-Request-Id"] = call.request_id
        reply.fields["X-Content-Type-Options"] = "nosniff"
        reply.fields["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        call.policies.deprecations.complete(call, reply)
        call.policies.cors.complete(call, reply)
        if (pinned := self.strict_transport(call)) is not None:
            reply.fields["Strict-Transport-Security"] = pinned
        if (length := self.content_length(call, reply)) is not None:
            reply.fields["Content-Length"] = length
        if self.ambiguous(call) or call.unread:
            reply.fields["Connection"] = "close"
        return reply

    def strict_transport(self, call: Call) -> str | None:
        """The value of Strict-Transport-Security, over TLS alone (RFC 6797 section 7.2)."""
        return "max-age=63072000; includeSubDomains" if call.origin.startswith("https:") else None

    def ambiguous(self, call: Call) -> bool:
        """Whether the request's length was given twice: the connection then ends (RFC 9112 section 6.1)."""
        return "content-length" in call.headers and "transfer-encoding" in call.headers

    def content_length(self, call: Call, reply: Reply) -> str | None:
        """The length of the content GET has (RFC 9110 section 8.6); None with 204 and 304."""
        return None if reply.status in (204, 304) else str(len(reply.body))

    def head_fields(self, call: Call, reply: Reply) -> MutableHeaders:
        """The fields of a HEAD response: those of GET (RFC 9110 section 9.3.2)."""
        return reply.fields

    def head_content(self, call: Call, reply: Reply) -> bytes:
        """The content of a HEAD response: none (RFC 9110 section 9.3.2)."""
        return b""

    async def send(self, call: Call, reply: Reply, send: Send) -> None:
        """Send the reply as ASGI messages."""
        head = call.method == "HEAD"
        fields = self.head_fields(call, reply) if head else reply.fields
        content = self.head_content(call, reply) if head else reply.body
        await send({"type": "http.response.start", "status": reply.status, "headers": fields.raw})
        await send({"type": "http.response.body", "body": content})
