"""How a batch is written: items or requests in an array. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.http.content import replaced


@dataclass(frozen=True)
class Request:
    """A request in a batch.

    Attributes:
        path: as the batch has it.
        body: JSON; None for none.
        key: idempotency key; None for none.
        media: Content-Type of the body.
        extra: other header fields.
    """

    method: str
    path: str
    body: Any = None
    key: str | None = None
    media: str = "application/json"
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """The form of a batch.

    Attributes:
        array: pointer of the array in the content; empty where the content is the array.
        item: pointer of the item, or of the content of a request, in an element; empty where the element is the item.
        requests: whether elements are requests.
        method, target, correlation, fields: names of the members of a request; empty where it has none.
        key: pointer of the idempotency key in an element; None without one.
        whole: other members of the content.
        each: other members of each element.
        reads: whether requests may be GET.
        multipart: whether a batch is multipart/mixed with a request in each part, and not JSON.
        base: path below which requests name theirs; empty for absolute paths.
    """

    array: str = ""
    item: str = ""
    requests: bool = False
    method: str = "method"
    target: str = "path"
    correlation: str = ""
    fields: str = ""
    key: str | None = None
    whole: Mapping[str, Any] = field(default_factory=dict)
    each: Mapping[str, Any] = field(default_factory=dict)
    base: str = ""
    reads: bool = True
    multipart: bool = False

    def content(self, elements: Sequence[Any]) -> Any:
        """The JSON of a batch."""
        if not self.array:
            return list(elements)
        return replaced(dict(self.whole), self.array, list(elements))

    def element(self, number: int, request: Request) -> Any:
        """One element.

        Args:
            number: its position, from 0.
        """
        made: Any = dict(self.each)
        if self.requests:
            made[self.method] = request.method
            made[self.target] = self.path(request.path)
            fields = dict(request.extra)
            if request.body is not None:
                fields = {"Content-Type": request.media, **fields}
            if self.correlation:
                made[self.correlation] = str(number + 1)
            if self.fields and fields:
                made[self.fields] = fields
            if request.body is not None:
                made = replaced(made, self.item, request.body)
        elif self.item:
            made = replaced(made, self.item, request.body)
        else:
            made = {**made, **request.body} if isinstance(request.body, Mapping) else request.body
        if self.key is not None and request.key is not None:
            made = replaced(made, self.key, request.key)
        return made

    def path(self, path: str) -> str:
        """A path as requests name it.

        Args:
            path: absolute.
        """
        base = self.base.rstrip("/")
        if not self.base or not path.startswith(f"{base}/"):
            return path
        return path[len(base) :] if self.base.endswith("/") else path[len(base) + 1 :]
