"""Lawful APIs whose arrays are not what was sent."""

from __future__ import annotations

from harness.reference.call import Document
from harness.reference.representation import Representation
from harness.reference.resources import ServedResource
from harness.reference.store import StoredItem
from tests.matrix.variant import Variant, variant
from tests.patch.lines import with_lines


class Sorted(Representation):
    """Lines are shown by their article, whatever the order in which they were sent."""

    def of(self, resource: ServedResource, item: StoredItem) -> Document:
        shown = super().of(resource, item)
        lines = shown.get("lines")
        return {**shown, "lines": sorted(lines, key=lambda one: str(one.get("sku")))} if lines else shown


VARIANTS: tuple[Variant, ...] = (
    variant("lines in the order of the server", on=("orders",), resources=with_lines, representation=Sorted),
)
