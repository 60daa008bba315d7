"""Defects that let foreign pages and the network in: for each rule at least one bug that real teams ship."""

from __future__ import annotations

import json

from harness.reference.call import Call, Reply
from harness.reference.cors import APP, Cors
from harness.reference.reader import JSON, Reader
from harness.reference.routing import Route, Router
from harness.reference.sessions import Logins, SessionCookies, Sessions
from tests.matrix.defect import Defect
from tests.matrix.serving import defect

# -- SEC-005, SEC-006: origins -----------------------------------------------------------------------------


class BySuffix(Cors):
    """`origin.endswith("demo.example")`, without a dot before it."""

    def allows(self, origin: str) -> bool:
        return origin.endswith("demo.example")


class AllowsNull(Cors):
    """`null` was added for tests with local files."""

    allowed = (APP, "null")


class Reflects(Cors):
    """`Access-Control-Allow-Origin: $http_origin`, with credentials."""

    def allows(self, origin: str) -> bool:
        return True


class Public(Reflects):
    """Any origin, without credentials, on an API whose owner declares a list."""

    def credentials(self, call: Call, origin: str) -> bool:
        return False


class WithSlash(Cors):
    """The origin is configured with a slash at the end, and sent as it is configured."""

    def origin(self, call: Call) -> str | None:
        origin = super().origin(call)
        return None if origin is None else f"{origin}/"


# -- SEC-007: preflights -----------------------------------------------------------------------------------


class PreflightNeedsToken(Router):
    """Authentication comes before CORS, for every method."""

    def options(self, call: Call, found: Route) -> Reply:
        call.policies.authenticator.authenticate(call)
        return super().options(call, found)


class LacksPatch(Cors):
    """The list of methods was written before PATCH was added."""

    def methods(self, call: Call, methods: str) -> str:
        return "GET, POST, PUT, DELETE"


# -- SEC-008: caches ---------------------------------------------------------------------------------------


class VaryOnGrant(Cors):
    """Vary is sent with the grant, and forgotten on the response without Origin."""

    def vary(self, call: Call, reply: Reply) -> None:
        if self.origin(call) is not None:
            super().vary(call, reply)


# -- SEC-013: what pages read ------------------------------------------------------------------------------


class ExposesNothing(Cors):
    """Nobody noticed: curl shows all fields."""

    def exposed(self, call: Call, reply: Reply) -> str:
        return ""


class ErrorsWithoutGrant(Cors):
    """nginx's `add_header` without `always` leaves errors out."""

    def complete(self, call: Call, reply: Reply) -> None:
        if reply.status < 400:
            super().complete(call, reply)
        else:
            self.vary(call, reply)


# -- SEC-009: sessions -------------------------------------------------------------------------------------


class BareCookie(SessionCookies):
    """`response.set_cookie("session", token)`, with the defaults of the framework."""

    attributes = "Path=/"


class AnyOrigin(SessionCookies):
    """Writes are accepted from whatever page has the cookie; it goes to other sites for an embedded shop."""

    attributes = "Path=/; Secure; HttpOnly; SameSite=None"

    def check(self, call: Call) -> None:
        pass


class Adopting(Sessions):
    """Sessions whose ids clients may bring."""

    def adopt(self, token: str, user: str) -> None:
        self._users[token] = user


class Planted(Logins):
    """The login keeps the session that the browser brings: whoever has planted it is logged in, too."""

    def post(self, call: Call) -> Reply:
        reply = super().post(call)
        brought, sessions = call.policies.cookies.token(call), call.policies.sessions
        if brought is not None and isinstance(sessions, Adopting):
            sessions.adopt(brought, json.loads(call.body)["user"])
        return reply


class AnyLabel(Reader):
    """`JSON.parse(body)`, whatever Content-Type says: a page can send it without a preflight."""

    def media_type(self, call: Call) -> str | None:
        return JSON if call.method == "POST" else super().media_type(call)


DEFECTS: tuple[Defect, ...] = (
    defect("SEC-005", "origins are compared by their end", cors=BySuffix),
    defect("SEC-005", "all origins are granted, without credentials", cors=Public),
    # The preflight of a page of that origin has the same grant.
    defect(
        "SEC-005", "the allowed origin is granted with a slash", cors=WithSlash, also=frozenset({"SEC-007"})
    ),
    # Who is granted with credentials is granted: the list does not count.
    defect("SEC-006", "Origin is reflected with credentials", cors=Reflects, also=frozenset({"SEC-005"})),
    defect("SEC-006", "null is granted with credentials", cors=AllowsNull, also=frozenset({"SEC-005"})),
    defect("SEC-007", "preflights need a token", router=PreflightNeedsToken),
    defect("SEC-007", "preflights do not list PATCH", cors=LacksPatch),
    defect("SEC-008", "Vary is forgotten without Origin", cors=VaryOnGrant),
    defect("SEC-013", "no field is exposed", cors=ExposesNothing),
    defect("SEC-013", "errors have no grant", cors=ErrorsWithoutGrant),
    defect("SEC-009", "the session cookie has no attributes", cookies=BareCookie),
    defect("SEC-009", "a login keeps the session from before", logins=Planted, sessions=Adopting),
    defect("SEC-009", "actions are accepted from other origins", on=("orders",), cookies=AnyOrigin),
    defect(
        "SEC-009",
        "creates as text/plain are accepted from other origins",
        cookies=AnyOrigin,
        reader=AnyLabel,
        # What lets a page send JSON without a preflight is that Content-Type is not looked at.
        also=frozenset({"NEGO-006"}),
        # So is the content of GraphQL.
        perhaps=frozenset({"GQL-004"}),
    ),
)
