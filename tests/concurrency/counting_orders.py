"""Orders with actions that add to their quantity or their lines, for defects and lawful variants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.reference.call import Call
from harness.reference.endpoints import TransitionEndpoint
from harness.reference.locking import Act
from harness.reference.reader import JSON
from harness.reference.resources import ORDERS, ServedResource, TransitionPolicy
from tests.webhooks.documented import Documented

ADDED = 7


LINES: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "default": []}
CONTENT = {"application/json": {"schema": {"type": "object"}, "example": {"text": "two pens"}}}


def orders_that_count() -> tuple[ServedResource, ...]:
    """Orders with a third action."""
    return (_with("increment"),)


def orders_with_lines() -> tuple[ServedResource, ...]:
    """Orders with lines, and an action that adds one."""
    return (replace(_with("lines"), properties={**ORDERS.properties, "lines": LINES}),)


def _with(action: str) -> ServedResource:
    return replace(ORDERS, transitions=(*ORDERS.transitions, TransitionPolicy(action, "pending", "pending")))


class DescribesLines(Documented):
    """Says what a line is."""

    def document(self, call: Call) -> dict[str, Any]:
        made = super().document(call)
        made["paths"]["/orders/{id}/lines"]["post"]["requestBody"] = {"required": True, "content": CONTENT}
        return made


class AddsLines(TransitionEndpoint):
    """Appends in the transaction that stores the lines, if the order is still as it was read."""

    def transition(self, call: Call) -> Act:
        if call.parameters["action"] != "lines":
            return super().transition(call)
        _, line = call.policies.reader.read(call, JSON)
        item = call.policies.item.load(call)
        data = {**item.data, "lines": [*item.data.get("lines", []), line["text"]]}
        return lambda tx: self.moved(call, call.policies.locking.replace(call, tx, item, data))


class Increments(TransitionEndpoint):
    """Adds in the transaction that stores the sum, if the order is still as it was read."""

    most = 1000

    def transition(self, call: Call) -> Act:
        if call.parameters["action"] != "increment":
            return super().transition(call)
        item = call.policies.item.load(call)
        data = {**item.data, "quantity": min(self.most, item.data["quantity"] + ADDED)}
        return lambda tx: self.moved(call, call.policies.locking.replace(call, tx, item, data))
