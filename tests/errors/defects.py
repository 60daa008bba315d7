"""Defects of errors: for each ERR rule at least one bug that real APIs have."""

from __future__ import annotations

import copy
import secrets
from typing import Any, NoReturn

from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import CollectionEndpoint, ItemEndpoint
from harness.reference.errors import KINDS, Problem, Problems
from harness.reference.extra_endpoints import Description
from harness.reference.locking import LockingPolicy
from harness.reference.openapi import describe
from harness.reference.reader import JSON, Reader
from harness.reference.routing import Router
from harness.reference.store import StoredItem as Stored
from harness.reference.store import Transaction
from harness.reference.validation import Purpose, Validator
from harness.reference.wire import WirePolicy
from tests.matrix.serving import defect

PAGE = b"<!doctype html><title>Shop</title><div id=root></div>"


# -- statuses ------------------------------------------------------------------------------------------


class InvalidIsOk(Problems):
    """Every call is a 200, and the envelope says whether it failed."""

    def http_status(self, call: Call, problem: Problem) -> int:
        return 200 if problem.code == "validation_failed" else super().http_status(call, problem)

    def content_type(self, call: Call, problem: Problem) -> str:
        return JSON if problem.code == "validation_failed" else super().content_type(call, problem)

    def document(self, call: Call, problem: Problem) -> Document:
        whole = super().document(call, problem)
        if problem.code != "validation_failed":
            return whole
        return {
            "success": False,
            "data": None,
            "message": problem.detail,
            "fields": problem.members["errors"],
        }


class UnauthenticatedIsOk(Problems):
    """A login check that only changes the content."""

    def http_status(self, call: Call, problem: Problem) -> int:
        return 200 if problem.code == "unauthenticated" else super().http_status(call, problem)


class AbsenceIsOk(Problems):
    """The same for what is absent: what was removed is read as a 200 with the code of a 404."""

    def http_status(self, call: Call, problem: Problem) -> int:
        return 200 if problem.code == "not_found" else super().http_status(call, problem)

    def content_type(self, call: Call, problem: Problem) -> str:
        return JSON if problem.code == "not_found" else super().content_type(call, problem)

    def document(self, call: Call, problem: Problem) -> Document:
        whole = super().document(call, problem)
        return {"code": 404, "message": problem.detail} if problem.code == "not_found" else whole


class OtherIdsCrash(ItemEndpoint):
    """An id is taken apart before anybody looks at its form."""

    def get(self, call: Call) -> Reply:
        _, end = call.parameters["id"].split("_")
        int(end, 36)
        return super().get(call)


class AbsentCrashes(ItemEndpoint):
    """The handler uses the row before it looks whether there is one; only deleted rows are looked for."""

    def __init__(self) -> None:
        self.gone: set[str] = set()

    def deleted(self, call: Call, item: Stored) -> Reply:
        self.gone.add(item.id)
        return super().deleted(call, item)

    def get(self, call: Call) -> Reply:
        if self.find(call) is None and call.parameters["id"] not in self.gone:
            raise AttributeError("'NoneType' object has no attribute 'data'")
        return super().get(call)


class NothingToDelete(ItemEndpoint):
    """DELETE answers 200, and says in the content what came of it."""

    def delete(self, call: Call) -> Reply:
        if self.find(call) is not None:
            return super().delete(call)
        document = {"success": False, "error": {"code": "not_found", "message": "There is no such item."}}
        return call.policies.representation.selected(call, document)


class AnyPathIsTheApp(Router):
    """The web server answers every path with the page of a single-page application."""

    def not_found(self, call: Call) -> NoReturn:
        raise _Page

    def dispatch(self, call: Call, routes: Any) -> Reply:
        try:
            return super().dispatch(call, routes)
        except _Page:
            return Reply(200, PAGE, {"Content-Type": "text/html; charset=utf-8"})


class _Page(Exception):
    pass


class MalformedCrashes(Reader):
    """Nobody catches the parser's exception."""

    def malformed(self, content: bytes) -> Any:
        raise ValueError("Expecting value: line 1 column 1 (char 0)")


class MalformedIsInvalid(Reader):
    """The framework treats a body that cannot be parsed like one that is not valid."""

    def malformed(self, content: bytes) -> NoReturn:
        raise Problem("validation_failed", "The body is not valid.")


class LenientDecoding(Reader):
    """Octets that are not UTF-8 are replaced, and stored as U+FFFD."""

    def parse(self, content: bytes) -> Any:
        return super().parse(content.decode("utf-8", "replace").encode())


# -- validation ----------------------------------------------------------------------------------------


class FieldsInProse(Validator):
    """The messages name the fields, and nothing else does."""

    def refuse(self, call: Call, failures: list[dict[str, str]]) -> NoReturn:
        text = ", ".join(f"{failure['field']} {failure['detail']}" for failure in failures)
        raise Problem("validation_failed", f"{text}.")


class EnumCrashes(Validator):
    """A lookup of the enum's value without a default."""

    def refuse(self, call: Call, failures: list[dict[str, str]]) -> NoReturn:
        if any(failure["code"] == "not_allowed" for failure in failures):
            raise KeyError("no-such-value")
        super().refuse(call, failures)


class NullCrashes(Validator):
    """The handler looks for its members before it knows that the content has any."""

    def check(self, call: Call, document: Any, purpose: Purpose) -> None:
        if purpose == "create" and document is None:
            raise TypeError("'NoneType' object is not subscriptable")
        super().check(call, document, purpose)


class StoredBeforeValidated(CollectionEndpoint):
    """The row is committed, and then validated."""

    def post(self, call: Call) -> Reply:
        _, document = call.policies.reader.read(call, JSON)
        if isinstance(document, dict) and call.policies.validator.failures(call.resource, document, "create"):
            data = {**call.resource.writable(document), **call.resource.initial}
            id, owner = self.new_identifier(call), call.principal.name
            with call.store.write() as tx:
                call.store.insert(tx, call.resource.name, id, owner, data, secrets.token_hex(8))
        return super().post(call)


class FirstFailureOnly(Validator):
    """The validator stops at the first failure."""

    def refuse(self, call: Call, failures: list[dict[str, str]]) -> NoReturn:
        super().refuse(call, failures[:1])


# -- content -------------------------------------------------------------------------------------------


class UnknownPathInHtml(Router):
    """The framework's own page for unknown paths."""

    def dispatch(self, call: Call, routes: Any) -> Reply:
        if self.match(call, routes) is None:
            return Reply(404, b"<html><h1>Not Found</h1></html>", {"Content-Type": "text/html"})
        return super().dispatch(call, routes)


class NotAllowedIsEmpty(Router):
    """The framework's own 405: a status and Allow, no content."""

    def dispatch(self, call: Call, routes: Any) -> Reply:
        try:
            return super().dispatch(call, routes)
        except Problem as problem:
            if problem.code != "method_not_allowed":
                raise
            return Reply(405, b"", problem.fields)


class GatekeeperEnvelope(Problems):
    """Authentication is middleware with an envelope of its own."""

    def content_type(self, call: Call, problem: Problem) -> str:
        return JSON if problem.code == "unauthenticated" else super().content_type(call, problem)

    def document(self, call: Call, problem: Problem) -> Document:
        if problem.code != "unauthenticated":
            return super().document(call, problem)
        return {"error": {"code": problem.code, "message": problem.detail}, "request_id": call.request_id}


class DetailIsAList(Problems):
    """`detail` is a text, but a list of objects where validation failed."""

    def content_type(self, call: Call, problem: Problem) -> str:
        return JSON if problem.code == "validation_failed" else super().content_type(call, problem)

    def document(self, call: Call, problem: Problem) -> Document:
        if problem.code != "validation_failed":
            return super().document(call, problem)
        failures = problem.members.get("errors", [])
        listed = [
            {"loc": ["body", *one["field"].split(".")], "msg": one["detail"], "type": one["code"]}
            for one in failures
        ]
        return {"detail": listed}


class WithoutCode(Problems):
    """A title and a sentence, and the HTTP status to tell errors apart."""

    def document(self, call: Call, problem: Problem) -> Document:
        whole = super().document(call, problem)
        return {name: value for name, value in whole.items() if name not in ("type", "code")}


class CodeOfTheOccurrence(Problems):
    """The code is the number of the log entry."""

    def type_uri(self, call: Call, problem: Problem) -> str:
        return "about:blank"

    def code(self, call: Call, problem: Problem) -> str:
        return f"ERR-{secrets.token_hex(4)}"


class OneCodeForAll(Problems):
    """The code is the same for whatever happened."""

    def type_uri(self, call: Call, problem: Problem) -> str:
        return "about:blank"

    def code(self, call: Call, problem: Problem) -> str:
        return "request_failed"


class WithoutMessage(Problems):
    """Codes only; the texts are in the client."""

    def document(self, call: Call, problem: Problem) -> Document:
        whole = super().document(call, problem)
        return {name: value for name, value in whole.items() if name not in ("title", "detail")}


# -- problem details -----------------------------------------------------------------------------------


class StatusOfTheClass(Problems):
    """`status` is 400 for whatever the client did wrong."""

    def status_member(self, call: Call, problem: Problem) -> int:
        return 400 if KINDS[problem.code].status < 500 else 500


class StatusIsAString(Problems):
    """`status` is a string, as in JSON:API."""

    def document(self, call: Call, problem: Problem) -> Document:
        whole = super().document(call, problem)
        return {**whole, "status": str(whole["status"])}


class TitleInManyLanguages(Problems):
    """`title` is an object with a text for each language."""

    def document(self, call: Call, problem: Problem) -> Document:
        whole = super().document(call, problem)
        return {**whole, "title": {"en": whole["title"]}}


class RelativeType(Problems):
    """The type is a path."""

    def type_uri(self, call: Call, problem: Problem) -> str:
        return f"/v1/problems/{problem.code}"


class TitleOfTheOccurrence(Problems):
    """The title tells which path it was."""

    def title(self, call: Call, problem: Problem) -> str:
        return f"{super().title(call, problem)}: {call.path}"


class UndocumentedType(Problems):
    """The type's page has moved."""

    def type_uri(self, call: Call, problem: Problem) -> str:
        return f"{call.origin}/v1/errors/{problem.code}"


# -- what errors tell ----------------------------------------------------------------------------------


class TraceInDetail(Reader):
    """The debug mode of the framework is on in production."""

    def malformed(self, content: bytes) -> NoReturn:
        trace = 'Traceback (most recent call last):\n  File "/srv/shop/api/views.py", line 88, in create\n'
        raise Problem("malformed_request", f"{trace}json.decoder.JSONDecodeError: Expecting value")


class SqlInDetail(LockingPolicy):
    """The driver's message is passed on."""

    def duplicate(self, call: Call) -> NoReturn:
        name = call.resource.unique or ""
        failure = {"pointer": f"/{name}", "field": name, "code": "duplicate", "detail": "is already taken"}
        raise Problem("duplicate", f"UNIQUE constraint failed: items.{name}", errors=[failure])


class PoweredBy(WirePolicy):
    """The framework advertises itself."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["X-Powered-By"] = "PHP/8.1.2"
        return finished


class WithoutRequestId(WirePolicy):
    """No id reaches the client."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        del finished.fields["X-Request-Id"]
        return finished


class BodyWithoutRequestId(Problems):
    """The other half of `WithoutRequestId`."""

    def document(self, call: Call, problem: Problem) -> Document:
        whole = super().document(call, problem)
        return {name: value for name, value in whole.items() if name != "request_id"}


class IdOfTheProcess(WirePolicy):
    """The id is made once, when the process starts."""

    def request_id(self) -> str:
        return "req_5f0c2a"


class IdOfTheProxy(WirePolicy):
    """The proxy sets an id of its own in the field, and the application another in the content."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["X-Request-Id"] = self.request_id()
        return finished


class DuplicateIsInvalid(LockingPolicy):
    """A taken value is just another invalid one."""

    def duplicate(self, call: Call) -> NoReturn:
        name = call.resource.unique or ""
        failure = {"pointer": f"/{name}", "field": name, "code": "duplicate", "detail": "is already taken"}
        raise Problem("validation_failed", "1 field(s) are not valid.", errors=[failure])


class DuplicateUnhandled(LockingPolicy):
    """The violated constraint is an exception that nobody catches, with and without a race."""

    def duplicate(self, call: Call) -> NoReturn:
        raise RuntimeError("UNIQUE constraint failed")


class DuplicateOfWhat(LockingPolicy):
    """409, and nothing that says why."""

    def duplicate(self, call: Call) -> NoReturn:
        raise Problem("duplicate", "The request could not be processed.")


class UniqueDescribed(Description):
    """The document says that a member is unique."""

    def get(self, call: Call) -> Reply:
        document: Any = copy.deepcopy(describe(call.policies.limiter))
        for schema in document["components"]["schemas"].values():
            if "sku" in schema.get("properties", {}):
                schema["properties"]["sku"]["x-unique"] = True
        return call.policies.representation.selected(call, document)


class DuplicateIsCreated(LockingPolicy):
    """The unique constraint was lost in a migration."""

    def unique(self, call: Call, data: Document) -> str | None:
        return None


class UniqueWhenCreated(LockingPolicy):
    """What is taken is asked for by the create alone."""

    def replace(self, call: Call, tx: Transaction, item: Stored, data: Document) -> Stored:
        kept = self.unique(call, item.data)
        return call.store.replace(tx, item, data, kept, self.guarded)


DEFECTS = (
    defect("ERR-001", "validation failures are a 200 with success: false", problems=InvalidIsOk),
    defect("ERR-001", "missing credentials are a 200", problems=UnauthenticatedIsOk),
    # An absent item that is answered 200 is that rule's subject, too.
    defect("ERR-001", "absence is a 200 with a code", problems=AbsenceIsOk, also=frozenset({"ERR-002"})),
    defect("ERR-002", "an absent item crashes the handler", item=AbsentCrashes),
    defect("ERR-002", "DELETE of nothing is a 200 with an error in it", on=("orders",), item=NothingToDelete),
    defect("ERR-002", "an id of another form crashes the handler", on=("orders",), item=OtherIdsCrash),
    defect("ERR-002", "unknown paths answer the page of the web application", router=AnyPathIsTheApp),
    defect("ERR-003", "malformed JSON crashes the handler", reader=MalformedCrashes),
    defect("ERR-003", "malformed JSON is a 422", reader=MalformedIsInvalid),
    defect("ERR-003", "what is not UTF-8 is replaced and stored", reader=LenientDecoding),
    defect("ERR-004", "failing fields are named in prose only", validator=FieldsInProse),
    defect("ERR-004", "a value outside the enum crashes the handler", on=("orders",), validator=EnumCrashes),
    defect("ERR-004", "a create with null crashes", validator=NullCrashes),
    defect("ERR-004", "items are stored before they are validated", collection=StoredBeforeValidated),
    defect("ERR-005", "validation stops at the first failure", validator=FirstFailureOnly),
    defect("ERR-006", "unknown paths get the framework's HTML", router=UnknownPathInHtml),
    defect("ERR-006", "405 has no content", router=NotAllowedIsEmpty),
    defect("ERR-007", "authentication has an envelope of its own", problems=GatekeeperEnvelope),
    defect("ERR-007", "detail is a list where validation failed", problems=DetailIsAList),
    defect("ERR-008", "errors have no code", problems=WithoutCode),
    defect("ERR-008", "the code names the occurrence", problems=CodeOfTheOccurrence),
    defect("ERR-008", "all errors have one code", problems=OneCodeForAll),
    defect("ERR-008", "errors have no message", problems=WithoutMessage),
    defect("ERR-009", "status is 400 in every problem", problems=StatusOfTheClass),
    defect("ERR-009", "status is a string", problems=StatusIsAString),
    defect("ERR-009", "title is an object", problems=TitleInManyLanguages),
    defect("ERR-010", "types are relative", problems=RelativeType),
    defect("ERR-010", "titles differ with the occurrence", problems=TitleOfTheOccurrence),
    defect("ERR-010", "types lead to no documentation", problems=UndocumentedType),
    defect("ERR-011", "a stack trace is in the detail", reader=TraceInDetail),
    defect("ERR-011", "the database's message is passed on", on=("products",), locking=SqlInDetail),
    defect("ERR-011", "X-Powered-By is sent", wire=PoweredBy),
    defect("ERR-012", "no request id is sent", wire=WithoutRequestId, problems=BodyWithoutRequestId),
    defect("ERR-012", "all responses have one request id", wire=IdOfTheProcess),
    defect("ERR-012", "field and content have different ids", wire=IdOfTheProxy),
    defect("ERR-013", "a duplicate is a 422", on=("products",), locking=DuplicateIsInvalid),
    defect("ERR-013", "a duplicate is always a 500", on=("products",), locking=DuplicateUnhandled),
    defect("ERR-013", "a duplicate is a 409 without reason", on=("products",), locking=DuplicateOfWhat),
    defect(
        "ERR-013", "an update takes the value of another item", on=("products",), locking=UniqueWhenCreated
    ),
    defect(
        "ERR-013",
        "a duplicate is created",
        on=("products",),
        locking=DuplicateIsCreated,
        description=UniqueDescribed,
    ),
)
