"""GraphQL over HTTP, by the working draft of the specification: https://graphql.github.io/graphql-over-http/draft/"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
    visit,
)

from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.graphql_schema import Root, schema

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
DEEPEST, MOST_FIELDS, LONGEST = 12, 200, 20_000
"""How deep a query may nest, how many fields it may ask for, and its characters."""


class Refused(Exception):
    """A request that is not executed: its status, and the errors."""

    def __init__(self, status: int, *errors: GraphQLError) -> None:
        super().__init__(status)
        self.status, self.errors = status, errors


class GraphqlEndpoint:
    """One URL for all queries and mutations."""

    def __init__(self) -> None:
        self.schema = schema()

    def get(self, call: Call) -> Reply:
        """A query by GET; mutations are refused."""
        given: Document = {
            name: call.query[name] for name in ("query", "operationName") if name in call.query
        }
        for name in ("variables", "extensions"):
            if name in call.query:
                given[name] = self.parsed(call, call.query[name].encode())
        return self.answered(call, given, self.queries_only)

    def post(self, call: Call) -> Reply:
        """A query or a mutation by POST, in JSON."""
        self.check_type(call)
        return self.answered(call, self.parsed(call, call.body), self.any_operation)

    def check_type(self, call: Call) -> None:
        """415 for what is not JSON in UTF-8."""
        if call.policies.reader.media_type(call) != JSON:
            call.policies.reader.unsupported(call, (JSON,))

    def parsed(self, call: Call, content: bytes) -> Any:
        """JSON of a request."""
        if call.oversized:
            raise Problem("content_too_large", "The content is larger than 1 MiB.")
        return call.policies.reader.parse(content)

    def any_operation(self, operation: OperationDefinitionNode) -> None:
        """POST executes all of them."""

    def queries_only(self, operation: OperationDefinitionNode) -> None:
        """405 for a mutation by GET."""
        if operation.operation is not OperationType.QUERY:
            raise Refused(405, GraphQLError("Send mutations by POST."))

    def answered(self, call: Call, given: Any, admit: Any) -> Reply:
        """Execute, and render."""
        try:
            return self.rendered(call, 200, self.executed(call, given, admit))
        except Refused as refused:
            reply = self.rendered(call, refused.status, ExecutionResult(None, list(refused.errors)))
            if refused.status == 405:
                reply.fields["Allow"] = "POST"
            return reply

    def executed(self, call: Call, given: Any, admit: Any) -> ExecutionResult:
        """The result of a request.

        Raises:
            Refused: it is not well-formed, valid or permitted.
        """
        text, variables, name = self.parameters(given)
        document = self.document(text)
        self.check_valid(document)
        self.check_size(document, text)
        operation = get_operation_ast(document, name)
        if operation is None:
            raise Refused(422, GraphQLError("Name one operation of the document."))
        admit(operation)
        result = execute_sync(
            self.schema,
            document,
            self.root(call),
            variable_values=None if variables is None else dict(variables),
            operation_name=name,
        )
        if result.data is None and not any(error.path for error in result.errors or ()):
            # Nothing was executed: a variable does not fit.
            raise Refused(422, *(result.errors or ()))
        return result

    def root(self, call: Call) -> Root:
        """What resolves the fields."""
        return Root(call)

    def parameters(self, given: Any) -> tuple[str, Mapping[str, Any] | None, str | None]:
        """Query, variables and name of the operation; other members are ignored."""
        if not isinstance(given, Mapping):
            self.ill_formed("The request is one JSON object.")
        text, variables, name = (given.get(key) for key in ("query", "variables", "operationName"))
        if not isinstance(text, str):
            self.ill_formed("query must be a string.")
        if not isinstance(variables, Mapping | None):
            self.ill_formed("variables must be an object.")
        if not isinstance(name, str | None):
            self.ill_formed("operationName must be a string.")
        if not isinstance(given.get("extensions"), Mapping | None):
            self.ill_formed("extensions must be an object.")
        return text, variables, name or None

    def ill_formed(self, why: str) -> NoReturn:
        """Refuse a request that is not well-formed."""
        raise Refused(422, GraphQLError(why))

    def document(self, text: str) -> DocumentNode:
        """The parsed document."""
        try:
            return parse(text, max_tokens=LONGEST)
        except GraphQLError as error:
            raise Refused(400, error) from None

    def check_valid(self, document: DocumentNode) -> None:
        """Refuse a document that does not fit the schema."""
        errors = validate(self.schema, document)
        if errors:
            raise Refused(422, *errors)

    def check_size(self, document: DocumentNode, text: str) -> None:
        """Refuse what nests too deeply, or asks for too much, before anything is executed."""
        measured = Measured()
        visit(document, measured)
        if measured.deepest > self.deepest() or measured.fields > self.most_fields():
            limits = f"{self.deepest()} levels and {self.most_fields()} fields"
            raise Refused(422, GraphQLError(f"The query is too complex: up to {limits}."))

    def deepest(self) -> int:
        """Levels of fields that are allowed."""
        return DEEPEST

    def most_fields(self) -> int:
        """Fields that are allowed."""
        return MOST_FIELDS

    def rendered(self, call: Call, status: int, result: ExecutionResult) -> Reply:
        """The response, in the media type that is accepted."""
        document: Document = {}
        if result.errors:
            document["errors"] = [self.error(error) for error in result.errors]
        errors = result.errors or []
        # An error with a path is one of execution: what nulls everything still leaves `data` (GraphQL section 7.1).
        if result.data is not None or not errors or any(error.path for error in errors):
            document["data"] = result.data
        kind = call.media_type or RESPONSE
        content = json.dumps(document, ensure_ascii=False).encode()
        fields = {
            "Content-Type": f"{kind}; charset=utf-8",
            "Cache-Control": "no-store",
            "Vary": call.policies.representation.vary(call),
        }
        return Reply(status, content, fields)

    def error(self, error: GraphQLError) -> Document:
        """An error as it is shown: what a resolver did not foresee is not."""
        shown: Document = dict(error.formatted)
        if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
            shown["message"] = "The field could not be resolved."
        return shown


class Measured(Visitor):
    """How deep a document nests, and how many fields it has."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = self.deepest = self.fields = 0

    def enter_field(self, node: FieldNode, *_: Node) -> None:
        """One level more."""
        self.depth += 1
        self.fields += 1
        self.deepest = max(self.deepest, self.depth)

    def leave_field(self, node: FieldNode, *_: Node) -> None:
        """One level less."""
        self.depth -= 1
