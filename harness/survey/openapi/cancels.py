"""Documented requests that cancel something by its URL: DELETE, or PATCH of its status. Pure.

A DELETE of an operation may only forget it (AIP-151): it cancels where the document's words say that it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import JSON, endpoints, request_content
from harness.survey.openapi.schemas import Schemas

MERGE_PATCH = "application/merge-patch+json"
_SAYS = re.compile(r"\b(cancels?|aborts?|terminates?)\b", re.IGNORECASE)
_DENIES = re.compile(
    r"\b(not|never|no|without|cannot|can't|doesn't|don't)\b[^.]{0,40}\b(cancel|abort)", re.IGNORECASE
)
_WORD = re.compile(r"[A-Z]?[a-z]+")
_STATUS = ("status", "state", "phase")
_CANCELLED = re.compile(r"cancel(l?ed|l?ing)?|abort(ed|ing)?", re.IGNORECASE)


@dataclass(frozen=True)
class Cancel:
    """A request that cancels what is at a path.

    Attributes:
        method: DELETE or PATCH.
        path: template relative to the target URL.
        body: JSON to send; None for no content.
        media_type: of that content.
    """

    method: str
    path: str
    body: Any = None
    media_type: str = JSON


def cancels(document: Node, base_path: str) -> tuple[Cancel, ...]:
    """The documented cancellations.

    Args:
        document: as `document.parse()` gave it.
        base_path: path of the target's URL; empty at the root.
    """
    return tuple(_cancels(document, base_path))


def _cancels(document: Node, base_path: str) -> Iterator[Cancel]:
    schemas = Schemas(document)
    for endpoint in endpoints(document, base_path):
        if not endpoint.path.rstrip("/").endswith("}"):
            continue
        delete = endpoint.operations.get("DELETE")
        if delete is not None and _says(delete):
            yield Cancel("DELETE", endpoint.path)
        patch = endpoint.operations.get("PATCH")
        if patch is None:
            continue
        content = request_content(document, endpoint, patch)
        media = next((one for one in (MERGE_PATCH, JSON) if one in content.others), None)
        if media is None:
            continue
        members = schemas.flat(content.schema)["properties"]
        for name in _STATUS:
            listed = resolve(document, members.get(name)).get("enum")
            words = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
            word = next((one for one in words if _CANCELLED.fullmatch(one)), None)
            if word is not None:
                yield Cancel("PATCH", endpoint.path, {name: word}, media)
                break


def _says(operation: Node) -> bool:
    """Whether the words of an operation say that it cancels."""
    name = operation.get("operationId")
    texts = [" ".join(_WORD.findall(name)) if isinstance(name, str) else ""]
    texts += [
        text for text in (operation.get("summary"), operation.get("description")) if isinstance(text, str)
    ]
    said = " ".join(texts)
    return bool(_SAYS.search(said)) and not _DENIES.search(said)
