"""Defects in optional members that no example and no usual body has."""

from __future__ import annotations

from dataclasses import replace

from harness.reference.call import Call, Document
from harness.reference.endpoints import ItemEndpoint
from harness.reference.resources import ORDERS, PRODUCTS, ServedResource
from harness.reference.store import StoredItem as Stored
from tests.matrix.defect import Defect
from tests.matrix.serving import defect
from tests.patch.defects import EscapesNotDecoded, NestedModelReplaced


def bare(resource: ServedResource) -> ServedResource:
    """The resource, whose example has the required members alone."""
    return replace(resource, example={name: resource.example[name] for name in resource.required})


def bare_products() -> tuple[ServedResource, ...]:
    return (bare(PRODUCTS),)


def bare_orders() -> tuple[ServedResource, ...]:
    return (bare(ORDERS),)


class LabelsAppended(ItemEndpoint):
    """An array in a table of its own, to which PUT adds rows."""

    def replaced_data(self, call: Call, item: Stored, document: Document) -> Document:
        data = super().replaced_data(call, item, document)
        if "shelf_labels" in data:
            data["shelf_labels"] = [*item.data.get("shelf_labels", []), *data["shelf_labels"]][:20]
        return data


DEFECTS: tuple[Defect, ...] = (
    defect(
        "PATCH-003",
        "a nested model that no example has is replaced",
        # What is left of it may crash.
        perhaps=frozenset({"PATCH-011"}),
        on=("products",),
        resources=bare_products,
        patcher=NestedModelReplaced,
    ),
    defect(
        "PATCH-005",
        "escapes are not decoded in a map that no example has",
        on=("orders",),
        resources=bare_orders,
        patcher=EscapesNotDecoded,
    ),
    defect(
        "METH-007",
        "PUT appends to an array that no example has",
        on=("products",),
        resources=bare_products,
        item=LabelsAppended,
    ),
)
