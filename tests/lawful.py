"""Lawful APIs that a careless rule would accuse: variants of the reference that must break no rule."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, NoReturn
from urllib.parse import parse_qs

from harness.reference import times
from harness.reference.authenticator import Authenticator, Principal
from harness.reference.call import Call, Document, Reply
from harness.reference.coding import Coding
from harness.reference.endpoints import Collection, Item
from harness.reference.errors import Problem, Problems
from harness.reference.locking import Locking
from harness.reference.negotiation import JSON, Negotiator
from harness.reference.openapi import describe
from harness.reference.pages import Description
from harness.reference.paginator import Numbered, Paginator, Position
from harness.reference.preconditions import Preconditions
from harness.reference.reader import Reader
from harness.reference.representation import Representation, Validators
from harness.reference.store import Item as Stored
from harness.reference.wire import Wire
from tests.defects.gateway import Rewriting, gateway
from tests.defects.serving import served

WIRE = """
[wire]
malformed = true
smuggling = true
"""


@dataclass(frozen=True)
class Variant:
    """A lawful API.

    Attributes:
        name: what is unusual about it.
        serve: starts it and yields its base URL.
        races: whether the race rules are put to it as well, which takes half a minute.
        profile: what its owner declares of it.
        warned: codes of rules whose warning says itself that the RFC allows what is done.
    """

    name: str
    serve: Callable[[], AbstractContextManager[str]]
    races: bool = False
    profile: str = WIRE
    warned: frozenset[str] = frozenset()


def variant(
    name: str, races: bool = False, profile: str = "", warned: tuple[str, ...] = (), **policies: type
) -> Variant:
    return Variant(name, partial(served, policies), races, WIRE + profile, frozenset(warned))


class LockVersion(Representation):
    """A counter of writes under a name of the framework's."""

    def of(self, resource: Any, item: Any) -> Any:
        return {**super().of(resource, item), "lock_version": item.version}


class Provisioning(Representation):
    """A state that moves by itself soon after creation."""

    def of(self, resource: Any, item: Any) -> Any:
        young = times.now() - item.created < 25_000
        return {**super().of(resource, item), "state": "provisioning" if young else "ready"}


class SignedUrls(Representation):
    """URLs that are signed anew in each answer."""

    def of(self, resource: Any, item: Any) -> Any:
        url = f"https://cdn.example.com/a.png?X-Amz-Date={times.now()}"
        return {**super().of(resource, item), "images": [url]}


class SlowlySignedUrl(Representation):
    """A URL that is signed anew every 30 ms."""

    def of(self, resource: Any, item: Any) -> Any:
        url = f"https://cdn.example.com/a.png?X-Amz-Date={times.now() // 30_000}&X-Amz-Signature=1"
        return {**super().of(resource, item), "image": url}


class TwoNodes(Paginator):
    """Two nodes that take turns, each of which says its name."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = itertools.count()

    def document(self, call: Any, items: Any, cursor: Any) -> Any:
        return {**super().document(call, items, cursor), "node": "ab"[next(self.turn) % 2]}


class TagPerNode(Wire):
    """Two nodes that take turns, each with entity tags of its own."""

    def __init__(self) -> None:
        self.turn = itertools.count()

    def finish(self, call: Call, reply: Reply) -> Reply:
        reply = super().finish(call, reply)
        if "ETag" in reply.fields:
            reply.fields["ETag"] = f'"{"ab"[next(self.turn) % 2]}{reply.fields["ETag"][2:]}'
        return reply


class WeakTags(Representation):
    """Weak entity tags only, which If-Match never matches."""

    def etag(self, content: bytes) -> str:
        return "W/" + super().etag(content)


class DatesOnly(Representation):
    """No entity tag anywhere; Last-Modified, exact to the second."""

    def validated(self, reply: Reply, current: Validators) -> Reply:
        return super().validated(reply, replace(current, etag=None))


class VersionTags(SignedUrls):
    """Entity tags that count versions, of content with a URL that is signed anew each time."""

    def validators(self, resource: Any, item: Any) -> Validators:
        current = super().validators(resource, item)
        return current if current.etag is None else replace(current, etag=f'"{item.id}-{item.version}"')


class WeakenedByCoding(Coding):
    """As nginx does it: what is compressed has the same tag, marked weak."""

    def tag(self, etag: str | None, coding: str | None) -> str | None:
        return etag if etag is None or coding is None else f"W/{etag}"

    def uncoded(self, tag: str) -> str:
        return tag


class BehindCdn(Wire):
    """A cache in front that says so, and asks the API each time."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        reply = super().finish(call, reply)
        if call.method == "GET":
            reply.fields["Age"] = "0"
        reply.fields["Via"] = "1.1 cdn.example"
        return reply


class NoStore(Representation):
    """Nothing may be stored, so nothing need be told apart."""

    def cache_control(self, call: Call) -> str:
        return "no-store"

    def fields(self, call: Call) -> dict[str, str]:
        fields = super().fields(call)
        del fields["Vary"]
        return fields


class HoldsBack(Preconditions):
    """No 304 by a date within the second of the last change: another one may follow in it."""

    def if_modified_since(self, value: str, current: Validators) -> bool:
        recent = current.modified is not None and times.now() - current.modified < 1_000_000
        return recent or super().if_modified_since(value, current)


class PublicReading(Authenticator):
    """A catalogue: everybody may read it."""

    def authenticate(self, call: Call) -> Principal:
        if call.method in ("GET", "HEAD") and "authorization" not in call.headers:
            return Principal("everybody", admin=True)
        return super().authenticate(call)


class PublicCaching(Representation):
    def cache_control(self, call: Call) -> str:
        return "public, max-age=0, s-maxage=1"

    def vary(self, call: Call) -> str:
        return "Accept, Accept-Encoding"


class KeepsBefore(Locking):
    """Writes to the primary; the replica learns of them 100 ms later."""

    before: ClassVar[dict[str, Any]] = {}

    def replace(self, call: Call, tx: Any, item: Any, data: Any) -> Any:
        self.before[item.id] = item
        return super().replace(call, tx, item, data)


class ReadsReplica(Item):
    def load(self, call: Call) -> Any:
        item = super().load(call)
        if call.method == "GET" and item.version > 1 and times.now() - item.updated < 100_000:
            return KeepsBefore.before.get(item.id, item)
        return item


class AbsentFailsMatch(Item):
    """412 where If-Match names what is not there (RFC 9110 section 13.1.1)."""

    def absent(self, call: Call) -> NoReturn:
        if "if-match" in call.headers:
            raise Problem("precondition_failed", "There is no current representation.")
        super().absent(call)


class LateItems(Item):
    """Items that show 100 ms after they were created."""

    def load(self, call: Call) -> Any:
        item = super().load(call)
        if call.method == "GET" and times.now() - item.created < 100_000:
            self.absent(call)
        return item


class HiddenAbsence(Problems):
    """403 for what does not exist, so that nobody learns what does."""

    def http_status(self, call: Call, problem: Problem) -> int:
        hidden = problem.code == "not_found" and hasattr(call, "principal")
        return 403 if hidden else super().http_status(call, problem)

    status_member = http_status


class SoftDelete(Item):
    """Deleted items stay readable, and say so."""

    name, value = "discarded_at", "2026-01-01T00:00:00Z"

    def removal(self, call: Call) -> Any:
        item = self.load(call)
        self.check_preconditions(call, item)

        def act(tx: Any) -> Reply:
            call.policies.locking.replace(call, tx, item, {**item.data, self.name: self.value})
            return self.deleted(call, item)

        return act

    def server_data(self, call: Call, item: Any) -> Any:
        kept = (*call.resource.server_properties, self.name)
        return {name: item.data[name] for name in kept if name in item.data}


class SoftDeleteByState(SoftDelete):
    name, value = "lifecycle", "deleting"


class SoftDeleteByTime(SoftDelete):
    name, value = "deleteTime", "2026-01-01T00:00:00Z"


class AcceptDisregarded(Negotiator):
    """JSON to everybody (RFC 9110 section 12.4.1)."""

    def check(self, call: Call) -> None:
        pass


class JsonDescribed(Description):
    """The document of an API that has nothing else."""

    def get(self, call: Call) -> Reply:
        document = describe(call.policies.limiter)
        for path in document["paths"].values():
            if "get" in path:
                path["get"]["responses"]["200"]["content"].pop("text/csv", None)
        return call.policies.representation.selected(call, document)


class JsonAssumed(Reader):
    """Content without Content-Type is JSON (RFC 9110 section 8.3)."""

    def media_type(self, call: Call) -> str | None:
        return super().media_type(call) if "content-type" in call.headers else JSON


class FormsToo(Reader):
    """Creates take forms as well, and the document does not say so."""

    def read(self, call: Call, *types: str) -> tuple[str, Any]:
        if (call.headers.get("content-type") or "").startswith("application/x-www-form-urlencoded"):
            return JSON, {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        return super().read(call, *types)


class BasicPlaneOnly(Reader):
    """Characters beyond the basic plane are refused."""

    def parse(self, content: bytes) -> Any:
        value = super().parse(content)
        if max(json.dumps(value, ensure_ascii=False)) > "\uffff":
            raise Problem("validation_failed", "Characters beyond U+FFFF cannot be stored.")
        return value


class GzipDecoded(Reader):
    """Content in gzip is taken."""

    def read(self, call: Call, *types: str) -> tuple[str, Any]:
        if (call.values("content-encoding") or "").lower() == "gzip":
            call.body = gzip.decompress(call.body)
        return super().read(call, *types)

    def check_coding(self, call: Call) -> None:
        if (call.values("content-encoding") or "").lower() != "gzip":
            super().check_coding(call)


class Uncompressed(Coding):
    """No response is compressed, so that its length tells nothing of secrets in it."""

    def choose(self, call: Call, content: bytes) -> str | None:
        return None


class WithCharset(Representation):
    """JSON with a charset, which means nothing (RFC 8259 section 11)."""

    def fields(self, call: Call) -> dict[str, str]:
        fields = super().fields(call)
        return {**fields, "Content-Type": f"{fields['Content-Type']}; charset=UTF-8"}


class OneRequestEach(Wire):
    """A connection for each request, as every response says (RFC 9112 section 9.3)."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["Connection"] = "close"
        return finished


class BehindCache(Wire):
    """A CDN in front that passes everything on."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["Via"] = "1.1 varnish (Varnish/7.4), 1.1 edge-7"
        finished.fields["Age"] = "0"
        finished.fields["X-Cache"] = "MISS"
        finished.fields["Cache-Status"] = "ExampleCache; fwd=uri-miss"
        return finished


class Clockless(Wire):
    """No clock, and so no Date (RFC 9110 section 6.6.1)."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        del finished.fields["Date"]
        return finished


class PreferenceHonoured(Collection):
    """return=minimal is carried out, and said to be (RFC 7240 section 4.2)."""

    def post(self, call: Call) -> Reply:
        reply = super().post(call)
        if reply.status == 201 and call.values("prefer") == "return=minimal":
            short = call.policies.representation.encode({"id": json.loads(reply.body)["id"]})
            reply.body = short
            del reply.fields["ETag"]
            reply.fields["Preference-Applied"] = "return=minimal"
        return reply


class ImpatientBalancer(Rewriting):
    """A load balancer that ends idle connections soon."""

    patience = 0.3


class Keyset(Paginator):
    """The id of the last item is the cursor; any text compares, for ids are compared as texts."""

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        id = call.query.get("starting_after")
        return None if id is None else (0, id)

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        rows = call.store.page(call.resource.name, self.owner(call), filters, None, 1_000_000)
        rows.sort(key=lambda item: item.id)
        return [item for item in rows if after is None or item.id > after[1]][:count]

    def document(self, call: Call, items: list[Stored], cursor: str | None) -> Document:
        return {"data": self.data(call, items), "has_more": cursor is not None}

    def page(self, call: Call) -> tuple[Document, str | None]:
        return super().page(call)[0], None


class EmptyLastPage(Paginator):
    """A full page may be the last: an empty one then ends the list."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        document, link = super().page(call)
        if document["next_cursor"] is None and len(document["data"]) == self.limit(call):
            last = call.store.find(call.resource.name, document["data"][-1]["id"])
            cursor = self.cursor(call, self.filters(call), last) if last else None
            return {**document, "next_cursor": cursor, "has_more": True}, self.link(call, str(cursor))
        return document, link


class LimitCoerced(Paginator):
    """A page size that is too large is taken for the largest, and a bad one is refused."""

    maximum = 50

    def invalid_limit(self, call: Call, value: str) -> None:
        if not value.isdigit() or int(value) == 0:
            super().invalid_limit(call, value)

    def limit(self, call: Call) -> int:
        value = call.query.get(self.size, str(self.default))
        super().limit(call) if not value.isdigit() or int(value) == 0 else None
        return min(int(value), self.maximum)


class ShortPages(Paginator):
    """Pages that have fewer items than asked for, long before the end: what is filtered late is left out."""

    def limit(self, call: Call) -> int:
        return max(1, super().limit(call) * 3 // 5)


class QueryOnlyLinks(Paginator):
    """Links relative to the list, in the least octets that the grammar allows."""

    def link(self, call: Call, cursor: str) -> str:
        return f"<?{self.target(call, cursor=cursor).partition('?')[2]}>;rel=next"


class ExpiringCursors(Paginator):
    """Cursors that are good for two seconds."""

    def position(self, call: Call, last: Stored) -> Position:
        value, id = super().position(call, last)
        return value, f"{times.now()}|{id}"

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        found = super().after(call, filters)
        if found is None:
            return None
        given, _, id = found[1].partition("|")
        if times.now() - int(given) > 2_000_000:
            self.invalid_cursor(call)
        return found[0], id


class EstimatedTotals(Numbered):
    """Totals to the nearest ten."""

    def document(self, call: Call, items: list[Stored], number: int, size: int, total: int) -> Document:
        made = super().document(call, items, number, size, total)
        about = round(total + 5, -1)
        return {**made, "total": about, "total_pages": about // size + 1}


class LateLists(Paginator):
    """Lists that are read from a replica, 150 ms behind."""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        items = super().fetch(call, filters, after, 1_000_000)
        return [item for item in items if times.now() - item.created > 150_000][:count]


KEYSET = """
[[resources]]
collection = "/payments"
[resources.pagination]
style = "keyset"
cursor_param = "starting_after"
"""
COERCED = """
[[resources]]
collection = "/payments"
[resources.pagination]
max = 50
"""
ESTIMATES = """
[[resources]]
collection = "/documents"
[resources.pagination]
estimates = true
"""
VARIANTS = (
    variant("counts writes in lock_version", races=True, representation=LockVersion),
    variant("changes its state by itself", representation=Provisioning),
    variant("signs URLs anew in each answer", representation=SignedUrls),
    variant("signs a URL anew now and then", representation=SlowlySignedUrl),
    variant("two nodes that name themselves in lists", paginator=TwoNodes),
    # Lawful, but of no use to those who ask whether what they hold is current.
    variant("two nodes with entity tags of their own", warned=("COND-003",), wire=TagPerNode),
    variant("weak entity tags only", races=True, representation=WeakTags),
    variant("no entity tags", representation=DatesOnly),
    variant("entity tags of versions, content that is signed anew", representation=VersionTags),
    variant("weak entity tags for what is compressed", coding=WeakenedByCoding),
    variant("a cache in front that asks each time", wire=BehindCdn),
    variant("no-store everywhere", representation=NoStore),
    variant("304 by dates only after a second", preconditions=HoldsBack),
    variant("everybody may read", authenticator=PublicReading, representation=PublicCaching),
    variant("reads from a replica that lags", locking=KeepsBefore, item=ReadsReplica),
    variant("412 for If-Match where nothing is", races=True, item=AbsentFailsMatch),
    variant("items that show late", item=LateItems),
    variant("403 for what is absent", problems=HiddenAbsence),
    variant("soft deletion by discarded_at", races=True, item=SoftDelete),
    variant("soft deletion by a state", item=SoftDeleteByState),
    variant("soft deletion by deleteTime", item=SoftDeleteByTime),
    variant(
        "disregards Accept", warned=("NEGO-004",), negotiator=AcceptDisregarded, description=JsonDescribed
    ),
    variant("takes content without a label for JSON", reader=JsonAssumed),
    variant("takes forms as well", reader=FormsToo),
    variant("refuses what is not in the basic plane", reader=BasicPlaneOnly),
    variant("takes content in gzip", reader=GzipDecoded),
    variant(
        "does not compress, on purpose", profile="[negotiation]\ncompression = false\n", coding=Uncompressed
    ),
    variant("JSON with a charset", representation=WithCharset),
    variant("a connection for each request", wire=OneRequestEach),
    variant("behind a cache", wire=BehindCache),
    variant("no clock", profile='clock = "none"\n', wire=Clockless),
    variant("carries out return=minimal", collection=PreferenceHonoured),
    Variant("a load balancer that ends idle connections", partial(gateway, ImpatientBalancer)),
    variant("the last id as the cursor, by declaration", profile=KEYSET, paginator=Keyset),
    variant("an empty page at the end", paginator=EmptyLastPage),
    variant("a page size that is coerced down", profile=COERCED, paginator=LimitCoerced),
    variant("pages shorter than asked for", paginator=ShortPages),
    variant("links of a query alone", paginator=QueryOnlyLinks),
    variant("cursors that expire", paginator=ExpiringCursors),
    variant("totals that are estimates, by declaration", profile=ESTIMATES, numbered=EstimatedTotals),
    variant("lists that lag behind", paginator=LateLists),
)
