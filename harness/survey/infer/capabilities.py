"""Capabilities as the samples show them. Pure.

An operation that is declared and answered 404, 405 or 501 is contradicted; an undeclared one is detected if it worked.
"""

from __future__ import annotations

from harness.profile.models import Capability, Idempotency, Resource, State
from harness.resource.long_running import ACCEPTED
from harness.survey.infer import keys
from harness.survey.infer.mock import is_mock
from harness.survey.infer.samples import ResourceSamples, Sample
from harness.survey.infer.uniqueness import often_unique


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


def record(known: Resource, name: str, state: State, because: str) -> None:
    known.capabilities[name] = Capability(state=state, because=because)


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
            record(known, "create", State.ABSENT, f"no body for POST {known.collection} is known")
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
    _observed(known, "create", there, why, answer)
    seen = known.capabilities["create"]
    if mock and not seen.given:
        known.capabilities["create"] = seen.model_copy(update={"state": State.CONTRADICTED})


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
        _observed(known, "replace", there, why, samples.replaced)
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


def _observed(known: Resource, name: str, there: bool, why: str, sample: Sample) -> None:
    before = known.capabilities.get(name)
    if before is not None and before.given:
        return
    if there:
        state = State.DECLARED if before is not None and before.there else State.DETECTED
        record(known, name, state, f"{before.because}; {why}" if state is State.DECLARED and before else why)
    elif before is not None and before.there:
        # A 404 to a create may mean an item that its body refers to.
        missing = sample.status in ((405, 501) if name == "create" else (404, 405, 501))
        state = State.CONTRADICTED if missing else State.ABSENT
        record(known, name, state, f"{before.because}, but {why}")
    else:
        record(known, name, State.ABSENT, why)
