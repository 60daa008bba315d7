"""Items that a document creates by PUT at a path that the client chooses (RFC 9110 section 9.3.4). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from harness.payloads.constraints import valid
from harness.profile.additions import FIRST_PART
from harness.survey.infer.templates import last_word, stem
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, parameters, request_content

Form = Literal["uuid", "word", "number"]
_CREATES = re.compile(r"creat|upsert|insert|register", re.IGNORECASE)
_UUID = re.compile(r"uuid|guid", re.IGNORECASE)
_PARAMETER = re.compile(r"\{(?P<name>[^{}]+)\}")
_WORDS = ("type", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "enum", "const")
_EXAMPLES: Mapping[Form, Any] = {
    "word": FIRST_PART,
    "uuid": "8d6ff4a8-3f0b-4b57-9f0e-6f1c2a3b4c5d",
    "number": 123456789,
}


def puts(document: Node, item: Endpoint | None) -> bool:
    """Whether a PUT creates an item, by what the document says: of a described body, and so that it can be removed.

    Where nothing says so, PUT most often changes what is there, and no request finds out.
    """
    if item is None or not {"GET", "PUT", "DELETE"} <= set(item.operations) or not declared(item):
        return False
    content = request_content(document, item, item.operations["PUT"])
    return content.sendable and isinstance(content.schema, dict)


def declared(item: Endpoint) -> str:
    """What in the document says that PUT creates; empty if nothing does."""
    put = item.operations.get("PUT", {})
    if isinstance(responses := put.get("responses"), dict) and "201" in responses:
        return "answered 201"
    for word in ("operationId", "summary"):
        if isinstance(text := put.get(word), str) and _CREATES.search(text):
            return f"{word} {text[:60]!r}"
    return ""


def form(document: Node, item: Endpoint, parameter: str) -> Form | None:
    """The form of an id that the client may choose; None if the document lists the values that are allowed."""
    schema = _schema(document, item, parameter)
    if "enum" in schema or "const" in schema:
        return None
    if schema.get("format") == "uuid" or (_UUID.search(parameter) and schema.get("type") != "integer"):
        return "uuid"
    plain = {word: value for word, value in schema.items() if word != "format"}
    for one, value in _EXAMPLES.items():
        if valid(plain, value):
            return one
    return None


def alone(
    document: Node, found: dict[str, Endpoint], items: dict[str, Endpoint]
) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Collections that have no path of their own, or whose path ends with another part of their items' key.

    Each with its items. /shelves/{section}/{number} has two parts: the first gets one value, which makes it the path of
    a collection.
    """
    known = {stem(path) for path in found}
    for path, item in items.items():
        if not path or not puts(document, item) or not last_word(path):
            continue
        over = found.get(path)
        if over is None and path not in known and not path.endswith("}"):
            yield Endpoint(path, {}), item
        elif path.endswith("}") and (over is None or not {"PUT", "PATCH", "DELETE"} & set(over.operations)):
            whole = _with_values(document, item, path)
            if whole is not None:
                yield Endpoint(whole, {} if over is None else over.operations), item


def _with_values(document: Node, item: Endpoint, path: str) -> str | None:
    """A path with values for the parameters at its end; None if the document allows only values of its own."""
    parts = path.split("/")
    for place in range(len(parts) - 1, 0, -1):
        match = _PARAMETER.fullmatch(parts[place])
        if match is None:
            break
        chosen = form(document, item, match["name"])
        if chosen is None:
            return None
        parts[place] = str(_EXAMPLES[chosen])
    return "/".join(parts)


def _schema(document: Node, item: Endpoint, parameter: str) -> Node:
    for one in parameters(document, item, item.operations.get("PUT", {})):
        if one["in"] == "path" and one["name"] == parameter:
            found = resolve(document, one.get("schema", one))
            return {word: found[word] for word in _WORDS if word in found}
    return {}
