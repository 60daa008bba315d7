"""Orders with lines, which are objects: an array of texts is not all that an API has."""

from __future__ import annotations

from dataclasses import replace

from harness.reference.resources import ORDERS, ServedResource

LINES = replace(
    ORDERS,
    properties={
        **{name: value for name, value in ORDERS.properties.items() if name != "tags"},
        "lines": {
            "type": "array",
            "maxItems": 50,
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string", "minLength": 1, "maxLength": 64},
                    "quantity": {"type": "integer", "minimum": 1, "maximum": 10_000},
                },
                "required": ["sku", "quantity"],
                "additionalProperties": False,
            },
        },
    },
    example={
        **{name: value for name, value in ORDERS.example.items() if name != "tags"},
        "lines": [{"sku": "A-1", "quantity": 2}],
    },
)


def with_lines() -> tuple[ServedResource, ...]:
    """The resources of an API with nothing else."""
    return (LINES,)
