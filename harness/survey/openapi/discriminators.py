"""The values of discriminators (OpenAPI 3.1 section 4.8.25), which JSON Schema ignores, as `const` and `enum`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.survey.openapi.document import Node


def applied(schema: Node, made: Node) -> Node:
    """A translated schema that also says which value of the discriminator each alternative takes.

    Args:
        schema: as the document has it.
        made: the same, translated.
    """
    about = schema.get("discriminator")
    name = about.get("propertyName") if isinstance(about, Mapping) else None
    if not isinstance(name, str) or not isinstance(about, Mapping):
        return made
    mapping = about.get("mapping")
    mapping = mapping if isinstance(mapping, Mapping) else {}
    found = False
    for word in ("oneOf", "anyOf"):
        raw, parts = schema.get(word), made.get(word)
        if isinstance(raw, list) and isinstance(parts, list) and len(raw) == len(parts):
            made[word] = [_with(one, part, name, mapping) for one, part in zip(raw, parts, strict=True)]
            found = True
    properties = made.get("properties")
    if not found and mapping and isinstance(properties, dict) and isinstance(properties.get(name), dict):
        # The parent of schemas that refer to it by allOf.
        values = [one for one in mapping if isinstance(one, str)]
        made["properties"] = {**properties, name: {"enum": values, **properties[name]}}
    return made


def _with(raw: Any, part: Any, name: str, mapping: Mapping[str, Any]) -> Any:
    reference = raw.get("$ref") if isinstance(raw, Mapping) else None
    if not isinstance(reference, str):
        return part
    own = reference.rsplit("/", 1)[-1]
    value = next((one for one, target in mapping.items() if target in (reference, own)), own)
    return {"allOf": [part, {"properties": {name: {"const": value}}, "required": [name]}]}
