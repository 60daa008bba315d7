"""Defects of actions that add to a member of an item."""

from __future__ import annotations

from harness.reference.call import Call
from tests.concurrency.counting_orders import (
    AddsLines,
    DescribesLines,
    Increments,
    orders_that_count,
    orders_with_lines,
)
from tests.concurrency.defects import Unguarded, with_gap
from tests.matrix.defect import Defect
from tests.matrix.serving import defect


class AddsUnguarded(Unguarded):
    """The sum is computed of what was read, and stored whatever is there then."""

    def guards(self, call: Call) -> bool:
        return call.parameters.get("action") not in ("increment", "lines")


DEFECTS: tuple[Defect, ...] = (
    defect(
        "CONC-004",
        "an action reads, adds and stores",
        on=("orders",),
        resources=orders_that_count,
        transitions=Increments,
        locking=with_gap(AddsUnguarded, 500e-6),
    ),
    defect(
        "CONC-004",
        "an action reads, appends and stores",
        on=("orders",),
        resources=orders_with_lines,
        transitions=AddsLines,
        description=DescribesLines,
        locking=with_gap(AddsUnguarded, 500e-6),
    ),
)
