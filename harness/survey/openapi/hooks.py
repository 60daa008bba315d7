"""Webhooks and callbacks that an OpenAPI document declares, and the operations that take a receiver's URL. Pure.

Sources: OpenAPI 3.1.0, OpenAPI Object (`webhooks`), Callback Object, Runtime Expressions; `x-webhooks` of 3.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import jsonpointer

from harness.payloads.sample import NoValue, sample
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import (
    JSON,
    METHODS,
    Endpoint,
    MediaContent,
    endpoints,
    examples,
    request_content,
    response_schema,
)
from harness.survey.openapi.schemas import Schemas
from harness.survey.openapi.shapes import token

MOST_EVENTS = 200
MOST_TEXT = 500_000
"""Characters of all schemas of payloads together; further events are without one."""
_BODY = re.compile(r"\{\$request\.body#(?P<pointer>/[^{}]*)\}(?:[/?#][^{}]*)?")
_SUBSCRIBING = re.compile(
    r"(?i)(web-?)?hooks?|((web-?)?hook|events?|notifications?|push)-?(subscriptions?|endpoints?|receivers?|callbacks?)"
    r"|subscri(ptions?|be|bers?)|callbacks?"
)
"""The last word of the path of an operation that subscribes a receiver, and starts nothing else."""
_URL = re.compile(
    r"(?i)((web)?hook|callback|target|endpoint|notification|delivery|receiver)?[_-]?(url|uri)|endpoint|callback"
)
_EVENTS = re.compile(r"(?i)(enabled|subscribed)?[_-]?(events?|topics?)([_-]?(types?|names?))?")
_SECRET = re.compile(r"(?i)((web)?hook|signing|shared|signature)?[_-]?secret")
_ID = re.compile(r"(?i)id|uuid|(subscription|(web)?hook)[_-]?id")


@dataclass(frozen=True)
class DeclaredEvent:
    """A request that the API promises to send.

    Attributes:
        name: its key in `webhooks`, or that of the callback.
        of: the operation with the callback, such as `POST /subscriptions`; empty for one of `webhooks`.
        content: JSON Schema of what is sent; empty where the document has none.
    """

    name: str
    of: str = ""
    content: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Taker:
    """A documented POST that takes the URL of a receiver.

    Attributes:
        path: relative to the target URL.
        member: location of the URL in its content.
        body: content with the placeholders {url}, and {event} and {secret} where it takes them; None where neither an
            example nor the schema gives one.
        choices: events that it lists.
        id: location of the id in the response.
        secret: location of the secret in the response; empty where the document has none.
        removable: whether the document has a DELETE for what it creates.
        apart: whether it only subscribes; otherwise each request causes the events for its own receiver.
    """

    path: str
    member: str
    body: Any = None
    choices: tuple[str, ...] = ()
    id: str = "/id"
    secret: str = ""
    removable: bool = False
    apart: bool = True


@dataclass(frozen=True)
class Hooks:
    """What a document declares of deliveries.

    Attributes:
        takers: operations that take a receiver, those of callbacks first.
        other: callbacks whose URL is not a member of JSON content, such as `POST /streams: {$request.query.url}`.
    """

    events: tuple[DeclaredEvent, ...] = ()
    takers: tuple[Taker, ...] = ()
    other: tuple[str, ...] = ()

    def of(self, taker: Taker) -> list[DeclaredEvent]:
        """The events of which deliveries go to the receivers of an operation: those of its callbacks, or `webhooks`."""
        own = [one for one in self.events if one.of == f"POST {taker.path}"]
        return own or [one for one in self.events if not one.of]

    def contents(self, names: Iterable[str], path: str | None) -> list[DeclaredEvent]:
        """The events with a schema that have one of these names; else those of the callbacks of an operation.

        Args:
            path: of the operation that subscribes; None where receivers are registered by hand.
        """
        wanted = {plain(name) for name in names}
        known = [one for one in self.events if one.content]
        named = [one for one in known if plain(one.name) in wanted]
        return named or [one for one in known if path is not None and one.of == f"POST {path}"]


def plain(name: str) -> str:
    """The name of an event without the spelling of its words."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def hooks(document: Node, base_path: str) -> Hooks:
    """What a document declares in `webhooks` and in the `callbacks` of its operations.

    Args:
        document: as `document.parse()` gave it.
        base_path: path of the target's URL; empty at the root.
    """
    made = _Made(document)
    for word in ("webhooks", "x-webhooks"):
        listed = document.get(word)
        for name, item in listed.items() if isinstance(listed, dict) else ():
            made.event(str(name), "", item)
    found = {one.path: one for one in endpoints(document, base_path)}
    for endpoint in found.values():
        for expression, name, item in _callbacks(document, endpoint):
            made.callback(expression, name, item, endpoint, found)
    if made.events and not made.takers:
        for endpoint in found.values():
            made.subscribing(endpoint, found)
    return Hooks(tuple(made.events), tuple(made.takers.values()), tuple(made.other))


def _callbacks(document: Node, endpoint: Endpoint) -> Iterator[tuple[str, str, Any]]:
    """Expression, name and Path Item of each callback of a POST."""
    callbacks = endpoint.operations.get("POST", {}).get("callbacks")
    for name, callback in callbacks.items() if isinstance(callbacks, dict) else ():
        for expression, item in resolve(document, callback).items():
            if isinstance(expression, str) and not expression.startswith("x-"):
                yield expression, str(name), item


class _Made:
    def __init__(self, document: Node) -> None:
        self.document = document
        self.events: list[DeclaredEvent] = []
        self.takers: dict[str, Taker] = {}
        self.other: list[str] = []
        self._size = 0
        self._sent, self._taken = Schemas(document, request=False), Schemas(document)

    def event(self, name: str, of: str, item: Any) -> bool:
        """Add the requests of a Path Item; whether there is one."""
        node = resolve(self.document, item)
        operations = [node[method] for method in METHODS if isinstance(node.get(method), dict)]
        if not operations or len(self.events) >= MOST_EVENTS:
            return False
        content = request_content(self.document, Endpoint("/", {}), operations[0])
        self.events.append(DeclaredEvent(name, of, self._content(content)))
        return True

    def _content(self, content: MediaContent) -> dict[str, Any]:
        if self._size > MOST_TEXT or content.media_type is None or not content.json:
            return {}
        if not isinstance(content.schema, dict):
            return {}
        schema = self._sent.inlined(content.schema, "the schema of a webhook")
        self._size += len(json.dumps(schema, default=str))
        return schema if self._size <= MOST_TEXT else {}

    def callback(
        self, expression: str, name: str, item: Any, endpoint: Endpoint, found: dict[str, Endpoint]
    ) -> None:
        """Add a callback, and the operation that it belongs to."""
        if not self.event(name, f"POST {endpoint.path}", item):
            return
        match = _BODY.fullmatch(expression)
        if match is None or "{" in endpoint.path:
            self.other.append(f"POST {endpoint.path}: {expression}")
            return
        self._take(endpoint, match["pointer"], found, apart=_subscribes(endpoint.path))

    def subscribing(self, endpoint: Endpoint, found: dict[str, Endpoint]) -> None:
        """Add an operation that takes a receiver for the events of `webhooks`, by its name and its content."""
        operation = endpoint.operations.get("POST")
        if operation is None or "{" in endpoint.path or not _subscribes(endpoint.path):
            return
        schema = request_content(self.document, endpoint, operation).schema
        place = self._place(schema, _URL)
        if place is not None:
            self._take(endpoint, place, found, apart=True)

    def _take(self, endpoint: Endpoint, member: str, found: dict[str, Endpoint], *, apart: bool) -> None:
        operation = endpoint.operations["POST"]
        content = request_content(self.document, endpoint, operation)
        answer = response_schema(self.document, operation, ("201", "200", "202", "2XX", "default"))
        events = self._place(content.schema, _EVENTS) if apart else None
        id = self._place(answer, _ID) or "/id"
        secret = self._place(answer, _SECRET) or ""
        # Where the response shows a secret, the API chooses it.
        body = self._body(content, member, events, None if secret else self._place(content.schema, _SECRET))
        self.takers.setdefault(
            endpoint.path,
            Taker(
                endpoint.path,
                member,
                body,
                self._choices(content.schema, events),
                id,
                secret,
                _removable(endpoint.path, found),
                apart,
            ),
        )

    def _place(self, schema: Any, names: re.Pattern[str]) -> str | None:
        """Location of the first member of that name, on the first two levels."""
        members = self._taken.flat(schema)["properties"]
        for name in members:
            if names.fullmatch(name):
                return token(name)
        for name, inner in members.items():
            for below in self._taken.flat(inner)["properties"]:
                if names.fullmatch(below):
                    return token(name) + token(below)
        return None

    def _at(self, schema: Any, pointer: str) -> Any:
        """The schema of a member, without references."""
        for name in jsonpointer.JsonPointer(pointer).parts:
            schema = self._taken.flat(schema)["properties"].get(name)
        return resolve(self.document, schema)

    def _choices(self, schema: Any, pointer: str | None) -> tuple[str, ...]:
        """The values that the member of events lists."""
        if pointer is None:
            return ()
        node = self._at(schema, pointer)
        shape = self._taken.flat(node)
        inner = resolve(self.document, shape["items"]) if shape["type"] == "array" else node
        listed = inner.get("enum")
        return tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()

    def _body(self, content: MediaContent, member: str, events: str | None, secret: str | None) -> Any:
        if content.media_type not in (None, JSON):
            return None
        body = next((one for one in examples(self.document, content) if isinstance(one, dict)), None)
        if body is None:
            try:
                body = sample(self._taken.inlined(content.schema), 0, full=False)
            except NoValue:
                return None
        if not isinstance(body, dict):
            return None
        body = json.loads(json.dumps(body, default=str))
        if events is not None:
            array = self._taken.flat(self._at(content.schema, events))["type"] == "array"
            _put(body, events, ["{event}"] if array else "{event}")
        if secret is not None and not {"maxLength", "pattern"} & self._at(content.schema, secret).keys():
            _put(body, secret, "{secret}")
        return body if _put(body, member, "{url}") else None


def _put(body: dict[str, Any], pointer: str, value: Any) -> bool:
    """Set a member, with the objects above it; whether that is possible."""
    *above, last = jsonpointer.JsonPointer(pointer).parts
    for name in above:
        body = body.setdefault(name, {})
        if not isinstance(body, dict):
            return False
    body[last] = value
    return True


def _subscribes(path: str) -> bool:
    return bool(_SUBSCRIBING.fullmatch(path.rstrip("/").rpartition("/")[2].replace("_", "-")))


def _removable(path: str, found: dict[str, Endpoint]) -> bool:
    item = re.compile(re.escape(path.rstrip("/")) + r"/\{[^{}/]+\}/?")
    return any("DELETE" in one.operations for one in found.values() if item.fullmatch(one.path))
