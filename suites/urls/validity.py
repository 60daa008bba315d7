"""Whether an OpenAPI document is valid, and says what a client has to expect. No I/O.

The schemas of the OpenAPI specifications judge the structure. Nothing else of their library is used: it follows
references to other hosts and runs the document's own patterns, and the document is a stranger's.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from harness.survey.openapi.document import Node, resolve, target
from harness.survey.openapi.operations import endpoints, parameters

MOST = 10
_SHOWN = 160
_VERSIONS = ("2.0", "3.0", "3.1", "3.2")
_PARAMETER = re.compile(r"\{([^{}]+)\}")
_SUCCESS = re.compile(r"2(\d\d|XX)|3(?!04)(\d\d|XX)|101|default", re.IGNORECASE)
_LITERAL = frozenset({"example", "examples", "default", "enum", "const"})


def faults(document: Node) -> list[str]:
    """What a document breaks of the specification that it names, at most ten faults.

    Raises:
        ValueError: it names a version whose schema is not at hand.
    """
    found = itertools.chain(
        _of_structure(document), _same_ids(document), _undeclared(document), _dangling(document)
    )
    return list(itertools.islice(found, MOST))


def _of_structure(document: Node) -> Iterator[str]:
    # Takes a second to import.
    from openapi_spec_validator.schemas.utils import get_schema_content

    version = str(document.get("openapi") or document.get("swagger") or "unknown")
    if version[:3] not in _VERSIONS:
        raise ValueError(f"version {version[:20]}")
    validator = jsonschema_rs.validator_for(dict(get_schema_content(version[:3])))
    for error in validator.iter_errors(document):
        if error.schema_path[-1:] == ["format"]:
            # `www.example.com` for a URL of the owner's harms nobody who reads the document.
            continue
        place = "/".join(str(part) for part in error.instance_path) or "the document"
        yield f"{place}: {error.message[-_SHOWN:]}"


def _operations(document: Node) -> Iterator[tuple[str, Node]]:
    paths = document.get("paths")
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        for method, operation in (item if isinstance(item, dict) else {}).items():
            if isinstance(operation, dict) and isinstance(path, str):
                yield f"{str(method).upper()} {path}", operation


def _same_ids(document: Node) -> Iterator[str]:
    """An operationId is unique in the document (OpenAPI 3.1.0, Operation Object)."""
    ids = Counter(
        one for _, operation in _operations(document) if isinstance(one := operation.get("operationId"), str)
    )
    for id, times in ids.items():
        if times > 1:
            yield f"{times} operations have the operationId {id[:_SHOWN]!r}"


def _undeclared(document: Node) -> Iterator[str]:
    """Parameters of paths that no Parameter Object declares (OpenAPI 3.1.0, Path Templating)."""
    for endpoint in endpoints(document, ""):
        names = dict.fromkeys(_PARAMETER.findall(endpoint.written or endpoint.path))
        for method, operation in endpoint.operations.items():
            declared = {
                one["name"] for one in parameters(document, endpoint, operation) if one["in"] == "path"
            }
            missing = [name for name in names if name not in declared]
            if missing:
                yield f"{method} {endpoint.written}: {', '.join(missing)} is not declared"


def _dangling(document: Node) -> Iterator[str]:
    """References into the document that lead to nothing (RFC 6901)."""
    seen: set[str] = set()
    stack: list[Any] = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/") and reference not in seen:
                seen.add(reference)
                if target(document, reference) is None:
                    yield f"$ref {reference[:_SHOWN]!r} leads to nothing"
            stack += [value for name, value in node.items() if name not in _LITERAL]


def silent(document: Node) -> tuple[list[str], list[str]]:
    """Operations without a documented success, and those without any documented error, as `GET /orders`."""
    no_success, no_error = [], []
    for endpoint in endpoints(document, ""):
        for method, operation in endpoint.operations.items():
            responses = operation.get("responses")
            statuses = (
                [str(one) for one in resolve(document, responses)] if isinstance(responses, dict) else []
            )
            name = f"{method} {endpoint.written or endpoint.path}"
            if not any(_SUCCESS.fullmatch(one) for one in statuses):
                no_success.append(name)
            if not any(one[:1] == "4" or one == "default" for one in statuses):
                no_error.append(name)
    return no_success, no_error
