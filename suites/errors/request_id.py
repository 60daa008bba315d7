"""Request ids: where a response carries one, and whether it distinguishes responses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.http.exchange import Exchange

_FIELD = re.compile(
    r"(?:x-)?(?:[\w]+-){0,3}?(?:request|correlation|trace|transaction|operation|invocation|activity)-?id\Z"
    r"|traceparent\Z|x-amzn-trace-id\Z|x-amz-cf-id\Z|cf-ray\Z|x-b3-traceid\Z|x-azure-ref\Z|x-cloud-trace-context\Z"
    r"|(?:x-)?(?:trace|correlation)\Z|uber-trace-id\Z|x-runtime-id\Z|x-amz-id-2\Z|x-datadog-trace-id\Z|fly-request-id\Z|x-vercel-id\Z",
    re.I,
)
_MEMBER = re.compile(r"(?:request|correlation|trace|fbtrace|incident)_?id\Z", re.I)
_SHORT = re.compile(r"trace|correlation|incident|request", re.I)
"""Names that may also be those of a stack trace or of what was requested: ids only where the value looks so."""
_IDENTIFIER = re.compile(r"(?=\S*\d)[\w.:-]{8,128}\Z")
_DEPTH = 3
Ids = dict[str, str]


def in_fields(exchange: Exchange) -> Ids:
    """Request ids among the response fields, by lower-case field name; empty values left out."""
    return {
        name.lower(): value.strip()
        for name, value in exchange.response_fields
        if _FIELD.match(name) and value.strip()
    }


def in_body(body: Any) -> Ids:
    """Request ids in an error's content, by pointer."""
    return dict(_members(body, "", 0))


def _members(node: Any, where: str, depth: int) -> Iterator[tuple[str, str]]:
    if not isinstance(node, Mapping) or depth > _DEPTH:
        return
    for name, value in node.items():
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and _is_id(str(name), text.strip()):
            yield f"{where}/{name}", text.strip()
        elif name == "instance" and isinstance(text, str) and text.startswith("urn:uuid:"):
            yield f"{where}/instance", text
        yield from _members(value, f"{where}/{name}", depth + 1)


def _is_id(name: str, text: str) -> bool:
    return bool(text and _MEMBER.match(name)) or bool(_SHORT.fullmatch(name) and _IDENTIFIER.match(text))


def ids(exchange: Exchange) -> Ids:
    """All request ids of a response, by field name or pointer; in content only where that is an error."""
    body = None
    if exchange.status is not None and exchange.status >= 400:
        try:
            body = exchange.json()
        except ValueError:
            pass
    return {**in_fields(exchange), **in_body(body)}


def cached(exchange: Exchange) -> bool:
    """Whether a cache answered: a stored response repeats the ids of the first one (RFC 9111 section 5.1)."""
    state = " ".join(filter(None, (exchange.field("x-cache"), exchange.field("cf-cache-status"))))
    return exchange.field("age") not in (None, "0") or "hit" in state.lower()


def repeated(carried: Sequence[Ids]) -> str | None:
    """The id that several responses share, where no field or member distinguishes all of them; else None.

    Args:
        carried: the ids of each response; those without any are ignored.
    """
    present = [one for one in carried if one]
    shared: dict[str, str] = {}
    for name in sorted({name for one in present for name in one}):
        values = [one[name] for one in present if name in one]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is None and len(values) > 1:
            return None
        if twice is not None:
            shared[name] = twice
    return "; ".join(f"{name}: {value}" for name, value in shared.items()) or None


def disagreeing(exchange: Exchange, body: Any) -> str | None:
    """A `request id` in the content that is another than that in the fields, or None."""
    fields = {n: v for n, v in in_fields(exchange).items() if re.fullmatch(r"(?:x-)?request-?id", n)}
    members = {
        n: v for n, v in in_body(body).items() if re.fullmatch(r"request_?id", n.rsplit("/", 1)[-1], re.I)
    }
    if not fields or not members or set(fields.values()) & set(members.values()):
        return None
    pairs = [*fields.items(), *members.items()]
    return ", ".join(f"{name}: {value}" for name, value in pairs)


_HELP = re.compile(
    r"(?:doc|docs|documentation|help|info|more_?info|support)(?:_?(?:url|uri|link|href))?s?\Z|about\Z", re.I
)


def documentation(body: Any) -> str | None:
    """The member of an error that links to documentation, or None."""
    if isinstance(body, Mapping):
        for name, value in body.items():
            if (
                isinstance(value, str)
                and "://" in value
                and (_HELP.match(str(name)) or name in ("type", "href"))
            ):
                return f"{name}: {value}"
            found = documentation(value)
            if found is not None:
                return found
    if isinstance(body, list):
        return next((found for one in body if (found := documentation(one)) is not None), None)
    return None
