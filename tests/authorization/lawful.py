"""Lawful APIs of unusual access: public, shared, hidden, guarded by a gateway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.reference.authenticator import PRINCIPALS, Authenticator, Principal
from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import CollectionEndpoint, ItemEndpoint
from harness.reference.errors import Problem, Problems
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.reference.routing import Route, Router
from harness.reference.store import StoredItem as Stored
from harness.reference.wire import WirePolicy
from tests.matrix.declared import ACCESS, CLIENTS
from tests.matrix.variant import Variant, variant

SAFE = ("GET", "HEAD", "OPTIONS")


class Anybody(Authenticator):
    """Everybody reads everything; whoever has no credentials must not write."""

    def authenticate(self, call: Call) -> Principal:
        if call.method in SAFE and self.token(call) is None:
            return Principal("nobody", reads_only=True)
        return super().authenticate(call)

    def sees(self, principal: Principal, owner: str) -> bool:
        return True

    def owner_filter(self, principal: Principal) -> str | None:
        return None


class OnlyOwnersChange(ItemEndpoint):
    """Items that all may read are changed by their owners alone."""

    def load(self, call: Call) -> Stored:
        item = super().load(call)
        if call.method not in SAFE and item.owner != call.principal.name:
            call.policies.authenticator.forbid(call)
        return item


class PublicDescription(Description):
    """Says that reading needs no credentials."""

    def get(self, call: Call) -> Reply:
        document = describe(call.policies.limiter)
        for operations in document["paths"].values():
            if "get" in operations:
                operations["get"]["security"] = []
        return call.policies.representation.selected(call, document)


class OneTenant(Authenticator):
    """All clients belong to one tenant and share its items."""

    def sees(self, principal: Principal, owner: str) -> bool:
        return True

    def owner_filter(self, principal: Principal) -> str | None:
        return None


class Support(Authenticator):
    """Client B is the support staff, who reads and changes everything."""

    def sees(self, principal: Principal, owner: str) -> bool:
        return principal.name == "bob" or super().sees(principal, owner)

    def owner_filter(self, principal: Principal) -> str | None:
        return None if principal.name == "bob" else super().owner_filter(principal)


class HidesAll(Problems):
    """404 for everything that needs other credentials."""

    def http_status(self, call: Call, problem: Problem) -> int:
        hidden = problem.code in ("unauthenticated", "forbidden")
        return 404 if hidden else super().http_status(call, problem)

    status_member = http_status


class AnyCase(Router):
    """Reads paths in any case, and with a slash at the end, before it decides on them."""

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        found = super().match(call, routes)
        if found is None and "/" in call.path.strip("/"):
            call.path = call.path.lower().rstrip("/")
            found = super().match(call, routes)
        return found


class ShownOnce(CollectionEndpoint):
    """The passcode is shown by the response to the create, and never again."""

    def created(self, call: Call, item: Stored) -> Reply:
        reply = super().created(call, item)
        if "passcode" not in item.data:
            return reply
        document: Document = {**call.policies.representation.of(call.resource, item), **item.data}
        reply.body = call.policies.representation.encode(document)
        return reply


class Gateway(WirePolicy):
    """A gateway in front answers requests without credentials itself, with a page of its own."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        known = call.headers.get("authorization", "").removeprefix("Bearer ")
        if reply.status == 401 and known not in PRINCIPALS:
            page = b"<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center>"
            reply = Reply(
                403, page + b"<hr><center>nginx</center></body></html>", {"Content-Type": "text/html"}
            )
        return super().finish(call, reply)


class Unlisted(Authenticator):
    """Whoever has the link, and an account, reads; lists show one's own items."""

    def sees(self, principal: Principal, owner: str) -> bool:
        return True


class ForbidsForeign(ItemEndpoint):
    """403 for other clients' items, 404 for those that do not exist."""

    def absent(self, call: Call) -> Any:
        if call.store.find(call.resource.name, call.parameters["id"]) is not None:
            call.policies.authenticator.forbid(call)
        return super().absent(call)


PROFILE = CLIENTS
VARIANTS: tuple[Variant, ...] = (
    variant(
        "everybody reads, owners write",
        profile=PROFILE,
        authenticator=Anybody,
        item=OnlyOwnersChange,
        description=PublicDescription,
    ),
    variant("two clients of one tenant", profile=PROFILE, authenticator=OneTenant),
    variant("client B is the support staff", profile=PROFILE, authenticator=Support),
    variant(
        "404 hides what needs credentials, paths in any case",
        on=("contracts",),
        profile=PROFILE + ACCESS,
        problems=HidesAll,
        router=AnyCase,
        collection=ShownOnce,
    ),
    variant("a gateway answers 403 first", profile=PROFILE, wire=Gateway),
    variant(
        "whoever has the link reads",
        profile=PROFILE,
        authenticator=Unlisted,
        item=OnlyOwnersChange,
        # The warnings say that this may be meant.
        warned=("AUTH-011", "GQL-009"),
    ),
    variant("403 for foreign items, 404 for none", profile=PROFILE, item=ForbidsForeign),
)
