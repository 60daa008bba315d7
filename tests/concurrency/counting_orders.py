"""Orders with an action that adds to their quantity, for defects and lawful variants of such actions."""

from __future__ import annotations

from dataclasses import replace

from harness.reference.call import Call
from harness.reference.endpoints import TransitionEndpoint
from harness.reference.locking import Act
from harness.reference.resources import ORDERS, ServedResource, TransitionPolicy

ADDED = 7


def orders_that_count() -> tuple[ServedResource, ...]:
    """Orders with a third action."""
    action = TransitionPolicy("increment", "pending", "pending")
    return (replace(ORDERS, transitions=(*ORDERS.transitions, action)),)


class Increments(TransitionEndpoint):
    """Adds in the transaction that stores the sum, if the order is still as it was read."""

    most = 1000

    def transition(self, call: Call) -> Act:
        if call.parameters["action"] != "increment":
            return super().transition(call)
        item = call.policies.item.load(call)
        data = {**item.data, "quantity": min(self.most, item.data["quantity"] + ADDED)}
        return lambda tx: self.moved(call, call.policies.locking.replace(call, tx, item, data))
