"""An operation that is deprecated, and how clients learn of that (RFC 9745, RFC 8594)."""

from __future__ import annotations

from typing import Any

from harness.reference import times
from harness.reference.call import Call, Reply
from harness.reference.openapi_parts import get_operation

PATH = "/totals"
BEGIN = 1_735_689_600
"""2025-01-01, in seconds since the epoch."""
END = 2_208_988_800
"""2040-01-01."""


class Totals:
    """What a client of the first days reads."""

    def get(self, call: Call) -> Reply:
        """A constant."""
        return call.policies.representation.selected(call, {"currency": "EUR"})


class Deprecations:
    """The notice in each response of the operation, errors included."""

    def complete(self, call: Call, reply: Reply) -> None:
        """Add the fields."""
        if call.path != f"/v1{PATH}":
            return
        names = [resource.name for resource in call.policies.resources]
        for name, value in self.notice("orders" if "orders" in names else names[0]).items():
            reply.fields[name] = value

    def notice(self, successor: str) -> dict[str, str]:
        """Since when it is deprecated, until when it works, and the collection to read instead."""
        return {
            "Deprecation": f"@{BEGIN}",
            "Sunset": times.http_date(END * 1_000_000),
            "Link": f'</v1/openapi.json>; rel="deprecation", </v1/{successor}>; rel="successor-version"',
        }


def operations() -> dict[str, Any]:
    """The paths of deprecated operations in the document."""
    schema = {
        "type": "object",
        "required": ["currency"],
        "properties": {"currency": {"type": "string"}},
    }
    found = get_operation("getTotals", "Totals of all orders; list the orders.", schema)
    return {PATH: {"get": found | {"deprecated": True, "x-sunset": "2040-01-01"}}}
