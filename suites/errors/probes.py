"""Requests with one fault, the errors that they provoke, and which of those are the API's own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from harness import payloads
from harness.client.client import Client, exchange_of
from harness.http import intermediary
from harness.http.content import at, id_text, is_json, json_of, replaced
from harness.http.error_statuses import BROKEN, OPEN, Assessment
from harness.http.exchange import Exchange
from harness.profile.models import common_root
from harness.resource.item import Item
from harness.resource.patch_documents import MERGE_PATCH, PLAIN
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import applies, inconclusive, note
from harness.rules.rule import Effect
from harness.survey.outcome import Survey
from harness.target.target import Target

_MERGES = (MERGE_PATCH, PLAIN)


def writes(resource: ResourceUnderTest) -> bool:
    """Whether the run may send more than safe methods."""
    return resource.client.target.limits.effects >= Effect.WRITE


def readable_item(resource: ResourceUnderTest) -> httpx.Response:
    """The answer to a GET of an item that exists; its id is a sample where the profile has none.

    Raises:
        Undecided: the profile has no item, and none can be created.
    """
    if writes(resource) and resource.can("create"):
        item = resource.create()
        resource.sample_id = resource.sample_id or item.id
        return item.get()
    if resource.sample_id is None:
        inconclusive(f"the profile names no item of {resource.name}, and none can be created")
    return resource.client.get(resource.item_url(resource.sample_id))


def absent_requests(resource: ResourceUnderTest) -> Iterator[tuple[str, httpx.Response]]:
    """GET, and where the run may write PUT, PATCH and DELETE, of an item that does not exist.

    Each method only where the resource supports it and the request has no other fault; an unsafe method only where
    GET says that no item has the invented id.
    """
    url = resource.absent_url()
    get = resource.client.get(url)
    yield "GET", get
    known = resource.known
    if get.status_code not in (404, 410):
        return
    # With If-Match the correct answer is 412, without it 428, whether or not the item exists.
    if not writes(resource) or known.locking.if_match:
        return
    if resource.can("replace") and (resource.can("delete") or known.put_creates is False):
        body = _put_body(resource)
        yield (
            "PUT",
            resource.making(
                url, lambda: resource.client.put(url, json=body, headers=_typed(known.media_type))
            ),
        )
    media = next((media for media in _MERGES if media in (known.patch or ())), None)
    changed = None if known.body is None else payloads.changed(known, resource.body())
    if resource.can("update") and resource.can("delete") and media is not None and changed is not None:
        patch = _versioned(resource, changed[0])
        yield (
            "PATCH",
            resource.making(url, lambda: resource.client.patch(url, json=patch, headers=_typed(media))),
        )
    if resource.can("delete"):
        yield "DELETE", resource.client.delete(url)


def malformed_ids(resource: ResourceUnderTest) -> Iterator[httpx.Response]:
    """The answers to GET of items with ids that parsers of numbers and UUIDs reject."""
    for id in (f"no-such-id-{uuid.uuid4().hex[:12]}", "9" * 30):
        yield resource.client.get(resource.item_url(id))


def exists_after_all(resource: ResourceUnderTest, reply: httpx.Response) -> bool:
    """Whether a GET of an invented id returned an item with that id."""
    known = resource.known
    id = id_text(at(json_of(reply), known.id))
    return reply.is_success and id is not None and exchange_of(reply).url == resource.item_url(id)


def _typed(media: str) -> dict[str, str]:
    return {"Content-Type": media}


def _put_body(resource: ResourceUnderTest) -> Any:
    body = resource.known.update_body if resource.known.update_body is not None else resource.body()
    return _versioned(resource, body)


def _versioned(resource: ResourceUnderTest, body: Any) -> Any:
    version = resource.known.locking.version
    return body if version is None else replaced(body, resource.known.representation + version, 1)


def with_bad_byte(body: Any) -> bytes:
    """A body as JSON whose first text has a byte that is not UTF-8 (RFC 8259 section 8.1)."""
    for name, value in body.items() if isinstance(body, Mapping) else ():
        if isinstance(value, str):
            marked = json.dumps({**body, name: f"{value}\N{NULL}"})
            return marked.encode().replace(b"\\u0000", b"\xff", 1)
        if isinstance(value, Mapping):
            inner = with_bad_byte(value)
            if b"\xff" in inner:
                outer = json.dumps({**body, name: "\N{NULL}"}).encode()
                return outer.replace(b'"\\u0000"', inner, 1)
    return b'{"a":"\xff"}'


def duplicate_of(resource: ResourceUnderTest, item: Item, pointer: str) -> Any:
    """A valid create body with fresh values but at one pointer, where it has the item's."""
    return replaced(resource.body(), pointer, at(item.sent, pointer))


def own_errors(survey: Survey, target: Target, *more: Exchange) -> tuple[Exchange, ...]:
    """The API's own errors in the survey and in `more`; a note names those that an intermediary sent."""
    found = intermediary.errors([*survey.exchanges, *more], f"{target.url}{root_of(survey)}")
    if found.edge:
        note(found.shown())
    return found.own


def root_of(survey: Survey) -> str:
    """The path below which all resources and their items are, relative to the target URL."""
    return common_root(path for one in survey.profile.resources for path in (one.collection, one.item))


def unknown_route(client: Client, survey: Survey) -> httpx.Response:
    """The answer to a GET of a path that no API has, beside those of its resources."""
    return client.get(f"{root_of(survey)}/no-such-route-{uuid.uuid4().hex[:12]}")


def ruled(ruling: Assessment, reply: httpx.Response, survey: Survey) -> Assessment:
    """The assessment; `OPEN` instead of `BROKEN` where an intermediary answered."""
    exchange = exchange_of(reply)
    return OPEN if ruling is BROKEN and intermediary.from_edge(exchange, survey.exchanges) else ruling


def takes_json(resource: ResourceUnderTest) -> None:
    """Go on only where creates are JSON."""
    media = resource.known.media_type
    applies(is_json(media), f"creates of {resource.name} are JSON ({media})")
    resource.parses_content()
