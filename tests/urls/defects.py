"""Defects of URLs, of links, and of what describes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.reference.call import Call, Document, Reply
from harness.reference.extra_endpoints import Catalogue, Description
from harness.reference.openapi import describe
from harness.reference.pagination import Numbered
from harness.reference.routing import Route, Router
from tests.matrix.serving import defect


class Described(Description):
    """A document with something else in it."""

    def get(self, call: Call) -> Reply:
        document = describe(call.policies.limiter, call.policies.resources)
        self.change(document)
        return call.policies.representation.selected(call, document)

    def change(self, document: dict[str, Any]) -> None:
        raise NotImplementedError


class AlsoAsVerb(Described):
    """The list of products is documented once more, for a client that was there first."""

    def change(self, document: dict[str, Any]) -> None:
        operation = dict(document["paths"]["/products"]["get"], operationId="getProducts")
        document["paths"]["/getProducts"] = {"get": operation}


class AlsoSingular(Described):
    """An item of one collection is below a name in the singular."""

    def change(self, document: dict[str, Any]) -> None:
        item = document["paths"]["/products/{id}"]
        operation = dict(item["get"], operationId="getOneProduct")
        document["paths"]["/product/{id}"] = {"get": operation, "parameters": item["parameters"]}


class Below(Described):
    """Marks of notes of lines of orders."""

    def change(self, document: dict[str, Any]) -> None:
        item = document["paths"]["/products/{id}"]
        names = ("order", "line", "note", "mark")
        path = "".join(f"/{name}s/{{{name}}}" for name in names)
        given = [dict(item["parameters"][0], name=name) for name in names]
        document["paths"][path] = {"get": dict(item["get"], operationId="getMark"), "parameters": given}


class CamelMember(Described):
    """One member was written by another team."""

    def change(self, document: dict[str, Any]) -> None:
        document["components"]["schemas"]["Order"]["properties"]["lastSeenBy"] = {"type": "string"}
        document["components"]["schemas"]["Order"]["properties"]["lastSeenAt"] = {"type": "string"}


class OtherPageSize(Described):
    """One list calls its page size otherwise."""

    def change(self, document: dict[str, Any]) -> None:
        operation = document["paths"]["/orders"]["get"]
        operation["parameters"] = [
            dict(one, name="page_size") if one.get("name") == "limit" else one
            for one in operation["parameters"]
        ]


class SameIds(Described):
    """Two operations have one operationId."""

    def change(self, document: dict[str, Any]) -> None:
        document["paths"]["/orders"]["get"]["operationId"] = document["paths"]["/orders"]["post"][
            "operationId"
        ]


class UndeclaredParameter(Described):
    """A parameter of a path is declared nowhere."""

    def change(self, document: dict[str, Any]) -> None:
        del document["paths"]["/documents/{id}"]["parameters"]


class NoSuccess(Described):
    """Only errors of an operation are documented."""

    def change(self, document: dict[str, Any]) -> None:
        responses = document["paths"]["/limited"]["get"]["responses"]
        for status in [one for one in responses if one.startswith("2")]:
            del responses[status]


class SlashesPass(Router):
    """The gateway asks for credentials below /v1/, and compares texts; the router drops empty segments."""

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        inner = call.path.removeprefix("/v1")
        call.path = "/v1" + inner.replace("//", "/")
        found = super().match(call, routes)
        if found is not None and inner.startswith("//"):
            call.headers = call.headers.mutablecopy()
            call.headers.setdefault("authorization", "Bearer demo-token-alice")
        return found


class SlashCrashes(Router):
    """A slash at the end makes an empty id, which nobody expected."""

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        if call.path.endswith("/") and call.path.count("/") > 2:
            raise IndexError("tuple index out of range")
        return super().match(call, routes)


class DotsLeadElsewhere(Router):
    """Segments are counted before dots are removed: the list of something else is answered."""

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        if "/./" in call.path:
            call.path = "/v1"
        return super().match(call, routes)


class InternalLinks(Numbered):
    """Links are built from the name by which the gateway knows the service."""

    def link(self, call: Call, number: int, last: int) -> str:
        return (
            super().link(call, number, last)
            + ', <http://documents.svc.internal:8080/v1/documents>; rel="canonical"'
        )


class LinksWithoutPrefix(Numbered):
    """The prefix that the gateway strips is missing in a link."""

    def link(self, call: Call, number: int, last: int) -> str:
        return super().link(call, number, last) + ', </v1/v1/documents>; rel="canonical"'


class ArrayOfDocuments(Numbered):
    """A list that was there before all the others is an array."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        document, link = super().page(call)
        return document["data"], link


class CatalogueOfOthers(Catalogue):
    """The catalogue was copied from another host."""

    def entries(self, call: Call) -> list[Document]:
        return [
            {
                "anchor": "https://api.example.com/v1",
                "service-desc": [{"href": "https://api.example.com/v1/d"}],
            }
        ]


class CatalogueToNowhere(Catalogue):
    """The description has moved."""

    def entries(self, call: Call) -> list[Document]:
        return [{"anchor": f"{call.origin}/v1", "service-desc": [{"href": f"{call.origin}/v1/swagger.json"}]}]


class CatalogueAsJson(Catalogue):
    """The type is the framework's."""

    def get(self, call: Call) -> Reply:
        reply = super().get(call)
        reply.fields["Content-Type"] = "application/json"
        return reply


DEFECTS = (
    defect("URL-001", "a path says get", description=AlsoAsVerb),
    defect("URL-002", "one collection in the singular", description=AlsoSingular),
    defect("URL-003", "four levels", description=Below),
    defect("URL-004", "two members in camelCase", description=CamelMember),
    defect("URL-004", "two names for the size of a page", description=OtherPageSize),
    defect("URL-005", "two slashes pass the gateway", router=SlashesPass),
    defect("URL-005", "a slash at the end fails", router=SlashCrashes),
    defect("URL-005", "a dot segment leads elsewhere", router=DotsLeadElsewhere),
    defect("URL-006", "a link has an internal name", on=("documents",), numbered=InternalLinks),
    defect("URL-006", "a link lacks the prefix", on=("documents",), numbered=LinksWithoutPrefix),
    defect("URL-007", "two operations have one id", description=SameIds),
    defect("URL-007", "a parameter of a path is not declared", description=UndeclaredParameter),
    defect("URL-007", "no success is documented", description=NoSuccess),
    # The code that writes CSV expects what the list was.
    defect(
        "URL-008",
        "one list is an array",
        on=("documents", "orders"),
        perhaps=frozenset({"NEGO-003"}),
        numbered=ArrayOfDocuments,
    ),
    defect("URL-009", "the catalogue is that of another host", catalogue=CatalogueOfOthers),
    defect("URL-009", "the catalogue leads to nowhere", catalogue=CatalogueToNowhere),
    defect("URL-009", "the catalogue has another type", catalogue=CatalogueAsJson),
)
