"""Defects of validators and conditional requests: for each rule at least one bug that real APIs have."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar, NoReturn

from harness.reference import times
from harness.reference.authenticator import Authenticator
from harness.reference.call import Call, Document, Reply
from harness.reference.coding import Coding
from harness.reference.conditional import Outcome, Preconditions
from harness.reference.endpoints import ItemEndpoint
from harness.reference.errors import Problem
from harness.reference.locking import Act, LockingPolicy, Plan
from harness.reference.representation import Representation, Validators
from harness.reference.resources import ServedResource
from harness.reference.routing import Route, Router
from harness.reference.store import StoredItem as Stored
from harness.reference.wire import WirePolicy
from tests.conditional.lawful import tagged_documents
from tests.matrix.defect import Defect
from tests.matrix.proxy import answering_304_with_content
from tests.matrix.serving import defect as plain
from tests.matrix.serving import served

# -- validators ----------------------------------------------------------------------------------------


class NoValidators(Representation):
    def validated(self, reply: Reply, current: Validators) -> Reply:
        return reply


class Unquoted(Representation):
    """A hash, as the function gives it."""

    def etag(self, content: bytes) -> str:
        return super().etag(content).strip('"')


class TagOf(Representation):
    """An entity tag made of something about the stored item."""

    def basis(self, item: Stored) -> str:
        raise NotImplementedError

    def validators(self, resource: ServedResource, item: Stored | None) -> Validators:
        current = super().validators(resource, item)
        return current if item is None or current.etag is None else replace(current, etag=self.tag(item))

    def tag(self, item: Stored) -> str:
        return '"' + hashlib.sha256(self.basis(item).encode()).hexdigest()[:24] + '"'


class TagOfSecond(TagOf):
    """The time of the last change, in whole seconds."""

    def basis(self, item: Stored) -> str:
        return f"{item.id} {item.updated // 1_000_000}"


class TagOfRow(TagOf):
    """The identity of the row."""

    def basis(self, item: Stored) -> str:
        return item.id


class TagOfMembers(TagOf):
    """What clients set, without the times beside it."""

    def basis(self, item: Stored) -> str:
        return item.id + json.dumps(item.data)


class TagBehindTransitions(TagOf):
    """The version that PUT and PATCH count; a transition is not among them."""

    def basis(self, item: Stored) -> str:
        return f"{item.id} {item.version - (item.data.get('status', 'pending') != 'pending')}"


class PatchesUncounted(ItemEndpoint):
    """PATCH writes past the column that counts versions."""

    def patched(self, call: Call, item: Stored) -> Reply:
        TagBehindPatches.patches[item.id] = TagBehindPatches.patches.get(item.id, 0) + 1
        return super().patched(call, item)


class TagBehindPatches(TagOf):
    """The version, without what PATCH did to it."""

    patches: ClassVar[dict[str, int]] = {}

    def basis(self, item: Stored) -> str:
        return f"{item.id} {item.version - self.patches.get(item.id, 0)}"


class ListsTaggedAnew(Representation):
    """A middleware that tags what the handlers leave untagged, with a random number."""

    def selected(self, call: Call, document: Document, current: Validators | None = None) -> Reply:
        return super().selected(call, document, current or Validators(True, f'"{secrets.token_hex(8)}"'))


class TagOfReading(TagOf):
    """The time of the day is among what is hashed."""

    def basis(self, item: Stored) -> str:
        return f"{item.id} {item.version} {times.now()}"


class OneTagForCodings(Coding):
    """A middleware that compresses, and leaves the tag alone."""

    def tag(self, etag: str | None, coding: str | None) -> str | None:
        return etag


# -- If-None-Match -------------------------------------------------------------------------------------


class ReadConditions(Preconditions):
    """Other conditions for GET and HEAD; writes are sound."""

    def evaluate(self, call: Call, current: Validators) -> Outcome:
        return self.read(call, current) if call.method in ("GET", "HEAD") else super().evaluate(call, current)

    def read(self, call: Call, current: Validators) -> Outcome:
        raise NotImplementedError


class NoneMatchIgnored(ReadConditions):
    """The tag is sent, and nobody looks at it when it comes back."""

    def read(self, call: Call, current: Validators) -> Outcome:
        return "proceed" if "if-none-match" in call.headers else Preconditions.evaluate(self, call, current)


class NoneMatchOneString(Preconditions):
    """The field is compared as it is, no list of tags."""

    def if_none_match(self, value: str, current: Validators) -> bool:
        if value.strip() == "*":
            return super().if_none_match(value, current)
        return value.removeprefix("W/") != current.etag


class NoneMatchStrong(Preconditions):
    def if_none_match(self, value: str, current: Validators) -> bool:
        if value.strip() == "*":
            return super().if_none_match(value, current)
        return not any(self.strong(tag, current.etag) for tag in self.tags(value))


class CodedTagForgotten(Preconditions):
    """A proxy compresses, and adds a suffix to the tag that nobody removes when it comes back."""

    def if_none_match(self, value: str, current: Validators) -> bool:
        return "-gzip" in value or super().if_none_match(value, current)


class HeadUnconditional(ReadConditions):
    def read(self, call: Call, current: Validators) -> Outcome:
        return "proceed" if call.method == "HEAD" else Preconditions.evaluate(self, call, current)


class AlwaysNotModified(ReadConditions):
    """The presence of the field is all that is looked at."""

    def read(self, call: Call, current: Validators) -> Outcome:
        return (
            "not modified" if "if-none-match" in call.headers else Preconditions.evaluate(self, call, current)
        )


class TagsNeverForgotten(Preconditions):
    """A table of tags that were given out; nothing takes them out of it."""

    def __init__(self) -> None:
        self.given: set[str] = set()

    def if_none_match(self, value: str, current: Validators) -> bool:
        if current.etag is not None:
            self.given.add(current.etag)
        return super().if_none_match(value, current) and not self.given & set(self.tags(value))


# -- 304 -----------------------------------------------------------------------------------------------


@contextmanager
def content_after_304() -> Iterator[str]:
    with served({}) as url, answering_304_with_content(url) as outside:
        yield outside


class Bare304(Representation):
    """304 by hand: a status, and no more."""

    without = ""

    def not_modified(self, reply: Reply) -> Reply:
        reply = super().not_modified(reply)
        del reply.fields[self.without]
        return reply


class NoTagIn304(Bare304):
    without = "ETag"


class NoVaryIn304(WirePolicy):
    """A middleware drops the field where there is no content."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        reply = super().finish(call, reply)
        if reply.status == 304:
            del reply.fields["Vary"]
        return reply


class NoControlIn304(Bare304):
    without = "Cache-Control"


class LengthIn304(WirePolicy):
    """A middleware that counts what is sent."""

    def content_length(self, call: Call, reply: Reply) -> str | None:
        return "0" if reply.status == 304 else super().content_length(call, reply)


# -- If-Match ------------------------------------------------------------------------------------------


class MatchIgnored(Preconditions):
    def if_match(self, value: str, current: Validators) -> bool:
        return True


class AsteriskIsATag(Preconditions):
    """`*` is compared like any other tag."""

    def if_match(self, value: str, current: Validators) -> bool:
        return value.strip() != "*" and super().if_match(value, current)


class NothingMatches(Preconditions):
    """The tag is compared without its quotes, which the stored one has."""

    def if_match(self, value: str, current: Validators) -> bool:
        return value.strip() == "*" and current.exists


class MatchIgnoredByDelete(ItemEndpoint):
    """The check is in the code that validates content, of which DELETE has none."""

    def check_preconditions(self, call: Call, item: Stored | None) -> None:
        if call.method != "DELETE" or "if-match" not in call.headers:
            super().check_preconditions(call, item)


class FailsLater(Preconditions):
    """The failure is noted, and answered when all is done."""

    def failed(self, call: Call) -> None:
        if "if-match" not in call.headers:
            super().failed(call)
        call.parameters["failed"] = "yes"


class RefusesAfterwards(LockingPolicy):
    def commit(self, call: Call, plan: Plan, finish: Any = None) -> Reply:
        reply = super().commit(call, plan, finish)
        if "failed" in call.parameters:
            Preconditions().failed(call)
        return reply


class TagsNotTakenBack(Coding):
    """A layer that codes all answers adds to their tags, and hands If-Match on as it comes."""

    least = 1

    def uncoded(self, tag: str) -> str:
        return tag


class Dropped(ItemEndpoint):
    """A stale write is taken for a repeated one: the answer is the present state."""

    def replacement(self, call: Call, document: Document) -> Act:
        try:
            return super().replacement(call, document)
        except Problem as problem:
            if problem.code != "precondition_failed" or "if-match" not in call.headers:
                raise
            return lambda tx: self.replaced(call, self.load(call))


class VersionNotGreater(LockingPolicy):
    """Only a version from the future is refused."""

    def check_version(self, call: Call, item: Stored, version: object) -> None:
        if isinstance(version, int) and version > item.version:
            self.stale(call, item)


class MatchRefused(Preconditions):
    """A false If-Match is answered otherwise."""

    code = ""

    def failed(self, call: Call) -> None:
        if (
            call.method not in ("GET", "HEAD")
            and "if-match" in call.headers
            and "if-none-match" not in call.headers
        ):
            raise Problem(self.code, "The entity tag is not the current one.")
        super().failed(call)


class MatchConflict(MatchRefused):
    code = "version_conflict"


class MatchMalformed(MatchRefused):
    code = "malformed_request"


class VersionInvalid(LockingPolicy):
    """The version is validated like any other member."""

    def stale(self, call: Call, item: Stored) -> NoReturn:
        failure = {"pointer": "/version", "field": "version", "code": "stale", "detail": "is not current"}
        raise Problem("validation_failed", "The version is not the current one.", errors=[failure])


class UnmodifiedSinceIgnored(Preconditions):
    def if_unmodified_since(self, value: str, current: Validators) -> bool:
        return True


class MatchWeak(Preconditions):
    """One function that compares tags."""

    def strong(self, tag: str, current: str | None) -> bool:
        return self.weak(tag, current)


class WeakTags(Representation):
    def etag(self, content: bytes) -> str:
        return "W/" + super().etag(content)


class AsteriskIgnored(Preconditions):
    """If-None-Match is something for GET."""

    def check(self, call: Call, current: Validators) -> None:
        if call.values("if-none-match") != "*" or call.resource.condition_required:
            super().check(call, current)


class AsteriskConflict(Preconditions):
    """What is there already is a conflict."""

    def failed(self, call: Call) -> None:
        if "if-none-match" in call.headers and call.method == "PUT":
            raise Problem("version_conflict", "The resource is there already.")
        super().failed(call)


# -- dates ---------------------------------------------------------------------------------------------


class DateBesideTag(ReadConditions):
    """Either condition makes a 304."""

    def read(self, call: Call, current: Validators) -> Outcome:
        outcome = Preconditions.evaluate(self, call, current)
        modified = call.headers.get("if-modified-since")
        if outcome == "proceed" and modified is not None and not self.if_modified_since(modified, current):
            return "not modified"
        return outcome


class BadDateIsNow(Preconditions):
    """What cannot be parsed is replaced by a default."""

    def if_modified_since(self, value: str, current: Validators) -> bool:
        return times.seconds(value) is not None and super().if_modified_since(value, current)


class DatesIgnored(Preconditions):
    def if_modified_since(self, value: str, current: Validators) -> bool:
        return True


class AnyDate(Preconditions):
    """The presence of a date is all that is looked at."""

    def if_modified_since(self, value: str, current: Validators) -> bool:
        return times.seconds(value) is None


# -- order, and 428 ------------------------------------------------------------------------------------


class ConditionsFirst(Router):
    """A middleware for conditional requests, in front of that for authentication."""

    def run(self, call: Call, found: Route, method: str) -> Reply:
        id = call.parameters.get("id")
        if not found.public and id is not None and found.resource is not None and found.action is None:
            known = Authenticator()
            token = known.token(call)
            if token is None or known.principal(token) is None:
                item = call.store.find(found.resource.name, id)
                current = call.policies.representation.validators(found.resource, item)
                outcome = call.policies.preconditions.evaluate(call, current)
                if outcome == "not modified":
                    return Reply(304, b"", {"ETag": current.etag or ""})
                if outcome == "failed":
                    raise Problem("precondition_failed", "The resource has changed.")
        return super().run(call, found, method)


class AbsentIsNotModified(ItemEndpoint):
    """Nothing has changed: nothing was there, and nothing is."""

    def get(self, call: Call) -> Reply:
        if "if-none-match" in call.headers and self.find(call) is None:
            return Reply(304)
        return super().get(call)


class AbsentFailsCondition(ItemEndpoint):
    """A condition is looked at before the item is."""

    def put(self, call: Call) -> Reply:
        if call.values("if-none-match") == "*" and not call.resource.client_ids and self.find(call) is None:
            raise Problem("precondition_failed", "The resource is not as the condition wants it.")
        return super().put(call)


class MissingIsBad(Preconditions):
    def missing(self, call: Call) -> None:
        raise Problem("malformed_request", "If-Match is required.")


class MissingUnexplained(Preconditions):
    def missing(self, call: Call) -> None:
        raise Problem("precondition_required", "The request cannot be processed.")


class MissingAccepted(Preconditions):
    """Documented, and never switched on."""

    def missing(self, call: Call) -> None:
        return


def defect(
    rule: str, name: str, *, on: tuple[str, ...] = ("orders",), **policies: Callable[[], Any]
) -> Defect:
    """A defect that shows on orders, which have entity tags, unless another resource is named."""
    return plain(rule, name, on=on, **policies)


# A list that has changed is answered 304 as well.
STALE_LISTS = frozenset({"COND-018"})


class VersionStuck(Representation):
    """The version is a column that nothing updates."""

    def of(self, resource: ServedResource, item: Stored) -> Document:
        shown = super().of(resource, item)
        return {**shown, "version": 1} if "version" in shown else shown


class VersionUnchecked(LockingPolicy):
    """So it is always the right one."""

    def check_version(self, call: Call, item: Stored, version: object) -> None:
        if version != 1:
            super().check_version(call, item, version)


class VersionIgnored(LockingPolicy):
    """The version is required, and nothing compares it."""

    def check_version(self, call: Call, item: Stored, version: object) -> None:
        pass


DEFECTS: tuple[Defect, ...] = (
    # The document still has entity tags.
    defect(
        "COND-001",
        "GET has no validator",
        representation=NoValidators,
        also=frozenset({"DOC-004"}),
    ),
    defect("COND-001", "the ETag is not in quotes", representation=Unquoted),
    defect("COND-002", "the ETag is a time in seconds", representation=TagOfSecond),
    defect("COND-002", "the ETag is of the row, not of its content", representation=TagOfRow),
    defect("COND-002", "the ETag is of the members that clients set", representation=TagOfMembers),
    defect("COND-002", "a transition leaves the ETag", representation=TagBehindTransitions),
    defect("COND-002", "PATCH leaves the ETag", item=PatchesUncounted, representation=TagBehindPatches),
    defect("COND-003", "the ETag has the time of the day in it", representation=TagOfReading),
    defect("COND-003", "the ETag of a list is new each time", representation=ListsTaggedAnew),
    defect("COND-004", "gzip has the strong ETag of identity", coding=OneTagForCodings),
    defect("COND-005", "If-None-Match is ignored", preconditions=NoneMatchIgnored),
    defect("COND-005", "If-None-Match is no list", preconditions=NoneMatchOneString),
    defect("COND-005", "If-None-Match is compared strongly", preconditions=NoneMatchStrong),
    defect("COND-005", "the tag of gzip is never matched", preconditions=CodedTagForgotten),
    defect("COND-005", "HEAD is never answered 304", preconditions=HeadUnconditional),
    Defect("COND-006", "304 has content", content_after_304, ("orders",)),
    defect("COND-006", "304 has no ETag", representation=NoTagIn304),
    defect("COND-006", "304 has no Vary", wire=NoVaryIn304),
    defect("COND-006", "304 has no Cache-Control", representation=NoControlIn304),
    defect("COND-006", "304 has Content-Length: 0", wire=LengthIn304),
    defect(
        "COND-007", "any If-None-Match is answered 304", preconditions=AlwaysNotModified, also=STALE_LISTS
    ),
    defect(
        "COND-007", "an old ETag is answered 304 for good", preconditions=TagsNeverForgotten, also=STALE_LISTS
    ),
    defect("COND-008", "If-Match is ignored", preconditions=MatchIgnored),
    defect("COND-008", "If-Match is ignored by DELETE", item=MatchIgnoredByDelete),
    defect("COND-008", "the tag of a coded answer is refused", on=("orders",), coding=TagsNotTakenBack),
    defect("COND-008", "If-Match: * is refused", preconditions=AsteriskIsATag),
    defect("COND-008", "no tag satisfies If-Match", preconditions=NothingMatches),
    defect("COND-008", "412, but applied", preconditions=FailsLater, locking=RefusesAfterwards),
    defect("COND-008", "200, but lost", item=Dropped),
    defect(
        "COND-008",
        "the version is not compared beside entity tags",
        on=("documents",),
        resources=tagged_documents,
        locking=VersionIgnored,
    ),
    defect("COND-008", "an old version is accepted", on=("documents",), locking=VersionNotGreater),
    defect(
        "COND-008",
        "the version never changes",
        on=("documents",),
        representation=VersionStuck,
        locking=VersionUnchecked,
    ),
    defect("COND-009", "a false If-Match is answered 409", preconditions=MatchConflict),
    defect("COND-009", "a false If-Match is answered 400", preconditions=MatchMalformed),
    defect("COND-009", "a stale version is answered 422", on=("documents",), locking=VersionInvalid),
    defect("COND-009", "If-Unmodified-Since is ignored", preconditions=UnmodifiedSinceIgnored),
    defect("COND-010", "If-Match is compared weakly", preconditions=MatchWeak),
    defect(
        "COND-010", "weak ETags only, which If-Match takes", representation=WeakTags, preconditions=MatchWeak
    ),
    defect("COND-011", "If-None-Match: * is ignored by writes", preconditions=AsteriskIgnored),
    defect("COND-011", "If-None-Match: * is answered 409", preconditions=AsteriskConflict),
    defect("COND-012", "If-Modified-Since counts beside If-None-Match", preconditions=DateBesideTag),
    defect("COND-012", "a date that is none counts as now", preconditions=BadDateIsNow),
    defect("COND-012", "If-Modified-Since is ignored", preconditions=DatesIgnored),
    defect("COND-012", "any If-Modified-Since is answered 304", preconditions=AnyDate),
    defect("COND-013", "conditions are evaluated before authentication", router=ConditionsFirst),
    defect(
        "COND-013",
        "If-None-Match for what is absent is answered 304",
        item=AbsentIsNotModified,
        # What another client's tag is answered then.
        perhaps=frozenset({"AUTH-019"}),
    ),
    defect("COND-013", "If-None-Match: * for what is absent is answered 412", item=AbsentFailsCondition),
    defect("COND-014", "a missing If-Match is answered 400", on=("contracts",), preconditions=MissingIsBad),
    defect("COND-014", "428 does not say how to go on", on=("contracts",), preconditions=MissingUnexplained),
    defect(
        "COND-014",
        "If-Match is declared as required, and is not",
        on=("contracts",),
        preconditions=MissingAccepted,
    ),
)
