"""Sessions: a login gives a token, also as a cookie, that a logout revokes; and an endpoint for administrators."""

from __future__ import annotations

import secrets
import threading

from harness.reference.authenticator import PASSWORDS, PRINCIPALS, SAFE, Principal
from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.reader import JSON


class Sessions:
    """The sessions of one server process."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}
        self._lock = threading.Lock()

    def begin(self, user: str) -> str:
        """The token of a new session."""
        token = f"ses_{secrets.token_hex(16)}"
        with self._lock:
            self._users[token] = user
        return token

    def user(self, token: str) -> str | None:
        """Whose session this is; None for one that has ended or never was."""
        return self._users.get(token)

    def end(self, token: str) -> None:
        """End a session at once."""
        with self._lock:
            self._users.pop(token, None)


class SessionCookies:
    """The token of a session as a cookie (RFC 6265bis), and the defence against forged writes."""

    name = "session"
    attributes = "Path=/; Secure; HttpOnly; SameSite=Lax"

    def set(self, call: Call, token: str) -> str:
        """The value of Set-Cookie."""
        return f"{self.name}={token}; {self.attributes}"

    def token(self, call: Call) -> str | None:
        """The token that a request carries as a cookie."""
        pairs = (pair.strip().partition("=") for pair in call.headers.get("cookie", "").split(";"))
        return next((value for name, _, value in pairs if name == self.name and value), None)

    def check(self, call: Call) -> None:
        """403 for an unsafe request that a page of a foreign origin may have sent in the user's name."""
        origin = call.headers.get("origin")
        if call.method in SAFE or origin in (None, call.origin):
            return
        if not call.policies.cors.allows(str(origin)):
            raise Problem("forbidden", "A session cookie is not accepted from that origin.")


class Logins:
    """POST logs in, DELETE logs out."""

    def post(self, call: Call) -> Reply:
        """201 with a token, or 401."""
        _, document = call.policies.reader.read(call, JSON)
        given = document if isinstance(document, dict) else {}
        user, password = str(given.get("user")), str(given.get("password"))
        expected = PASSWORDS.get(user)
        if expected is None or not secrets.compare_digest(expected.encode(), password.encode()):
            fields = {"WWW-Authenticate": call.policies.authenticator.challenge}
            raise Problem("unauthenticated", "User and password do not match.", fields)
        token = call.policies.sessions.begin(user)
        reply = call.policies.representation.reply(call, 201, {"token": token, "user": user})
        reply.fields["Set-Cookie"] = call.policies.cookies.set(call, token)
        return reply

    def delete(self, call: Call) -> Reply:
        """204: the token of this request is not accepted any more."""
        token = call.policies.authenticator.token(call) or call.policies.cookies.token(call)
        if token is not None:
            call.policies.sessions.end(token)
        return Reply(204)


class Admin:
    """What only administrators may see."""

    def get(self, call: Call) -> Reply:
        """All users."""
        if not self.permits(call.principal):
            call.policies.authenticator.forbid(call)
        names = [{"name": one.name, "admin": one.admin} for one in PRINCIPALS.values()]
        return call.policies.representation.selected(call, {"users": names})

    def permits(self, principal: Principal) -> bool:
        """Whether the caller is an administrator."""
        return principal.admin
