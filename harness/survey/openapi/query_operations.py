"""Operations with the method QUERY (RFC 10008), which OpenAPI has from version 3.2 on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, examples, relative, request_content, server_path


@dataclass(frozen=True)
class QueryOperation:
    """A documented QUERY of a path without parameters.

    Attributes:
        path: relative to the target's URL.
        media_type: of the content; None where the document names none.
        example: content from the document, None where it has none.
    """

    path: str
    media_type: str | None = None
    example: Any = None


def query_operations(document: Node, base_path: str) -> tuple[QueryOperation, ...]:
    """The documented QUERY operations that need no values in their path.

    Args:
        base_path: path of the target's URL; empty at the root.
    """
    found = []
    for written, item in document["paths"].items():
        operation = resolve(document, item).get("query")
        if not isinstance(written, str) or "{" in written or not isinstance(operation, dict):
            continue
        path = relative(written, server_path(document), base_path.rstrip("/"))
        content = request_content(document, Endpoint(path, {"QUERY": operation}), operation)
        example = next(iter(examples(document, content)), None)
        found.append(QueryOperation(path, content.media_type, example))
    return tuple(found)
