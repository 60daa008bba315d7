"""Whether an undeclared idempotency key was honoured. Pure."""

from __future__ import annotations

from harness.survey.infer.samples import ResourceSamples

FIELD = "Idempotency-Key"


def honoured(samples: ResourceSamples) -> bool:
    """Whether a key made a difference: one item with it, another one without it.

    A refusal of the other one, whose value must be unique, is a difference as well. A list with more items than the
    responses name denies it.
    """
    ids = set(samples.keyed_ids)
    if len(samples.keyed) != 2 or not all(one.success for one in samples.keyed) or len(ids) != 1:
        return False
    if ids & {None, samples.id}:
        return False
    return samples.keyed_listed is None or set(samples.keyed_listed) <= ids | {samples.id}


def evidence(samples: ResourceSamples) -> str:
    """What the creates with a key showed."""
    replies = "; ".join(one.exchange.summary() for one in samples.keyed)
    if honoured(samples):
        return f"the same create twice under one {FIELD} made one item, without it another ({replies})"
    if None not in samples.keyed_ids and len(set(samples.keyed_ids)) == 2:
        return f"the same create twice under one {FIELD} made two items ({replies})"
    return f"creates under one {FIELD} do not show whether it counts ({replies})"
