"""Documents with more kinds of members than the reference has: numbers, an instant, a boolean, a null."""

from __future__ import annotations

from dataclasses import replace

from harness.reference.resources import DOCUMENTS, TIMESTAMP, ServedResource

MEASURED = replace(
    DOCUMENTS,
    properties={
        **DOCUMENTS.properties,
        "weight": {"type": "number", "minimum": 0},
        "pages": {"type": "integer"},
        "public": {"type": "boolean"},
        "due": {**TIMESTAMP, "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
        "remark": {"type": ["string", "null"], "maxLength": 120},
        "shelf": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$"},
        "filed": {"type": "string", "format": "date"},
        "copies": {"type": "integer", "minimum": 1, "maximum": 500},
    },
    example={
        **DOCUMENTS.example,
        "weight": 12.5,
        "pages": 3,
        "public": True,
        "due": "2031-03-01T12:00:00Z",
        "remark": "Signed.",
        "shelf": "AB123",
        "filed": "2031-05-01",
        "copies": 2,
    },
)


def measured() -> tuple[ServedResource, ...]:
    """The resources of an API with nothing else."""
    return (MEASURED,)
