"""How the model server misbehaves: each field is one fault, and any of them may be combined."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

Whose = Literal["own", "foreign", "latest", "same", "none"]
"""The id in an answer: of the new item, of somebody's first item, of somebody's newest one, always that of the first
item that the run made, or none."""

NO_IDS: dict[str, object] = {
    "dot": ".",
    "dots": "..",
    "encoded dots": "%2e%2e",
    "upper dots": "%2E%2E",
    "up": "../3",
    "up and down": "x/../3",
    "backslash": "..\\3",
    "slash": "/",
    "slashed": "/3",
    "empty": "",
    "blank": " ",
    "object": {"value": "3"},
    "list": ["3"],
    "true": True,
    "null": None,
    "query": "?all=true",
    "fragment": "#",
    "parameter": "3;v=1",
    "null byte": "3\0",
}
"""Values of `id` that name no item, or one that others made."""

LOCATIONS: dict[str, str] = {
    "none": "",
    "own": "/api/{collection}/{own}",
    "relative": "{collection}/{own}",
    "own with a query": "/api/{collection}/{own}?version=1",
    "foreign": "/api/{collection}/{foreign}",
    "foreign relative": "{collection}/{foreign}",
    "foreign dressed": "/api/{collection}/{own}/../{foreign}",
    "foreign encoded": "/api/{collection}/{own}%2F..%2F{foreign}",
    "foreign after slashes": "/api//{collection}//{foreign}",
    "foreign padded": "/api/{collection}/{foreign}%20",
    "latest": "/api/{collection}/{latest}",
    "other collection": "/api/customers/3",
    "other collection, own id": "/api/customers/{own}",
    "other origin": "{elsewhere}/api/{collection}/{own}",
    "other origin, foreign": "{elsewhere}/api/{collection}/{foreign}",
    "no scheme": "//{elsewhere_host}/api/{collection}/{own}",
    "outside": "/other/{collection}/{own}",
    "collection": "/api/{collection}",
    "collection with a slash": "/api/{collection}/",
    "dot": "/api/{collection}/.",
    "dots": "/api/{collection}/..",
    "encoded dots": "/api/{collection}/%2e%2e",
    "upper dots": "/api/{collection}/%2E%2E/",
    "doubly encoded dots": "/api/{collection}/%252e%252e",
    "backslash": "/api/{collection}/..\\{foreign}",
    "root": "/",
    "query alone": "?id={foreign}",
    "no reference": "http://[",
}


@dataclass
class Behaviour:
    """What the server does with what is sent to it; the defaults are those of a decent API.

    Attributes:
        creates: what a POST does: make an item, or change the first one, the one with id 3, or the one that has the
            same value of a member; or nothing, with an answer that tells the id that the next item will have.
        texts: how texts are kept.
        hidden: where the text members of an item are not shown.
        ids: how ids are given; `reused` gives the smallest free number.
        answer_id: whose id the answer to a create holds; or a key of `NO_IDS`.
        spelled: how the ids in answers are written.
        location: a key of `LOCATIONS`.
        status: of the answer to a create.
        content: whether that answer has content.
        shows: whose values that content has.
        moves: what a PUT or PATCH does to the item beside changing it: it gets another id, or goes, and the answer
            shows one of somebody else.
        deletes: what a DELETE does.
        takes_over: whether somebody makes an item as soon as one is removed.
        interleaved: whether somebody makes an item just before each create.
        listing: how the collection is listed; `mixed` shows each item under the id of the one before.
        if_match: what becomes of If-Match.
        answers: how requests that were carried out are answered.
        troubled: which methods that concerns.
        keys: what becomes of an idempotency key.
        lenient: whether an id is found in another spelling: padded, with a leading zero, in other case.
        decodes: how many times a path is percent-decoded.
        put_creates: whether PUT makes an item where there is none.
    """

    creates: Literal["new", "first", "third", "by reference", "by kind", "nothing"] = "new"
    texts: Literal["kept", "trimmed", "upper", "cut", "emptied"] = "kept"
    hidden: Literal["nowhere", "list", "item", "everywhere"] = "nowhere"
    ids: Literal["sequence", "reused", "uuid"] = "sequence"
    answer_id: str = "own"
    spelled: Literal["plain", "text", "zeros", "padded", "float"] = "plain"
    location: str = "own"
    status: int = 201
    content: bool = True
    shows: Literal["own", "foreign"] = "own"
    moves: Literal["nowhere", "renamed", "foreign"] = "nowhere"
    deletes: Literal["removed", "hidden", "archived", "ignored", "refused"] = "removed"
    takes_over: bool = False
    interleaved: bool = False
    listing: Literal[
        "plain", "reordered", "truncated", "lagging", "paged", "empty", "refused", "foreign only", "mixed"
    ] = "plain"
    if_match: Literal["honoured", "ignored", "required", "none"] = "honoured"
    answers: Literal["plain", "dropped", "failing"] = "plain"
    troubled: tuple[str, ...] = ("POST",)
    keys: Literal["honoured", "ignored", "foreign"] = "ignored"
    lenient: bool = False
    decodes: Literal[1, 2] = 1
    put_creates: bool = True

    def __str__(self) -> str:
        shown = [
            f"{one.name}={getattr(self, one.name)}"
            for one in fields(self)
            if getattr(self, one.name) != one.default
        ]
        return " ".join(shown) or "as a decent API"

    def decidable(self) -> Behaviour:
        """The same without what no client could tell from an API that made the item as asked.

        An answer with the id of an item that somebody made a moment before looks like any other where that id
        cannot be foreseen and the item shows no text.
        """
        if self.ids == "uuid" and self.hidden in ("item", "everywhere"):
            if self.answer_id in ("foreign", "latest"):
                self.answer_id = "own"
            if self.location in ("latest",):
                self.location = "own"
        return self
