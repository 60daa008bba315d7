"""Documented actions of items, such as `POST /posts/{id}/like`, by what they change beside the item. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.survey.openapi.below_item import BelowItem
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import endpoints, parameters

_ACTION = re.compile(r"(?P<item>.+/\{[^{}]+\})[/:](?P<word>[A-Za-z_-]+)")
_MILD = re.compile(
    # Counters, marks and switches of the item. A word like `pay`, `send` or `publish` reaches beyond it.
    r"(un|up|down|dis|re)?[-_]?"
    r"(votes?|likes?|stars?|favou?rites?|bookmarks?|pins?|flags?|marks?|ratings?|rate|touch|bump|views?|hits?|reads?|seen"
    r"|increment|decrement|count|locks?|hide|show|open|close|complete|done|check|enable|disable|toggle|mute)",
    re.IGNORECASE,
)
_DECIDES = re.compile(
    # What is decided of the item. Others may be told of it, but no money, goods or messages are sent by it.
    r"(un|re)?[-_]?(cancel|archive|pause|resume|restore|approve|reject|confirm|void|submit|publish)",
    re.IGNORECASE,
)
_METHODS = ("POST", "PUT")


@dataclass(frozen=True)
class Action(BelowItem):
    """An operation below an item that takes no content.

    Attributes:
        mild: whether it changes nothing beside the item. One that is not is only for clients that must be refused.
    """

    mild: bool = True


def actions(document: Node, base_path: str) -> tuple[Action, ...]:
    """The documented actions that need neither content nor parameters and, by their name, change only the item, or
    decide of it.

    Args:
        document: as `document.parse()` gave it.
        base_path: path of the target's URL; empty at the root.
    """
    made = []
    for endpoint in endpoints(document, base_path):
        match = _ACTION.fullmatch(endpoint.path.rstrip("/"))
        mild = match is not None and _MILD.fullmatch(match["word"]) is not None
        if match is None or not (mild or _DECIDES.fullmatch(match["word"])):
            continue
        for method in _METHODS:
            operation = endpoint.operations.get(method)
            if operation is None or resolve(document, operation.get("requestBody")).get("required") is True:
                continue
            given = parameters(document, endpoint, operation)
            if any(one.get("required") is True and one["in"] != "path" for one in given):
                continue
            made.append(Action(method, endpoint.path, match["item"], mild))
    return tuple(made)
