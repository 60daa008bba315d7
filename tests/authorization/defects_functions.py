"""Defects of functions, members, sessions and spellings of paths: for each rule at least one bug that teams ship."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from harness.reference import times
from harness.reference.authenticator import Authenticator, Principal
from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import CollectionEndpoint, ItemEndpoint
from harness.reference.locking import Act
from harness.reference.representation import Representation
from harness.reference.routing import Route, Router
from harness.reference.sessions import Admin, Sessions
from harness.reference.store import StoredItem as Stored
from tests.matrix.defect import Defect
from tests.matrix.serving import defect


class LogoutDoesNothing(Sessions):
    """The client is to forget its token."""

    def end(self, token: str) -> None:
        pass


class HiddenInTheInterface(Admin):
    """Only the user interface hides the page."""

    def permits(self, principal: Principal) -> bool:
        return True


class TrustsUserField(Authenticator):
    """The gateway sets X-User-Id, and does not remove it from requests."""

    def authenticate(self, call: Call) -> Principal:
        principal = super().authenticate(call)
        named = call.headers.get("x-user-id")
        return Principal(named) if named else principal


class ReadersMayPatch(Authenticator):
    """The list of methods that a reader must not use is older than PATCH."""

    def permits(self, principal: Principal, call: Call) -> bool:
        return super().permits(principal, call) or call.method == "PATCH"


class BindsAllOnCreate(CollectionEndpoint):
    """The content is bound to the record."""

    def creation(self, call: Call, document: Document) -> Act:
        id, resource = self.new_identifier(call), call.resource
        server = {name: document[name] for name in resource.server_properties if name in document}
        data = {**resource.writable(document), **resource.initial, **server}
        return lambda tx: self.created(call, call.policies.locking.insert(call, tx, id, data))


class BindsAllOnReplace(ItemEndpoint):
    """The content of PUT is bound to the record."""

    def replaced_data(self, call: Call, item: Stored, document: Document) -> Document:
        server = {name: document[name] for name in call.resource.server_properties if name in document}
        return {**super().replaced_data(call, item, document), **server}


class ShowsPasscode(Representation):
    """The record is serialised whole."""

    def of(self, resource: Any, item: Any) -> Document:
        return {**super().of(resource, item), **item.data, "updated_at": times.rfc3339(item.updated)}


class ProtectsByPrefix(Router):
    """A gateway protects the paths it knows; the server behind it reads paths more generously."""

    def dispatch(self, call: Call, routes: Sequence[Route]) -> Reply:
        if "authorization" in call.headers or not call.path.endswith("/") or call.path.count("/") < 4:
            return super().dispatch(call, routes)
        return super().dispatch(replaced_call(call, call.path.rstrip("/")), [opened(one) for one in routes])


class GuardsOnePath(Router):
    """The role is checked for the path as it is written in the configuration, and a slash at the end is another one."""

    def dispatch(self, call: Call, routes: Sequence[Route]) -> Reply:
        if not call.path.endswith("/admin/users/"):
            return super().dispatch(call, routes)
        path = call.path.rstrip("/")
        unguarded = {"GET": HiddenInTheInterface().get}
        opened = [replace(one, handlers=unguarded) if one.pattern.match(path) else one for one in routes]
        return super().dispatch(replaced_call(call, path), opened)


def replaced_call(call: Call, path: str) -> Call:
    call.path = path
    return call


def opened(route: Route) -> Route:
    """The route without its protection, for an item of the first user."""

    def owned(call: Call) -> Reply:
        call.principal = Principal("alice")
        return route.handlers["GET"](call)

    handlers = {**route.handlers, **({"GET": owned} if "GET" in route.handlers else {})}
    return replace(route, handlers=handlers, public=True)


class OriginalUrl(Router):
    """A framework reads the path from X-Original-URL, after the gateway has looked at the other one."""

    def dispatch(self, call: Call, routes: Sequence[Route]) -> Reply:
        named = call.headers.get("x-original-url")
        if named is None or "authorization" in call.headers:
            return super().dispatch(call, routes)
        return super().dispatch(replaced_call(call, urlsplit(named).path), [opened(one) for one in routes])


DEFECTS: tuple[Defect, ...] = (
    defect("AUTH-009", "a logout ends nothing", on=("orders",), sessions=LogoutDoesNothing),
    defect("AUTH-013", "a function is only hidden", on=("orders",), admin=HiddenInTheInterface),
    defect("AUTH-013", "a slash at the end goes around the role", on=("orders",), router=GuardsOnePath),
    defect("AUTH-013", "X-User-Id of the client counts", on=("orders",), authenticator=TrustsUserField),
    defect("AUTH-013", "a reader may PATCH", on=("documents",), authenticator=ReadersMayPatch),
    defect("AUTH-014", "a create sets the status", on=("orders",), collection=BindsAllOnCreate),
    defect("AUTH-014", "PUT sets the status", on=("orders",), item=BindsAllOnReplace),
    defect("AUTH-015", "a secret is returned", on=("contracts",), representation=ShowsPasscode),
    defect(
        "AUTH-020",
        "a slash at the end goes around the gateway",
        # Two spellings of one URL are answered apart.
        perhaps=frozenset({"URL-005"}),
        on=("orders",),
        router=ProtectsByPrefix,
    ),
    defect("AUTH-020", "X-Original-URL goes around the gateway", on=("orders",), router=OriginalUrl),
)
