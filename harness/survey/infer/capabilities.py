"""Capabilities as the samples show them. Pure.

1. What is declared stays declared, whatever the target answers: where the answers deny it, it is contradicted (refused
   as something that does not exist), broken, or refused (4xx: the request or the credential may be at fault), never
   absent. Only a list or a read without permission leaves it absent: that says nothing about the target.
2. What nobody declares is detected if it worked, absent if it was refused, and broken if it failed with 5xx, or if it
   was accepted and had no effect.
"""

from __future__ import annotations

from harness.profile.models import Capability, Idempotency, Resource, State
from harness.resource.long_running import ACCEPTED
from harness.survey.infer import keys
from harness.survey.infer.mock import is_mock
from harness.survey.infer.samples import ResourceSamples, Sample
from harness.survey.infer.uniqueness import often_unique

WRITES = ("replace", "update", "delete")
"""Operations that the survey tries on items of its own only: the client that made them is refused there."""


def operations(known: Resource, samples: ResourceSamples) -> None:
    """Record every capability of the resource that an operation showed.

    Args:
        known: the resource as inferred so far; changed in place.
        samples: its responses.
    """
    _list(known, samples)
    _create(known, samples)
    _read(known, samples)
    _replace(known, samples)
    _update(known, samples)
    _delete(known, samples)
    _unique(known, samples)
    if known.create_schema is not None and "schema" not in known.capabilities:
        record(known, "schema", State.DECLARED, "create_schema is given")
    _idempotency(known, samples)


def record(known: Resource, name: str, state: State, because: str, *shown_by: Sample | None) -> None:
    """Record a capability with its evidence; what declared it before stays recorded."""
    before = known.capabilities.get(name)
    known.capabilities[name] = Capability(
        state=state,
        because=because,
        declaration=declaration(before),
        exchanges=ids_of(*shown_by),
    )


def declaration(before: Capability | None) -> str:
    """What the profile or the document says for a capability; empty if they do not have it."""
    if before is None:
        return ""
    return before.declaration or (before.because if before.state is State.DECLARED else "")


def ids_of(*samples: Sample | None) -> list[str]:
    """Ids of the exchanges of samples, in order."""
    return [one.exchange.id for one in samples if one is not None]


def _list(known: Resource, samples: ResourceSamples) -> None:
    if samples.listed is None:
        return
    there = samples.listed.success and known.items is not None
    why = samples.listed.exchange.summary()
    if samples.listed.success and known.items is None:
        why += " shows no array of items"
    _observed(known, "list", there, why, samples.listed)


def _create(known: Resource, samples: ResourceSamples) -> None:
    if not samples.creates:
        if known.capabilities.get("create") is None:
            how = f"PUT {known.item}" if known.create_method == "PUT" else f"POST {known.collection}"
            record(known, "create", State.ABSENT, f"no body for {how} is known")
        return
    _, answer = samples.creates[-1]
    mock = is_mock(samples)
    readable = samples.read is not None and samples.read.success
    there = answer.success and samples.id is not None and readable and samples.later is None
    there = there and not mock and not samples.foreign
    if answer.status == ACCEPTED or samples.later is not None:
        why = _long_running(known, samples, there)
    else:
        why = _evidence(samples, answer, there)
    if not answer.success:
        why += _advice(answer)
    if known.create_method == "PUT" and (there or answer.status in (404, 405)):
        known.put_creates = there
    lost = answer.status in (200, 201) and samples.id is not None and not samples.foreign
    _observed(
        known,
        "create",
        there,
        why,
        answer,
        # A 404 to a POST may mean an item that the body refers to.
        missing=(404, 405, 501) if known.create_method == "PUT" else (405, 501),
        broken=lost and samples.read is not None and not readable,
        also=(samples.read,) if answer.success else (),
    )
    seen = known.capabilities["create"]
    if mock and not seen.given:
        known.capabilities["create"] = seen.model_copy(update={"state": State.CONTRADICTED, "denied": why})


def _evidence(samples: ResourceSamples, answer: Sample, there: bool) -> str:
    """What the response to a create shows, and why the create does not count."""
    why = answer.exchange.summary()
    if is_mock(samples) and samples.unmade is not None:
        return (
            f"{why} but what was sent cannot be read, and an id that nobody created is answered as well "
            f"({samples.unmade.exchange.summary()}), as a mock does"
        )
    if samples.foreign:
        return f"{why}, and {samples.foreign}"
    if answer.success and not there:
        why += " but the item that it should have created cannot be read"
        why += "" if samples.read is None else f" ({samples.read.exchange.summary()})"
        if answer.exchange.field("location") is None:
            why += "; if it is elsewhere, set `id` or `item` of the resource"
    return why


def _long_running(known: Resource, samples: ResourceSamples, there: bool) -> str:
    """Record whether an accepted create is carried out later.

    Returns:
        The evidence.
    """
    why = samples.creates[-1][1].exchange.summary()
    if samples.later is not None:
        why += f" with {samples.later}"
    elif not there and samples.read is not None:
        why += f", and then {samples.read.exchange.summary()}"
    record(known, "long_running", State.ABSENT if there else State.DETECTED, why)
    return why if there else f"creates are long-running: {why}"


def _read(known: Resource, samples: ResourceSamples) -> None:
    promised = samples.creates and samples.creates[-1][1].status == ACCEPTED
    if samples.read is not None and not (promised and samples.read.status in (404, 410)):
        _observed(known, "read", samples.read.success, samples.read.exchange.summary(), samples.read)


def _replace(known: Resource, samples: ResourceSamples) -> None:
    if samples.replaced is not None:
        there, why = _kept_its_place(samples, samples.replaced)
        _observed(
            known, "replace", there, why, samples.replaced, broken=samples.replaced.success and not there
        )
        if there and samples.update_body is not None and known.update_body is None:
            known.update_body = samples.update_body


def _update(known: Resource, samples: ResourceSamples) -> None:
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


def _kept_its_place(samples: ResourceSamples, write: Sample) -> tuple[bool, str]:
    """Whether a write changed the item at its URL, and the evidence."""
    why = write.exchange.summary()
    if write.success and samples.moved == write.exchange.method:
        return False, f"{why} moves the item to another URL"
    return write.success, why


def _delete(known: Resource, samples: ResourceSamples) -> None:
    if samples.deleted is not None:
        gone = samples.after_delete is not None and samples.after_delete.status in (404, 410)
        if samples.deleted.success and samples.after_delete is not None:
            known.hides_absence = known.hides_absence or samples.after_delete.status == 403
        why = samples.deleted.exchange.summary()
        if not gone and known.soft_delete is None and samples.after_delete is not None:
            why += f", afterwards {samples.after_delete.exchange.summary()}"
        # A completed deletion may be answered with a redirect (303); a rule judges that.
        done = samples.deleted.success or (samples.deleted.status < 400 and gone)
        _observed(known, "delete", done, why, samples.deleted)


def _unique(known: Resource, samples: ResourceSamples) -> None:
    if known.unique:
        record(known, "unique", State.DECLARED, f"unique = {known.unique}")
    elif samples.unique is not None and samples.duplicate is not None:
        known.unique = [samples.unique]
        why = f"the same body again: {samples.duplicate.exchange.summary()}; with another {samples.unique}: accepted"
        record(known, "unique", State.DETECTED, why)
    if samples.natural is not None:
        known.fresh = [samples.natural]
    elif samples.created is not None and not samples.asked_again and not known.unique and not known.fresh:
        known.fresh = often_unique(samples.created[0], known)


def _idempotency(known: Resource, samples: ResourceSamples) -> None:
    if samples.unkeyed is not None and samples.key_field and known.idempotency is None and samples.created:
        known.idempotency = Idempotency(field=samples.key_field, required=True)
        why = f"{samples.unkeyed.exchange.summary()} without {samples.key_field}, accepted with it"
        record(known, "idempotency", State.DETECTED, why)
    if samples.keyed and known.idempotency is None:
        there = keys.honoured(samples)
        known.idempotency = Idempotency() if there else None
        record(known, "idempotency", State.DETECTED if there else State.ABSENT, keys.evidence(samples))
    before = known.capabilities.get("idempotency")
    if known.idempotency is not None and (
        before is None or before.because.startswith("OpenAPI documents no")
    ):
        record(known, "idempotency", State.DECLARED, f"the profile names {known.idempotency.field}")


def _advice(answer: Sample) -> str:
    if answer.status in (401, 403):
        return ": give a credential with --header or in [credentials.default]"
    if answer.status in (400, 422):
        return ": give a valid `body` in the profile"
    return ""


def _observed(
    known: Resource,
    name: str,
    there: bool,
    why: str,
    sample: Sample,
    *,
    missing: tuple[int, ...] = (404, 405, 501),
    broken: bool = False,
    also: tuple[Sample | None, ...] = (),
) -> None:
    """Record what an operation showed.

    Args:
        there: whether it worked.
        why: the response in words.
        sample: the response.
        missing: statuses that say that there is no such operation.
        broken: whether it does not work, although the status does not say so.
        also: further responses that show it.
    """
    before = known.capabilities.get(name)
    if name in WRITES and _withheld(sample):
        why += f": {permission(name)}"
    shown = ids_of(sample, *also)
    said = declaration(before)
    if before is not None and before.given:
        # Its rules run, and judge what happens.
        denied = "" if there or not before.there or _withheld(sample) else why
        update = {"denied": denied, "declaration": said, "exchanges": shown}
        known.capabilities[name] = before.model_copy(update=update)
        return
    if there:
        state, because = State.DECLARED if said else State.DETECTED, f"{said}; {why}" if said else why
    else:
        state = _failed(name, bool(said), sample, missing, broken=broken)
        because = f"{said}, but {why}" if said else why
    # A refusal with 4xx may have a reason that the request gave.
    sure = state is State.CONTRADICTED or broken or sample.status >= 500
    known.capabilities[name] = Capability(
        state=state,
        because=because,
        declaration=said,
        denied=why if sure and state in (State.CONTRADICTED, State.BROKEN) else "",
        exchanges=shown,
    )


def _failed(name: str, declared: bool, sample: Sample, missing: tuple[int, ...], *, broken: bool) -> State:
    """The state of a capability whose operation did not work."""
    if declared and sample.status in missing:
        return State.CONTRADICTED
    if broken or (sample.status >= 500 and sample.status != 501):
        return State.BROKEN
    # Nothing is known of an API without permission. Who is refused a write may lack a body, or a right, of its own.
    refused = declared and sample.status >= 400
    refused = refused and (name in (*WRITES, "create") or not _withheld(sample))
    return State.REFUSED if refused else State.ABSENT


def promised(known: Resource, name: str, there: bool, field: str, sample: Sample) -> None:
    """Record a capability that a response field shows; where it is declared and lacking, it is broken."""
    before = known.capabilities.get(name)
    said = declaration(before)
    why = f"{sample.exchange.summary()} {'with' if there else 'without'} {field}"
    if before is not None and before.given:
        denied = why if before.there and not there else ""
        update = {"denied": denied, "declaration": said, "exchanges": ids_of(sample)}
        known.capabilities[name] = before.model_copy(update=update)
    elif there or not said:
        record(known, name, State.DETECTED if there else State.ABSENT, why, sample)
    else:
        record(known, name, State.BROKEN, f"{said}, but {why}", sample)
        known.capabilities[name].denied = why


def permission(name: str) -> str:
    """What to change where a credential may create items and may not change them.

    Args:
        name: of the capability.
    """
    return f"give a credential that may, or write `capabilities = {{ {name} = false }}`"


def _withheld(sample: Sample) -> bool:
    """Whether an operation was refused for lack of permission, which says nothing about it."""
    return sample.status in (401, 403, 407)
