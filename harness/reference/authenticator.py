"""Who calls, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from harness.reference.call import Call
from harness.reference.errors import Problem

ALICE = "demo-token-alice"
BOB = "demo-token-bob"
ADMIN = "demo-token-admin"
READER = "demo-token-reader"
ALICES_KEY = "demo-key-alice"


@dataclass(frozen=True)
class Principal:
    """An authenticated caller.

    Attributes:
        reads_only: sees all items, as an auditor does, and changes none.
    """

    name: str
    admin: bool = False
    reads_only: bool = False


PRINCIPALS = {
    ALICE: Principal("alice"),
    BOB: Principal("bob"),
    ADMIN: Principal("admin", admin=True),
    READER: Principal("reader", reads_only=True),
}
BY_KEY = {ALICES_KEY: PRINCIPALS[ALICE]}
PASSWORDS = {"alice": "demo-password-alice", "bob": "demo-password-bob"}
SAFE = ("GET", "HEAD", "OPTIONS")


class Authenticator:
    """Bearer tokens (RFC 6750), opaque or JWT, API keys, roles, and ownership."""

    challenge = 'Bearer realm="demo"'

    def authenticate(self, call: Call) -> Principal:
        """The caller, or 401 (RFC 9110 section 11.6.1), or 403 for what its role does not allow."""
        token = self.token(call)
        principal = self.caller(call, token)
        if principal is None:
            return self.refuse(call, token)
        if not self.permits(principal, call):
            self.forbid(call)
        return principal

    def caller(self, call: Call, token: str | None) -> Principal | None:
        """Who sent the request: by its token, else by its API key, else by its cookie."""
        if token is not None:
            return self.principal(token) or self.by_session(call, token) or self.by_jwt(call, token)
        return BY_KEY.get(call.headers.get("x-api-key", "")) or self.by_cookie(call)

    def by_cookie(self, call: Call) -> Principal | None:
        """Whose session the cookie is of, unless a page of another origin may have forged the request."""
        token = call.policies.cookies.token(call)
        found = None if token is None else self.by_session(call, token)
        if found is not None:
            call.policies.cookies.check(call)
        return found

    def token(self, call: Call) -> str | None:
        """The bearer token of the Authorization field."""
        lines = call.headers.getlist("authorization")
        scheme, _, token = lines[0].partition(" ") if len(lines) == 1 else ("", "", "")
        return token.strip() if scheme.lower() == "bearer" else None

    def principal(self, token: str) -> Principal | None:
        """Whose token this is."""
        return PRINCIPALS.get(token)

    def by_session(self, call: Call, token: str) -> Principal | None:
        """Whose session this is, as long as it lasts."""
        user = call.policies.sessions.user(token)
        return None if user is None else Principal(user)

    def by_jwt(self, call: Call, token: str) -> Principal | None:
        """Whose JWT this is."""
        user = call.policies.tokens.user(token) if token.count(".") == 2 else None
        return None if user is None else Principal(user)

    def permits(self, principal: Principal, call: Call) -> bool:
        """Whether the caller's role allows the method."""
        return not principal.reads_only or call.method in SAFE

    def forbid(self, call: Call) -> NoReturn:
        """403 (RFC 9110 section 15.5.4)."""
        raise Problem("forbidden", "Your role does not allow this.")

    def refuse(self, call: Call, token: str | None) -> Principal:
        """401 with a challenge, always."""
        challenge = self.challenge + (', error="invalid_token"' if token else "")
        detail = "The bearer token is not valid." if token else "This resource needs a bearer token."
        raise Problem("unauthenticated", detail, {"WWW-Authenticate": challenge})

    def sees(self, principal: Principal, owner: str) -> bool:
        """Whether the caller may see (and change) what this owner created."""
        return principal.admin or principal.reads_only or principal.name == owner

    def owner_filter(self, principal: Principal) -> str | None:
        """The only owner whose items a list shows to the caller; None: all owners."""
        return None if principal.admin or principal.reads_only else principal.name
