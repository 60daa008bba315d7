"""Inference: samples in, resource out; no I/O.

What the user wrote and the document declares stays; observation fills in the rest and contradicts.
"""

from __future__ import annotations

from harness.http.content import at, differences, id_text
from harness.profile.models import Resource, State
from harness.profile.resource import in_envelope, in_other_envelope
from harness.resource.tags import tag_pointer
from harness.survey.infer import bodies, paging
from harness.survey.infer.capabilities import declaration, ids_of, operations, promised, record
from harness.survey.infer.mock import TAG, holds
from harness.survey.infer.pointers import (
    first_listed,
    holder,
    id_pointer,
    items_pointer,
    listed_id,
    representation_pointer,
)
from harness.survey.infer.samples import ResourceSamples


def resource(declared: Resource, samples: ResourceSamples) -> Resource:
    """The resource with everything that its samples show.

    Args:
        declared: what the profile and the document say.
        samples: the responses of the target.
    """
    known = declared.model_copy(deep=True)
    _from_list(known, samples)
    _from_create(known, samples)
    if samples.item is not None:
        known.item = samples.item
    _from_reads(known, samples)
    _conditions(known, samples)
    operations(known, samples)
    _pages(known, samples)
    _declared(known, samples)
    if known.archive is None:
        known.archive = samples.archive
    return known


def _from_list(known: Resource, samples: ResourceSamples) -> None:
    if samples.listed is not None and samples.listed.success and known.items is None:
        known.items = items_pointer(samples.listed.value, known.collection.strip("/") or known.name)


def _from_create(known: Resource, samples: ResourceSamples) -> None:
    if samples.created is None:
        return
    body, answer = samples.created
    if samples.bare is not None and not known.bare:
        made = (
            in_other_envelope(known, samples.bare, samples.within)
            if samples.within
            else in_envelope(known, samples.bare)
        )
        known.representation, known.bare, known.id = made.representation, True, made.id
        known.within = made.within
        known.create_schema, known.body = made.create_schema, made.body
    if not known.representation and samples.envelope is not None:
        known.representation = samples.envelope
    elif not known.representation:
        known.representation = representation_pointer(body, known.collection.strip("/") or known.name)
    if known.body is None:
        seen = [one.value for one in (answer, samples.read) if one is not None]
        guessed = known.create_schema is None
        known.body = bodies.without_guesses(known, body, seen) if guessed else body
    pointer = tag_pointer(known, body)
    if pointer is not None:
        text = at(body, pointer)
        shown = next(
            (one for one in (answer, samples.read) if one is not None and holds(one.value, text)), None
        )
        if isinstance(text, str) and TAG.search(text) and shown is not None:
            record(
                known, "tag", State.DETECTED, f"{shown.exchange.summary()} keeps the text sent at {pointer}"
            )
    found = id_pointer(known.id, answer.value, answer.exchange.field("location"))
    if found is not None and known.create_method == "POST":
        known.id = found[0]
    if id_text(at(answer.value, known.id)) != samples.id:
        _shown(known, samples)
    if samples.media_type is not None:
        known.media_type = samples.media_type


def _shown(known: Resource, samples: ResourceSamples) -> None:
    """Where an item shows its id, if that was only in Location, or chosen by the run."""
    answers = [samples.created[1], samples.read] if samples.created is not None else []
    for one in answers:
        pointer = holder(known.id, one.value, samples.id) if one is not None and one.success else None
        if pointer is not None:
            known.id = pointer
            return


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
            record(
                known, "lag", State.DETECTED, f"{samples.early.exchange.summary()} right after it was created"
            )
        promised(known, "etag", bool(one.exchange.field("etag")), "ETag", one)


def _conditions(known: Resource, samples: ResourceSamples) -> None:
    """Whether writes must be conditional (RFC 6585 section 3), or carry a version."""
    if samples.version is not None and known.locking.version is None:
        known.locking = known.locking.model_copy(update={"version": samples.version})
    if "conditional" in known.capabilities:
        return
    if known.locking.if_match:
        record(known, "conditional", State.DECLARED, "If-Match is declared as required (`locking.if_match`)")
    elif samples.unconditional is not None:
        seen = {"if_match": True, "if_match_for": [samples.unconditional.exchange.method]}
        known.locking = known.locking.model_copy(update=seen)
        why = f"{samples.unconditional.exchange.summary()} without If-Match"
        record(known, "conditional", State.DETECTED, why)


def _pages(known: Resource, samples: ResourceSamples) -> None:
    declared = known.pagination
    known.pagination = paging.inferred(known, samples)
    for name, capability in paging.capabilities(known, declared).items():
        before = known.capabilities.get(name)
        if before is None or not before.given:
            known.capabilities[name] = capability


def _declared(known: Resource, samples: ResourceSamples) -> None:
    """Declared features that failed when they were used as declared."""
    for name, sample in samples.failed.items():
        before = known.capabilities.get(name)
        if before is None or not (before.given or declaration(before)):
            continue
        why = sample.exchange.summary()
        if name == "idempotency" and known.idempotency is not None:
            why += f" with {known.idempotency.field}, though creates without it succeed"
        update: dict[str, object] = {"denied": why, "exchanges": ids_of(sample)}
        if not before.given:
            update |= {"state": State.BROKEN, "because": f"{declaration(before)}, but {why}"}
        known.capabilities[name] = before.model_copy(update={**update, "declaration": declaration(before)})
        if name in ("filter", "sort") and known.pagination is not None:
            # No other rule uses it, so that one fault is one finding.
            gone = {f"{name}_param": None, f"{name}_member": None}
            known.pagination = known.pagination.model_copy(update=gone)


def methods_of(documented: dict[str, list[str]], path: str) -> list[str] | None:
    """Methods that a document gives for a path, over all path templates that match it; None if none does."""
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
