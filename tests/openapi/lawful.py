"""Lawful APIs whose OpenAPI documents say less, or other, than one might think."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harness.reference.call import Call, Reply
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.errors import Problem
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.reference.pagination import Numbered
from harness.reference.routing import Route, Router
from harness.reference.store import StoredItem as Stored
from tests.matrix.variant import Variant, variant


class WithoutPatch(Router):
    """PATCH is gone."""

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        found = super().match(call, routes)
        if found is None or found.resource is None or found.action is not None:
            return found
        kept = {name: handler for name, handler in found.handlers.items() if name != "PATCH"}
        return replace(found, handlers=kept)


class WithReservations(Description):
    """PATCH goes to a server of its own; some fields are sent to browsers of other origins only, or once."""

    def get(self, call: Call) -> Reply:
        document: dict[str, Any] = describe(call.policies.limiter)
        required = {"required": True, "schema": {"type": "string"}}
        for path in document["paths"].values():
            if "patch" in path:
                path["patch"]["servers"] = [{"url": "https://patches.example.com/v1"}]
            for operation in path.values():
                if isinstance(operation, dict):
                    for status, response in operation["responses"].items():
                        whole = self.whole(document, response)
                        more = {"Access-Control-Allow-Origin": required, "Set-Cookie": required}
                        whole["headers"] = {**whole.get("headers", {}), **more}
                        operation["responses"][status] = whole
        return call.policies.representation.selected(call, document)

    def whole(self, document: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
        """A response, its reference followed: beside one there may be nothing else."""
        name = response.get("$ref", "").rpartition("/")[2]
        return dict(document["components"]["responses"][name] if name else response)


class FilterChecked(Numbered):
    """A filter by what there is not is refused."""

    def filters(self, call: Call) -> dict[str, str]:
        found = super().filters(call)
        if any("nothing" in value for value in found.values()):
            raise Problem("invalid_parameter", "There is no such title.", parameter="title")
        return found


class BeginsCreates(CollectionEndpoint):
    """Creates are answered with an operation, which nobody here can watch."""

    def created(self, call: Call, item: Stored) -> Reply:
        reply = call.policies.representation.reply(call, 202, {"status": "running"})
        reply.fields["Location"] = f"/v1/operations/{item.id}"
        return reply


VARIANTS: tuple[Variant, ...] = (
    variant(
        "a document with reservations",
        on=("documents",),
        warned=("PAGE-008",),
        router=WithoutPatch,
        description=WithReservations,
        numbered=FilterChecked,
    ),
    variant("creates that are long-running", collection=BeginsCreates),
)
