"""Defects of responses that are not what the document says."""

from __future__ import annotations

from typing import Any

from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem, Problems
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.reference.pagination import Numbered
from harness.reference.representation import Representation
from harness.reference.resources import ServedResource
from harness.reference.store import StoredItem
from tests.matrix.serving import defect


class CreatedIsOk(Description):
    """The document has the status that the framework has by default."""

    def get(self, call: Call) -> Reply:
        document: dict[str, Any] = describe(call.policies.limiter, call.policies.resources)
        for path in document["paths"].values():
            responses = path.get("post", {}).get("responses", {})
            if "201" in responses:
                responses["200"] = responses.pop("201")
        return call.policies.representation.selected(call, document)


class OtherType(Description):
    """The media type of an earlier version of the API is documented."""

    def get(self, call: Call) -> Reply:
        document: dict[str, Any] = describe(call.policies.limiter, call.policies.resources)
        content = document["paths"]["/limited"]["get"]["responses"]["200"]["content"]
        content["application/vnd.demo.v1+json"] = content.pop("application/json")
        return call.policies.representation.selected(call, document)


class CreatedAsSeconds(Representation):
    """The time of creation is serialised by another library in one place."""

    def of(self, resource: ServedResource, item: StoredItem) -> Document:
        return {**super().of(resource, item), "created_at": item.created}


class DatesInLists(Numbered):
    """The list has a serializer of its own, which drops the time."""

    def data(self, call: Call, items: list[StoredItem]) -> list[Document]:
        return [{**one, "created_at": one["created_at"][:10]} for one in super().data(call, items)]


class NoHelp(Problems):
    """A member that the document requires is null where nobody has written a page."""

    def document(self, call: Call, problem: Problem) -> Document:
        whole = super().document(call, problem)
        return {**whole, "doc_url": None} if problem.code == "not_found" else whole


class TotalAsText(Numbered):
    """The total comes from a header field of the database's driver."""

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        return {**super().document(call, items, number, size, total), "total_pages": None}


DEFECTS = (
    defect("SCH-001", "201 is documented as 200", description=CreatedIsOk),
    defect("SCH-001", "another media type is documented", description=OtherType),
    defect("SCH-002", "a time is a number", representation=CreatedAsSeconds),
    defect("SCH-002", "a time in lists is a date", numbered=DatesInLists),
    defect("SCH-002", "a member of errors is null", problems=NoHelp),
    defect("SCH-002", "a member of lists is null", numbered=TotalAsText),
)
