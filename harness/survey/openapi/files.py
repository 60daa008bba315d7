"""Files in a document: operations that take them, and operations that return them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import (
    Endpoint,
    endpoints,
    parameters,
    request_content,
    response_types,
)

_TEXT = re.compile(
    r"text/|application/(?:.*\+)?(?:json|xml|yaml|graphql)|application/x-(?:yaml|ndjson|www-form-urlencoded)"
)
_MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class DocumentedUpload:
    """An operation that takes a file.

    Attributes:
        method: POST or PUT.
        path: relative to the target URL; that of PUT has one parameter, the name of the file
            or the id of an item that is created first.
        member: field of multipart/form-data that has the file; empty where the file is the whole content.
        fields: further fields that must be there, with values of which one may be sent.
        types: media types that the document names for the file; empty for any.
    """

    method: str
    path: str
    member: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    types: tuple[str, ...] = ()


def is_file_type(media_type: str) -> bool:
    """Whether content of a media type is a file: bytes that are neither JSON nor another text."""
    return (
        "/" in media_type
        and "*" not in media_type
        and not _TEXT.match(media_type)
        and media_type != _MULTIPART
    )


def downloads(document: Node, base_path: str) -> tuple[str, ...]:
    """Paths of the GETs that return files, templates among them, relative to the target URL."""
    made = []
    for endpoint in endpoints(document, base_path):
        operation = endpoint.operations.get("GET")
        if operation is None or _required(document, endpoint, operation, but_in="path"):
            continue
        types = response_types(document, operation, ("200", "2XX", "2xx", "default"))
        if (types and all(is_file_type(one) for one in types)) or _binary_answer(document, operation):
            made.append(endpoint.path)
    return tuple(made)


def _binary_answer(document: Node, operation: Node) -> bool:
    responses = operation.get("responses")
    answer = resolve(document, responses.get("200")) if isinstance(responses, dict) else {}
    content = answer.get("content")
    media = [resolve(document, one) for one in content.values()] if isinstance(content, dict) else [answer]
    return bool(media) and all(_is_binary(document, one.get("schema")) for one in media)


def _is_binary(document: Node, schema: Any) -> bool:
    node = resolve(document, schema) if isinstance(schema, dict) else {}
    # OpenAPI 3.1 describes bytes by contentMediaType, 3.0 by a format, Swagger 2.0 by a type.
    return (
        node.get("format") == "binary"
        or node.get("type") == "file"
        or (node.get("contentMediaType") is not None and node.get("contentEncoding") is None)
    )


def uploads(document: Node, base_path: str) -> tuple[DocumentedUpload, ...]:
    """The operations that take a file and need nothing else that the run could not make up."""
    made = []
    for endpoint in endpoints(document, base_path):
        for method in ("POST", "PUT"):
            operation = endpoint.operations.get(method)
            named = endpoint.path.count("{")
            if operation is None or named != (1 if method == "PUT" else 0):
                continue
            if method == "PUT" and endpoint.path.rpartition("}")[2].count("/") > 1:
                continue
            if _required(document, endpoint, operation, but_in="path"):
                continue
            found = _upload(document, endpoint, operation, method)
            if found is not None:
                made.append(found)
    return tuple(made)


def _upload(document: Node, endpoint: Endpoint, operation: Node, method: str) -> DocumentedUpload | None:
    if "swagger" in document:
        given = request_content(document, endpoint, operation)
        form = given.media_type == _MULTIPART and method == "POST"
        return _form(document, resolve(document, given.schema), endpoint.path) if form else None
    content = resolve(document, operation.get("requestBody")).get("content")
    named = content.items() if isinstance(content, dict) else ()
    media = {str(name).partition(";")[0].strip().lower(): one for name, one in named}
    if _MULTIPART in media and method == "POST":
        schema = resolve(document, resolve(document, media[_MULTIPART]).get("schema"))
        return _form(document, schema, endpoint.path)
    types = [one for one in media if is_file_type(one)]
    whole = types and not any(_TEXT.match(one) for one in media)
    if not whole:
        return None
    known = () if "application/octet-stream" in types else tuple(types)
    return DocumentedUpload(method, endpoint.path, types=known)


def _form(document: Node, schema: Node, path: str) -> DocumentedUpload | None:
    properties = schema.get("properties")
    members = (
        {name: resolve(document, one) for name, one in properties.items()}
        if isinstance(properties, dict)
        else {}
    )
    files = [name for name, one in members.items() if _is_binary(document, one)]
    needed = schema.get("required")
    required = [one for one in needed if isinstance(one, str)] if isinstance(needed, list) else []
    if len(files) != 1:
        return None
    fields = []
    for name in required:
        if name == files[0]:
            continue
        value = _value(members.get(name, {}))
        if value is None:
            return None
        fields.append((name, value))
    return DocumentedUpload("POST", path, files[0], tuple(fields))


def _value(schema: Node) -> str | None:
    """A value of a field of a form; None where none can be made up."""
    for word in ("example", "default"):
        if isinstance(schema.get(word), str | int | float | bool):
            return str(schema[word])
    several = schema.get("enum")
    if isinstance(several, list) and several:
        return str(several[0])
    plain = schema.get("type") == "string" and not {"format", "pattern"} & set(schema)
    return "conformance" if plain else None


def _required(document: Node, endpoint: Endpoint, operation: Node, but_in: str) -> bool:
    """Whether a parameter must be there for which nothing gives a value."""
    return any(
        one.get("required") is True and one["in"] not in (but_in, "body", "formData")
        for one in parameters(document, endpoint, operation)
    )
