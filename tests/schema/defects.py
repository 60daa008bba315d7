"""Defects of responses that are not what the document says."""

from __future__ import annotations

import datetime as dt
import struct
from typing import Any

from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import CollectionEndpoint, ItemEndpoint
from harness.reference.errors import Problem, Problems
from harness.reference.extra_endpoints import Description
from harness.reference.locking import Act
from harness.reference.openapi import describe
from harness.reference.pagination import Numbered, Paginator
from harness.reference.representation import Representation
from harness.reference.resources import ServedResource
from harness.reference.store import StoredItem
from harness.reference.validation import Validator
from tests.matrix.serving import defect
from tests.schema.measured import measured


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


class LocalTimes(Representation):
    """The time of creation is that of the clock on the wall of the server."""

    def of(self, resource: ServedResource, item: StoredItem) -> Document:
        shown = super().of(resource, item)
        return {**shown, "created_at": shown["created_at"].rstrip("Z")}


class WallClock(Representation):
    """The time of creation is that of the clock on the wall, labelled as UTC."""

    def of(self, resource: ServedResource, item: StoredItem) -> Document:
        shown = super().of(resource, item)
        there = dt.datetime.fromisoformat(shown["created_at"]) + dt.timedelta(hours=5, minutes=30)
        return {**shown, "created_at": there.isoformat().replace("+00:00", "Z")}


class Creates(CollectionEndpoint):
    """Creates that change the document on its way into the database."""

    def creation(self, call: Call, document: Document) -> Act:
        return super().creation(call, self.stored(document))

    def stored(self, document: Document) -> Document:
        raise NotImplementedError


class ThreeBytes(Creates):
    """The character set of the table has no characters of four bytes."""

    def stored(self, document: Document) -> Document:
        for value in document.values():
            if isinstance(value, str) and max(value, default="") > "\uffff":
                raise ValueError("Incorrect string value")
        return document


class DividedByPages(ItemEndpoint):
    """An item is read with a figure that divides by one of its members."""

    def get(self, call: Call) -> Reply:
        if self.load(call).data.get("pages") == 0:
            raise ZeroDivisionError("characters of a page")
        return super().get(call)


class Words32(Creates):
    """The column is an integer of 32 bits."""

    def stored(self, document: Document) -> Document:
        struct.pack("i", document.get("pages", 0))
        return document


class KeptForAMonth(Creates):
    """The day until which it is kept is worked out at once."""

    def stored(self, document: Document) -> Document:
        filed = document.get("filed")
        return document if filed is None else document | {"filed": self.checked(filed)}

    def checked(self, filed: str) -> str:
        until = dt.date.fromisoformat(filed) + dt.timedelta(days=30)
        return filed if until else ""


class Single(Creates):
    """The column is a number of single precision."""

    def stored(self, document: Document) -> Document:
        weight = document.get("weight", 0)
        return {**document, "weight": struct.unpack("f", struct.pack("f", weight))[0]}


class NoOffset(Creates):
    """The column has no time zone: the driver drops the offset."""

    def stored(self, document: Document) -> Document:
        due = document.get("due")
        if due is None:
            return document
        plain = dt.datetime.fromisoformat(due).replace(tzinfo=dt.UTC)
        return {**document, "due": plain.strftime("%Y-%m-%dT%H:%M:%SZ")}


class TruthTested(Creates):
    """A default is set with `or`."""

    def stored(self, document: Document) -> Document:
        return {**document, "public": document.get("public") or True}


class LeadingZeros(Creates):
    """Texts of digits become numbers on the way, and texts again."""

    def stored(self, document: Document) -> Document:
        body = document.get("body", "")
        return {**document, "body": str(int(body)) if body.isdigit() else body}


class Overlooking(Validator):
    """One constraint is not checked."""

    overlooked = ""

    def failures(self, resource: ServedResource, document: Any, purpose: Any) -> list[dict[str, str]]:
        found = super().failures(resource, document, purpose)
        return [one for one in found if one["code"] != self.overlooked]


class NoLengths(Overlooking):
    """Lengths are only in the document."""

    overlooked = "invalid_length"


class Unanchored(Validator):
    """`re.match` in place of `re.fullmatch`."""

    def failures(self, resource: ServedResource, document: Any, purpose: Any) -> list[dict[str, str]]:
        found = super().failures(resource, document, purpose)
        begins = isinstance(document, dict) and str(document.get("shelf", "")).startswith("AB123")
        return [one for one in found if not (one["pointer"] == "/shelf" and begins)]


class LooksUpFirst(Validator):
    """A query with the numbers of the content comes before its validation."""

    def failures(self, resource: ServedResource, document: Any, purpose: Any) -> list[dict[str, str]]:
        for value in document.values() if isinstance(document, dict) else ():
            if type(value) is int:
                value.to_bytes(8, signed=True)
        return super().failures(resource, document, purpose)


class NullIsThere(Validator):
    """`if "title" in data` and then a method of the text, before the validation."""

    def failures(self, resource: ServedResource, document: Any, purpose: Any) -> list[dict[str, str]]:
        for name in resource.required if isinstance(document, dict) else ():
            if name in document and document[name] is None:
                raise AttributeError("'NoneType' object has no attribute 'strip'")
        return super().failures(resource, document, purpose)


class OneMore(Validator):
    """`>` of the bound and one."""

    def failures(self, resource: ServedResource, document: Any, purpose: Any) -> list[dict[str, str]]:
        found = super().failures(resource, document, purpose)
        over = isinstance(document, dict) and document.get("copies") == 501
        return [one for one in found if not (one["pointer"] == "/copies" and over)]


class NothingRequired(Overlooking):
    """What is missing is stored as missing."""

    overlooked = "required"


class AnyValue(Overlooking):
    """The list of values is only in the document."""

    overlooked = "not_allowed"


class AnyValueByPut(Validator):
    """PUT has a model of its own, in which the enum is a text."""

    def failures(self, resource: ServedResource, document: Any, purpose: Any) -> list[dict[str, str]]:
        found = super().failures(resource, document, purpose)
        return [one for one in found if purpose != "replace" or one["code"] != "not_allowed"]


class OneLess(Validator):
    """The longest text that is documented does not fit: there is a byte for the end."""

    def failures(self, resource: ServedResource, document: Any, purpose: Any) -> list[dict[str, str]]:
        found = super().failures(resource, document, purpose)
        title = document.get("title") if isinstance(document, dict) else None
        if isinstance(title, str) and len(title) >= 200:
            found.append(self.failure(["title"], "invalid_length", "must have less than 200 character(s)"))
        return found


class NoNull(Validator):
    """The generated code has no null for the member."""

    def failures(self, resource: ServedResource, document: Any, purpose: Any) -> list[dict[str, str]]:
        found = super().failures(resource, document, purpose)
        if isinstance(document, dict) and document.get("remark", "") is None:
            found.append(self.failure(["remark"], "invalid_type", "must be of type string"))
        return found


class FirstTitle(Numbered):
    """The index behind the list takes a title once."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}

    def data(self, call: Call, items: list[StoredItem]) -> list[Document]:
        shown = super().data(call, items)
        return [{**one, "title": self.titles.setdefault(one["id"], one["title"])} for one in shown]


class KeptInIndex(Numbered):
    """The index behind the list does not learn of deletions: what it showed last, it shows."""

    def __init__(self) -> None:
        self.shown: dict[str, Document] = {}

    def data(self, call: Call, items: list[StoredItem]) -> list[Document]:
        shown = super().data(call, items)
        gone = [one for id, one in self.shown.items() if call.store.find("documents", id) is None]
        self.shown |= {one["id"]: one for one in shown}
        return [*shown, *gone]


class KeptInFilters(KeptInIndex):
    """The list itself comes from the table, and what is filtered from the index."""

    def data(self, call: Call, items: list[StoredItem]) -> list[Document]:
        if self.filters(call):
            title = self.filters(call)["title"]
            return [one for one in super().data(call, items) if one["title"] == title]
        self.shown |= {one["id"]: one for one in Numbered.data(self, call, items)}
        return Numbered.data(self, call, items)


class NothingToUpdate(ItemEndpoint):
    """`UPDATE ... WHERE id = ?`, and nobody looks how many rows that were."""

    def patch(self, call: Call) -> Reply:
        if self.find(call) is None:
            return Reply(204)
        return super().patch(call)


class LinkByVersion(Description):
    """The link was copied from another operation."""

    def get(self, call: Call) -> Reply:
        document: dict[str, Any] = describe(call.policies.limiter, call.policies.resources)
        created = document["paths"]["/documents"]["post"]["responses"]["201"]
        created["links"]["Document"]["parameters"]["id"] = "$response.body#/version"
        return call.policies.representation.selected(call, document)


class Bound32(Paginator):
    """The driver of the database takes bounds of 32 bits."""

    def filters(self, call: Call) -> dict[str, str]:
        found = super().filters(call)
        for name in found.keys() & {"min_amount", "max_amount"}:
            struct.pack(">i", int(found[name]))
        return found


DEFECTS = (
    defect("SCH-001", "201 is documented as 200", description=CreatedIsOk),
    defect("SCH-001", "another media type is documented", description=OtherType),
    defect("SCH-002", "a time is a number", representation=CreatedAsSeconds),
    defect("SCH-002", "a time in lists is a date", numbered=DatesInLists),
    defect("SCH-002", "a member of errors is null", problems=NoHelp),
    defect("SCH-002", "a member of lists is null", numbered=TotalAsText),
    defect(
        "SCH-003",
        "a character of four bytes crashes",
        # The same cause.
        perhaps=frozenset({"NEGO-002"}),
        collection=ThreeBytes,
    ),
    defect("SCH-003", "an integer of 64 bits crashes", collection=Words32, resources=measured),
    defect("SCH-003", "an item with a zero cannot be read", item=DividedByPages, resources=measured),
    defect("SCH-003", "the last day crashes", collection=KeptForAMonth, resources=measured),
    defect(
        "SCH-004",
        "the end of a text is not compared with its pattern",
        validator=Unanchored,
        resources=measured,
    ),
    defect("SCH-004", "an integer of more than 64 bits crashes", validator=LooksUpFirst, resources=measured),
    defect("SCH-004", "null for what is required crashes", validator=NullIsThere),
    defect("SCH-004", "one more than the maximum is stored", validator=OneMore, resources=measured),
    defect("SCH-004", "lengths are not checked", validator=NoLengths),
    defect("SCH-004", "a member that is required may be missing", validator=NothingRequired),
    defect("SCH-004", "a value outside the enum is stored", on=("orders",), validator=AnyValue),
    defect("SCH-004", "PUT stores a value outside the enum", on=("orders",), validator=AnyValueByPut),
    defect("SCH-005", "the longest text is refused", validator=OneLess),
    defect("SCH-005", "a null that is documented is refused", validator=NoNull, resources=measured),
    defect("SCH-006", "the list keeps the first title", numbered=FirstTitle),
    defect("SCH-006", "a deleted item stays in the list", numbered=KeptInIndex),
    defect("SCH-006", "a deleted item stays in filtered lists", numbered=KeptInFilters),
    defect("SCH-006", "PATCH of a deleted item succeeds", item=NothingToUpdate),
    defect("SCH-006", "a documented link leads nowhere", description=LinkByVersion),
    defect("SCH-007", "numbers lose digits", collection=Single, resources=measured),
    defect("SCH-007", "an instant is shifted", collection=NoOffset, resources=measured),
    defect("SCH-007", "false becomes true", collection=TruthTested, resources=measured),
    defect("SCH-008", "an instant has no offset", representation=LocalTimes),
    defect("SCH-008", "the time of creation is local, labelled as UTC", representation=WallClock),
    defect("SCH-009", "a bound of 64 bits crashes", on=("orders",), paginator=Bound32),
    defect("SCH-007", "a text of digits loses its zeros", collection=LeadingZeros),
)
