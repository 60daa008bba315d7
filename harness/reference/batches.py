"""Batches: several creates in one request, each for itself, all or none, or as requests of any kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams

from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.locking import Act
from harness.reference.openapi_parts import errors, response, schema_ref
from harness.reference.rate_limits import Limiter, QuotaPolicy
from harness.reference.reader import JSON
from harness.reference.resources import ServedResource

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class BatchLimiter(Limiter):
    """A quota on batches, of which each item counts; it is apart from the quota of single requests."""

    def __init__(self, limit: int = 5000, window: int = 60) -> None:
        super().__init__(limit, window)

    def client(self, call: Call) -> str:
        """Apart from the client's other quota."""
        return f"batches {call.principal.name}"

    def charge(self, call: Call, items: int) -> dict[str, str]:
        """The fields with the quota, or 429."""
        quota = QuotaPolicy(True, self.limit, 1)
        for _ in range(self.cost(items)):
            quota = self.count(call, self.client(call))
        fields = self.fields(quota)
        if not quota.admitted:
            self.refuse(call, quota, fields)
        return fields

    def cost(self, items: int) -> int:
        """What a batch counts."""
        return items


class Batches:
    """What all kinds of batches have in common."""

    member = "items"
    most = 10
    """Items in a batch."""

    def post(self, call: Call) -> Reply:
        """The results of all items."""
        elements = self.elements(call, self.content(call))
        fields = call.policies.batch_limiter.charge(call, len(elements))
        reply = self.answer(call, elements)
        for name, value in fields.items():
            reply.fields[name] = value
        return reply

    def content(self, call: Call) -> Any:
        """The content of the request."""
        return call.policies.reader.read(call, JSON)[1]

    def elements(self, call: Call, document: Any) -> list[Any]:
        """The elements of the batch, or 422."""
        found = document.get(self.member) if isinstance(document, dict) else None
        fault = ""
        if not isinstance(found, list) or not found:
            fault = "must be an array with an element"
        elif len(found) > self.most:
            fault = f"must have at most {self.most} elements"
        if fault or not isinstance(found, list):
            failure = call.policies.validator.failure([self.member], "invalid", fault)
            call.policies.validator.refuse(call, [failure])
        return found

    def answer(self, call: Call, elements: list[Any]) -> Reply:
        """The response to a batch."""
        raise NotImplementedError

    def attempted(self, call: Call, make: Callable[[], Reply]) -> Reply:
        """What a single request would be answered."""
        try:
            return make()
        except Problem as problem:
            return call.policies.problems.render(call, problem)


class PartialBatch(Batches):
    """POST creates the items one by one: 207 with a result for each."""

    def answer(self, call: Call, elements: list[Any]) -> Reply:
        """207, also where all went well."""
        results = [self.result(call, number, element) for number, element in enumerate(elements)]
        return call.policies.representation.reply(call, self.status(results), {"results": results})

    def status(self, results: list[Document]) -> int:
        """That of the whole response."""
        return 207

    def result(self, call: Call, number: int, element: Any) -> Document:
        """What became of one item."""
        key = element.get("key") if isinstance(element, dict) else None
        reply = self.attempted(call, lambda: self.create(call, element, key))
        found: Document = {"index": number, "key": key, "status": reply.status}
        if reply.status < 400:
            shown = json.loads(reply.body)
            location = reply.fields.get("Location")
            return {**found, **({"location": location} if location else {}), "item": shown}
        return {**found, "error": json.loads(reply.body)}

    def create(self, call: Call, element: Any, key: Any) -> Reply:
        """As a POST to the collection."""
        item: Any = element.get("item") if isinstance(element, dict) else None
        if not (key is None or isinstance(key, str)):
            call.policies.idempotency.invalid(call)
        parsed = None if key is None else call.policies.idempotency.parse(key)
        if key is not None and parsed is None:
            call.policies.idempotency.invalid(call)
        self.check(call, item)
        collection = call.policies.collection
        return call.policies.idempotency.run(call, parsed, item, lambda: collection.creation(call, item))

    def check(self, call: Call, item: Any) -> None:
        """422 for an item that a single create would refuse."""
        call.policies.validator.check(call, item, "create")


class AtomicBatch(Batches):
    """POST creates all items in one transaction, or none (AIP-233)."""

    member = "requests"

    def answer(self, call: Call, elements: list[Any]) -> Reply:
        """200 with the items in the order of the requests."""
        name = call.resource.title.lower()
        items: list[Any] = [one.get(name) if isinstance(one, dict) else None for one in elements]
        self.check(call, items)
        acts = [call.policies.collection.creation(call, item) for item in items]
        replies = self.created(call, acts)
        shown = [json.loads(reply.body) for reply in replies]
        return call.policies.representation.reply(call, 200, {call.resource.name: shown})

    def check(self, call: Call, items: list[Any]) -> None:
        """422 where one of the items is not valid."""
        failures = []
        for number, item in enumerate(items):
            for one in call.policies.validator.failures(call.resource, item, "create"):
                place = {"pointer": f"/requests/{number}{one['pointer']}"}
                failures.append({**one, **place})
        if failures:
            call.policies.validator.refuse(call, failures)

    def created(self, call: Call, acts: list[Act]) -> list[Reply]:
        """Perform all in one transaction."""
        replies: list[Reply] = []

        def together(tx: Any) -> Reply:
            replies[:] = [act(tx) for act in acts]
            return replies[-1]

        call.policies.locking.commit(call, lambda: together)
        return replies


class SubRequests(Batches):
    """POST with requests of any kind, each of which is answered as if it had come alone."""

    member = "requests"

    def answer(self, call: Call, elements: list[Any]) -> Reply:
        """200 with a response for each request, in their order."""
        responses = [self.response(call, element) for element in elements]
        return call.policies.representation.reply(call, 200, {"responses": responses})

    def response(self, call: Call, element: Any) -> Document:
        """The response to one request."""
        id = element.get("id") if isinstance(element, dict) else None
        reply = self.attempted(call, lambda: self.perform(call, element))
        fields = {name: value for name, value in reply.fields.items() if name != "vary"}
        body = json.loads(reply.body) if reply.body else None
        return {"id": id, "status": reply.status, "headers": fields, "body": body}

    def perform(self, call: Call, element: Any) -> Reply:
        """Answer one request under the credential of the batch."""
        given = element if isinstance(element, dict) else {}
        method, path = given.get("method"), given.get("path")
        if method not in METHODS or not isinstance(path, str) or not path.startswith("/v1/"):
            detail = "A request has a method, and a path that begins with /v1/."
            raise Problem("malformed_request", detail)
        parts = urlsplit(path)
        if parts.path == call.path:
            raise Problem("malformed_request", "A batch holds no batches.")
        return self.alone(self.single(call, given, method, parts.path, parts.query))

    def single(self, call: Call, given: Document, method: str, path: str, query: str) -> Call:
        """The request as if it had come alone."""
        own = given.get("headers") if isinstance(given.get("headers"), dict) else {}
        kept = {
            name: value
            for name, value in call.headers.items()
            if name in ("authorization", "host", "x-api-key", "cookie", "origin")
        }
        sent = {str(name).lower(): str(value) for name, value in (own or {}).items()} | kept
        body = json.dumps(given["body"]).encode() if "body" in given else b""
        if body:
            sent.setdefault("content-type", JSON)
        return replace(
            call,
            method=method,
            path=path,
            query=QueryParams(query),
            headers=Headers(sent),
            body=body,
            parameters={},
            offers=(),
        )

    def alone(self, call: Call) -> Reply:
        """Dispatch it like any other request."""
        return call.policies.router.dispatch(call, call.routes)


def batch_paths(resource: ServedResource) -> dict[str, Any]:
    """The documented path of the batches of a resource; empty without any."""
    name, title, item = resource.name, resource.title, schema_ref(resource.title)
    element: Document = {"type": "object", "required": ["item"], "properties": {}}
    shown: Document
    if resource.batch == "partial":
        element["properties"] = {
            "key": {"type": "string", "minLength": 1, "description": "Idempotency key of this item."},
            "item": schema_ref(f"{title}Create"),
        }
        path, member, status = f"/{name}/batch", PartialBatch.member, "207"
        result: Document = {
            "type": "object",
            "required": ["index", "key", "status"],
            "properties": {
                "index": {"type": "integer", "minimum": 0},
                "key": {"type": ["string", "null"]},
                "status": {"type": "integer", "minimum": 200, "maximum": 599},
                "location": {"type": "string"},
                "item": item,
                "error": schema_ref("Problem"),
            },
        }
        shown = {"results": {"type": "array", "items": result}}
        text = "Create several, each for itself; the results have the order of the items."
    elif resource.batch == "atomic":
        element = {"type": "object", "required": [title.lower()], "properties": {}}
        element["properties"] = {title.lower(): schema_ref(f"{title}Create")}
        path, member, status = f"/{name}:batchCreate", AtomicBatch.member, "200"
        shown = {name: {"type": "array", "items": item}}
        text = "Create several in one request: all or nothing."
    else:
        return {}
    operation = _operation(f"createSeveral{title}s", text, member, element)
    operation["responses"][status] = _results(text, shown)
    return {path: {"post": operation}}


def sub_request_path() -> dict[str, Any]:
    """The documented path of batches of requests."""
    fields: Document = {"type": "object", "additionalProperties": {"type": "string"}}
    request: Document = {
        "type": "object",
        "required": ["method", "path"],
        "properties": {
            "id": {"type": "string"},
            "method": {"type": "string", "enum": list(METHODS)},
            "path": {"type": "string", "description": "Such as /v1/orders."},
            "headers": fields,
            "body": {},
        },
    }
    answer: Document = {
        "type": "object",
        "required": ["id", "status", "headers", "body"],
        "properties": {
            "id": {"type": ["string", "null"]},
            "status": {"type": "integer"},
            "headers": fields,
            "body": {},
        },
    }
    text = "Several requests, each of which is answered as if it had come alone."
    operation = _operation("sendSeveral", text, SubRequests.member, request)
    operation["responses"]["200"] = _results(text, {"responses": {"type": "array", "items": answer}})
    return {"/batch": {"post": operation}}


def _operation(id: str, text: str, member: str, element: Document) -> dict[str, Any]:
    array: Document = {"type": "array", "minItems": 1, "maxItems": Batches.most, "items": element}
    schema = {"type": "object", "required": [member], "properties": {member: array}}
    return {
        "operationId": id,
        "summary": text,
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
        "responses": errors("400", "401", "403", "406", "409", "413", "415", "422", "429"),
    }


def _results(text: str, members: Document) -> Document:
    schema = {"type": "object", "required": list(members), "properties": members}
    return response(text, schema, "RateLimit", "RateLimit-Policy")
