"""An API that holds items of somebody else, and keeps the truth of who changed what."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.servers import Answer, Seen

JSON = ("Content-Type", "application/json")


def foreign_items(count: int = 3) -> dict[str, dict[str, Any]]:
    """Items of somebody else, by id."""
    words = ["Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal"]
    return {
        str(n): {
            "id": n,
            "customer_ref": f"C-{1000 + n}",
            "name": f"{words[n % len(words)]} {n}",
            "tier": "gold" if n % 2 else "basic",
        }
        for n in range(1, count + 1)
    }


@dataclass
class Shared:
    """One collection, /customers, with items of somebody else from the start.

    Attributes:
        creates: gives the answer to a POST; may change items. A plain create when None.
        lists: whether the collection can be listed.
        harm: each request that changed or removed what the run did not create, as (method, path).
        touched: ids of such items that a POST of the collection changed.
        ours: ids of items that were created by a POST or PUT of the run.
    """

    creates: Callable[[Shared, dict[str, Any]], Answer] | None = None
    lists: bool = True
    deletes: bool = True
    items: dict[str, dict[str, Any]] = field(default_factory=foreign_items)
    harm: list[tuple[str, str]] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    ours: set[str] = field(default_factory=set)
    next: int = 100

    def __post_init__(self) -> None:
        self.foreign = set(self.items)
        self.first = {id: dict(item) for id, item in self.items.items()}

    def __call__(self, seen: Seen) -> Answer:
        parts = [unquote(part) for part in urlsplit(seen.path).path.strip("/").split("/") if part]
        if seen.method in ("PUT", "PATCH", "DELETE") and len(parts) < 2:
            self.harm.append((seen.method, seen.path))
            return _json(405, {"error": "no"})
        if not parts:
            return _json(200, {"customers": "/customers"})
        if parts[0] != "customers":
            return _json(404, {"error": "no such path"})
        if len(parts) == 1:
            return self._collection(seen)
        return self._item(seen, parts[1])

    def create(self, body: dict[str, Any], id: str | None = None) -> str:
        """Make an item of the run; its id."""
        if id is None:
            self.next += 1
            id = str(self.next)
        self.items[id] = {**body, "id": int(id) if id.isdigit() else id}
        self.ours.add(id)
        return id

    def change(self, id: str, body: dict[str, Any]) -> None:
        """Let a POST change an item that may be somebody else's."""
        if id in self.foreign:
            self.touched.append(id)
        self.items[id] = {**self.items.get(id, {}), **body, "id": int(id) if id.isdigit() else id}

    def shown(self, id: str) -> dict[str, Any]:
        return self.items[id]

    def _collection(self, seen: Seen) -> Answer:
        if seen.method == "POST":
            try:
                body = json.loads(seen.body)
            except ValueError:
                body = None
            if not isinstance(body, dict) or not isinstance(body.get("name", ""), str):
                return _json(400, {"error": "an object is needed"})
            if self.creates is not None:
                return self.creates(self, body)
            id = self.create(body)
            return _json(201, self.shown(id), ("Location", f"/customers/{id}"))
        if seen.method in ("GET", "HEAD") and self.lists:
            return _json(200, [self.shown(id) for id in self.items])
        return _json(405, {"error": "no"}, ("Allow", "GET, POST"))

    def _item(self, seen: Seen, id: str) -> Answer:
        if id not in self.items:
            return _json(404, {"error": "no such item"})
        if seen.method in ("GET", "HEAD"):
            return _json(200, self.shown(id))
        if seen.method not in ("PUT", "PATCH", "DELETE", "POST"):
            return _json(405, {"error": "no"}, ("Allow", "GET, PUT, PATCH, DELETE"))
        if id not in self.ours:
            self.harm.append((seen.method, seen.path))
        if seen.method == "POST":
            return _json(405, {"error": "no"}, ("Allow", "GET, PUT, PATCH, DELETE"))
        if seen.method == "DELETE":
            if not self.deletes:
                return _json(405, {"error": "no"}, ("Allow", "GET, PUT, PATCH"))
            del self.items[id]
            self.ours.discard(id)
            return Answer(204)
        sent = json.loads(seen.body)
        if not isinstance(sent, dict):
            return _json(400, {"error": "an object is needed"})
        kept = self.items[id] if seen.method == "PATCH" else {}
        self.items[id] = {**kept, **sent, "id": self.items[id]["id"]}
        return _json(200, self.shown(id))


def _json(status: int, value: Any, *fields: tuple[str, str]) -> Answer:
    return Answer(status, json.dumps(value).encode(), [JSON, *fields])


# -- what a create may do ------------------------------------------------------------------------------


def upsert(api: Shared, body: dict[str, Any]) -> Answer:
    """The item with the same customer_ref is changed; a new one where there is none."""
    found = next(
        (id for id, one in api.items.items() if one.get("customer_ref") == body.get("customer_ref")), None
    )
    if found is None:
        found = api.create(body)
        return _json(201, api.shown(found))
    api.change(found, body)
    return _json(200, api.shown(found))


def always_three(api: Shared, body: dict[str, Any]) -> Answer:
    """A real item is made, and the answer names item 3."""
    api.create(body)
    return _json(201, {**body, "id": 3})


def singleton(api: Shared, body: dict[str, Any]) -> Answer:
    """There is one item; a POST changes it."""
    api.change("1", body)
    return _json(200, api.shown("1"))


def located(*, at: str) -> Callable[[Shared, dict[str, Any]], Answer]:
    """201 without content, with a Location that is not that of the new item."""

    def create(api: Shared, body: dict[str, Any]) -> Answer:
        api.create(body)
        return Answer(201, b"", [("Location", at)])

    return create


def with_id(value: Any) -> Callable[[Shared, dict[str, Any]], Answer]:
    """201 whose content has such an id."""

    def create(api: Shared, body: dict[str, Any]) -> Answer:
        api.create(body)
        return _json(201, {**body, "id": value})

    return create
