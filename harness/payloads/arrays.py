"""Members of a body that hold arrays. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import jsonpointer

from harness.http.content import at, replaced
from harness.payloads.constraints import errors, joined, kinds, member


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


def array_of_objects(
    body: Any, schema: Any, representation: str, words: Sequence[str]
) -> tuple[str, str, list[dict[str, Any]]] | None:
    """An array of a body whose elements are objects with a text that may be any of these words; None without one.

    Returns:
        Pointer of the array in the whole body, name of the text in an element, and an element for each word.
    """
    inside = at(body, representation)
    for name, value in sorted(inside.items()) if isinstance(inside, dict) else ():
        place = f"{representation}/{jsonpointer.escape(name)}"
        if not (isinstance(value, list) and value and all(isinstance(one, dict) for one in value)):
            continue
        for key in sorted(one for one, text in value[0].items() if isinstance(text, str)):
            elements = [{**value[0], key: word} for word in words]
            if isinstance(schema, dict) and errors(schema, replaced(body, place, elements)) == []:
                return place, key, elements
    return None
