"""Defects of a GraphQL endpoint."""

from __future__ import annotations

from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    build_schema,
    parse,
    validate,
)

from harness.reference.call import Call, Document, Reply
from harness.reference.graphql_endpoint import JSON, GraphqlEndpoint, Refused
from harness.reference.graphql_schema import KIND, SDL, Note, Root
from harness.reference.store import StoredItem
from tests.matrix.serving import defect


class NoCharset(GraphqlEndpoint):
    """The media type is compared as a text."""

    def check_type(self, call: Call) -> None:
        if call.headers.get("content-type") != JSON:
            call.policies.reader.unsupported(call, (JSON,))


class AlwaysFails(GraphqlEndpoint):
    """The entry point names an endpoint whose schema does not load."""

    def executed(self, call: Call, given: Any, admit: Any) -> ExecutionResult:
        raise RuntimeError("schema not loaded")


class ErrorsAsTexts(GraphqlEndpoint):
    """Errors are texts, not objects."""

    def rendered(self, call: Call, status: int, result: ExecutionResult) -> Reply:
        if status == 200:
            return super().rendered(call, status, result)
        reply = super().rendered(call, status, result)
        reply.body = b'{"errors": ["' + type(self).__name__.encode() + b'"]}'
        return reply


class JsonOnly(GraphqlEndpoint):
    """A server of before the new media type."""

    def rendered(self, call: Call, status: int, result: ExecutionResult) -> Reply:
        reply = super().rendered(call, status, result)
        reply.fields["Content-Type"] = JSON
        return reply


class AlwaysOk(GraphqlEndpoint):
    """The status is always 200, as in the first days."""

    def rendered(self, call: Call, status: int, result: ExecutionResult) -> Reply:
        return super().rendered(call, 200 if status != 405 else status, result)


class SyntaxCrashes(GraphqlEndpoint):
    """What the parser raises is not caught."""

    def document(self, text: str) -> DocumentNode:
        return parse(text)

    def executed(self, call: Call, given: Any, admit: Any) -> ExecutionResult:
        try:
            return super().executed(call, given, admit)
        except GraphQLError as error:
            raise RuntimeError(str(error)) from error


class ValidatesLate(GraphqlEndpoint):
    """The fields of the document are checked when the response is made."""

    def check_valid(self, document: DocumentNode) -> None:
        pass

    def executed(self, call: Call, given: Any, admit: Any) -> ExecutionResult:
        result = super().executed(call, given, admit)
        errors = validate(self.schema, parse(given["query"]))
        if errors:
            raise Refused(422, *errors)
        return result


class MutatesByGet(GraphqlEndpoint):
    """One function serves both methods."""

    def queries_only(self, operation: OperationDefinitionNode) -> None:
        pass


class MutatesByName(GraphqlEndpoint):
    """Only the first operation of the document is looked at."""

    def get(self, call: Call) -> Reply:
        first = call.query.get("query", "").lstrip()
        admit = self.queries_only if first.startswith("mutation") else self.any_operation
        given: Document = dict(call.query)
        return self.answered(call, given, admit)


class KnownMembersOnly(GraphqlEndpoint):
    """A strict model of the request."""

    def parameters(self, given: Any) -> Any:
        if isinstance(given, dict) and set(given) - {"query", "variables", "operationName", "extensions"}:
            self.ill_formed("Unexpected member.")
        return super().parameters(given)


class NoNull(GraphqlEndpoint):
    """Optional members may be absent, but not null."""

    def parameters(self, given: Any) -> Any:
        if isinstance(given, dict) and None in given.values():
            self.ill_formed("null is not allowed.")
        return super().parameters(given)


class Unbounded(GraphqlEndpoint):
    """Nobody thought of large queries."""

    def deepest(self) -> int:
        return 10**6

    def most_fields(self) -> int:
        return 10**6


class ReadsAny(GraphqlEndpoint):
    """The query by id does not ask whose note it is."""

    def root(self, call: Call) -> Root:
        class Reading(Root):
            def sees(self, found: StoredItem) -> bool:
                return True

            def may_change(self, found: StoredItem) -> bool:
                return super().sees(found)

        return Reading(call)


class RemovesAny(GraphqlEndpoint):
    """The mutation by id does not ask whose note it is."""

    def root(self, call: Call) -> Root:
        class Removing(Root):
            def may_change(self, found: StoredItem) -> bool:
                return True

        return Removing(call)


class ShowsDatabase(GraphqlEndpoint):
    """Whatever a resolver raises is the message; the column is a UUID."""

    def root(self, call: Call) -> Root:
        class Failing(Root):
            def note(self, info: Any, id: str) -> Note | None:
                if not id.startswith("note_"):
                    raise GraphQLError(f'invalid input syntax for type uuid: "{id}"')
                return super().note(info, id)

        return Failing(call)


class AllNotes(GraphqlEndpoint):
    """A list without any limit."""

    def __init__(self) -> None:
        self.schema = build_schema(SDL.replace("note(id", "allNotes: [Note!]! note(id"))

    def root(self, call: Call) -> Root:
        class Listing(Root):
            def allNotes(self, info: Any) -> list[Note]:  # noqa: N802 (the name of the field)
                items, _ = call.store.slice("graphql-notes", call.principal.name, {}, 0, 10**6)
                return [Note(self, item) for item in items]

        return Listing(call)


class AnyNode(GraphqlEndpoint):
    """The query by type asks whose note it is; `node`, which came with a library, does not."""

    def __init__(self) -> None:
        self.schema = build_schema(
            SDL.replace("note(id", "node(id: ID!): Node note(id") + "union Node = Note"
        )
        self.schema.type_map["Node"].resolve_type = lambda *_: "Note"  # type: ignore[union-attr]

    def root(self, call: Call) -> Root:
        class Reading(Root):
            def node(self, info: Any, id: str) -> Note | None:
                found = self.call.store.find(KIND, id)
                return None if found is None else Note(self, found)

        return Reading(call)


DEFECTS = (
    defect("GQL-001", "a charset is refused", graphql=NoCharset),
    defect("GQL-001", "the endpoint always fails", graphql=AlwaysFails),
    defect("GQL-001", "errors are texts", graphql=ErrorsAsTexts),
    defect("GQL-002", "application/json is all there is", graphql=JsonOnly),
    defect("GQL-003", "failures are 200", graphql=AlwaysOk),
    defect("GQL-004", "a syntax error is a server error", graphql=SyntaxCrashes),
    defect("GQL-005", "the document is validated after it was executed", graphql=ValidatesLate),
    defect("GQL-006", "a mutation is executed by GET", graphql=MutatesByGet),
    defect("GQL-006", "the first operation of two is looked at", graphql=MutatesByName),
    defect("GQL-007", "an unknown member is refused", graphql=KnownMembersOnly),
    defect("GQL-007", "null is refused", graphql=NoNull),
    defect("GQL-008", "nothing is too large", graphql=Unbounded),
    defect("GQL-009", "a note of others can be read by its id", graphql=ReadsAny),
    defect("GQL-009", "a note of others can be removed", graphql=RemovesAny),
    defect("GQL-009", "a note of others can be read as a node", graphql=AnyNode),
    defect("GQL-009", "errors of resolvers show the database", graphql=ShowsDatabase),
    defect("GQL-010", "a list has no limit", graphql=AllNotes),
)
