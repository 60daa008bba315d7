"""Inference: samples in, Profile out; no I/O.

1. What the user wrote and the document declares is kept; observation fills in and contradicts.
2. An operation that is declared and answered 404, 405 or 501 is contradicted; one that nobody declares is
   there when it was seen to work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonpointer

from harness.http.content import at, differences, id_text, last_segment
from harness.profile.models import Capability, Idempotency, Resource, State
from harness.resource.long_running import ACCEPTED
from harness.resource.tags import tag_pointer
from harness.survey.ask import keys
from harness.survey.infer import paging, places
from harness.survey.infer.mock import TAG, holds, is_mock
from harness.survey.infer.samples import ResourceSamples, Sample

ARRAYS = ("data", "items", "results", "records", "value", "values", "entries", "Resources", "members", "list")
IDS = ("id", "_id", "uuid", "objectId", "uid", "key", "slug", "name", "Id", "ID")
ENVELOPES = ("data", "item", "result", "attributes", "record")


def items_pointer(value: Any) -> str | None:
    """Where the array of items stands in what a collection answers, or None."""
    if isinstance(value, list):
        return ""
    if not isinstance(value, dict):
        return None
    arrays = [name for name, inner in value.items() if isinstance(inner, list)]
    for name in ARRAYS:
        if name in arrays:
            return f"/{name}"
    if len(arrays) == 1:
        return f"/{arrays[0]}"
    embedded = value.get("_embedded")
    if isinstance(embedded, dict):
        inner = items_pointer(embedded)
        return None if inner is None else f"/_embedded{inner}"
    return None


def representation_pointer(body: Any) -> str:
    """Where the members stand in a create body: inside a lone envelope member, or at the top."""
    if not isinstance(body, dict) or len(body) != 1:
        return ""
    name, inner = next(iter(body.items()))
    if name not in ENVELOPES or not isinstance(inner, dict):
        return ""
    return f"/{name}/attributes" if isinstance(inner.get("attributes"), dict) else f"/{name}"


def id_pointer(declared: str, answer: Any, location: str | None) -> tuple[str, str] | None:
    """Where the id stands in the answer to a create, and the id; None where none is found.

    An id that is also the last segment of Location is believed before any other.
    """
    candidates = list(_id_candidates(declared, answer))
    named = last_segment(location) if location else None
    for pointer, id in candidates:
        if named is not None and id == named:
            return pointer, id
    if named is not None:
        # Where Location has another word, an item's name is just its name.
        candidates = [one for one in candidates if one[0].rsplit("/", 1)[-1] not in ("name", "slug", "key")]
    return candidates[0] if candidates else None


def _id_candidates(declared: str, answer: Any) -> Iterator[tuple[str, str]]:
    seen = set()
    for envelope in ("", *(f"/{name}" for name in ENVELOPES)):
        for pointer in ([declared] if not envelope else []) + [f"{envelope}/{name}" for name in IDS]:
            id = id_text(at(answer, pointer))
            if id is not None and pointer not in seen:
                seen.add(pointer)
                yield pointer, id


def resource(declared: Resource, samples: ResourceSamples) -> Resource:
    """The resource with everything that its samples show.

    Args:
        declared: what the profile and the document say.
        samples: what the target answered.
    """
    known = declared.model_copy(deep=True)
    _from_list(known, samples)
    _from_create(known, samples)
    if samples.item is not None:
        known.item = samples.item
    _from_reads(known, samples)
    _conditions(known, samples)
    _operations(known, samples)
    _pages(known, samples)
    return known


def _from_list(known: Resource, samples: ResourceSamples) -> None:
    if samples.listed is not None and samples.listed.success and known.items is None:
        known.items = items_pointer(samples.listed.value)


def all_listed(known: Resource, listed: Sample | None) -> list[Any]:
    """The items that a list shows."""
    items = at(listed.value, known.items or "") if listed is not None and listed.success else None
    return items if isinstance(items, list) else []


def first_listed(known: Resource, listed: Sample | None) -> Any:
    """The first item that a list shows, or None."""
    return next(iter(all_listed(known, listed)), None)


def listed_id(known: Resource, first: Any) -> tuple[str, str] | None:
    """Where the id stands in a listed item, and the id; None where none is found."""
    if known.id == "" and (id := id_text(first)) is not None:
        return "", id
    if not isinstance(first, dict):
        return None
    for pointer in (known.id, known.id.removeprefix(known.representation), *(f"/{name}" for name in IDS)):
        id = id_text(at(first, pointer))
        if id is not None:
            return pointer, id
    return places.named(first)


def _from_create(known: Resource, samples: ResourceSamples) -> None:
    if samples.created is None:
        return
    body, answer = samples.created
    if known.body is None:
        known.body = body
    pointer = tag_pointer(known, body)
    if pointer is not None:
        text = at(body, pointer)
        shown = next(
            (one for one in (answer, samples.read) if one is not None and holds(one.value, text)), None
        )
        if isinstance(text, str) and TAG.search(text) and shown is not None:
            _tell(
                known, "tag", State.DETECTED, f"{shown.exchange.summary()} keeps a text of ours at {pointer}"
            )
    if not known.representation:
        known.representation = representation_pointer(body)
    found = id_pointer(known.id, answer.value, answer.exchange.field("location"))
    if found is not None:
        known.id = found[0]
    if samples.media_type is not None:
        known.media_type = samples.media_type


def _from_reads(known: Resource, samples: ResourceSamples) -> None:
    one, other = samples.read, samples.reread
    if samples.created is None and not known.representation and one is not None and one.success:
        found = listed_id(known, first_listed(known, samples.listed))
        if found is not None and found[1] == samples.id:
            known.id = found[0]
    if one is not None and other is not None and one.success and other.success:
        moving = differences(one.value, other.value)
        known.volatile = sorted({*known.volatile, *moving})
        if samples.early is not None:
            _tell(
                known, "lag", State.DETECTED, f"{samples.early.exchange.summary()} right after it was created"
            )
        if "etag" not in known.capabilities or not known.capabilities["etag"].given:
            if one.exchange.field("etag"):
                _tell(known, "etag", State.DETECTED, f"{one.exchange.summary()} with ETag")
            else:
                _tell(known, "etag", State.ABSENT, f"{one.exchange.summary()} without ETag")


def _conditions(known: Resource, samples: ResourceSamples) -> None:
    """Whether writes must be conditional (RFC 6585 section 3)."""
    if "conditional" in known.capabilities:
        return
    if known.locking.if_match:
        _tell(known, "conditional", State.DECLARED, "If-Match is declared as required (`locking.if_match`)")
    elif samples.unconditional is not None:
        known.locking = known.locking.model_copy(update={"if_match": True})
        why = f"{samples.unconditional.exchange.summary()} without If-Match"
        _tell(known, "conditional", State.DETECTED, why)


def _operations(known: Resource, samples: ResourceSamples) -> None:
    if samples.listed is not None:
        there = samples.listed.success and known.items is not None
        why = samples.listed.exchange.summary()
        if samples.listed.success and known.items is None:
            why += " shows no array of items"
        _observed(known, "list", there, why, samples.listed)
    if samples.creates:
        _, answer = samples.creates[-1]
        readable = samples.read is not None and samples.read.success
        mock = is_mock(samples)
        there = answer.success and samples.id is not None and readable and samples.later is None and not mock
        there = there and not samples.foreign
        why = answer.exchange.summary()
        if mock and samples.unmade is not None:
            why += (
                " but what was sent cannot be read, and an id that nobody made is answered, too "
                f"({samples.unmade.exchange.summary()}): as a mock does"
            )
        elif samples.foreign:
            why += f", and {samples.foreign}"
        elif answer.success and not there:
            why += " but the item that it should have created cannot be read"
            why += "" if samples.read is None else f" ({samples.read.exchange.summary()})"
        if answer.status == ACCEPTED or samples.later is not None:
            why = _long_running(known, samples, there)
        if not answer.success:
            why += _advice(answer)
        _observed(known, "create", there, why, answer)
        seen = known.capabilities["create"]
        if mock and not seen.given:
            known.capabilities["create"] = seen.model_copy(update={"state": State.CONTRADICTED})
    elif known.capabilities.get("create") is None:
        _tell(known, "create", State.ABSENT, f"no body for POST {known.collection} is known")
    promised = samples.creates and samples.creates[-1][1].status == ACCEPTED
    if samples.read is not None and not (promised and samples.read.status in (404, 410)):
        _observed(known, "read", samples.read.success, samples.read.exchange.summary(), samples.read)
    if samples.replaced is not None:
        there, why = _kept_its_place(samples, samples.replaced)
        _observed(known, "replace", there, why, samples.replaced)
        if there and samples.update_body is not None and known.update_body is None:
            known.update_body = samples.update_body
    if samples.updated:
        if samples.changed is not None and known.change is None:
            known.change = samples.changed
        media, last = samples.updated[-1]
        there, why = _kept_its_place(samples, last)
        _observed(known, "update", there, f"{why} ({media})", last)
        if there and not known.patch:
            known.patch = [media]
        if there and known.patch:
            known.patch += [other for other, _ in samples.other_patches if other not in known.patch]
    if samples.deleted is not None:
        gone = samples.after_delete is not None and samples.after_delete.status in (404, 410)
        if samples.deleted.success and samples.after_delete is not None:
            known.hides_absence = known.hides_absence or samples.after_delete.status == 403
        why = samples.deleted.exchange.summary()
        if not gone and known.soft_delete is None and samples.after_delete is not None:
            why += f", afterwards {samples.after_delete.exchange.summary()}"
        # A redirect (303) may answer a deletion that was done; whether it may is for a rule to say.
        done = samples.deleted.success or (samples.deleted.status < 400 and gone)
        _observed(known, "delete", done, why, samples.deleted)
    if known.unique:
        _tell(known, "unique", State.DECLARED, f"unique = {known.unique}")
    elif samples.unique is not None and samples.duplicate is not None:
        known.unique = [samples.unique]
        why = f"the same body again: {samples.duplicate.exchange.summary()}; with another {samples.unique}: accepted"
        _tell(known, "unique", State.DETECTED, why)
    if samples.natural is not None:
        known.fresh = [samples.natural]
    elif samples.created is not None and not samples.asked_again and not known.unique and not known.fresh:
        known.fresh = often_unique(samples.created[0], known)
    if known.create_schema is not None and "schema" not in known.capabilities:
        _tell(known, "schema", State.DECLARED, "create_schema is given")
    if samples.unkeyed is not None and samples.key_field and known.idempotency is None and samples.created:
        known.idempotency = Idempotency(field=samples.key_field, required=True)
        why = f"{samples.unkeyed.exchange.summary()} without {samples.key_field}, accepted with it"
        _tell(known, "idempotency", State.DETECTED, why)
    if samples.keyed and known.idempotency is None:
        there = keys.honoured(samples)
        known.idempotency = Idempotency() if there else None
        _tell(known, "idempotency", State.DETECTED if there else State.ABSENT, keys.said(samples))
    told = known.capabilities.get("idempotency")
    if known.idempotency is not None and (told is None or told.because.startswith("OpenAPI documents no")):
        _tell(known, "idempotency", State.DECLARED, f"{known.idempotency.field} is named")


def _long_running(known: Resource, samples: ResourceSamples, there: bool) -> str:
    """Take note of whether a create that was accepted is carried out later, and say what shows it."""
    why = samples.creates[-1][1].exchange.summary()
    if samples.later is not None:
        why += f" with {samples.later}"
    elif not there and samples.read is not None:
        why += f", and then {samples.read.exchange.summary()}"
    _tell(known, "long_running", State.ABSENT if there else State.DETECTED, why)
    return why if there else f"creates are long-running: {why}"


def _kept_its_place(samples: ResourceSamples, write: Sample) -> tuple[bool, str]:
    """Whether a write changed the item, and why: after one that moves it nothing is left to look at."""
    why = write.exchange.summary()
    if write.success and samples.moved == write.exchange.method:
        return False, f"{why} moves the item to another URL"
    return write.success, why


def _pages(known: Resource, samples: ResourceSamples) -> None:
    declared = known.pagination
    known.pagination = paging.inferred(known, samples)
    for name, capability in paging.capabilities(known, declared).items():
        before = known.capabilities.get(name)
        if before is None or not before.given:
            known.capabilities[name] = capability


_OFTEN_UNIQUE = (
    "sku",
    "email",
    "slug",
    "code",
    "username",
    "user_name",
    "userName",
    "login",
    "name",
    "key",
    "title",
)


def often_unique(body: Any, known: Resource) -> list[str]:
    """Pointers of the texts that often must be unique, or name an item, by their members' names."""
    inside = at(body, known.representation)
    return [
        "/" + jsonpointer.escape(name)
        for name, value in (inside.items() if isinstance(inside, dict) else ())
        if isinstance(value, str)
        and (name in _OFTEN_UNIQUE or re.search(r"(_key|Key|_name|Name|_code|Code)$", name))
    ]


def unique_candidates(body: Any, known: Resource, refusal: Any) -> list[str]:
    """Members that may have to be unique, likeliest first, by their pointers in the representation.

    Args:
        body: the create body that was accepted once and then refused.
        known: says where its members stand.
        refusal: JSON of the answer; a member that it names is likelier than any other.
    """
    inside = at(body, known.representation)
    if not isinstance(inside, dict):
        return []
    told = str(refusal)

    def rank(name: str) -> tuple[bool, int]:
        often = _OFTEN_UNIQUE.index(name) if name in _OFTEN_UNIQUE else len(_OFTEN_UNIQUE)
        return name not in told, often

    plain = [name for name, value in inside.items() if isinstance(value, str | int) and value is not True]
    return ["/" + jsonpointer.escape(name) for name in sorted(plain, key=rank)]


def _advice(answer: Sample) -> str:
    if answer.status in (401, 403):
        return ": give a credential with --header or in [credentials.default]"
    if answer.status in (400, 422):
        return ": give a valid `body` in the profile"
    return ""


def _observed(known: Resource, name: str, there: bool, why: str, sample: Sample) -> None:
    before = known.capabilities.get(name)
    if before is not None and before.given:
        return
    if there:
        state = State.DECLARED if before is not None and before.there else State.DETECTED
        _tell(known, name, state, f"{before.because}; {why}" if state is State.DECLARED and before else why)
    elif before is not None and before.there:
        # A create may be answered 404 for what its body refers to.
        missing = sample.status in ((405, 501) if name == "create" else (404, 405, 501))
        state = State.CONTRADICTED if missing else State.ABSENT
        _tell(known, name, state, f"{before.because}, but {why}")
    else:
        _tell(known, name, State.ABSENT, why)


def _tell(known: Resource, name: str, state: State, because: str) -> None:
    known.capabilities[name] = Capability(state=state, because=because)


def methods_of(documented: dict[str, list[str]], path: str) -> list[str] | None:
    """Methods that a document gives for a path, over all path templates that match it; None where none does."""
    wanted = path.strip("/").split("/")
    found: set[str] = set()
    matched = False
    for template, methods in documented.items():
        parts = template.strip("/").split("/")
        if len(parts) == len(wanted) and all(
            part == word or part.startswith("{") for part, word in zip(parts, wanted, strict=True)
        ):
            matched = True
            found.update(methods)
    return sorted(found) if matched else None
