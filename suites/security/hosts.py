"""Links that a response builds from a host that the client has named. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

LINKS = ("location", "content-location", "link", "refresh")


def carriers(host: str) -> dict[str, Mapping[str, str]]:
    """The fields by which a request names a foreign host, by what they are called in findings."""
    return {
        "X-Forwarded-Host": {"X-Forwarded-Host": host},
        "Forwarded": {"Forwarded": f"host={host};proto=https"},
        "Host": {"Host": host},
    }


def links_to(host: str, status: int, fields: Mapping[str, str], content: str) -> str | None:
    """Where a response links to a host, with an excerpt; None where it does not.

    A refusal may name the host in a sentence; that is no link.
    """
    link = re.compile(rf"(?:https?:)?(?:\\?/){{2}}{re.escape(host)}\S{{0,60}}", re.I)
    for name in LINKS:
        if (found := link.search(fields.get(name, ""))) is not None:
            return f"{name.title()}: {found[0]}"
    if status >= 400:
        return None
    found = link.search(content)
    return f"its content links to {found[0]!r}" if found is not None else None
