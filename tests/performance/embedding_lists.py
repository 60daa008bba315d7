"""A server with one list of orders, whose pages may embed the customer of each order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from tests import servers
from tests.performance.long_lists import answer
from tests.servers import Answer, Seen

TOTAL = 90
PROFILE = """
[[resources]]
collection = "/orders"
id = "/id"
items = "/data"
[resources.pagination]
style = "offset"
limit_param = "limit"
offset_param = "offset"
total = "/total"
"""
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders": {
            "get": {
                "parameters": [
                    {"name": name, "in": "query", "schema": {"type": "integer"}}
                    for name in ("limit", "offset")
                ]
                + [{"name": "expand", "in": "query", "schema": {"type": "string", "enum": ["customer"]}}],
                "responses": {"200": {"description": "A page of orders."}},
            }
        }
    },
}
Wait = Callable[[int, bool], float]
"""Seconds that a page of so many items takes, without or with the customers."""


@contextmanager
def serving(wait: Wait, total: int = TOTAL, size: int = 20) -> Iterator[str]:
    """Serve it.

    Args:
        total: of orders.
        size: characters of a customer's name.
    """

    def respond(seen: Seen) -> Answer:
        parts = urlsplit(seen.path)
        if parts.path == "/openapi.json":
            return answer(DOCUMENT)
        if parts.path != "/orders":
            return answer({"error": "there is nothing"}, 404)
        if seen.method not in ("GET", "HEAD"):
            return answer({"error": "read only"}, 405)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        begin = int(query.get("offset", 0))
        numbers = range(begin, min(total, begin + int(query.get("limit", 10))))
        expanded = "expand" in query
        time.sleep(wait(len(numbers), expanded))
        items = [
            {
                "id": f"o{number}",
                "customer": {"id": "c1", "name": "n" * size} if expanded else "/customers/c1",
            }
            for number in numbers
        ]
        return answer({"data": items, "total": total})

    with servers.http(respond) as server:
        yield server.url
