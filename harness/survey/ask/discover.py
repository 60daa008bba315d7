"""Finds the collections of an API without an OpenAPI document: the target URL is one, or an index lists them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from harness.client.client import Client, exchange_of
from harness.http.content import MISSING, at, json_of, media_type
from harness.profile.models import Resource
from harness.rules.checks import Undecided
from harness.survey.ask import services
from harness.survey.infer import indexes, places
from harness.survey.infer.pointers import items_pointer
from harness.survey.infer.rpc_endpoints import USUAL, style_of
from harness.survey.openapi import resources as openapi_words

MOST_LOOKS = 16
"""Most requests that look at what an index lists."""
MOST_INDEXES = 4
"""Most indexes below an index that are read."""

HOME = "application/json-home"
"""Media type of home documents (draft-nottingham-json-home-06)."""
ENTRIES = ("/api/", "/api", "/api/v1/", "/v1/", "/rest/")
"""Usual bases of an API whose origin serves nothing, or a page, at its root."""


@dataclass
class Discovered:
    """What an index showed.

    Attributes:
        resources: collections that were seen, the best first.
        listed: paths that an index lists and that were not looked at.
        answered: responses by path, so that they need not be requested again.
    """

    resources: list[Resource] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    answered: dict[str, httpx.Response] = field(default_factory=dict)


def collections(client: Client, base: httpx.Response, warnings: list[str]) -> Discovered:
    """Collections that the response at the target URL is, or links to, if no document declares any.

    Where there are none, one request looks for a GraphQL endpoint, which the rules find in the exchanges.

    Args:
        warnings: takes what the user should know about the target URL.
    """
    found = _collections(client, base, warnings)
    if not found.resources and not found.listed and style_of(exchange_of(base)) is None:
        if not client.target.base_path and base.status_code == 404:
            found = _elsewhere(client)
        if base.is_success and not _is_page(base) and (home := _home(client)) is not None:
            found = _Index(client).read(home, client.target.url)
        if (
            not found.resources
            and _is_nothing(client, USUAL)
            and _is_page(base)
            and not client.target.base_path
        ):
            # Of a page that answers every path, nothing more is asked.
            found = _elsewhere(client)
    return found


def _home(client: Client) -> httpx.Response | None:
    """The JSON home document of a server that has it for a request which asks for one; None without one."""
    with suppress(Undecided):
        reply = client.get("", headers={"Accept": HOME})
        return reply if reply.is_success and media_type(reply) == HOME else None
    return None


def _is_nothing(client: Client, path: str) -> bool:
    """Whether a path is answered 404: there is nothing (RFC 9110 section 15.5.5)."""
    with suppress(Undecided):
        return client.get(path, headers={"Accept": "application/json"}).status_code == 404
    return False


def _is_page(base: httpx.Response) -> bool:
    return base.is_success and media_type(base) == "text/html"


def _elsewhere(client: Client) -> Discovered:
    """What an index at a usual base below the target URL lists: nothing is at the root of many servers."""
    for place in ENTRIES:
        with suppress(Undecided):
            reply = client.get(place)
            if not reply.is_success or style_of(exchange_of(reply)) is not None:
                continue
            found = _Index(client).read(reply, client.url(place))
            if found.resources:
                return found
    return Discovered()


def _collections(client: Client, base: httpx.Response, warnings: list[str]) -> Discovered:
    entry = str(base.url)
    if client.target.base_path and base.status_code == 404:
        # Many frameworks serve /api/ but not /api.
        with suppress(Undecided):
            slashed = client.get("/")
            base = slashed if slashed.is_success else base
    value = json_of(base)
    if base.is_redirect:
        warnings.append(
            f"{client.target.url} redirects to {base.headers.get('location')}; give the URL of the API"
        )
    if style_of(exchange_of(base)) is not None:
        # An error response is no collection, even if it has an array of errors.
        return Discovered()
    if entry.rstrip("/") != client.target.url:
        return _Index(client).read(base, entry)
    found = services.resources(client, base, value)
    if found:
        return Discovered(found)
    pointer = items_pointer(value)
    if pointer is not None and base.is_success and client.target.base_path and not indexes.is_index(value):
        name = client.target.base_path.rsplit("/", 1)[-1]
        return Discovered([Resource(collection="", name=name, item="/{id}")])
    return _Index(client).read(base, client.target.url)


class _Index:
    """Looks at what an index document lists; an index below it is read, too."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._found: dict[str, tuple[Resource, httpx.Response]] = {}
        self._waiting: list[str] = []
        self._known: set[str] = set()

    def read(self, base: httpx.Response, url: str) -> Discovered:
        """Read the index at a URL, and those below it."""
        if base.is_success and (described := services.tastypie(self.client, json_of(base))):
            return Discovered(described)
        self._add(base, url)
        looks = inner = 0
        page = media_type(base) == "text/html"
        while (self._waiting or (page and self._index_above())) and looks < MOST_LOOKS:
            path = self._waiting.pop(0)
            looks += 1
            try:
                reply = self.client.get(path)
            except Undecided:
                continue
            if reply.is_redirect and (further := self._moved(reply, path)):
                self._waiting.insert(0, further)
                continue
            if not reply.is_success:
                continue
            value = json_of(reply)
            served = services.odata(value)
            described = services.tastypie(self.client, value)
            if described:
                return Discovered(described)
            if served:
                for one in served:
                    self._queue([path.rstrip("/") + one.collection], first=True)
            elif items_pointer(value) is not None and not indexes.is_index(value):
                self._found[path] = (_resource(self.client, path, value), reply)
                inside = indexes.of_only_item(at(value, items_pointer(value) or ""))
                self._queue(indexes.below(inside, self.client.target.url, self.client.url(path)))
            elif inner < MOST_INDEXES:
                inner += 1
                self._add(reply, self.client.url(path))
        ordered = sorted(self._found.values(), key=_takes_creates)
        return Discovered(
            [resource for resource, _ in ordered],
            list(self._waiting),
            {path: reply for path, (_, reply) in self._found.items()},
        )

    def _index_above(self) -> bool:
        """Queue the URL above the collections that a page links to: it may list more of them."""
        above = {path.rstrip("/").rpartition("/")[0] for path in self._found}
        if len(above) == 1 and "" not in above:
            self._queue([f"{above.pop()}/"])
        return bool(self._waiting)

    def _add(self, reply: httpx.Response, url: str) -> None:
        """Queue what an index lists."""
        if not reply.is_success:
            return
        value = json_of(reply)
        if value is not MISSING:
            references = indexes.entries(value)
        elif media_type(reply) == "text/html":
            references = indexes.in_page(reply.text[:200_000])
        else:
            return
        self._queue(indexes.below(references, self.client.target.url, url, prefixed=value is not MISSING))

    def _queue(self, paths: list[str], *, first: bool = False) -> None:
        new = [
            path for path in paths if path.rstrip("/") not in self._known and not openapi_words.is_verb(path)
        ]
        self._known |= {path.rstrip("/") for path in new}
        self._waiting = [*new, *self._waiting] if first else [*self._waiting, *new]

    def _moved(self, reply: httpx.Response, path: str) -> str | None:
        """The path with a slash at its end, if that is where a redirect leads."""
        with suppress(Undecided):
            url = self.client.resolve(reply.headers.get("location", ""), self.client.url(path))
            further = url.removeprefix(self.client.target.url)
            if further.rstrip("/") == path.rstrip("/") and further != path:
                return further
        return None


def _takes_creates(one: tuple[Resource, httpx.Response]) -> bool:
    """Sort key: collections whose Allow field names POST come first (RFC 9110 section 10.2.1)."""
    return "POST" not in one[1].headers.get("allow", "").upper()


def _resource(client: Client, path: str, listed: Any) -> Resource:
    """A collection that was seen; the path of its items is taken from the first listed one."""
    made = Resource(collection=path)
    template = item_template(client.target.base_path, path, listed)
    if template is None and path.endswith("/"):
        template = path + "{id}/"
    return made if template is None else made.model_copy(update={"item": template})


def item_template(base_path: str, path: str, listed: Any) -> str | None:
    """The path of an item as the first listed one gives it (`url`, `self`), with {id} for its last segment."""
    pointer = items_pointer(listed)
    items = at(listed, pointer) if pointer is not None else None
    first = items[0] if isinstance(items, list) and items else None
    for place in places.SELF:
        link = at(first, place) if isinstance(first, dict) else None
        if not isinstance(link, str) or not re.match(r"https?://|/", link):
            continue
        shown = urlsplit(link).path.removeprefix(base_path)
        head, _, last = shown.rstrip("/").rpartition("/")
        if last and f"{head}/" == f"{path.rstrip('/')}/":
            return f"{head}/{{id}}" + ("/" if shown.endswith("/") else "")
    return None
