"""Lawful APIs whose OpenAPI documents say less, or other, than one might think."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harness.reference.call import Call, Reply
from harness.reference.endpoints import Collection, Item
from harness.reference.errors import Problem
from harness.reference.openapi import describe
from harness.reference.pages import Description
from harness.reference.paginator import Paginator
from harness.reference.routing import Route, Router
from harness.reference.store import Item as Stored
from tests.lawful import Variant, variant


class WithoutPatch(Router):
    """PATCH is gone."""

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        found = super().match(call, routes)
        if found is None or found.resource is None or found.action is not None:
            return found
        kept = {name: handler for name, handler in found.handlers.items() if name != "PATCH"}
        return replace(found, handlers=kept)


class Described(Description):
    def get(self, call: Call) -> Reply:
        document: dict[str, Any] = describe(call.policies.limiter)
        for path in document["paths"].values():
            if "patch" in path:
                self.change(path["patch"])
        return call.policies.representation.selected(call, document)

    def change(self, patch: dict[str, Any]) -> None:
        raise NotImplementedError


class PatchDeprecated(Described):
    def change(self, patch: dict[str, Any]) -> None:
        patch["deprecated"] = True


class PatchElsewhere(Described):
    """Patches go to a service of their own."""

    def change(self, patch: dict[str, Any]) -> None:
        patch["servers"] = [{"url": "https://patches.example.com/v1"}]


class FieldsOfBrowsers(Description):
    """Fields that only a browser of another origin is sent, and some that a gateway's export marks as required."""

    def get(self, call: Call) -> Reply:
        document: dict[str, Any] = describe(call.policies.limiter)
        required = {"required": True, "schema": {"type": "string"}}
        for path in document["paths"].values():
            for operation in path.values():
                if isinstance(operation, dict):
                    for response in operation["responses"].values():
                        response.setdefault("headers", {})["Access-Control-Allow-Origin"] = required
                        response["headers"]["Set-Cookie"] = required
        return call.policies.representation.selected(call, document)


class FilterChecked(Paginator):
    """A filter by what there is not is refused."""

    def filters(self, call: Call) -> dict[str, str]:
        found = super().filters(call)
        if any("nothing" in value for value in found.values()):
            raise Problem("invalid_parameter", "There is no such customer.", parameter="customer")
        return found


class Accepts(Item):
    """Writes are accepted (202), and carried out at once all the same."""

    def replaced(self, call: Call, item: Stored) -> Reply:
        return accepted(super().replaced(call, item))

    def patched(self, call: Call, item: Stored) -> Reply:
        return accepted(super().patched(call, item))

    def deleted(self, call: Call, item: Stored) -> Reply:
        return accepted(super().deleted(call, item))


class AcceptsCreates(Collection):
    """Creates are accepted, with the item, and carried out at once."""

    def created(self, call: Call, item: Stored) -> Reply:
        return accepted(super().created(call, item))


class BeginsCreates(Collection):
    """Creates are answered with an operation, which nobody here can watch."""

    def created(self, call: Call, item: Stored) -> Reply:
        reply = call.policies.representation.reply(call, 202, {"status": "running"})
        reply.fields["Location"] = f"/v1/operations/{item.id}"
        return reply


def accepted(reply: Reply) -> Reply:
    reply.status = 202
    return reply


VARIANTS: tuple[Variant, ...] = (
    variant("a deprecated method that is gone", router=WithoutPatch, description=PatchDeprecated),
    variant("a method that another server serves", router=WithoutPatch, description=PatchElsewhere),
    variant("fields for browsers of other origins", description=FieldsOfBrowsers),
    variant("writes that are accepted", item=Accepts),
    variant("creates that are accepted", collection=AcceptsCreates),
    variant("creates that are long-running", collection=BeginsCreates),
    variant("a filter that is checked", warned=("PAGE-008",), paginator=FilterChecked),
)
