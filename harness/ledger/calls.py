"""How an item without a URL of its own is looked at and removed: by POST of JSON to one URL, as with GraphQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Calls:
    """The requests for one item.

    Attributes:
        url: absolute URL that they are sent to.
        look: JSON that reads the item.
        remove: JSON that removes it.
        text: text that a response to `look` has as long as the item is there, and the run's.
    """

    url: str
    look: dict[str, Any]
    remove: dict[str, Any]
    text: str
