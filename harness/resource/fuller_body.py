"""Bodies with optional objects and arrays that the target is seen to take, and to show."""

from __future__ import annotations

from typing import Any

from harness.client.budget import BudgetSpent
from harness.http.content import at, json_of, replaced
from harness.payloads.composites import composites
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided


def fuller_body(resource: ResourceUnderTest) -> Any | None:
    """A body with the optional objects and arrays of the schema that a create takes and a read shows as sent.

    Creates an item to find that out. None where no schema describes such a member, or the target does not keep one.
    """
    trial, inside = resource.body(), resource.known.representation
    added = composites(resource.known, trial)
    if not added or resource.staying:
        return None
    for pointer, value in added.items():
        trial = replaced(trial, inside + pointer, value)
    try:
        seen = json_of(resource.create(trial).get())
    except BudgetSpent:
        raise
    except Undecided:
        # What is documented may be refused for a reason of its own; SCH-005 asks for that.
        return None
    taken = {pointer: value for pointer, value in added.items() if at(seen, inside + pointer) == value}
    if not taken:
        return None
    body = resource.body()
    for pointer, value in taken.items():
        body = replaced(body, inside + pointer, value)
    return body
