"""A JSON API that keeps the truth: who made which item, and what reached it.

It may misbehave in any way that `Behaviour` has; what it says never changes what it knows. `violations` has a line for
each request that a run must never send: other than GET, HEAD or OPTIONS, one that reached an item of somebody else, or
what lies below one; a PUT, PATCH or DELETE of a collection; any at the root, outside the base path or at
another origin. A create that the server turns into a change of somebody's item cannot be foreseen: those are counted.
"""

from __future__ import annotations

import json
import posixpath
from dataclasses import replace
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.safety.behaviour import LOCATIONS, NO_IDS
from tests.safety.document import DOCUMENT
from tests.safety.truth import Item, Overwritten, Truth
from tests.servers import Answer, Seen

BASE = "/api"
SAFE = ("GET", "HEAD", "OPTIONS")
LAG = 8
"""Requests after which a list that lags shows an item."""
PAGE = 2
TEXTS = ("note", "customer_ref", "name")
JSON = ("Content-Type", "application/json")


class Model(Truth):
    """The API below `/api`; see `Truth` for its attributes."""

    # -- requests --------------------------------------------------------------------------------------

    def __call__(self, seen: Seen) -> Answer | None:
        self._count += 1
        unsafe = seen.method not in SAFE
        if unsafe:
            self.log.append(f"{seen.method} {seen.path}")
        answer = self._route(seen, self._segments(seen.path), unsafe)
        how = self.behaviour
        if unsafe and answer.status < 400 and seen.method in how.troubled:
            if how.answers == "dropped":
                return None
            if how.answers == "failing":
                return _json(500, {"error": "something went wrong"})
        return answer

    def at_another_origin(self, seen: Seen) -> Answer:
        """The respond function of the server at the other origin."""
        self.violations.append(f"{seen.method} {seen.path} was sent to another origin")
        return _json(200, {})

    def _segments(self, target: str) -> list[str]:
        path = urlsplit(target).path if "://" in target else target.partition("?")[0]
        for _ in range(self.behaviour.decodes):
            path = unquote(path)
        path = posixpath.normpath("/" + path.replace("\\", "/"))
        return [part for part in path.split("/") if part]

    def _route(self, seen: Seen, parts: list[str], unsafe: bool) -> Answer:
        if parts[:1] != ["api"]:
            return self._no_place(seen, unsafe, "outside the base path")
        if len(parts) == 1:
            if unsafe:
                return self._no_place(seen, unsafe, "the root")
            return _json(200, {name: f"{BASE}/{name}" for name in self.shown})
        collection = parts[1]
        if parts == ["api", "openapi.json"] and self.documented and not unsafe:
            return _json(200, DOCUMENT)
        if collection not in ("orders", "customers"):
            return self._no_place(seen, unsafe, "no collection")
        if len(parts) == 2:
            return self._collection(seen, collection)
        above = self._find(collection, parts[2])
        if above is None or parts[3:4] != ["notes"]:
            return self._item(seen, collection, parts[2], below=len(parts) > 3)
        if unsafe and above.owner == "somebody":
            self.violations.append(
                f"{seen.method} {seen.path} reached what is below {above.id} of somebody else"
            )
        below = f"{collection}/{above.id}/notes"
        self.collections.setdefault(below, [])
        return (
            self._collection(seen, below)
            if len(parts) == 4
            else self._item(seen, below, parts[4], len(parts) > 5)
        )

    def _no_place(self, seen: Seen, unsafe: bool, what: str) -> Answer:
        if unsafe:
            self.violations.append(f"{seen.method} {seen.path} reached {what}")
        return _json(404, {"error": "nothing here"})

    # -- the collection --------------------------------------------------------------------------------

    def _collection(self, seen: Seen, collection: str) -> Answer:
        if seen.method in ("GET", "HEAD"):
            return self._list(seen, collection)
        if seen.method == "POST":
            return self._create(seen, collection)
        if seen.method in ("PUT", "PATCH", "DELETE"):
            self.violations.append(f"{seen.method} {seen.path} reached the collection {collection}")
        return Answer(405, b"", [("Allow", "GET, HEAD, POST")])

    def _list(self, seen: Seen, collection: str) -> Answer:
        how, items = self.behaviour.listing, [one for one in self.collections[collection] if not one.archived]
        query = dict(part.partition("=")[::2] for part in seen.path.partition("?")[2].split("&"))
        fields: list[tuple[str, str]] = []
        if how == "refused":
            return _json(403, {"error": "not for you"})
        if how == "empty":
            items = []
        elif how == "foreign only":
            items = [one for one in items if one.owner == "somebody"]
        elif how == "reordered":
            items = items[self._count % 3 :] + items[: self._count % 3]
        elif how == "truncated":
            items = items[:PAGE]
        elif how == "lagging":
            items = [one for one in items if not one.since or one.since + LAG <= self._count]
        elif how == "mixed":
            items = [replace(one, values=after.values) for one, after in pairwise(items)]
        elif how == "paged":
            page = int(query["page"]) if query.get("page", "").isdigit() else 1
            if page * PAGE < len(items):
                fields = [("Link", f'<{BASE}/{collection}?page={page + 1}>; rel="next"')]
            items = items[(page - 1) * PAGE : page * PAGE]
        hidden = self.behaviour.hidden in ("list", "everywhere")
        return _json(200, [self._shown(one, hidden) for one in items], *fields)

    def _create(self, seen: Seen, collection: str) -> Answer:
        sent = _parsed(seen.body)
        if not isinstance(sent, dict) or not isinstance(sent.get("note", sent.get("name")), str):
            return _json(400, {"error": "a note or a name is needed"})
        how, key = self.behaviour, seen.field("idempotency-key")
        if key is not None and key in self._keys and how.keys != "ignored":
            remembered = self._keys[key]
            return self._created(collection, self._first(collection) if how.keys == "foreign" else remembered)
        if how.interleaved:
            self.somebody_adds(collection)
        values = {name: self._kept(value) for name, value in sent.items() if name != "id"}
        item = self._met(collection, values)
        self.posts += 1
        if how.creates == "nothing" and how.ids == "sequence":
            return self._created(collection, Item(self._last[collection] + 1, "run", values))
        if item is None:
            item = Item(self._new_id(collection), "run", values, self._count)
            self.collections[collection].append(item)
        else:
            if item.owner == "somebody":
                self.overwritten.append(Overwritten(collection, str(item.id), self.racing))
            item.values.update(values)
            item.version += 1
        if key is not None:
            self._keys[key] = item
        return self._created(collection, item)

    def _met(self, collection: str, values: dict[str, Any]) -> Item | None:
        """The item that a create changes, where the server does not make a new one."""
        items = [one for one in self.collections[collection] if not one.archived]
        how = self.behaviour.creates
        if how == "first":
            return items[0] if items else None
        if how == "third":
            return next((one for one in items if str(one.id) == "3"), items[0] if items else None)
        member = {"by reference": "customer_ref", "by kind": "kind"}.get(how)
        if member is None or member not in values:
            return None
        return next((one for one in items if one.values.get(member) == values[member]), None)

    def _created(self, collection: str, item: Item) -> Answer:
        how = self.behaviour
        foreign, latest = self._first(collection), self._latest(collection)
        names = {
            "collection": collection,
            "own": str(item.id),
            "foreign": str(foreign.id),
            "latest": str(latest.id),
            "elsewhere": self.elsewhere,
            "elsewhere_host": self.elsewhere.partition("://")[2],
        }
        fields = [JSON]
        location = LOCATIONS[how.location].format(**names)
        if location:
            fields.append(("Location", location))
        if not how.content or how.status == 204:
            return Answer(how.status, b"", fields)
        shown = self._shown(foreign if how.shows == "foreign" else item, how.hidden in ("item", "everywhere"))
        whose = {"own": item, "foreign": foreign, "latest": latest, "same": self._earliest(collection, item)}
        if how.answer_id == "none":
            shown.pop("id")
        elif how.answer_id in NO_IDS:
            shown["id"] = NO_IDS[how.answer_id]
        else:
            shown["id"] = self._spelled(whose[how.answer_id].id)
        return Answer(how.status, json.dumps(shown).encode(), fields)

    # -- an item ---------------------------------------------------------------------------------------

    def _item(self, seen: Seen, collection: str, id: str, below: bool) -> Answer:
        item, method = self._find(collection, id), "GET" if seen.method == "HEAD" else seen.method
        if item is not None and method not in SAFE:
            if item.owner == "somebody":
                where = "below an item" if below else "the item"
                self.violations.append(
                    f"{seen.method} {seen.path} reached {where} {item.id} of somebody else"
                )
            else:
                self.writes += 1
        if below:
            return _json(404, {"error": "nothing here"})
        if item is None or (item.archived and self.behaviour.deletes != "archived"):
            if method == "PUT" and item is None and self.behaviour.put_creates:
                return self._put_new(seen, collection, id)
            return _json(404, {"error": "no such item"})
        if self.behaviour.listing == "lagging" and method == "GET" and item.since + 1 == self._count:
            return _json(404, {"error": "not yet"})
        if method == "GET":
            hidden = self.behaviour.hidden in ("item", "everywhere")
            return _json(200, self._shown(item, hidden), *self._tag(item))
        refused = self._refused(seen, item)
        if refused is not None:
            return refused
        if method == "DELETE":
            return self._delete(collection, item)
        if method not in ("PUT", "PATCH"):
            return Answer(405, b"", [("Allow", "GET, HEAD, PUT, PATCH, DELETE")])
        sent = _parsed(seen.body)
        if not isinstance(sent, dict):
            return _json(400, {"error": "not an object"})
        values = {name: self._kept(value) for name, value in sent.items() if name != "id"}
        item.values = values if method == "PUT" else {**item.values, **values}
        item.version += 1
        if self.behaviour.moves == "renamed":
            item.id = self._new_id(collection)
        elif self.behaviour.moves == "foreign":
            self.collections[collection].remove(item)
            item = self._first(collection)
        return _json(
            200, self._shown(item, self.behaviour.hidden in ("item", "everywhere")), *self._tag(item)
        )

    def _put_new(self, seen: Seen, collection: str, id: str) -> Answer:
        sent = _parsed(seen.body)
        if not isinstance(sent, dict):
            return _json(400, {"error": "not an object"})
        item = Item(id, "run", {name: self._kept(value) for name, value in sent.items()}, self._count)
        self.collections[collection].append(item)
        return _json(201, self._shown(item, False), *self._tag(item))

    def _refused(self, seen: Seen, item: Item) -> Answer | None:
        how, given = self.behaviour.if_match, seen.field("if-match")
        if how == "required" and given is None:
            return _json(428, {"error": "If-Match, please"})
        if how in ("honoured", "required") and given not in (None, "*", dict(self._tag(item)).get("ETag")):
            return _json(412, {"error": "it has changed"})
        return None

    def _delete(self, collection: str, item: Item) -> Answer:
        how = self.behaviour.deletes
        if how == "refused":
            return Answer(405, b"", [("Allow", "GET, HEAD, PUT, PATCH")])
        if how in ("hidden", "archived"):
            item.archived = True
        elif how == "removed":
            self.collections[collection].remove(item)
            if self.behaviour.takes_over and not self.racing:
                self.somebody_adds(collection)
        return Answer(204)

    def _tag(self, item: Item) -> list[tuple[str, str]]:
        return [] if self.behaviour.if_match == "none" else [("ETag", f'"{item.id}-{item.version}"')]

    # -- ids and values --------------------------------------------------------------------------------

    def _spelled(self, id: int | str) -> Any:
        how = self.behaviour.spelled
        if how == "plain":
            return id
        if how == "float" and isinstance(id, int):
            return float(id)
        return {"zeros": f"0{id}", "padded": f" {id}"}.get(how, str(id))

    def _kept(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        how = self.behaviour.texts
        return {"trimmed": value.strip()[:20], "upper": value.upper(), "cut": value[:4], "emptied": ""}.get(
            how, value
        )

    def _shown(self, item: Item, hidden: bool) -> dict[str, Any]:
        values = {name: value for name, value in item.values.items() if not (hidden and name in TEXTS)}
        more = {"archived": True} if item.archived else {}
        return {"id": self._spelled(item.id), **values, **more}


def _json(status: int, value: Any, *fields: tuple[str, str]) -> Answer:
    return Answer(status, json.dumps(value).encode(), [JSON, *fields])


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
