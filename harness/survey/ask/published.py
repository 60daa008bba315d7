"""The OpenAPI document as it is published: the survey changes its own copy."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from weakref import WeakKeyDictionary

from harness.bad_input import BadInput
from harness.client.client import Client, content_of
from harness.client.recorder import Recorder
from harness.survey.ask.mount import PREFIXES
from harness.survey.openapi.document import Node, parse
from harness.survey.openapi.resources import documented

_read: WeakKeyDictionary[Recorder, dict[str, Node]] = WeakKeyDictionary()
"""Documents that were read in a run, by where they are."""


def published(client: Client, where: str) -> Node | None:
    """The document, read once more in a run; None if that fails.

    All rules share what is returned: whoever changes it makes a copy first.

    Args:
        where: a file, a URL, or a path on the target, as in `Survey.openapi`.
    """
    kept = _read.setdefault(client.recorder, {})
    if where not in kept:
        found = _fetched(client, where)
        if found is None:
            return None
        kept[where] = found
    return kept[where]


def placed(document: Node, found: Collection[str], base_path: str) -> Node:
    """A published document whose server is the one below which the survey found its paths; itself where that is so.

    Args:
        found: documented paths relative to the target's URL, as in `Survey.documented`.
        base_path: path of the target's URL; empty at the root.
    """
    known, base = set(found), base_path.rstrip("/")

    def shared(one: Node) -> int:
        return len(known & set(documented(one, base)))

    if not known or shared(document):
        return document
    key = "basePath" if "swagger" in document else "servers"
    places = [(base + prefix) or "/" for prefix in PREFIXES]
    moved: list[Node] = [
        {**document, key: place if key == "basePath" else [{"url": place}]} for place in places
    ]
    return max((document, *moved), key=shared)


def _fetched(client: Client, where: str) -> Node | None:
    try:
        file = Path(where)
        if "://" not in where and file.is_file():
            return parse(file.read_bytes(), where)
        reply = client.get(where if "://" in where else client.url(where))
        return parse(content_of(reply), where) if reply.is_success else None
    except (BadInput, OSError):
        return None
