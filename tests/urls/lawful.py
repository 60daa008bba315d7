"""Lawful APIs whose paths are served in more spellings than one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.reference.call import Call, Reply
from harness.reference.routing import Route, Router
from tests.matrix.variant import Variant, variant


class Generous(Router):
    """Paths in capitals are served, empty and dot segments dropped, and a slash at the end is redirected."""

    def dispatch(self, call: Call, routes: Sequence[Route]) -> Reply:
        if call.path.endswith("/") and call.path != "/v1/":
            return Reply(308, b"", {"Location": re.sub("/+", "/", call.path).rstrip("/")})
        return super().dispatch(call, routes)

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        head, mark, tail = re.sub(r"/(\.?/)+", "/", call.path).partition("/v1/")
        collection, slash, item = tail.partition("/")
        call.path = head + mark + collection.lower() + slash + item
        return super().match(call, routes)


class AnyPathIsThePage(Router):
    """A single-page application answers every path that is not the API's."""

    def dispatch(self, call: Call, routes: Sequence[Route]) -> Reply:
        plain = call.path.startswith("/v1/") and not re.search(r"//|/\.", call.path)
        if call.path == "/v1" or plain or self.match(call, routes) is not None:
            return super().dispatch(call, routes)
        return Reply(200, b"<!doctype html><title>Shop</title>", {"Content-Type": "text/html"})


VARIANTS: tuple[Variant, ...] = (
    variant("paths of any spelling", on=("orders",), router=Generous),
    variant("a single-page application at all other paths", on=("documents",), router=AnyPathIsThePage),
)
