"""Defects of how request fields are parsed, and a lawful API that refuses what it cannot parse."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from typing import Any

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.reference.routing import Route, Router
from tests.matrix.serving import defect


class Parses(Router):
    """Code before each handler reads a field of a GET."""

    def run(self, call: Call, found: Route, method: str) -> Reply:
        if method == "GET":
            self.parse(call)
        return super().run(call, found, method)

    def parse(self, call: Call) -> None:
        raise NotImplementedError


class QuotedTags(Parses):
    """`tag.split('"')[1]`."""

    def parse(self, call: Call) -> None:
        value = call.headers.get("if-none-match", "*")
        if value != "*":
            [tag.split('"')[1] for tag in value.split(",")]


class Weights(Parses):
    """`float(weight)`, to find the preferred language."""

    def parse(self, call: Call) -> None:
        for one in call.headers.get("accept-language", "").split(","):
            float(one.partition("q=")[2] or 1)


class Cookies(Parses):
    """`dict(pair.split("="))`."""

    def parse(self, call: Call) -> None:
        dict(one.split("=") for one in call.headers.get("cookie", "").split("; ") if one)  # type: ignore[misc]


class Priorities(Parses):
    """`int(request.headers["X-Priority"])`."""

    def parse(self, call: Call) -> None:
        int(call.headers.get("x-priority", "0"))


class WithPriority(Description):
    """The document declares a field of the list."""

    def get(self, call: Call) -> Reply:
        document: dict[str, Any] = describe(call.policies.limiter, call.policies.resources)
        schema = {"type": "integer", "minimum": 0, "maximum": 9}
        field = {"name": "X-Priority", "in": "header", "schema": schema, "description": "From 0 to 9."}
        document["paths"]["/orders"]["get"]["parameters"].append(field)
        return call.policies.representation.selected(call, document)


class Strict(Parses):
    """Lawful: fields that cannot be parsed are refused with 400."""

    def parse(self, call: Call) -> None:
        fields = call.headers
        tags = re.fullmatch(r'\*|(W/)?"[^"]*"(\s*,\s*(W/)?"[^"]*")*', fields.get("if-none-match", "*"))
        languages = re.fullmatch(r"[\w*, ;=.-]{0,60}", fields.get("accept-language", ""))
        weights = re.search(r"q=(?![01])", fields.get("accept-language", ""))
        priority = re.fullmatch("[0-9]", fields.get("x-priority", "0"))
        cookie = fields.get("cookie", "")
        if not (tags and languages and priority) or weights or (cookie and not SimpleCookie(cookie)):
            raise Problem("invalid_parameter", "A field of the request cannot be parsed.")


DEFECTS = (
    defect("SCH-010", "a tag without quotes crashes", on=("orders",), router=QuotedTags),
    defect("SCH-010", "a weight that is no number crashes", on=("orders",), router=Weights),
    defect("SCH-010", "a cookie without a value crashes", on=("orders",), router=Cookies),
    defect(
        "SCH-010",
        "a documented field that is no number crashes",
        on=("orders",),
        router=Priorities,
        description=WithPriority,
    ),
)
