"""The OpenAPI document as it is published: the survey changes its own copy."""

from __future__ import annotations

from pathlib import Path

from harness.bad_input import BadInput
from harness.client.client import Client, content_of
from harness.survey.openapi.document import Node, parse


def published(client: Client, where: str) -> Node | None:
    """The document, read once more; None if that fails.

    Args:
        where: a file, a URL, or a path on the target, as in `Survey.openapi`.
    """
    try:
        file = Path(where)
        if "://" not in where and file.is_file():
            return parse(file.read_bytes(), where)
        reply = client.get(where if "://" in where else client.url(where))
        return parse(content_of(reply), where) if reply.is_success else None
    except (BadInput, OSError):
        return None
