"""Lawful APIs of unusual validators, preconditions and caches."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any, ClassVar, NoReturn

from harness.reference import times
from harness.reference.authenticator import Authenticator, Principal
from harness.reference.call import Call, Reply
from harness.reference.coding import Coding
from harness.reference.conditional import Preconditions
from harness.reference.endpoints import ItemEndpoint
from harness.reference.errors import Problem
from harness.reference.extra_endpoints import Description
from harness.reference.locking import LockingPolicy
from harness.reference.openapi import describe
from harness.reference.representation import Representation, Validators
from harness.reference.resources import DOCUMENTS, ServedResource
from harness.reference.wire import WirePolicy
from tests.authorization.lawful import PublicDescription
from tests.matrix.lawful_items import SignedUrls
from tests.matrix.variant import Variant, variant


class TagPerNode(WirePolicy):
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


class BehindCdn(WirePolicy):
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


class DeletesUnconditionally(Preconditions):
    """428 for PUT, as the document says; DELETE needs no condition."""

    def missing(self, call: Call) -> None:
        if call.method != "DELETE":
            super().missing(call)


class ConditionOfPut(Description):
    def get(self, call: Call) -> Reply:
        document = describe(call.policies.limiter)
        parameters = document["paths"]["/contracts/{id}"]["delete"]["parameters"]
        (condition,) = [one for one in parameters if one.get("name") == "If-Match"]
        condition["required"] = False
        return call.policies.representation.selected(call, document)


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


class KeepsBefore(LockingPolicy):
    """Writes to the primary; the replica learns of them 100 ms later."""

    before: ClassVar[dict[str, Any]] = {}

    def replace(self, call: Call, tx: Any, item: Any, data: Any) -> Any:
        self.before[item.id] = item
        return super().replace(call, tx, item, data)


class ReadsReplica(ItemEndpoint):
    def load(self, call: Call) -> Any:
        item = super().load(call)
        if call.method == "GET" and item.version > 1 and times.now() - item.updated < 100_000:
            return KeepsBefore.before.get(item.id, item)
        return item


class AbsentFailsMatch(ItemEndpoint):
    """412 where If-Match names what is not there (RFC 9110 section 13.1.1)."""

    def absent(self, call: Call) -> NoReturn:
        if "if-match" in call.headers:
            raise Problem("precondition_failed", "There is no current representation.")
        super().absent(call)


def tagged_documents() -> tuple[ServedResource, ...]:
    """Documents with a version in their content, and with entity tags."""
    return (replace(DOCUMENTS, etag=True),)


VARIANTS: tuple[Variant, ...] = (
    # Lawful, but of no use to those who ask whether what they hold is current.
    variant("two nodes with entity tags of their own", warned=("COND-003",), wire=TagPerNode),
    variant("weak entity tags only", races=True, representation=WeakTags),
    # Its document still has them.
    variant("no entity tags", warned=("DOC-004",), representation=DatesOnly),
    variant("entity tags of versions, content that is signed anew", representation=VersionTags),
    variant("a version beside entity tags", on=("documents",), resources=tagged_documents),
    variant("weak entity tags for what is compressed", coding=WeakenedByCoding),
    variant("a cache in front that asks each time", wire=BehindCdn),
    variant("no-store everywhere", representation=NoStore),
    variant(
        "428 for PUT alone",
        on=("contracts",),
        preconditions=DeletesUnconditionally,
        description=ConditionOfPut,
    ),
    variant("304 by dates only after a second", preconditions=HoldsBack),
    variant(
        "everybody may read",
        authenticator=PublicReading,
        representation=PublicCaching,
        description=PublicDescription,
    ),
    variant("reads from a replica that lags", locking=KeepsBefore, item=ReadsReplica),
    variant("412 for If-Match where nothing is", races=True, item=AbsentFailsMatch),
)
