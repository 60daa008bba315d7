"""Defects of actions that add to a member of an item."""

from __future__ import annotations

from tests.concurrency.counting_orders import Increments, orders_that_count
from tests.concurrency.defects import TransitionUnguarded, with_gap
from tests.matrix.defect import Defect
from tests.matrix.serving import defect

DEFECTS: tuple[Defect, ...] = (
    defect(
        "CONC-004",
        "an action reads, adds and stores",
        on=("orders",),
        resources=orders_that_count,
        transitions=Increments,
        locking=with_gap(TransitionUnguarded, 500e-6),
    ),
)
