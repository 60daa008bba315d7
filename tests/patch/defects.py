"""Seeded defects of PATCH: formats that are read in a way of one's own."""

from __future__ import annotations

from functools import partial
from typing import Any, NoReturn

from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import ItemEndpoint
from harness.reference.errors import Problem
from harness.reference.locking import Act
from harness.reference.patch import Patcher
from harness.reference.reader import JSON_PATCH, MERGE_PATCH, PATCH_TYPES, Reader
from harness.reference.routing import Router
from harness.reference.store import StoredItem as Stored
from tests.matrix.defect import Defect
from tests.matrix.serving import defect as anywhere
from tests.patch.lines import with_lines

# -- merge patch ---------------------------------------------------------------------------------------


class FilledWithDefaults(ItemEndpoint):
    """A framework fills the members that the patch leaves out, as it does for PUT."""

    def patched_data(self, call: Call, item: Stored, media_type: str, patch: Any) -> Document:
        data = super().patched_data(call, item, media_type, patch)
        named = patch if isinstance(patch, dict) else {}
        kept = {*call.resource.required, *named}
        return {
            name: value
            for name, value in data.items()
            if name in kept or name not in call.resource.properties
        }


class FirstMemberOnly(ItemEndpoint):
    """`UPDATE ... SET` of the first member that is found."""

    def patched_data(self, call: Call, item: Stored, media_type: str, patch: Any) -> Document:
        if isinstance(patch, dict):
            patch = dict(list(patch.items())[:1])
        return super().patched_data(call, item, media_type, patch)


class NullIgnored(Patcher):
    """A model with optional members cannot tell null from absent."""

    def merge(self, target: Any, patch: Any) -> Any:
        if isinstance(patch, dict):
            patch = {name: value for name, value in patch.items() if value is not None}
        return super().merge(target, patch)


class UnknownMembersCrash(Patcher):
    """`setattr` for each member of the patch."""

    def apply(self, media_type: str, document: Any, patch: Any) -> Any:
        if isinstance(patch, dict) and any("unknown" in name for name in patch):
            raise AttributeError("no such column")
        return super().apply(media_type, document, patch)


class NestedReplaced(Patcher):
    """`{**item, **patch}`: the members of the first level only."""

    def merge(self, target: Any, patch: Any) -> Any:
        if not isinstance(patch, dict):
            return super().merge(target, patch)
        merged = {**target, **patch}
        return {name: value for name, value in merged.items() if value is not None}


class NestedModelReplaced(NestedReplaced):
    """A typed part is validated as a whole: what the patch leaves out of it is taken from its defaults."""

    def merge(self, target: Any, patch: Any) -> Any:
        merged = super().merge(target, patch)
        if isinstance(merged.get("dimensions"), dict):
            merged["dimensions"] = {"width": 1, "height": 1, **merged["dimensions"]}
        return merged


class NestedNullIgnored(Patcher):
    """The model of a typed part cannot tell null from absent."""

    def merge(self, target: Any, patch: Any) -> Any:
        part = patch.get("dimensions") if isinstance(patch, dict) else None
        if isinstance(part, dict):
            left = {name: value for name, value in part.items() if value is not None}
            patch = {**patch, "dimensions": left}
        return super().merge(target, patch)


class NullsDroppedFromArrays(Patcher):
    """Whatever is null is removed, also where it is an element."""

    def merge(self, target: Any, patch: Any) -> Any:
        if isinstance(patch, list):
            return [one for one in patch if one is not None]
        return super().merge(target, patch)


class ArraysJoined(Patcher):
    """A deep-merge library that appends to lists."""

    def merge(self, target: Any, patch: Any) -> Any:
        if isinstance(target, list) and isinstance(patch, list):
            return [*target, *patch]
        return super().merge(target, patch)


class SecondIsACopy(Patcher):
    """A name that is taken gets a number, also where it is the item's own."""

    def merge(self, target: Any, patch: Any) -> Any:
        if isinstance(patch, str) and target == patch and " " in patch:
            return f"{patch} 2"
        return super().merge(target, patch)


# -- JSON Patch ----------------------------------------------------------------------------------------


class AddReplaces(Patcher):
    """add to an index sets the element instead of inserting one."""

    def add(self, document: Any, path: list[str], value: Any) -> Any:
        parent = self.get(document, path[:-1]) if path else None
        if isinstance(parent, list) and path[-1] != "-" and int(path[-1]) < len(parent):
            return self.replace(document, path, value)
        return super().add(document, path, value)


class MoveKeepsTheSource(Patcher):
    """move is copy."""

    def operate(self, document: Any, operation: dict[str, Any]) -> Any:
        if operation["op"] == "move":
            operation = {**operation, "op": "copy"}
        return super().operate(document, operation)


class EscapesNotDecoded(Patcher):
    """The pointer is split at slashes, and that is all."""

    def steps(self, pointer: str) -> list[str]:
        return pointer.split("/")[1:]


class AbsentRemoved(Patcher):
    """What is not there need not be removed."""

    def remove(self, document: Any, path: list[str]) -> Any:
        try:
            return super().remove(document, path)
        except Problem:
            return document


class UnknownOpSkipped(Patcher):
    """An operation that is not known does nothing."""

    def operations(self, patch: Any) -> list[dict[str, Any]]:
        known = ("add", "remove", "replace", "move", "copy", "test")
        if isinstance(patch, list):
            patch = [one for one in patch if not isinstance(one, dict) or one.get("op", "add") in known]
        return super().operations(patch)


class MembersForbidden(Patcher):
    """A strict model refuses members that it does not know."""

    def operations(self, patch: Any) -> list[dict[str, Any]]:
        found = super().operations(patch)
        if any(set(one) - {"op", "path", "from", "value"} for one in found):
            self.malformed("An operation has an unknown member.")
        return found


class TestedAsText(Patcher):
    """The values are compared as texts."""

    def equal(self, left: Any, right: Any) -> bool:
        return str(left) == str(right) or [left] == right


class TestByIdentity(Patcher):
    """1 and 1.0 are different tokens."""

    def equal(self, left: Any, right: Any) -> bool:
        return type(left) is type(right) and super().equal(left, right)


# -- both ----------------------------------------------------------------------------------------------


class StoredStepByStep(ItemEndpoint):
    """Each operation is stored as it is applied."""

    def modification(self, call: Call, media_type: str, patch: Any) -> Act:
        if media_type == JSON_PATCH and isinstance(patch, list):
            for one in patch[:-1]:
                act = super().modification(call, media_type, [one])
                with call.store.write() as tx:
                    act(tx)
            patch = patch[-1:]
        return super().modification(call, media_type, patch)


class MembersStoredOneByOne(ItemEndpoint):
    """Each member of a merge patch is checked and stored by itself."""

    def modification(self, call: Call, media_type: str, patch: Any) -> Act:
        if media_type == MERGE_PATCH and isinstance(patch, dict):
            names = list(patch)
            for name in names[:-1]:
                act = super().modification(call, media_type, {name: patch[name]})
                with call.store.write() as tx:
                    act(tx)
            patch = {name: patch[name] for name in names[-1:]}
        return super().modification(call, media_type, patch)


class NumbersMayBeTexts(ItemEndpoint):
    """A patch that writes a number as a text is stored as it is."""

    def patched_data(self, call: Call, item: Stored, media_type: str, patch: Any) -> Document:
        before = self.document(call, item)
        after = call.policies.patcher.apply(media_type, before, patch)
        if any(isinstance(after.get(name), str) for name, value in before.items() if isinstance(value, int)):
            return {**call.resource.writable(after), **self.server_data(call, item)}
        return super().patched_data(call, item, media_type, patch)


class ResultNotValidated(ItemEndpoint):
    """The patch is checked where it is checked at all; what it leads to is stored."""

    def patched_data(self, call: Call, item: Stored, media_type: str, patch: Any) -> Document:
        after = call.policies.patcher.apply(media_type, self.document(call, item), patch)
        return {**call.resource.writable(after), **self.server_data(call, item)}


class AnyFormatIsAMerge(Reader):
    """Whatever the label says, it is a merge patch."""

    def media_type(self, call: Call) -> str | None:
        found = super().media_type(call)
        return MERGE_PATCH if call.method == "PATCH" and found not in PATCH_TYPES else found


class UnsupportedSaysNothing(Reader):
    """415 without saying what is supported."""

    def unsupported(self, call: Call, types: tuple[str, ...]) -> NoReturn:
        field = {} if call.method == "PATCH" else {"Accept": ", ".join(types)}
        raise Problem("unsupported_media_type", "This media type is not supported.", field)


class UnsupportedIs400(Reader):
    """400 for a media type."""

    def unsupported(self, call: Call, types: tuple[str, ...]) -> NoReturn:
        if call.method == "PATCH":
            raise Problem(
                "malformed_request", "The patch cannot be read.", {"Accept-Patch": ", ".join(types)}
            )
        super().unsupported(call, types)


class ObjectIsAMerge(Patcher):
    """A JSON Patch that is an object is taken for the other format."""

    def apply(self, media_type: str, document: Any, patch: Any) -> Any:
        return super().apply(MERGE_PATCH if isinstance(patch, dict) else media_type, document, patch)

    def version(self, media_type: str, patch: Any) -> Any:
        return super().version(MERGE_PATCH if isinstance(patch, dict) else media_type, patch)


class OtherRootsCrash(Patcher):
    """The members of a patch are read before anybody looks whether it has any."""

    def apply(self, media_type: str, document: Any, patch: Any) -> Any:
        if media_type == MERGE_PATCH and not isinstance(patch, dict):
            raise AttributeError("no attribute 'items'")
        return super().apply(media_type, document, patch)


class MalformedIsAConflict(Patcher):
    """One status for every patch that does not work."""

    def malformed(self, detail: str) -> NoReturn:
        self.conflict(detail)


class OptionsWithoutFormats(Router):
    """OPTIONS tells the methods only."""

    def options(self, *given: Any) -> Reply:
        reply = super().options(*given)
        if "Accept-Patch" in reply.fields:
            del reply.fields["Accept-Patch"]
        return reply


class OptionsWithOneFormat(Router):
    """The list was written when there was one format."""

    def options(self, *given: Any) -> Reply:
        reply = super().options(*given)
        if "Accept-Patch" in reply.fields:
            reply.fields["Accept-Patch"] = MERGE_PATCH
        return reply


defect = partial(anywhere, on=("orders",))
DEFECTS: tuple[Defect, ...] = (
    defect("PATCH-001", "the first of two members is changed", item=FirstMemberOnly),
    defect("PATCH-001", "members that are not mentioned get their defaults", item=FilledWithDefaults),
    defect(
        "PATCH-002",
        "null is ignored",
        patcher=NullIgnored,
        # In a nested object as well.
        also=frozenset({"PATCH-003"}),
    ),
    defect("PATCH-003", "nested objects are replaced", patcher=NestedReplaced),
    defect("PATCH-003", "a nested model is replaced", on=("products",), patcher=NestedModelReplaced),
    defect("PATCH-003", "null in a nested model is ignored", on=("products",), patcher=NestedNullIgnored),
    defect("PATCH-003", "nulls in arrays are dropped", on=("products",), patcher=NullsDroppedFromArrays),
    defect("PATCH-003", "arrays are joined", patcher=ArraysJoined, also=frozenset({"PATCH-004"})),
    defect("PATCH-004", "the same value again is taken for a copy", patcher=SecondIsACopy),
    defect("PATCH-005", "add to an index replaces", patcher=AddReplaces),
    anywhere(
        "PATCH-005", "add among objects replaces", on=("orders",), patcher=AddReplaces, resources=with_lines
    ),
    defect("PATCH-005", "move keeps the source", patcher=MoveKeepsTheSource),
    defect("PATCH-005", "escapes are not decoded", patcher=EscapesNotDecoded),
    defect("PATCH-006", "remove of what is absent succeeds", patcher=AbsentRemoved),
    defect("PATCH-006", "an unknown op is skipped", patcher=UnknownOpSkipped),
    defect("PATCH-006", "a member that is not defined is refused", patcher=MembersForbidden),
    defect("PATCH-007", "operations are stored one by one", item=StoredStepByStep),
    defect("PATCH-007", "members of a merge patch are stored one by one", item=MembersStoredOneByOne),
    defect("PATCH-008", "test compares texts", patcher=TestedAsText),
    defect("PATCH-008", "test tells 1 from 1.0", on=("products",), patcher=TestByIdentity),
    # What is stored then may crash the next patch.
    defect(
        "PATCH-009", "the result is not validated", perhaps=frozenset({"PATCH-011"}), item=ResultNotValidated
    ),
    defect(
        "PATCH-009",
        "a number may be patched to a text",
        item=NumbersMayBeTexts,
        # The reference fails to count on from a text.
        perhaps=frozenset({"PATCH-011"}),
    ),
    defect("PATCH-010", "any media type is a merge patch", reader=AnyFormatIsAMerge),
    defect("PATCH-010", "415 does not say what is supported", reader=UnsupportedSaysNothing),
    defect("PATCH-010", "another format is a 400", reader=UnsupportedIs400),
    defect("PATCH-011", "a JSON Patch that is an object is merged", patcher=ObjectIsAMerge),
    defect("PATCH-011", "a member that items do not have crashes", patcher=UnknownMembersCrash),
    defect("PATCH-011", "a patch that is null crashes", patcher=OtherRootsCrash),
    defect("PATCH-011", "a malformed patch is a 409", patcher=MalformedIsAConflict),
    defect("PATCH-012", "OPTIONS does not list the formats", router=OptionsWithoutFormats),
    defect("PATCH-012", "OPTIONS lists one format of two", router=OptionsWithOneFormat),
)
