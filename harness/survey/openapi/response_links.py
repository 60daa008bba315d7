"""Links of documented responses (OpenAPI 3, Link Object): operations that what a response shows leads to. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from harness.http.content import at
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint

_BODY = re.compile(r"\$response\.body#(/.*)?")
_FIELD = re.compile(r"\$response\.header\.(.+)")
_POINTER = re.compile(r"#/paths/([^/]+)/get")


@dataclass(frozen=True)
class ResponseLink:
    """A link from a documented success to a GET.

    Attributes:
        method, path: of the operation with the response; the path is a template relative to the target's URL.
        name: of the link.
        to: template of the GET that it leads to.
        parameters: runtime expressions, or constants, by name of the parameter.
    """

    method: str
    path: str
    name: str
    to: str
    parameters: tuple[tuple[str, Any], ...]


def response_links(document: Node, found: Iterable[Endpoint]) -> tuple[ResponseLink, ...]:
    """The links of successes that lead to GETs whose parameters in the path all have a value."""
    listed = list(found)
    reads = {one.operations["GET"].get("operationId"): one.path for one in listed if "GET" in one.operations}
    written = {one.written: one.path for one in listed if "GET" in one.operations}
    made = []
    for endpoint in listed:
        for method, operation in endpoint.operations.items():
            responses = operation.get("responses")
            for status, response in (responses if isinstance(responses, dict) else {}).items():
                links = resolve(document, response).get("links")
                if not str(status).startswith("2") or not isinstance(links, dict):
                    continue
                for name, link in links.items():
                    one = _link(method, endpoint.path, str(name), resolve(document, link), reads, written)
                    made += [one] if one is not None else []
    return tuple(made)


def _link(
    method: str, path: str, name: str, link: Node, reads: Mapping[Any, str], written: Mapping[str, str]
) -> ResponseLink | None:
    to = reads.get(link.get("operationId")) if "operationId" in link else None
    reference = _POINTER.fullmatch(str(link.get("operationRef", "")))
    if reference is not None:
        to = written.get(reference[1].replace("~1", "/").replace("~0", "~"))
    given = link.get("parameters")
    values = (
        {str(key).removeprefix("path."): value for key, value in given.items()}
        if isinstance(given, dict)
        else {}
    )
    names = set(re.findall(r"\{([^}]+)\}", to)) if to is not None else set()
    if to is None or not names <= set(values):
        return None
    return ResponseLink(method, path, name, to, tuple(sorted((one, values[one]) for one in names)))


def followed(link: ResponseLink, body: Any, fields: Mapping[str, str]) -> str | None:
    """The path that a response leads to, relative to the target's URL; None where it lacks a value.

    Args:
        fields: header fields of the response; names in lower case.
    """
    path = link.to
    for name, expression in link.parameters:
        value = _value(expression, body, fields)
        if value is None:
            return None
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def _value(expression: Any, body: Any, fields: Mapping[str, str]) -> str | None:
    if not isinstance(expression, str):
        return str(expression) if isinstance(expression, int) else None
    if (match := _BODY.fullmatch(expression)) is not None:
        value = at(body, match[1] or "")
        plain = isinstance(value, str | int) and not isinstance(value, bool)
        return str(value) if plain and str(value) else None
    if (match := _FIELD.fullmatch(expression)) is not None:
        return fields.get(match[1].lower())
    return None if expression.startswith(("$", "{")) else expression
