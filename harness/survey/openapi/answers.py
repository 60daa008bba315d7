"""What an OpenAPI document says that each operation answers: statuses, media types, schemas. Pure.

Schemas are those of representations, self-contained JSON Schema 2020-12 whatever the version of the document. What
several responses share is kept once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from harness.http.contract import Contract, OperationAnswer
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, endpoints
from harness.survey.openapi.schemas import Schemas

_FIELD_TYPES = ("integer", "number", "boolean")
MOST_TEXT = 3_000_000
"""Characters of all schemas together, as JSON; the responses of further operations are known without schemas."""


def contract(document: Node, base_path: str, first: Iterable[str] = ()) -> Contract:
    """The documented responses of operations that are neither deprecated nor served elsewhere.

    Args:
        base_path: path of the target's URL; empty at the root.
        first: paths of the collections that are tested, whose schemas are taken before others.
    """
    tested = tuple(path.rstrip("/") for path in first)
    made = _Made(document)
    answers: dict[str, list[OperationAnswer]] = {}
    found = list(endpoints(document, base_path))
    for endpoint in sorted(found, key=lambda one: not _is_below(one.path, tested)):
        answers[endpoint.path] = list(made.answers(endpoint))
    ordered = tuple(answer for endpoint in found for answer in answers[endpoint.path])
    return Contract(ordered, tuple(made.schemas), made.unread)


def _is_below(path: str, collections: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in collections)


class _Made:
    """Takes the schemas of a document one by one."""

    def __init__(self, document: Node) -> None:
        self.document = document
        self.schemas: list[dict[str, Any]] = []
        self.unread = 0
        self._source = Schemas(document, request=False)
        self._numbers: dict[int, int | None] = {}
        self._typed: dict[int, dict[str, str]] = {}
        self._texts: dict[str, int] = {}
        self._size = 0

    def answers(self, endpoint: Endpoint) -> Iterable[OperationAnswer]:
        """The responses of all operations of a path."""
        for method, operation in endpoint.operations.items():
            responses = operation.get("responses")
            for status, response in (responses if isinstance(responses, dict) else {}).items():
                described = resolve(self.document, response)
                contents = self._contents(operation, described)
                code = str(status).upper().replace("DEFAULT", "default")
                yield OperationAnswer(method, endpoint.path, code, contents, self._fields(described))

    def _fields(self, response: Node) -> dict[str, str]:
        """The types of header fields that are numbers or booleans, by name; read once where operations share them."""
        given = response.get("headers")
        if not isinstance(given, dict) or not given:
            return {}
        if id(given) not in self._typed:
            self._typed[id(given)] = self._read_fields(given)
        return dict(self._typed[id(given)])

    def _read_fields(self, given: Node) -> dict[str, str]:
        made = {}
        for name, one in given.items():
            header = resolve(self.document, one)
            schema = header if "type" in header else resolve(self.document, header.get("schema"))
            if schema.get("type") in _FIELD_TYPES and isinstance(name, str):
                made[name.lower()] = str(schema["type"])
        return made

    def _contents(self, operation: Node, response: Node) -> dict[str, int | None]:
        if "swagger" in self.document:
            produced = operation.get("produces", self.document.get("produces"))
            names = [name for name in produced if isinstance(name, str)] if isinstance(produced, list) else []
            number = self._number(response.get("schema"))
            return dict.fromkeys(names, number) if "schema" in response else {}
        content = response.get("content")
        return {
            name: self._number(media.get("schema") if isinstance(media, Mapping) else None)
            for name, media in (content if isinstance(content, dict) else {}).items()
            if isinstance(name, str)
        }

    def _number(self, schema: Any) -> int | None:
        """The number of a schema, the same for the same schema."""
        if not isinstance(schema, dict) or not schema:
            return None
        if id(schema) not in self._numbers:
            self._numbers[id(schema)] = self._kept(self._source.inlined(schema, "the schema of a response"))
        return self._numbers[id(schema)]

    def _kept(self, made: Node) -> int | None:
        text = json.dumps(made, sort_keys=True, default=str)
        if text not in self._texts:
            if self._size + len(text) > MOST_TEXT:
                self.unread += 1
                return None
            self._size += len(text)
            self._texts[text] = len(self.schemas)
            self.schemas.append(made)
        return self._texts[text]
