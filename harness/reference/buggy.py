"""A shop with five bugs that real teams ship, each on one resource: `--target-url demo:buggy`.

Everything else is as conformant as the reference API, so that a run shows these five and nothing beside them.
"""

from __future__ import annotations

import hashlib
import json
import sys
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.reference.call import Call, Document
from harness.reference.errors import Problem, Problems
from harness.reference.gaps import LooksFirst, Unguarded
from harness.reference.idempotency import IdempotencyPolicy, KeyClaim, Stored
from harness.reference.pagination import Paginator
from harness.reference.policies import Policies
from harness.reference.reader import Reader
from harness.reference.representation import Representation, Validators
from harness.reference.resources import ORDERS, PAYMENTS, ServedResource
from harness.reference.store import StoredItem

METHODS = ("GET", "PUT", "DELETE")
SHOP = (
    replace(ORDERS, item_methods=METHODS, transitions=(), sortable=()),
    PAYMENTS,
    ServedResource(
        name="customers",
        title="Customer",
        prefix="cus",
        properties={"name": {"type": "string", "minLength": 1, "maxLength": 120}},
        required=("name",),
        item_methods=METHODS,
        filters=("name",),
        example={"name": "Grace Hopper"},
    ),
)
_PATHS = (
    (sys.prefix, "/srv/shop/venv"),
    (sys.base_prefix, "/usr"),
    (str(Path(__file__).parents[2]), "/srv/shop"),
)
_SECOND_LOOK = 0.002
"""Seconds between a check and its act: a query to a remote database."""


@dataclass(frozen=True)
class Bug:
    """A bug of the shop, for a reader who owns an API and has not written it.

    Attributes:
        sentence: what happens to whom.
        resource: where.
        rules: codes of the rules that notice it.
    """

    sentence: str
    resource: str
    rules: frozenset[str]


BUGS = (
    Bug(
        "A payment that is sent again while the first request is running is charged again.",
        "payments",
        frozenset({"CONC-001", "IDEM-006"}),
    ),
    Bug(
        "Two people change an order at once: both see success, and the change of one is lost.",
        "orders",
        frozenset({"CONC-002", "CONC-004", "CONC-005"}),
    ),
    Bug(
        "The version tag of a customer never changes, so caches and apps keep the old name for good.",
        "customers",
        frozenset({"COND-002"}),
    ),
    Bug("Whoever reads all orders page by page misses some.", "orders", frozenset({"PAGE-004"})),
    Bug(
        "Broken JSON crashes the server, and the answer shows its source code.",
        "orders",
        frozenset({"ERR-003", "ERR-011"}),
    ),
)
"""The five, worst first."""


def is_about(call: Call, name: str) -> bool:
    """Whether a request is about a resource of that name; some are about none."""
    return hasattr(call, "resource") and call.resource.name == name


class DoubleCharge(LooksFirst):
    """Payments look the key up, then charge, then store the key: a concurrent retry charges again."""

    gap = _SECOND_LOOK

    def claim(self, call: Call, key: str, fingerprint: str) -> KeyClaim | Stored:
        if not is_about(call, "payments"):
            return IdempotencyPolicy.claim(self, call, key, fingerprint)
        return super().claim(call, key, fingerprint)


class LostUpdate(Unguarded):
    """Orders compare If-Match before the transaction, and not again in it: two writers both succeed."""

    gap = _SECOND_LOOK

    def guards(self, call: Call) -> bool:
        return not is_about(call, "orders") or call.method != "PUT"


class SkippingCursor(Paginator):
    """The cursor of orders is that of the first item of the next page, and the page begins after it."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        if call.resource.name != "orders":
            return super().page(call)
        limit, filters = self.limit(call), self.filters(call)
        self.order(call)
        items = self.fetch(call, filters, self.after(call, filters), limit + 1)
        cursor = self.cursor(call, filters, items[-1]) if len(items) > limit else None
        return self.document(call, items[:limit], cursor), self.link(call, cursor) if cursor else None


class UncaughtSyntaxError(Reader):
    """Orders do not catch the exception of the JSON parser."""

    def read(self, call: Call, *types: str) -> tuple[str, Any]:
        try:
            return super().read(call, *types)
        except Problem as problem:
            if is_about(call, "orders") and problem.code == "malformed_request":
                json.loads(call.body.decode())
            raise


class DebugMode(Problems):
    """The debug mode of the framework is on: a failure is shown with its stack trace."""

    def unexpected(self, call: Call, error: Exception) -> Problem:
        text = "".join(traceback.format_exception(error))
        # The paths of a server, not those of the machine that runs the demo: reports of it are passed on.
        for here, there in _PATHS:
            text = text.replace(here, there)
        return Problem("internal_error", text)


class FrozenETag(Representation):
    """The entity tag of a customer is made of the id, so it never changes."""

    def validators(self, resource: ServedResource, item: StoredItem | None) -> Validators:
        current = super().validators(resource, item)
        if item is None or resource.name != "customers":
            return current
        return replace(current, etag='"' + hashlib.sha256(item.id.encode()).hexdigest()[:24] + '"')


def policies() -> Policies:
    """The policies of the shop."""
    return Policies(
        idempotency=DoubleCharge(),
        locking=LostUpdate(),
        paginator=SkippingCursor(),
        reader=UncaughtSyntaxError(),
        problems=DebugMode(),
        representation=FrozenETag(),
        resources=SHOP,
    )
