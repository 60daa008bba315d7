"""Lawful APIs that browsers use in unusual ways: public, for all subdomains, with a token that only own pages have."""

from __future__ import annotations

from harness.reference.authenticator import PASSWORDS
from harness.reference.call import Call, Reply
from harness.reference.cors import APP, Cors
from harness.reference.errors import Problem
from harness.reference.sessions import SAFE, SessionCookies
from harness.reference.wire import WirePolicy
from tests.matrix.variant import Variant, variant


class Anybody(Cors):
    """Pages of all origins read everything, without cookies: the same grant in each response."""

    def vary(self, call: Call, reply: Reply) -> None:
        pass

    def origin(self, call: Call) -> str | None:
        return "*"

    def credentials(self, call: Call, origin: str) -> bool:
        return False

    def exposed(self, call: Call, reply: Reply) -> str:
        return "*"


class Subdomains(Cors):
    """All pages below one domain, which belongs to the owner."""

    def allows(self, origin: str) -> bool:
        return origin == APP or (origin.startswith("https://") and origin.endswith(".demo.example"))


class Refuses(Subdomains):
    """Pages of unknown origins are refused outright; a preflight of theirs, too."""

    def complete(self, call: Call, reply: Reply) -> None:
        origin = call.headers.get("origin")
        if origin is not None and not self.allows(origin):
            reply.status, reply.body = 403, b"Invalid CORS request"
            reply.fields["Content-Type"] = "text/plain"
        super().complete(call, reply)


class Balanced(WirePolicy):
    """A load balancer adds its cookies to all responses, and analytics another."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        reply = super().finish(call, reply)
        for cookie in (
            "AWSALB=t0ken; Path=/",
            "AWSALBCORS=t0ken; Path=/; SameSite=None; Secure",
            "_ga=GA1.2; Path=/",
        ):
            reply.fields.append("Set-Cookie", cookie)
        return reply


class TokenOfThePage(SessionCookies):
    """The cookie goes to other sites, for an embedded shop; writes need a token that only the own pages have."""

    attributes = "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"

    def check(self, call: Call) -> None:
        if call.method not in SAFE and call.headers.get("x-csrf-token") is None:
            raise Problem("forbidden", "Send X-CSRF-Token.")


PAGES = f"""
[cors]
allowed_origins = ["{APP}"]
[cookie]
login = "/sessions"
login_body = {{ user = "alice", password = "{PASSWORDS["alice"]}" }}
"""
VARIANTS: tuple[Variant, ...] = (
    variant("pages of all origins, behind a load balancer", cors=Anybody, wire=Balanced),
)
"""Put to every rule."""
OWN_RULES: tuple[Variant, ...] = (
    variant(
        "pages of all subdomains, writes with a token", profile=PAGES, cors=Subdomains, cookies=TokenOfThePage
    ),
    variant("unknown origins are refused outright", cors=Refuses),
    variant("every origin is declared", profile='[cors]\nallowed_origins = ["*"]\n', cors=Anybody),
)
"""Put to the rules of this suite."""
