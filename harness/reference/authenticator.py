"""Who calls, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass

from harness.reference.call import Call
from harness.reference.errors import Problem

ALICE = "demo-token-alice"
BOB = "demo-token-bob"
ADMIN = "demo-token-admin"


@dataclass(frozen=True)
class Principal:
    """An authenticated caller."""

    name: str
    admin: bool = False


PRINCIPALS = {
    ALICE: Principal("alice"),
    BOB: Principal("bob"),
    ADMIN: Principal("admin", admin=True),
}


class Authenticator:
    """Bearer tokens (RFC 6750) and ownership."""

    challenge = 'Bearer realm="demo"'

    def authenticate(self, call: Call) -> Principal:
        """The caller, or 401 (RFC 9110 section 11.6.1)."""
        token = self.token(call)
        principal = self.principal(token) if token else None
        return principal or self.refuse(call, token)

    def token(self, call: Call) -> str | None:
        """The bearer token of the Authorization field."""
        lines = call.headers.getlist("authorization")
        scheme, _, token = lines[0].partition(" ") if len(lines) == 1 else ("", "", "")
        return token.strip() if scheme.lower() == "bearer" else None

    def principal(self, token: str) -> Principal | None:
        """Whose token this is."""
        return PRINCIPALS.get(token)

    def refuse(self, call: Call, token: str | None) -> Principal:
        """401 with a challenge, always."""
        challenge = self.challenge + (', error="invalid_token"' if token else "")
        detail = "The bearer token is not valid." if token else "This resource needs a bearer token."
        raise Problem("unauthenticated", detail, {"WWW-Authenticate": challenge})

    def sees(self, principal: Principal, owner: str) -> bool:
        """Whether the caller may see (and change) what this owner created."""
        return principal.admin or principal.name == owner

    def owner_filter(self, principal: Principal) -> str | None:
        """The only owner whose items a list shows to the caller; None: all owners."""
        return None if principal.admin else principal.name
