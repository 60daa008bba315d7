"""A JSON API whose items are archived by PATCH and have no DELETE."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.servers import Answer, Seen

Json = Any


def _flagged(one: Json) -> bool:
    return bool(one.get("archived"))


@dataclass
class Archiving:
    """Notes, in memory; `items` has one of somebody else.

    Attributes:
        fresh: members of a new item besides those that were sent.
        may: names of the members that PATCH sets; others are refused.
        put_away: whether an item is archived.
        listed: whether the list shows archived items, too.
        readable: whether they can be read.
        refusal: content of the 405 to a DELETE.
        ignores: whether PATCH says 200 and changes nothing.
    """

    fresh: Json = field(default_factory=lambda: {"archived": False})
    may: tuple[str, ...] = ("title", "archived")
    put_away: Callable[[Json], bool] = _flagged
    listed: bool = False
    readable: bool = True
    refusal: Json = None
    ignores: bool = False
    items: dict[str, Json] = field(
        default_factory=lambda: {"1": {"id": "1", "title": "Of somebody else", "archived": False}}
    )

    @property
    def staying(self) -> list[Json]:
        """Items of the run that are not put away."""
        return [one for id, one in self.items.items() if id != "1" and not self.put_away(one)]

    def __call__(self, seen: Seen) -> Answer:
        path = seen.path.partition("?")[0]
        if path == "/":
            return _json(200, {"notes": "/notes"})
        if path == "/notes":
            return self._collection(seen)
        one = self.items.get(path.removeprefix("/notes/"))
        if one is None or (self.put_away(one) and not self.readable):
            return _json(404, {"message": "nothing here"})
        if seen.method in ("GET", "HEAD"):
            return _json(200, one)
        if seen.method != "PATCH":
            return _json(405, self.refusal or {"message": "no"}, ("Allow", "GET, HEAD, PATCH"))
        return self._update(one, seen)

    def _update(self, one: Json, seen: Seen) -> Answer:
        try:
            body = json.loads(seen.body)
        except ValueError:
            return _json(400, {"message": "malformed JSON"})
        if not isinstance(body, dict) or any(name not in self.may for name in body):
            return _json(422, {"message": "unknown members"})
        one.update({} if self.ignores else body)
        return _json(200, one)

    def _collection(self, seen: Seen) -> Answer:
        if seen.method in ("GET", "HEAD"):
            return _json(200, [one for one in self.items.values() if self.listed or not self.put_away(one)])
        if seen.method != "POST":
            return _json(405, {"message": "no"}, ("Allow", "GET, HEAD, POST"))
        try:
            body = json.loads(seen.body)
        except ValueError:
            return _json(400, {"message": "malformed JSON"})
        if not isinstance(body, dict) or not isinstance(body.get("title"), str):
            return _json(422, {"errors": {"title": ["is required"]}})
        id = str(len(self.items) + 1)
        self.items[id] = {"id": id, "title": body["title"], **self.fresh}
        return _json(201, self.items[id], ("Location", f"/notes/{id}"))


def _json(status: int, value: Json, *fields: tuple[str, str]) -> Answer:
    return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json"), *fields])
