"""A server with one long list, in pages by cursor."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from tests import servers
from tests.servers import Answer, Seen

TOTAL = 12_000
LARGEST = 2_000
PROFILE = """
[[resources]]
collection = "/entries"
[resources.pagination]
style = "cursor"
limit_param = "limit"
cursor_param = "cursor"
next = "/next"
total = "/total"
max = 2000
"""
Wait = Callable[[int], float]
"""Seconds that a page takes after so many items."""


class LongList:
    """Entries by cursor, each page of which takes some time.

    Args:
        total: of entries.
    """

    def __init__(self, wait: Wait, total: int = TOTAL) -> None:
        self.wait, self.total = wait, total

    def __call__(self, seen: Seen) -> Answer:
        parts = urlsplit(seen.path)
        if parts.path == "/":
            return answer({"entries": "/entries"})
        if parts.path != "/entries":
            return answer({"error": "there is nothing"}, 404)
        if seen.method not in ("GET", "HEAD"):
            return answer({"error": "read only"}, 405)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        start = int(base64.urlsafe_b64decode(query["cursor"])) if "cursor" in query else 0
        end = min(self.total, start + min(LARGEST, int(query.get("limit", 50))))
        time.sleep(self.wait(start))
        following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < self.total else None
        items = [{"id": f"e{number:06}"} for number in range(start, end)]
        return answer({"data": items, "next": following, "total": self.total})


def answer(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json")])


@contextmanager
def serving(wait: Wait, total: int = TOTAL) -> Iterator[str]:
    with servers.http(LongList(wait, total)) as server:
        yield server.url
