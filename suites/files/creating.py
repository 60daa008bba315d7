"""Uploads that a create comes before: POST gives an item or a URL, and the content is sent there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakSet

import httpx

from harness.client.client import exchange_of
from harness.client.recorder import Recorder
from harness.http.content import at, json_of
from harness.rules.checks import control, inconclusive

from .presigned_judge import filled
from .stored import Stored
from .ways import multipart

if TYPE_CHECKING:
    from .uploading import Uploads

_DISTINCT: WeakSet[Recorder] = WeakSet()
"""Recorders by which two creates have given two items."""


def begin(
    store: Uploads, content: bytes, name: str, kind: str, size: int | None = None
) -> tuple[httpx.Response, Stored | None]:
    """The create that comes before an upload; no item where it was refused.

    The first one of a process takes a second create, which must give another item: content is never sent to what was
    there before.

    Args:
        name, kind: of the file.
        size: that is announced, where it is not that of the content.

    Raises:
        Undecided: two creates gave one item, or nobody can tell what was created.
    """
    create, recorder = store.how.create, store.client.recorder
    assert create is not None
    texts = {"name": name, "type": kind, "size": len(content) if size is None else size}
    reply, made = store.posted(content, name, {"json": filled(create.body, texts)})
    if made is None or recorder in _DISTINCT:
        return reply, made
    again, second = store.posted(content, name, {"json": filled(create.body, texts)})
    if second is None:
        inconclusive(f"a second create is not accepted: {exchange_of(again).summary()}")
    control(second.id != made.id, f"two creates give two items, not {made.id} twice")
    _DISTINCT.add(recorder)
    for one in (made, second):
        claim = recorder.ownership.claim(store.removal_url(one))
        if claim is not None:
            claim.proven = True
    store.remove(second)
    return reply, made


def content_url(store: Uploads, made: Stored) -> str:
    """Where the content of a created item is sent to.

    Raises:
        Undecided: the response to the create does not say it, or names another host.
    """
    create = store.how.create
    assert create is not None
    if create.url is None:
        return store.own_url(store.how.path, made.id) or inconclusive(f"{made.id!r} is no id of one item")
    given, shown = at(made.value, create.url), made.exchange.summary()
    if not isinstance(given, str) or not given:
        inconclusive(f"{shown} has no URL at {create.url} (`upload_url` in [files])")
    return store.on_target(given) or inconclusive(f"{shown}: content goes to another host, {given}")


def created_first(
    store: Uploads, content: bytes, name: str, kind: str, digest: Callable[[bytes], str] | None
) -> tuple[httpx.Response, Stored | None]:
    """Create an item and send its content; see `Uploads.send()`."""
    reply, made = begin(store, content, name, kind)
    if made is None:
        return reply, None
    url, form, method = content_url(store, made), store.how.form, store.how.method
    body, media = (content, kind) if form is None else multipart(form, content, name, kind)
    headers = {"Content-Type": media, **({"Content-Digest": digest(body)} if digest else {})}
    with store.client.recorder.ownership.granting(method, url):
        reply = store.client.request(method, url, content=body, headers=headers)
    if not reply.is_success:
        store.remove(made)
        return reply, None
    value = json_of(reply)
    places = made.places or tuple(store.likely_places(reply, value, made.id))
    return reply, replace(made, value=value, exchange=exchange_of(reply), places=places)
