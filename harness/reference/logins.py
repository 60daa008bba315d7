"""Where a browser is sent after a login."""

from __future__ import annotations

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem


def printable(text: str) -> bool:
    """Whether a text can be the value of a header field."""
    return text.isascii() and text.isprintable()


class LoginPage:
    """The demo has no page for a login: it only sends a browser on, to a path of its own."""

    def get(self, call: Call) -> Reply:
        """303 to the path in `next`."""
        where = call.query.get("next", "/v1")
        if not self.allows(where):
            raise Problem("invalid_parameter", "`next` must be a path of this API.")
        return Reply(303, b"", {"Location": where})

    def allows(self, where: str) -> bool:
        """Whether a browser may be sent there: a second slash, or a backslash, would begin a host."""
        return where.startswith("/") and where[1:2] not in ("/", "\\") and printable(where)
