"""Lawful GraphQL endpoints."""

from __future__ import annotations

from typing import Any

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.graphql_endpoint import GraphqlEndpoint
from harness.reference.graphql_schema import Root
from harness.reference.store import StoredItem
from tests.matrix.variant import Variant, variant


class OlderStatuses(GraphqlEndpoint):
    """400 for whatever is not executed, as in former texts; queries by GET are not offered."""

    def answered(self, call: Call, given: Any, admit: Any) -> Reply:
        reply = super().answered(call, given, admit)
        if reply.status == 422:
            reply.status = 400
        return reply

    def get(self, call: Call) -> Reply:
        raise Problem("method_not_allowed", "Send queries by POST.", {"Allow": "POST"})


class Shared(GraphqlEndpoint):
    """All notes belong to one team, whose members see and change all of them."""

    def root(self, call: Call) -> Root:
        class Team(Root):
            def sees(self, found: StoredItem) -> bool:
                return True

            def page(self, owner: str | None, first: int | None, after: str | None) -> Any:
                return super().page("alice", first, after)

        return Team(call)


VARIANTS: tuple[Variant, ...] = (
    variant(
        "GraphQL with the statuses of former texts, by POST only", on=("documents",), graphql=OlderStatuses
    ),
    variant("GraphQL whose items belong to a team", on=("documents",), graphql=Shared),
)
