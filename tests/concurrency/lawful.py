"""Lawful APIs that a careless rule about races would accuse."""

from __future__ import annotations

from tests.concurrency.counting_orders import (
    AddsLines,
    DescribesLines,
    Increments,
    orders_that_count,
    orders_with_lines,
)
from tests.matrix.variant import Variant, variant


class UpToAMaximum(Increments):
    """A quantity that has reached its maximum stays there."""

    most = 40


VARIANTS: tuple[Variant, ...] = (
    variant("an action adds up to a maximum", resources=orders_that_count, transitions=UpToAMaximum),
    variant("an action adds in one step", resources=orders_that_count, transitions=Increments),
    variant(
        "an action appends in one step",
        resources=orders_with_lines,
        transitions=AddsLines,
        description=DescribesLines,
    ),
)
