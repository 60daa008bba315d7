"""CORS: which pages may read responses, and what they may send (Fetch, "HTTP extensions")."""

from __future__ import annotations

from harness.reference.call import Call, Reply

APP = "https://app.demo.example"
"""The origin of the pages that use the API."""
EXPOSED = (
    "ETag, Link, Location, Retry-After, X-Request-Id, Idempotent-Replayed, RateLimit, RateLimit-Policy, "
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Deprecation, Sunset"
)
ACCEPTED = "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, X-API-Key"


class Cors:
    """Grants CORS to some origins."""

    allowed: tuple[str, ...] = (APP,)
    lifetime = 600
    """Seconds for which a browser may keep the response to a preflight."""

    def complete(self, call: Call, reply: Reply) -> None:
        """Add the fields that every response has, errors included."""
        self.vary(call, reply)
        origin = self.origin(call)
        if origin is None:
            return
        reply.fields["Access-Control-Allow-Origin"] = origin
        if self.credentials(call, origin):
            reply.fields["Access-Control-Allow-Credentials"] = "true"
        if exposed := self.exposed(call, reply):
            reply.fields["Access-Control-Expose-Headers"] = exposed

    def vary(self, call: Call, reply: Reply) -> None:
        """Name Origin in Vary, also without a grant: a cache keeps responses with and without apart."""
        reply.fields.add_vary_header("Origin")

    def origin(self, call: Call) -> str | None:
        """The origin that the response is granted to; None for no grant."""
        origin = call.headers.get("origin")
        return origin if origin is not None and self.allows(origin) else None

    def allows(self, origin: str) -> bool:
        """Whether pages of an origin may read responses."""
        return origin in self.allowed

    def credentials(self, call: Call, origin: str) -> bool:
        """Whether cookies may go with requests of an origin that has a grant."""
        return True

    def exposed(self, call: Call, reply: Reply) -> str:
        """The fields that scripts may read; empty for those that all may read."""
        return EXPOSED

    def preflight(self, call: Call, reply: Reply, methods: str) -> None:
        """Answer a preflight in the reply to OPTIONS.

        Args:
            methods: that the resource supports, as in Allow.
        """
        if "access-control-request-method" not in call.headers or self.origin(call) is None:
            return
        reply.fields["Access-Control-Allow-Methods"] = self.methods(call, methods)
        reply.fields["Access-Control-Allow-Headers"] = self.headers(call)
        reply.fields["Access-Control-Max-Age"] = str(self.lifetime)

    def methods(self, call: Call, methods: str) -> str:
        """The methods that pages may use."""
        return methods

    def headers(self, call: Call) -> str:
        """The fields that pages may send."""
        return ACCEPTED
