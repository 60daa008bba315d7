"""What the survey has learnt about a resource from its answers, each fact with its evidence. Pure.

A fact is what rules take as normal. What is declared is no fact of this kind.
"""

from __future__ import annotations

from harness.http.content import at, differences, shown
from harness.profile.models import Resource, State
from harness.survey.infer.samples import ResourceSamples
from harness.survey.suspicion import SOFT_DELETE, Learnt


def moved(samples: ResourceSamples) -> list[str]:
    """Locations that differ between two reads of the item with no write between them."""
    one, other = samples.read, samples.reread
    if one is None or other is None or not (one.success and other.success):
        return []
    return differences(one.value, other.value)


def learnt(declared: Resource, known: Resource, samples: ResourceSamples) -> list[Learnt]:
    """The facts about one resource that were not declared.

    Args:
        declared: the resource as the profile and the document describe it.
        known: as it was inferred.
    """
    return [
        *_volatile(declared, samples),
        *_unique(declared, known, samples),
        *_version(known, samples),
        *(
            Learnt(known.name, "absent", name, capability.because, tuple(capability.exchanges))
            for name, capability in known.capabilities.items()
            if capability.state is State.ABSENT and capability.exchanges
        ),
    ]


def _volatile(declared: Resource, samples: ResourceSamples) -> list[Learnt]:
    one, other = samples.read, samples.reread
    if one is None or other is None:
        return []
    return [
        Learnt(
            declared.name,
            "volatile",
            where,
            f"{shown(at(one.value, where))}, then {shown(at(other.value, where))} in two reads without a write",
            (one.exchange.id, other.exchange.id),
        )
        for where in moved(samples)
        if where not in declared.volatile
    ]


def _version(known: Resource, samples: ResourceSamples) -> list[Learnt]:
    refused = samples.versionless
    if samples.version is None or refused is None:
        return []
    because = f"{refused.exchange.summary()}; accepted with the version that was read"
    return [Learnt(known.name, "version", samples.version, because, (refused.exchange.id,))]


def _unique(declared: Resource, known: Resource, samples: ResourceSamples) -> list[Learnt]:
    found = []
    capability = known.capabilities.get("unique")
    if capability is not None and capability.state is State.DETECTED:
        shown_by = () if samples.duplicate is None else (samples.duplicate.exchange.id,)
        found += [
            Learnt(known.name, "unique", where, capability.because, shown_by)
            for where in known.unique
            if where not in declared.unique
        ]
    why = (
        "the same body was answered with the same item; with another value, with another item"
        if samples.natural is not None
        else "members of that name often have to be unique"
    )
    found += [
        Learnt(
            known.name, "fresh", where, why, tuple(sample.exchange.id for _, sample in samples.creates[-1:])
        )
        for where in known.fresh
        if where not in declared.fresh
    ]
    deleted, after = samples.deleted, samples.after_delete
    if samples.archived is not None and deleted is not None and after is not None:
        why = f"{deleted.exchange.summary()}, then {after.exchange.summary()} with {samples.archived} set"
        both = (deleted.exchange.id, after.exchange.id)
        found.append(Learnt(known.name, SOFT_DELETE, samples.archived, why, both))
    if known.hides_absence and not declared.hides_absence:
        after = samples.after_delete
        if after is not None:
            found.append(
                Learnt(known.name, "hides_absence", "403", after.exchange.summary(), (after.exchange.id,))
            )
    return found
