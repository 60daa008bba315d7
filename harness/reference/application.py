"""The ASGI application: from scope to reply."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers, QueryParams
from starlette.routing import compile_path
from starlette.types import Message, Receive, Scope, Send

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.graphql_endpoint import JSON, RESPONSE
from harness.reference.policies import Policies
from harness.reference.realtime import StreamReply
from harness.reference.routing import Route, route
from harness.reference.store import Store

LARGEST = 1024 * 1024


def build(policies: Policies | None = None, database: str | os.PathLike[str] = "reference.db") -> Api:
    """The reference API over a database file, conformant unless a policy says otherwise."""
    return Api(policies or Policies(), Store(database))


def routes(policies: Policies) -> list[Route]:
    """Every path of the API."""
    found = [
        route("/v1", policies.root, ["GET"], public=True),
        route("/v1/", policies.root, ["GET"], public=True),
        route("/v1/openapi.json", policies.description, ["GET"], public=True),
        route("/v1/problems/{code}", policies.problem_types, ["GET"], public=True),
        route("/v1/limited", policies.limited, ["GET"]),
        route("/v1/exchange-rates", policies.rates, ["GET"]),
        route("/v1/totals", policies.totals, ["GET"]),
        Route(compile_path("/v1/shop")[0], {"GET": policies.expansion.shop}),
        Route(compile_path("/v1/owner")[0], {"GET": policies.expansion.owner}),
        route("/v1/statement", policies.statement, ["GET"]),
        route("/v1/jwks.json", policies.jwks, ["GET"], public=True),
        route("/v1/sessions", policies.logins, ["POST"], public=True),
        route("/v1/login", policies.login_page, ["GET"], public=True),
        route("/v1/session", policies.logins, ["DELETE"]),
        route("/v1/admin/users", policies.admin, ["GET"]),
        route("/v1/graphql", policies.graphql, ["GET", "POST"], offers=(RESPONSE, JSON)),
        route("/v1/exports", policies.exports, ["POST"]),
        route("/v1/operations/{id}", policies.monitor, ["GET"]),
        route("/v1/operations/{id}/result", policies.result, ["GET"]),
        route("/v1/operations/{id}/cancel", policies.cancellation, ["POST"]),
        *policies.webhooks.routes(),
        *policies.realtime.routes(),
        *policies.files.routes(),
        *policies.tus.routes(),
        *policies.resumable.routes(),
        *policies.presigned.routes(),
        *policies.objects.routes(),
        route("/v1/batch", policies.sub_requests, ["POST"]),
        route("/.well-known/api-catalog", policies.catalogue, ["GET"], public=True),
    ]
    for resource in policies.resources:
        path = f"/v1/{resource.name}"
        listing = route(path, policies.collection, resource.collection_methods, resource)
        if resource.queried:
            listing.handlers["QUERY"] = policies.queries.query
        found.append(listing)
        if resource.name == "orders":
            second = policies.second
            found.append(Route(compile_path("/v2/orders")[0], {"GET": second.items}, resource))
            found.append(route("/v2/orders/{id}", second, ["GET", "PUT"], resource))
        if resource.lookup:
            found.append(route(f"{path}/lookup", policies.lookup, ["POST"], resource))
        if resource.searched:
            found.append(route(f"{path}/search", policies.searching, ["POST"], resource))
        if resource.batch == "partial":
            found.append(route(f"{path}/batch", policies.partial_batch, ["POST"], resource))
        if resource.batch == "atomic":
            found.append(route(f"{path}:batchCreate", policies.atomic_batch, ["POST"], resource))
        found.append(route(f"{path}/{{id}}", policies.item, resource.item_methods, resource))
        for change in resource.transitions:
            template = f"{path}/{{id}}/{change.action}"
            found.append(route(template, policies.transitions, ["POST"], resource, action=change.action))
    return found


class Api:
    """An ASGI application; handlers run in threads, so that requests are really concurrent."""

    def __init__(self, policies: Policies, store: Store) -> None:
        self.policies = policies
        self.store = store
        self.routes: Sequence[Route] = routes(policies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection scope."""
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http":
            call = await self.receive(scope, receive)
            reply = await to_thread.run_sync(self.answer, call, limiter=self.threads)
            if isinstance(reply, StreamReply):
                await reply.send(call.method == "HEAD", receive, send)
            else:
                await self.policies.wire.send(call, reply, send)
        elif scope["type"] == "websocket":
            await self.policies.realtime.socket(self, scope, receive, send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        """Open the database at startup, close it at shutdown."""
        while True:
            message: Message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    self.threads = CapacityLimiter(64)
                    self.store.open()
                except Exception as error:
                    await send({"type": "lifespan.startup.failed", "message": f"{self.store.path}: {error}"})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                self.store.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def receive(self, scope: Scope, receive: Receive) -> Call:
        """The whole request; content beyond the limit is read but not kept."""
        body, size, more, late = b"", 0, True, False
        headers = Headers(scope=scope)
        most = self.policies.files.reads(scope["method"], scope["path"], headers)
        try:
            async with self.policies.wire.arriving():
                while more and size < most:
                    message = await receive()
                    if message["type"] != "http.request":
                        break
                    chunk = message.get("body", b"")
                    size, more = size + len(chunk), message.get("more_body", False)
                    body = body + chunk if size <= LARGEST else b""
        except TimeoutError:
            late = True
        return Call(
            method=scope["method"],
            path=scope["path"],
            query=QueryParams(scope["query_string"]),
            headers=headers,
            body=body,
            origin=self.origin(scope, headers),
            request_id=self.policies.wire.request_id(),
            policies=self.policies,
            store=self.store,
            oversized=size > LARGEST or (more and size >= most),
            unread=more,
            late=late,
            routes=self.routes,
            connection=":".join(str(part) for part in scope.get("client") or ()),
        )

    def origin(self, scope: Scope, headers: Headers) -> str:
        """The origin of the target URI (RFC 9110 section 7.1); a Host that is no authority is not echoed."""
        host = headers.get("host", "")
        if not re.fullmatch(r"[\w.-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?", host, re.ASCII):
            address, port = scope.get("server") or ("localhost", None)
            host = f"{address}:{port}" if port else address
        return f"{scope.get('scheme', 'http')}://{host}"

    def answer(self, call: Call) -> Reply:
        """The reply to a call, whatever happens."""
        policies = self.policies
        try:
            if call.late:
                raise Problem(
                    "request_timeout", "The content did not arrive in time.", {"Connection": "close"}
                )
            reply = policies.router.dispatch(call, self.routes)
        except Problem as problem:
            reply = policies.problems.render(call, problem)
        except Exception as error:
            reply = policies.problems.render(call, policies.problems.unexpected(call, error))
        policies.webhooks.answered(call, reply)
        policies.realtime.answered(call, reply)
        return policies.wire.finish(call, reply)
