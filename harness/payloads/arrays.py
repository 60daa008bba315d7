"""Members of a body that hold arrays. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.http.content import at
from harness.payloads.constraints import joined, kinds, member


def arrays_of_texts(body: Any, schema: Any, representation: str) -> Iterator[str]:
    """Names of members that hold, or may hold, an array of texts; those that a body has come first."""
    inside = at(body, representation)
    if isinstance(inside, dict):
        for name, value in inside.items():
            if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
                yield name
    if not isinstance(schema, dict):
        return
    properties = joined(schema, member(schema, representation) or {}).get("properties")
    for name, part in properties.items() if isinstance(properties, dict) else ():
        constraints = joined(schema, part)
        texts = joined(schema, constraints.get("items") or {})
        bound = {"enum", "format", "pattern", "const"} & set(texts) or constraints.get("readOnly") is True
        if kinds(constraints) == ["array"] and {*kinds(texts)} - {"null"} == {"string"} and not bound:
            yield name
