"""What a document says that each operation answers: statuses, media types, schemas. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from harness.http.path_templates import matches


@dataclass(frozen=True)
class OperationAnswer:
    """A documented response.

    Attributes:
        method: upper case.
        path: template relative to the target URL.
        status: three digits, a range such as `2XX`, or `default`.
        contents: number of the schema of each media type, as written; None for one without, or one that is left out.
        fields: type of each documented header field that is a number or a boolean, by its name in lower case.
    """

    method: str
    path: str
    status: str
    contents: dict[str, int | None] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Contract:
    """The documented responses.

    Attributes:
        answers: in the order of the document's paths.
        schemas: by number.
        unread: how many schemas were left out, since all together would be too large.
    """

    answers: tuple[OperationAnswer, ...] = ()
    schemas: tuple[dict[str, Any], ...] = ()
    unread: int = 0

    @cached_property
    def _by_path(self) -> dict[str, list[OperationAnswer]]:
        found: dict[str, list[OperationAnswer]] = {}
        for one in self.answers:
            found.setdefault(one.path, []).append(one)
        return found

    def templates(self, path: str) -> set[str]:
        """The path templates that a path matches: a literal one wins (OpenAPI, Paths Object)."""
        return {path} if path in self._by_path else {one for one in self._by_path if matches(one, path)}

    def of(self, method: str, path: str) -> list[OperationAnswer]:
        """The documented responses of the operation that a request is for; none where several operations match."""
        found = self.templates(path)
        if len(found) != 1:
            return []
        (template,) = found
        return [one for one in self._by_path[template] if one.method == method]
