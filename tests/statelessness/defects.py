"""Defects of state that is kept between requests: for each rule at least one bug that real teams ship."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping

from harness.reference.authenticator import Authenticator, Principal
from harness.reference.call import Call, Reply
from harness.reference.endpoints import ItemEndpoint
from harness.reference.pagination import Paginator, Position
from harness.reference.store import StoredItem as Stored
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.matrix.serving import defect

# -- STAT-001 --------------------------------------------------------------------------------------------


class RemembersConnection(Authenticator):
    """Authenticates a connection once: whoever comes first is the caller of all its requests."""

    def __init__(self) -> None:
        self.known: dict[str, Principal] = {}

    def caller(self, call: Call, token: str | None) -> Principal | None:
        if call.connection not in self.known and (found := super().caller(call, token)) is not None:
            self.known[call.connection] = found
        return self.known.get(call.connection)


# -- STAT-002 --------------------------------------------------------------------------------------------


class OpensSessions(WirePolicy):
    """A framework's default: whoever has no session is given one."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        principal = getattr(call, "principal", None)
        if principal is not None and "cookie" not in call.headers:
            session = call.policies.sessions.begin(principal.name)
            reply.fields["Set-Cookie"] = call.policies.cookies.set(call, session)
        return super().finish(call, reply)


# -- STAT-003 --------------------------------------------------------------------------------------------


class CurrentItem(ItemEndpoint):
    """`session["order"]`: a write goes to the item that the client saw last."""

    def __init__(self) -> None:
        self.current: dict[tuple[str, str], str] = {}

    def get(self, call: Call) -> Reply:
        reply = super().get(call)
        self.current[call.principal.name, call.resource.name] = call.parameters["id"]
        return reply

    def aimed(self, call: Call) -> None:
        """Let a write go to the current item, as long as there is one."""
        before = call.parameters["id"]
        if self.find(call) is None:
            return
        call.parameters["id"] = self.current.get((call.principal.name, call.resource.name), before)
        if self.find(call) is None:
            call.parameters["id"] = before

    def patch(self, call: Call) -> Reply:
        self.aimed(call)
        return super().patch(call)

    def put(self, call: Call) -> Reply:
        self.aimed(call)
        return super().put(call)


# -- STAT-004 --------------------------------------------------------------------------------------------


class CursorInMemory(Paginator):
    """A cursor is a number; what it stands for is in the memory of the worker that serves the connection."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.workers: dict[tuple[str, str], tuple[Position, bytes]] = {}
        self.salt = secrets.token_hex(8)

    def cursor(self, call: Call, filters: Mapping[str, str], last: Stored) -> str:
        made = f"{self.salt}{next(self.numbers):06d}"
        self.workers[call.connection, made] = self.position(call, last), self.binding(call, filters)
        return made

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        cursor = self.parameters(call).get("cursor")
        if cursor is None:
            return None
        position, bound = self.workers.get((call.connection, cursor), (None, b""))
        if position is None or bound != self.binding(call, filters):
            self.invalid_cursor(call)
        return position


DEFECTS: tuple[Defect, ...] = (
    defect("STAT-001", "a connection is authenticated once", authenticator=RemembersConnection),
    defect("STAT-002", "each token request opens a session", wire=OpensSessions),
    defect("STAT-003", "a write goes to the item seen last", on=("orders",), item=CurrentItem),
    defect("STAT-004", "cursors are kept in a worker's memory", on=("orders",), paginator=CursorInMemory),
)
