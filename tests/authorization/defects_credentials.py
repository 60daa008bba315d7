"""Defects of authentication: for each rule at least one bug that real teams ship."""

from __future__ import annotations

from functools import partial
from typing import NoReturn

from harness.reference.authenticator import ALICE, PRINCIPALS, Authenticator, Principal
from harness.reference.call import Call, Reply
from harness.reference.errors import Problem, Problems
from harness.reference.routing import Route, Router
from tests.authorization.defects import orders_with
from tests.matrix.defect import Defect
from tests.matrix.serving import defect


class ForgottenOn(Router):
    """A handler for which the decorator was forgotten."""

    forgotten = "GET"

    def run(self, call: Call, found: Route, method: str) -> Reply:
        bare = "authorization" not in call.headers
        if bare and method == self.forgotten and "id" in call.parameters:
            call.principal = PRINCIPALS[ALICE]
            call.policies.negotiator.check(call)
            return found.handlers[method](call)
        return super().run(call, found, method)


class ForgottenOnDelete(ForgottenOn):
    forgotten = "DELETE"


class ForgottenOnCompletion(Router):
    """The newest action is called by a job that had no token."""

    def run(self, call: Call, found: Route, method: str) -> Reply:
        if "authorization" not in call.headers and call.parameters.get("action") == "complete":
            call.principal = PRINCIPALS[ALICE]
            return found.handlers[method](call)
        return super().run(call, found, method)


class ForgottenOnHead(Router):
    """The check lets OPTIONS and HEAD pass, which have no content."""

    def run(self, call: Call, found: Route, method: str) -> Reply:
        if "authorization" not in call.headers and call.method == "HEAD" and "id" in call.parameters:
            call.principal = PRINCIPALS[ALICE]
            call.policies.negotiator.check(call)
            return found.handlers[method](call)
        return super().run(call, found, method)


class AnyToken(Authenticator):
    """Only whether there is a token is checked: the gateway was to check its value."""

    def principal(self, token: str) -> Principal | None:
        return super().principal(token) or PRINCIPALS[ALICE]


class NullIsInternal(Authenticator):
    """`Bearer null`, which a page without a session sends, finds the row of the service that has no token."""

    def principal(self, token: str) -> Principal | None:
        return PRINCIPALS[ALICE] if token == "null" else super().principal(token)


class Forbidden(Problems):
    """The framework's default for requests without credentials."""

    def http_status(self, call: Call, problem: Problem) -> int:
        return 403 if problem.code == "unauthenticated" else super().http_status(call, problem)

    status_member = http_status


class NoChallenge(Authenticator):
    """A middleware of their own that only sets the status."""

    def refuse(self, call: Call, token: str | None) -> Principal:
        raise Problem("unauthenticated", "Log in first.")


class BareRealm(Authenticator):
    """A realm without quotes."""

    challenge = "Bearer realm=demo"


class BareBearer(Authenticator):
    """The scheme without any parameter."""

    def refuse(self, call: Call, token: str | None) -> Principal:
        raise Problem("unauthenticated", "Log in first.", {"WWW-Authenticate": "Bearer"})


class AlwaysInvalidToken(Authenticator):
    """The same challenge with and without a token."""

    challenge = 'Bearer realm="demo", error="invalid_token"'

    def refuse(self, call: Call, token: str | None) -> Principal:
        return super().refuse(call, None)


class UnauthorizedForRights(Authenticator):
    """401 for a client that is known, but may not."""

    def forbid(self, call: Call) -> NoReturn:
        raise Problem("unauthenticated", "You may not do this.", {"WWW-Authenticate": self.challenge})


class TokenFromQuery(Authenticator):
    """For links in mails."""

    def token(self, call: Call) -> str | None:
        return super().token(call) or call.query.get("access_token")


DEFECTS: tuple[Defect, ...] = (
    defect("AUTH-001", "GET of an item forgot the check", on=("orders",), router=ForgottenOn),
    defect(
        "AUTH-001",
        "a documented action forgot the check",
        on=("orders",),
        router=ForgottenOnCompletion,
        resources=partial(orders_with, "complete"),
    ),
    defect("AUTH-001", "HEAD forgot the check", on=("orders",), router=ForgottenOnHead),
    defect("AUTH-001", "DELETE forgot the check", on=("orders",), router=ForgottenOnDelete),
    defect("AUTH-001", "any token will do", on=("orders",), authenticator=AnyToken),
    defect("AUTH-001", "the token null is known", on=("orders",), authenticator=NullIsInternal),
    defect("AUTH-001", "403 without credentials", on=("orders",), problems=Forbidden),
    defect("AUTH-002", "401 without challenge", on=("orders",), authenticator=NoChallenge),
    defect("AUTH-002", "the realm has no quotes", on=("orders",), authenticator=BareRealm),
    defect("AUTH-003", "a Bearer challenge without parameters", on=("orders",), authenticator=BareBearer),
    defect("AUTH-003", "invalid_token without a token", on=("orders",), authenticator=AlwaysInvalidToken),
    defect("AUTH-004", "401 for a lack of rights", on=("orders",), authenticator=UnauthorizedForRights),
    defect("AUTH-010", "a token in the query is accepted", on=("orders",), authenticator=TokenFromQuery),
)
