"""Defects of methods: for each METH rule at least one bug that real APIs have."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, NoReturn

from starlette.datastructures import MutableHeaders

from harness.reference import times
from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import CollectionEndpoint, ItemEndpoint
from harness.reference.errors import Problem
from harness.reference.extra_endpoints import Description
from harness.reference.idempotency import SECOND
from harness.reference.locking import Act
from harness.reference.openapi import describe
from harness.reference.pagination import Paginator
from harness.reference.representation import Representation
from harness.reference.resources import ServedResource
from harness.reference.routing import KNOWN, Route, Router
from harness.reference.store import Duplicate, Transaction
from harness.reference.store import StoredItem as Stored
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.matrix.proxy import answering_head_with_content
from tests.matrix.serving import defect, served

# -- HEAD ----------------------------------------------------------------------------------------------


class HeadNotAllowed(Router):
    """A framework that routes HEAD only where a handler names it."""

    def head(self, call: Call, found: Route) -> Reply:
        return self.not_allowed(call, found, "HEAD")

    def allow(self, found: Route) -> str:
        return ", ".join([*found.handlers, "OPTIONS"])


class HeadNotFound(Router):
    """A gateway whose routes are pairs of method and path, without HEAD."""

    def head(self, call: Call, found: Route) -> Reply:
        return self.not_found(call)


@contextmanager
def content_after_head(*, closing: bool) -> Iterator[str]:
    with served({}) as url, answering_head_with_content(url, closing=closing) as outside:
        yield outside


class HeadMayBeStored(WirePolicy):
    """A handler of HEAD that is not the one of GET, behind another caching default."""

    def head_fields(self, call: Call, reply: Reply) -> MutableHeaders:
        fields = reply.fields.mutablecopy()
        fields["Cache-Control"] = "public, max-age=3600"
        return fields


class HeadWithoutType(WirePolicy):
    """A framework that drops the type together with the content."""

    def head_fields(self, call: Call, reply: Reply) -> MutableHeaders:
        fields = reply.fields.mutablecopy()
        del fields["Content-Type"]
        return fields


class HeadTagOfNothing(WirePolicy):
    """A middleware that hashes the content that is sent, which is none."""

    def head_fields(self, call: Call, reply: Reply) -> MutableHeaders:
        fields = reply.fields.mutablecopy()
        fields["ETag"] = call.policies.representation.etag(b"")
        return fields


class HeadLengthZero(WirePolicy):
    """A middleware that measures the content that is sent, which is none."""

    def content_length(self, call: Call, reply: Reply) -> str | None:
        return "0" if call.method == "HEAD" else super().content_length(call, reply)


class HeadLengthInCharacters(WirePolicy):
    """A handler of HEAD that counts something else than octets: here, an indented rendering."""

    def content_length(self, call: Call, reply: Reply) -> str | None:
        if call.method != "HEAD" or not reply.body:
            return super().content_length(call, reply)
        return str(len(json.dumps(json.loads(reply.body), indent=2)))


# -- safe methods --------------------------------------------------------------------------------------


class ListTakesOrders(CollectionEndpoint):
    """A list that works as a queue: what it has shown is marked as taken."""

    def get(self, call: Call) -> Reply:
        reply = super().get(call)
        for item in call.store.page(
            call.resource.name, call.principal.name, {"status": "pending"}, None, 100
        ):
            with call.store.write() as tx:
                call.policies.locking.replace(call, tx, item, {**item.data, "status": "paid"})
        return reply


class ListCreates(CollectionEndpoint):
    """A list that keeps a copy of the newest item for the audit, in the table of the items."""

    def get(self, call: Call) -> Reply:
        reply = super().get(call)
        for item in call.store.page(call.resource.name, call.principal.name, {}, None, 1):
            try:
                with call.store.write() as tx:
                    call.policies.locking.insert(call, tx, self.new_identifier(call), item.data)
            except Duplicate:
                continue
        return reply


class OptionsCreates(Router):
    """A handler for all methods that are not GET, in front of the one that knows OPTIONS."""

    def options(self, call: Call, found: Route) -> Reply:
        reply = super().options(call, found)
        if found.resource is None or "id" in call.parameters:
            return reply
        for item in call.store.page(found.resource.name, None, {}, None, 1):
            data, id = {**item.data, "title": "untitled"}, f"{found.resource.prefix}_{secrets.token_hex(10)}"
            with call.store.write() as tx:
                call.store.insert(tx, found.resource.name, id, item.owner, data, None)
        return reply


class GetActs(Router):
    """An action that a link can trigger."""

    def method(self, call: Call) -> str:
        return "POST" if call.method == "GET" and call.path.endswith("/cancel") else call.method


class GetActsDescribed(Description):
    def get(self, call: Call) -> Reply:
        document = describe(call.policies.limiter)
        action = document["paths"]["/orders/{id}/cancel"]
        action["get"] = {**action["post"], "operationId": "cancelByLink"}
        return call.policies.representation.selected(call, document)


class OverrideByQuery(Router):
    """The method override of web forms, without a look at the real method."""

    def method(self, call: Call) -> str:
        return call.query.get("_method", call.method).upper()


class OverrideByField(Router):
    """A method override for clients behind old firewalls, without a look at the real method."""

    def method(self, call: Call) -> str:
        return call.headers.get("x-http-method-override", call.method).upper()


class ActionByQuery(Router):
    """A front controller that looks for an action first."""

    def method(self, call: Call) -> str:
        return "DELETE" if call.query.get("action") == "delete" else call.method


# -- PUT -----------------------------------------------------------------------------------------------


class PutAppends(ItemEndpoint):
    """An array that is extended where it should be replaced."""

    def replaced_data(self, call: Call, item: Stored, document: Document) -> Document:
        data = super().replaced_data(call, item, document)
        if "tags" in data:
            data["tags"] = [*item.data.get("tags", []), *data["tags"]]
        return data


class PutAdds(ItemEndpoint):
    """A quantity that is added to the one in stock."""

    def replaced_data(self, call: Call, item: Stored, document: Document) -> Document:
        data = super().replaced_data(call, item, document)
        return {**data, **{n: item.data[n] + data[n] for n in ("quantity", "stock") if n in data}}


class PutCopies(ItemEndpoint):
    """A history whose entries show up as items."""

    def replacement(self, call: Call, document: Document) -> Act:
        act, before = super().replacement(call, document), self.find(call)

        def copying(tx: Transaction) -> Reply:
            reply = act(tx)
            if before is not None and call.resource.unique is None:
                call.policies.locking.insert(call, tx, f"old_{secrets.token_hex(8)}", before.data)
            return reply

        return copying


class PutAgainFails(ItemEndpoint):
    """A history with a constraint that the same content twice breaks."""

    def replaced_data(self, call: Call, item: Stored, document: Document) -> Document:
        data = super().replaced_data(call, item, document)
        if item.version > 1 and data == item.data:
            raise RuntimeError("UNIQUE constraint failed: history.content")
        return data


class IdOfContentCounts(ItemEndpoint):
    """`save(body)`: the content's id, if it has one, says which row is written."""

    def replacement(self, call: Call, document: Document) -> Act:
        named = document.get("id")
        if isinstance(named, str) and call.store.find(call.resource.name, named) is not None:
            call.parameters["id"] = named
        return super().replacement(call, document)


class PutMerges(ItemEndpoint):
    """PUT as an update of what is sent."""

    def replaced_data(self, call: Call, item: Stored, document: Document) -> Document:
        return {**item.data, **super().replaced_data(call, item, document)}


class PutMergesMaps(ItemEndpoint):
    """Objects in a column of JSON are joined with what is there."""

    def replaced_data(self, call: Call, item: Stored, document: Document) -> Document:
        data = super().replaced_data(call, item, document)
        return {
            name: {**item.data[name], **value}
            if isinstance(value, dict) and isinstance(item.data.get(name), dict)
            else value
            for name, value in data.items()
        }


class PutKeepsNested(ItemEndpoint):
    """The mapper copies the members of the first level only."""

    def replaced_data(self, call: Call, item: Stored, document: Document) -> Document:
        data = super().replaced_data(call, item, document)
        nested = {name: one for name, one in item.data.items() if isinstance(one, dict) and name in data}
        return {**data, **nested}


class PutCreatesWith200(ItemEndpoint):
    """An upsert that does not ask which of the two it was."""

    def put_created(self, call: Call, item: Stored) -> Reply:
        return self.replaced(call, item)


class PutIntoNothing(ItemEndpoint):
    """An UPDATE that matched no row counts as done."""

    def put(self, call: Call) -> Reply:
        return Reply(204) if self.find(call) is None else super().put(call)


class PutReplacesWith201(ItemEndpoint):
    """The same the other way round."""

    def replaced(self, call: Call, item: Stored) -> Reply:
        return self.put_created(call, item)


class PutWithTag(ItemEndpoint):
    """The new entity tag, although the server added members to what was sent."""

    def replaced(self, call: Call, item: Stored) -> Reply:
        return call.policies.representation.item(call, 200, item)


# -- DELETE --------------------------------------------------------------------------------------------


class DeleteAgainFails(ItemEndpoint):
    """A bin that takes each identifier once, and is asked before the items are."""

    def __init__(self) -> None:
        self.bin: set[str] = set()

    def removal(self, call: Call) -> Act:
        id = call.parameters["id"]
        if id in self.bin:
            raise RuntimeError("UNIQUE constraint failed: bin.id")
        act = super().removal(call)
        self.bin.add(id)
        return act


class DeleteForgotten(ItemEndpoint):
    """A deletion that is never committed."""

    def removal(self, call: Call) -> Act:
        item = self.load(call)
        return lambda tx: self.deleted(call, item)


class DeleteTooMuch(ItemEndpoint):
    """A condition that does not name the item."""

    def removal(self, call: Call) -> Act:
        act = super().removal(call)

        def all_of_them(tx: Transaction) -> Reply:
            reply = act(tx)
            tx.execute(
                "DELETE FROM items WHERE kind = ? AND owner = ?", (call.resource.name, call.principal.name)
            )
            return reply

        return all_of_them


class DeleteWith205(ItemEndpoint):
    def deleted(self, call: Call, item: Stored) -> Reply:
        return Reply(205)


class DeleteWithEmpty200(ItemEndpoint):
    def deleted(self, call: Call, item: Stored) -> Reply:
        return Reply(200)


# -- POST ----------------------------------------------------------------------------------------------


class CreatedWith200(CollectionEndpoint):
    """The default status of a framework."""

    def created(self, call: Call, item: Stored) -> Reply:
        reply = super().created(call, item)
        reply.status = 200
        return reply


class NoLocation(CollectionEndpoint):
    def location(self, call: Call, item: Stored) -> str | None:
        return None


class InternalLocation(CollectionEndpoint):
    """A URL made of the host that the application sees behind its proxy."""

    def location(self, call: Call, item: Stored) -> str | None:
        return f"http://api-7d9f.internal:8080/v1/{call.resource.name}/{item.id}"


class LocationWithoutPrefix(CollectionEndpoint):
    """A path as the application sees it behind a gateway that strips the prefix."""

    def location(self, call: Call, item: Stored) -> str | None:
        return f"/{call.resource.name}/{item.id}"


# -- methods that are not offered ----------------------------------------------------------------------


class HidesMethods(Router):
    """A router that looks for method and path together."""

    def not_allowed(self, call: Call, found: Route, method: str) -> NoReturn:
        self.not_found(call)


class Undocumented(Description):
    """A generated controller deletes; nobody meant it to, nor wrote it down."""

    def get(self, call: Call) -> Reply:
        document: Any = describe(call.policies.limiter)
        del document["paths"]["/documents/{id}"]["delete"]
        return call.policies.representation.selected(call, document)


class NoAllow(Router):
    def not_allowed(self, call: Call, found: Route, method: str) -> NoReturn:
        raise Problem("method_not_allowed", f"This resource does not support {method}.")


class AllowsEverything(Router):
    """A constant in a middleware."""

    def not_allowed(self, call: Call, found: Route, method: str) -> NoReturn:
        fields = {"Allow": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}
        raise Problem("method_not_allowed", f"This resource does not support {method}.", fields)


class AllowLacksHead(Router):
    """The names of the handlers; HEAD is served by the one of GET."""

    def not_allowed(self, call: Call, found: Route, method: str) -> NoReturn:
        fields = {"Allow": ", ".join(found.handlers)}
        raise Problem("method_not_allowed", f"This resource does not support {method}.", fields)


class AllowLacksPut(Router):
    """A list that was written by hand before there was PUT."""

    def not_allowed(self, call: Call, found: Route, method: str) -> NoReturn:
        allow = ", ".join(name for name in self.allow(found).split(", ") if name != "PUT")
        raise Problem("method_not_allowed", f"This resource does not support {method}.", {"Allow": allow})


class AllowAsPrinted(Router):
    """A list of a programming language, printed."""

    def not_allowed(self, call: Call, found: Route, method: str) -> NoReturn:
        fields = {"Allow": str(self.allow(found).split(", "))}
        raise Problem("method_not_allowed", f"This resource does not support {method}.", fields)


class UnknownIsBad(Router):
    def unrecognised(self, call: Call, found: Route) -> NoReturn:
        raise Problem("malformed_request", "The method is not valid.")


class UnknownFails(Router):
    """A table of methods without a default."""

    def unrecognised(self, call: Call, found: Route) -> NoReturn:
        raise KeyError(call.method)


class UnknownIsGet(Router):
    """A handler for all methods that asks for POST, and takes the rest for GET."""

    def method(self, call: Call) -> str:
        return call.method if call.method in KNOWN else "GET"


class OptionsNotFound(Router):
    """A router that knows OPTIONS from preflights only."""

    def options(self, call: Call, found: Route) -> Reply:
        return self.not_found(call)


class OptionsWithoutAllow(Router):
    """A CORS middleware that answers every OPTIONS."""

    def options(self, call: Call, found: Route) -> Reply:
        return Reply(204, b"", {"Access-Control-Allow-Methods": self.allow(found)})


class OptionsTooFew(Router):
    """A list that was right when the API was read-only."""

    def options(self, call: Call, found: Route) -> Reply:
        return Reply(204, b"", {"Allow": "GET, HEAD, OPTIONS"})


class TraceReflects(Router):
    """TRACE as RFC 2616 knew it."""

    def trace(self, call: Call, found: Route) -> Reply:
        lines = [f"{name}: {value}" for name, value in call.headers.items()]
        text = "\r\n".join([f"TRACE {call.path} HTTP/1.1", *lines, "", ""])
        return Reply(200, text.encode("latin-1"), {"Content-Type": "message/http"})


class TraceReflectsCookie(Router):
    """The same, with only the credential left out that somebody thought of."""

    def trace(self, call: Call, found: Route) -> Reply:
        cookie = call.headers.get("cookie", "")
        return Reply(200, f"Cookie: {cookie}\r\n".encode("latin-1"), {"Content-Type": "message/http"})


class ContentIsQuery(Paginator):
    """Parameters merged from wherever they are."""

    def parameters(self, call: Call) -> Mapping[str, str]:
        content: Any = json.loads(call.body) if call.body else {}
        return {**call.query, **{name: str(value) for name, value in content.items()}}


class ContentSelects(Paginator):
    """An item that the content names is all that the list shows."""

    def fetch(self, call: Call, filters: Mapping[str, str], after: Any, count: int) -> list[Stored]:
        items = super().fetch(call, filters, after, count)
        wanted = json.loads(call.body).get("id") if call.body else None
        return [item for item in items if wanted in (None, item.id)]


class ContentFails(Paginator):
    """Content is parsed, and nobody reckons with there being some."""

    def parameters(self, call: Call) -> Mapping[str, str]:
        if call.body:
            raise TypeError("get() got an unexpected keyword argument 'limit'")
        return super().parameters(call)


class ResetWithMessage(WirePolicy):
    """205 tells a client to empty its form, and a middleware adds the usual envelope."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        if call.method == "DELETE" and reply.status == 204:
            reply.status, reply.body = 205, b'{"message": "removed"}'
            reply.fields["Content-Type"] = "application/json"
        return super().finish(call, reply)


class RefusedIsNotModified(WirePolicy):
    """A PATCH that is refused modifies nothing."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        if call.method == "PATCH" and reply.status == 422:
            reply.status, reply.body = 304, b""
        return super().finish(call, reply)


class HeadIsNotModified(WirePolicy):
    """The handler of HEAD compares the current tag with itself."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        if call.method == "HEAD" and reply.status == 200:
            reply.status, reply.body = 304, b""
        return super().finish(call, reply)


class UpgradeToWhat(WirePolicy):
    """426 asks for a newer version of the media type."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        if reply.status == 415:
            reply.status = 426
        return super().finish(call, reply)


class GoneAtOnce(ItemEndpoint):
    """Creates go to one database, and reads to a replica that gets nothing."""

    def get(self, call: Call) -> Reply:
        self.absent(call)


class ReadsCount(Representation):
    """A read is recorded in the column of the last change, by one second for each."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: dict[str, int] = {}

    def of(self, resource: ServedResource, item: Stored) -> Document:
        moved = item.updated + self.reads.get(item.id, 0) * SECOND
        return {**super().of(resource, item), "updated_at": times.rfc3339(moved)}


class RecordsReads(ItemEndpoint):
    """The ORM touches what it loads."""

    def get(self, call: Call) -> Reply:
        representation = call.policies.representation
        assert isinstance(representation, ReadsCount)
        id = call.parameters["id"]
        representation.reads[id] = representation.reads.get(id, 0) + 1
        return super().get(call)


DEFECTS: tuple[Defect, ...] = (
    defect("METH-001", "HEAD is answered 405", router=HeadNotAllowed),
    defect("METH-001", "HEAD is answered 404", router=HeadNotFound),
    Defect("METH-002", "HEAD has content, then the end", partial(content_after_head, closing=True)),
    Defect("METH-002", "HEAD has content on a kept connection", partial(content_after_head, closing=False)),
    defect("METH-003", "HEAD has another Cache-Control", wire=HeadMayBeStored),
    defect("METH-003", "HEAD has no Content-Type", wire=HeadWithoutType),
    defect("METH-003", "HEAD has the ETag of no content", wire=HeadTagOfNothing),
    defect("METH-004", "HEAD has Content-Length: 0", wire=HeadLengthZero),
    defect("METH-004", "HEAD counts another rendering", wire=HeadLengthInCharacters),
    # A list takes the order of client A while client B is refused: which of the two did it cannot be seen.
    defect(
        "METH-005",
        "GET of the list changes a status",
        on=("orders",),
        collection=ListTakesOrders,
        perhaps=frozenset({"AUTH-011"}),
    ),
    defect("METH-005", "GET of the list creates a copy", collection=ListCreates),
    defect("METH-005", "OPTIONS of the list creates an item", router=OptionsCreates),
    defect(
        "METH-005",
        "GET of a documented path acts",
        on=("orders",),
        router=GetActs,
        description=GetActsDescribed,
    ),
    defect(
        "METH-005",
        "a read moves updated_at",
        item=RecordsReads,
        representation=ReadsCount,
    ),
    defect("METH-006", "GET with ?_method=DELETE deletes", router=OverrideByQuery),
    defect("METH-006", "GET with an override field deletes", router=OverrideByField),
    defect("METH-006", "GET with ?action=delete deletes", router=ActionByQuery),
    defect("METH-007", "PUT appends to an array", item=PutAppends),
    defect("METH-007", "PUT adds to a number", on=("orders",), item=PutAdds),
    defect("METH-007", "PUT leaves a copy", item=PutCopies),
    defect("METH-007", "PUT fails when repeated", item=PutAgainFails),
    defect("METH-008", "DELETE fails when repeated", item=DeleteAgainFails),
    defect("METH-008", "DELETE says so and does nothing", item=DeleteForgotten),
    defect("METH-008", "DELETE removes other items", item=DeleteTooMuch),
    defect("METH-009", "DELETE is answered 205", item=DeleteWith205),
    defect("METH-009", "DELETE is answered 200 with nothing", item=DeleteWithEmpty200),
    defect("METH-010", "PUT merges", on=("products",), item=PutMerges),
    defect("METH-010", "the id in the content says what is replaced", on=("orders",), item=IdOfContentCounts),
    defect("METH-010", "PUT merges objects", on=("orders",), item=PutMergesMaps),
    defect("METH-010", "PUT keeps nested objects", on=("products",), item=PutKeepsNested),
    defect("METH-011", "PUT that creates is answered 200", on=("products",), item=PutCreatesWith200),
    defect("METH-011", "PUT to nothing is answered 204, and creates nothing", item=PutIntoNothing),
    defect("METH-011", "PUT that modifies is answered 201", item=PutReplacesWith201),
    defect("METH-012", "PUT answers the ETag of something else", on=("products",), item=PutWithTag),
    defect("METH-013", "a created item is never there", on=("orders",), item=GoneAtOnce),
    defect("METH-013", "POST is answered 200", collection=CreatedWith200),
    defect("METH-013", "POST answers no Location", collection=NoLocation),
    defect("METH-013", "POST answers an internal Location", collection=InternalLocation),
    defect("METH-013", "POST answers a Location that leads nowhere", collection=LocationWithoutPrefix),
    defect("METH-014", "a method that is not offered is answered 404", router=HidesMethods),
    defect("METH-014", "an undocumented DELETE works", description=Undocumented),
    defect("METH-015", "405 has no Allow", router=NoAllow),
    defect("METH-015", "405 allows no HEAD where HEAD is served", router=AllowLacksHead),
    defect("METH-015", "405 does not allow PUT, which succeeds", router=AllowLacksPut),
    defect("METH-015", "405 allows what it refuses", router=AllowsEverything),
    defect("METH-015", "405 has an Allow that is no list of methods", router=AllowAsPrinted),
    defect("METH-016", "an unknown method is answered 400", router=UnknownIsBad),
    defect("METH-016", "an unknown method fails", router=UnknownFails),
    defect("METH-016", "an unknown method works as GET", router=UnknownIsGet),
    defect("METH-017", "OPTIONS is answered 404", router=OptionsNotFound),
    defect("METH-017", "OPTIONS answers no Allow", router=OptionsWithoutAllow),
    defect("METH-017", "OPTIONS lists too few methods", router=OptionsTooFew),
    defect("METH-018", "TRACE reflects every field", router=TraceReflects),
    defect("METH-018", "TRACE reflects cookies", router=TraceReflectsCookie),
    defect("METH-019", "content of GET is taken for its query", on=("payments",), paginator=ContentIsQuery),
    defect("METH-019", "content of GET selects an item", on=("payments",), paginator=ContentSelects),
    defect("METH-019", "content of GET fails", on=("payments",), paginator=ContentFails),
    defect("METH-020", "205 has content", wire=ResetWithMessage, also=frozenset({"METH-009"})),
    defect("METH-020", "a PATCH that is refused is answered 304", wire=RefusedIsNotModified),
    defect(
        "METH-020",
        "HEAD is answered 304 without a condition",
        wire=HeadIsNotModified,
        also=frozenset({"METH-001"}),
    ),
    defect(
        "METH-020",
        "426 does not say what to change to",
        wire=UpgradeToWhat,
        # It stands where these expect 415, and is not what the content says.
        perhaps=frozenset({"ERR-009", "GQL-004", "NEGO-006", "PATCH-010"}),
    ),
)
