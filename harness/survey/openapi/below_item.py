"""Documented operations below an item, such as `POST /orders/{id}/cancel`. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.http.path_templates import shape


@dataclass(frozen=True)
class BelowItem:
    """An operation below an item.

    Attributes:
        method: upper case.
        path: template relative to the target URL.
        item: template of the item's path.
    """

    method: str
    path: str
    item: str

    def of(self, item_path: str) -> str | None:
        """The path of the operation for an item.

        Args:
            item_path: path template of the item, with other names of parameters perhaps.

        Returns:
            A template with the parameters of `item_path`; None where the operation belongs to another item.
        """
        return item_path + self.path[len(self.item) :] if shape(self.item) == shape(item_path) else None
