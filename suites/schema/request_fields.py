"""Request fields for reads: unusual values of those that HTTP defines, and of those that a document declares. Pure.

1. None changes what a GET means: a server ignores the field, refuses the request with 4xx, or answers as it does.
2. Credentials, the host, keys, and what another rule is about (versions, overrides of the method) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.http.fields import http_date
from harness.payloads.edges import WORD
from harness.survey.openapi.document import Node
from harness.survey.openapi.queries import typed
from harness.survey.openapi.selectors import is_version

MOST_VALUES = 4
_STORED = ("age", "x-cache", "cf-cache-status", "x-served-by", "x-varnish")
UNUSUAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("If-None-Match", ("unquoted", '"unclosed', "W/", ",")),
    ("If-Modified-Since", ("Sun, 99 Nov 2099 25:61:61 GMT",)),
    ("Range", ("bytes=a-b", "bytes=9-1", f"bytes={10**30}-", "rows")),
    ("Accept-Language", ("en;q=abc", "x" * 100, ";q=")),
    ("Accept-Encoding", ("gzip;q=abc", ";q=")),
    ("Accept", ("application/json;q=abc, */*", "*/*;=, */*")),
    ("Content-Type", ("application/json; charset=no-such-charset", "/")),
    ("Cookie", ("conformance", "=; a=; ;b", 'c="unclosed')),
    ("User-Agent", ("-", "Zo\u00eb \U0001f389 (")),
    ("Referer", ("http://[", "%%%")),
    ("Cache-Control", ("max-age=abc, =",)),
    ("X-Request-ID", ("' \"<>%00", "x" * 300)),
    ("traceparent", ("00-zz-zz-zz", "00")),
    ("X-Forwarded-For", ("unknown, :::", "[")),
    ("X-Forwarded-Port", ("abc",)),
)
"""Values that clients, proxies and scripts of the field send: without a syntax, or beyond the usual."""
_OTHERS = re.compile(
    r"(?i)(cookie|host|content-(type|length)|accept(-\w+)?|if-.*|range|expect|connection|transfer-encoding|upgrade"
    r"|.*(token|secret|signature|api[-_]?key|password|credential|auth|session|csrf|xsrf|idempotency|method-override"
    r"|forwarded-host|tenant|account|user|org|impersonate|sudo).*)"
)
"""Declared fields that are left alone."""


@dataclass(frozen=True)
class Sent:
    """A request field with an unusual value.

    Attributes:
        declared: whether the document has it for the operation.
    """

    name: str
    value: str
    declared: bool = False

    def shown(self) -> str:
        """The field as a finding shows it."""
        text = self.value if len(self.value) <= 60 else f"{self.value[:57]}..."
        return f"{self.name}: {text}"


def usual() -> list[Sent]:
    """Unusual values of fields that HTTP, browsers and proxies use, the first of each field first."""
    longest = max(len(values) for _, values in UNUSUAL)
    return [
        Sent(name, values[turn]) for turn in range(longest) for name, values in UNUSUAL if turn < len(values)
    ]


def declared(document: Node, parameters: Iterable[Node]) -> Iterator[Sent]:
    """Unusual values of the header parameters of an operation, each in turn.

    Args:
        parameters: Parameter Objects of OpenAPI 3, or of 2.0.
    """
    for one in parameters:
        name = one.get("name")
        if one.get("in") != "header" or not isinstance(name, str) or _OTHERS.fullmatch(name):
            continue
        if is_version(name):
            continue
        schema = typed(document, one.get("schema", one if "type" in one else None))
        for value in _values(schema)[:MOST_VALUES]:
            yield Sent(name, value, True)


def _values(schema: Node) -> list[str]:
    """Values of a field: at the edges of its type, and not of its type."""
    kind, form = schema.get("type"), schema.get("format")
    if isinstance(schema.get("enum"), list):
        return ["no-such-value", ""]
    if kind in ("integer", "number"):
        return ["abc", "", str(WORD), "-1"]
    if kind == "boolean":
        return ["maybe", ""]
    if form in ("date", "date-time"):
        return ["no-date", "", "9999-12-31" + "T23:59:59Z" * (form == "date-time")]
    if form == "uuid":
        return ["no-uuid", ""]
    return ["", "x" * 300, "' \"<>%00", "{"]


def is_shared(fields: Mapping[str, str]) -> bool:
    """Whether a cache may hand a response to other clients: they must not get the answer to an unusual request."""
    rules = (fields.get("cache-control") or "").lower()
    if any(word in rules for word in ("no-store", "private", "no-cache")):
        return False
    expires, date = http_date(fields.get("expires")), http_date(fields.get("date"))
    lives = re.search(r"\b(s-maxage|max-age)=0*[1-9]|\bpublic\b", rules) is not None
    later = expires is not None and (date is None or expires > date)
    return lives or later or any(name in fields for name in _STORED)
