"""Documented operations that are accepted with 202 and go on, such as `POST /exports`, and are harmless. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import JSON, Endpoint, endpoints, examples, parameters, request_content

_HARMLESS = re.compile(
    # Work that makes something new out of what is there. A job or a task may do anything: it takes a declaration.
    r".*\b(exports?|reports?|analys[ei]s|estimates?|previews?|simulations?|searches|snapshots?|statistics|summar(y|ies)"
    r"|thumbnails?|transcriptions?|translations?|forecasts?|calculations?|classifications?|comparisons?|computations?"
    r"|conversions?|evaluations?|extractions?|predictions?|renderings?|renders?|summari[sz]ations?|validations?)",
    re.IGNORECASE,
)
_FIELDS = ("location", "operation-location", "azure-asyncoperation", "link")


@dataclass(frozen=True)
class Start:
    """An operation that is started by POST.

    Attributes:
        path: relative to the target URL.
        body: JSON to send; None for no content.
        needed: members of the body without which the document calls it invalid.
        keyed: whether it has a parameter Idempotency-Key.
    """

    path: str
    body: Any = None
    needed: tuple[str, ...] = ()
    keyed: bool = False


def starts(document: Node, base_path: str) -> tuple[Start, ...]:
    """The documented starts that need nothing but content for which the document has an example.

    Args:
        document: as `document.parse()` gave it.
        base_path: path of the target's URL; empty at the root.
    """
    made = []
    for endpoint in endpoints(document, base_path):
        operation = endpoint.operations.get("POST")
        last = endpoint.path.rstrip("/").rpartition("/")[2]
        if operation is None or "{" in endpoint.path or not _HARMLESS.fullmatch(last):
            continue
        given = parameters(document, endpoint, operation)
        if any(one.get("required") is True and one["in"] != "body" for one in given):
            continue
        if not _monitored(document, operation):
            continue
        content = request_content(document, endpoint, operation)
        body = next((one for one in examples(document, content) if isinstance(one, dict)), None)
        schema = resolve(document, content.schema)
        if content.media_type not in (None, JSON) or (body is None and schema):
            continue
        needed = schema.get("required")
        names = tuple(one for one in needed if isinstance(one, str)) if isinstance(needed, list) else ()
        keyed = any(one["name"].lower() == "idempotency-key" for one in given if one["in"] == "header")
        made.append(Start(endpoint.path, body, names, keyed))
    return tuple(made)


def asynchronous(document: Node, found: Iterable[Endpoint]) -> tuple[str, ...]:
    """Paths of POSTs that document `Prefer: respond-async` (RFC 7240 section 4.1).

    Args:
        document: as `document.parse()` gave it.
        found: its endpoints.
    """
    made = []
    for endpoint in found:
        operation = endpoint.operations.get("POST")
        given = parameters(document, endpoint, operation) if operation is not None else []
        prefer = [one for one in given if one["in"] == "header" and one["name"].lower() == "prefer"]
        if any("respond-async" in repr(one) for one in prefer):
            made.append(endpoint.path)
    return tuple(made)


def _monitored(document: Node, operation: Node) -> bool:
    """Whether a documented 202 has a field that leads to a monitor, or content."""
    responses = operation.get("responses")
    accepted = resolve(document, responses.get("202")) if isinstance(responses, dict) else {}
    headers = accepted.get("headers")
    named = any(str(name).lower() in _FIELDS for name in headers) if isinstance(headers, dict) else False
    return named or isinstance(accepted.get("content"), dict) or "schema" in accepted
