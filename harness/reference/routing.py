"""Which endpoint answers, and what happens where none does (RFC 9110 section 9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from starlette.routing import compile_path

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.query_method import ACCEPT_QUERY
from harness.reference.reader import PATCH_TYPES
from harness.reference.resources import ServedResource

KNOWN = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"})
Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    """A path template and the handlers of its methods."""

    pattern: re.Pattern[str]
    handlers: dict[str, Handler]
    resource: ServedResource | None = None
    public: bool = False
    action: str | None = None
    offers: tuple[str, ...] = ()


def route(
    template: str,
    endpoint: object,
    methods: Sequence[str],
    resource: ServedResource | None = None,
    public: bool = False,
    action: str | None = None,
    offers: tuple[str, ...] = (),
) -> Route:
    """A route to the methods of an endpoint.

    Args:
        offers: media types of its responses, if these are others than those of resources; the preferred one first.
    """
    handlers = {method: getattr(endpoint, method.lower()) for method in methods}
    return Route(compile_path(template)[0], handlers, resource, public, action, offers)


class Router:
    """Dispatches a call; every decision may be replaced."""

    def dispatch(self, call: Call, routes: Sequence[Route]) -> Reply:
        """The reply of the endpoint, or the refusal."""
        found = self.match(call, routes)
        if found is None:
            return self.not_found(call)
        method = self.method(call)
        if method not in KNOWN:
            return self.unrecognised(call, found)
        if method == "OPTIONS":
            return self.options(call, found)
        if method == "TRACE":
            return self.trace(call, found)
        if method == "HEAD" and "GET" in found.handlers and "HEAD" not in found.handlers:
            return self.head(call, found)
        if method not in found.handlers:
            return self.not_allowed(call, found, method)
        return self.run(call, found, method)

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        """The route of the path; binds its parameters and resource to the call."""
        for candidate in routes:
            if matched := candidate.pattern.match(call.path):
                call.parameters = matched.groupdict()
                call.offers = candidate.offers
                if candidate.action is not None:
                    call.parameters["action"] = candidate.action
                if candidate.resource is not None:
                    call.resource = candidate.resource
                return candidate
        return None

    def method(self, call: Call) -> str:
        """The method of the request line alone: nothing else overrides it (RFC 9110 section 9.2.1)."""
        return call.method

    def run(self, call: Call, found: Route, method: str) -> Reply:
        """Authenticate, negotiate, and let the endpoint answer."""
        if not found.public:
            call.principal = call.policies.authenticator.authenticate(call)
        if method != "DELETE":
            call.policies.negotiator.check(call)
        return found.handlers[method](call)

    def head(self, call: Call, found: Route) -> Reply:
        """HEAD is GET; the wire withholds the content (RFC 9110 section 9.3.2)."""
        return self.run(call, found, "GET")

    def options(self, call: Call, found: Route) -> Reply:
        """204 with Allow (RFC 9110 section 9.3.7), Accept-Patch (RFC 5789) and Accept-Query (RFC 10008)."""
        reply = found.handlers["OPTIONS"](call) if "OPTIONS" in found.handlers else Reply(204)
        reply.fields["Allow"] = self.allow(found)
        if "PATCH" in found.handlers:
            reply.fields["Accept-Patch"] = ", ".join(PATCH_TYPES)
        if "QUERY" in found.handlers:
            reply.fields["Accept-Query"] = ACCEPT_QUERY
        call.policies.cors.preflight(call, reply, reply.fields["Allow"])
        return reply

    def trace(self, call: Call, found: Route) -> Reply:
        """TRACE is not offered (RFC 9110 section 9.3.8)."""
        return self.not_allowed(call, found, "TRACE")

    def allow(self, found: Route) -> str:
        """The methods that the resource supports (RFC 9110 section 10.2.1)."""
        head = ["HEAD"] if "GET" in found.handlers else []
        return ", ".join(dict.fromkeys([*found.handlers, *head, "OPTIONS"]))

    def not_allowed(self, call: Call, found: Route, method: str) -> NoReturn:
        """405 with Allow (RFC 9110 section 15.5.6)."""
        fields = {"Allow": self.allow(found)}
        raise Problem("method_not_allowed", f"This resource does not support {method}.", fields)

    def unrecognised(self, call: Call, found: Route) -> NoReturn:
        """501 (RFC 9110 section 15.6.2)."""
        raise Problem("not_implemented", "The server does not recognise this method.")

    def not_found(self, call: Call) -> NoReturn:
        """404 for a path that leads nowhere (RFC 9110 section 15.5.5)."""
        raise Problem("not_found", "No resource has this path.")
