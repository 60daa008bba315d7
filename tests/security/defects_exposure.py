"""Defects in what everybody is shown: for each rule at least one bug that real teams ship."""

from __future__ import annotations

from typing import Any

from harness.reference.call import Call, Reply
from harness.reference.logins import LoginPage, printable
from harness.reference.pagination import Paginator
from harness.reference.routing import Router
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.matrix.serving import defect


class NamesItsVersion(WirePolicy):
    """The server's default."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["Server"] = "Apache/2.4.49 (Unix)"
        return finished


class TrustsForwardedHost(Paginator):
    """Trusts the field of whoever sends it: `trust proxy` without a list."""

    def link(self, call: Call, cursor: str) -> str:
        host = call.headers.get("x-forwarded-host")
        origin = f"https://{host}" if host else ""
        return f'<{origin}{self.target(call, cursor=cursor)}>; rel="next"'


class ServesMore(Router):
    """Serves what was added for the developers."""

    path = "/v1/actuator/env"
    content = b'{"activeProfiles": [], "propertySources": [{"name": "systemProperties", "properties": {}}]}'
    media_type = "application/json"

    def not_found(self, call: Call) -> Any:
        if call.path == self.path and call.method == "GET":
            return Reply(200, self.content, {"Content-Type": self.media_type})
        return super().not_found(call)


class ServesRepository(ServesMore):
    """The folder of static files is the checkout."""

    path = "/.git/HEAD"
    content = b"ref: refs/heads/main\n"
    media_type = "text/plain"


class SendsAnywhere(LoginPage):
    """`redirect(request.args["next"])`."""

    def allows(self, where: str) -> bool:
        return printable(where)


class SlashIsEnough(LoginPage):
    """A path begins with a slash; so does the URL of a host without its scheme."""

    def allows(self, where: str) -> bool:
        return where.startswith("/") and printable(where)


DEFECTS: tuple[Defect, ...] = (
    defect("SEC-004", "Server has a version", wire=NamesItsVersion),
    defect("SEC-014", "links from X-Forwarded-Host", on=("orders",), paginator=TrustsForwardedHost),
    defect("SEC-015", "the environment is served", router=ServesMore),
    defect("SEC-015", "the repository is served", router=ServesRepository),
    defect("SEC-016", "the login sends a browser anywhere", login_page=SendsAnywhere),
    defect("SEC-016", "two slashes begin a path for the login", login_page=SlashIsEnough),
)
