"""Defects of actions under an idempotency key."""

from __future__ import annotations

from harness.reference.call import Call, Reply
from harness.reference.endpoints import TransitionEndpoint
from tests.concurrency.counting_orders import (
    AddsLines,
    DescribesLines,
    Increments,
    orders_that_count,
    orders_with_lines,
)
from tests.matrix.defect import Defect
from tests.matrix.serving import defect


class UnkeyedIncrements(Increments):
    """The action came later, and its handler does not go through the policy of keys."""

    def post(self, call: Call) -> Reply:
        if call.parameters["action"] != "increment":
            return super().post(call)
        return call.policies.idempotency.run(call, None, None, lambda: self.transition(call))


class UnkeyedLines(AddsLines):
    """The same of an action that appends."""

    def post(self, call: Call) -> Reply:
        if call.parameters["action"] != "lines":
            return super().post(call)
        return call.policies.idempotency.run(call, None, None, lambda: self.transition(call))


class UnkeyedTransitions(TransitionEndpoint):
    """The same of all transitions: a retry finds the item in its new state."""

    def post(self, call: Call) -> Reply:
        return call.policies.idempotency.run(call, None, None, lambda: self.transition(call))


DEFECTS: tuple[Defect, ...] = (
    defect(
        "IDEM-001",
        "an action ignores the key that creates honour",
        on=("orders",),
        resources=orders_that_count,
        transitions=UnkeyedIncrements,
    ),
    defect(
        "IDEM-001",
        "an action that appends ignores the key",
        on=("orders",),
        resources=orders_with_lines,
        transitions=UnkeyedLines,
        description=DescribesLines,
    ),
    defect("IDEM-002", "transitions ignore the key", on=("orders",), transitions=UnkeyedTransitions),
)
