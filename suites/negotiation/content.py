"""What the rules on content send and read back: JSON under a label or in a coding, and what is stored of it."""

from __future__ import annotations

from typing import Any

import httpx

from harness import applies
from harness.client.eventually import eventually
from harness.http.content import is_json, json_of
from harness.http.error_statuses import Assessment
from harness.resource.resource import LONGEST_LAG, ResourceUnderTest
from harness.resource.tags import tag_pointer

from .media import carries, label_ruling


def takes_json(resource: ResourceUnderTest) -> None:
    """Go on only where creates are JSON."""
    media = resource.known.media_type
    applies(is_json(media), f"creates of {resource.name} are JSON ({media})")
    resource.parses_content()


def client_reads(resource: ResourceUnderTest, url: str) -> bool:
    """Whether a URL can be read now."""
    return resource.client.get(url).is_success


def stored_as_sent(resource: ResourceUnderTest, reply: httpx.Response, body: Any, where: str) -> bool | None:
    """Whether the item of a successful response has the sent value at a JSON Pointer; None where undecided."""
    if carries(json_of(reply), body, where):
        return True
    id = resource.id_in(reply)
    if id is None or not resource.can("read"):
        return None
    url = resource.item_url(id)
    eventually(lambda: client_reads(resource, url), LONGEST_LAG if resource.can("lag") else 0)
    return carries(json_of(resource.client.get(url)), body, where)


def labelled(
    resource: ResourceUnderTest, label: str | None, body: Any
) -> tuple[httpx.Response, tuple[Assessment, str]]:
    """Create an item with JSON under another label; the response and its assessment."""
    content = resource.written(body)
    reply = resource.post(content=content, headers={"Content-Type": label})
    where = tag_pointer(resource.known, body) if resource.can("tag") else None
    kept = stored_as_sent(resource, reply, body, where) if where is not None and reply.is_success else None
    return reply, label_ruling(reply.status_code, label, kept=kept)
