"""Patches of two members at once."""

from __future__ import annotations

from typing import Any

from harness.http.content import MISSING, at, replaced, shown
from harness.resource.contested import others
from harness.resource.patch_documents import merging, setting
from harness.rules.checks import evidence, expect

from .probes import Patched, summary

FRESH = 3
"""Values that are tried until one differs from the current one."""


def both_are_applied(patched: Patched, place: str) -> None:
    """Break the rule where a patch of two members changes one of them only, while each can be patched alone.

    Args:
        place: of a member that can be patched.
    """
    second = next((one for one in patched.places() if apart(one, place)), None)
    if second is None:
        return
    before = patched.look()
    values = {one: fresh(patched, one, at(before, one)) for one in (place, second)}
    if MISSING in values.values():
        return
    reply = patched.send(together(values, operations=patched.operations))
    now = patched.settled(lambda found: all(at(found, one) == value for one, value in values.items()))
    lost = [one for one, value in values.items() if at(now, one) != value]
    if not lost:
        evidence(f"{place} and {second} were changed by one PATCH")
        return
    if 300 <= reply.status_code < 500:
        # The two values may not go together.
        evidence(f"not judged: {summary(reply)} for a PATCH of {place} and {second}")
        return
    alone = all(_alone(patched, one) for one in lost)
    expect(
        not alone,
        f"{shown(values[lost[0]])} at {lost[0]} after a PATCH of {place} and {second}",
        f"{summary(reply)}; {lost[0]} is {shown(at(now, lost[0]))}, and a PATCH of {lost[0]} alone changes it",
    )


def apart(one: str, other: str) -> bool:
    """Whether two locations are in different members. Pure."""
    return not f"{one}/".startswith(f"{other}/") and not f"{other}/".startswith(f"{one}/")


def together(values: dict[str, Any], *, operations: bool) -> Any:
    """A patch of several locations. Pure.

    Args:
        operations: whether it is a JSON Patch (RFC 6902), or else a merge patch (RFC 7396).
    """
    (first, value), *rest = values.items()
    patch = setting(first, value) if operations else merging(first, value)
    for place, other in rest:
        patch = [*patch, *setting(place, other)] if operations else replaced(patch, place, other)
    return patch


def fresh(patched: Patched, place: str, current: Any) -> Any:
    """A value that a location does not have; `MISSING` without one."""
    pointer = place.removeprefix(patched.known.representation)
    found = zip(range(FRESH), others(patched.known, patched.item.sent, pointer), strict=False)
    return next((value for _, value in found if value != current), MISSING)


def _alone(patched: Patched, place: str) -> bool:
    """Whether a patch of one location is accepted and shown."""
    value = fresh(patched, place, at(patched.look(), place))
    reply = patched.send(patched.set(place, value)) if value is not MISSING else None
    return (
        reply is not None
        and reply.is_success
        and at(patched.settled(lambda found: at(found, place) == value), place) == value
    )
