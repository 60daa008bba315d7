"""Lawful APIs that scanners accuse: a catch-all page, a firewall."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from harness.reference.call import Call, Reply
from harness.reference.routing import Route, Router
from tests.matrix.declared import CLIENTS
from tests.matrix.variant import Variant, variant

PAGE = b"<!doctype html><html><head><title>Shop</title></head><body><div id=root></div></body></html>"


class SinglePage(Router):
    """Beside the API, every path is the page of the application."""

    def not_found(self, call: Call) -> Any:
        if call.method in ("GET", "HEAD") and not call.path.startswith("/v1"):
            return Reply(200, PAGE, {"Content-Type": "text/html"})
        return super().not_found(call)


class Firewall(SinglePage):
    """A firewall refuses what looks like an attack with a page of its own."""

    attack = re.compile(r"['\"] AND|etc/passwd|\{\{|\.git|\.env|\r\n", re.I)

    def dispatch(self, call: Call, routes: Sequence[Route]) -> Reply:
        text = f"{call.path} {' '.join(call.query.values())} {call.body[:4096].decode(errors='replace')}"
        if self.attack.search(unquote(text)):
            page = b"<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center>"
            return Reply(
                403, page + b"<hr><center>nginx</center></body></html>", {"Content-Type": "text/html"}
            )
        return super().dispatch(call, routes)


VARIANTS: tuple[Variant, ...] = (
    variant("a single-page application and a firewall", profile=CLIENTS, router=Firewall),
)
