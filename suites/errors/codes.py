"""The machine-readable code and the human message of an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from harness.http.error_envelope import container
from harness.http.exchange import Exchange

from .problem import BLANK, MEDIA

Sampled = tuple[Exchange, Any]

_CODES = re.findall(
    r"\w+",
    "code Code errorCode error_code errcode errno type error_type errorType error reason status scimType key"
    " name id slug __type",
)
_SILENT = ("code", "path", "method", "timestamp", "requestId", "request_id", "traceId", "type")
_NESTED = ("errors", "details", "detail", "violations", "issues")
_STATUSES = ("status", "statusCode", "status_code", "httpStatus", "http_status")
_TOKEN = re.compile(r"[A-Za-z/][\w.\-:/#]*\Z")
_ADDRESS = re.compile(r"(?:[a-z][\w+.\-]*:)?/\S*\Z")
_IDENTIFIER = re.compile(r"[\w\-]*\d[\w:.\-]*\Z|[A-Za-z]+(?:[_.:][A-Za-z]+)+\Z")
# Phrases of earlier editions of the standard, which frameworks still send.
_FORMER = {413: ("Payload Too Large", "Request Entity Too Large"), 422: ("Unprocessable Entity",)}


def codes(body: Any, status: int, *, nested: bool = True) -> dict[str, str]:
    """Members that identify the kind of error for a program, and their values, by JSON Pointer.

    A member counts if its value is a token or a number (or the URI of a problem type) that is more than the
    HTTP status or its reason phrase once again.

    Args:
        nested: whether the codes of single failures count, as in a list of fields that are not valid.
    """
    found = container(body)
    if found is None:
        return {}
    where, members = found
    places = [(where, members)]
    if where:
        places.append(("", body))
    for name in _NESTED if nested else ():
        inner = members.get(name)
        if isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
            places.append((f"{where}/{name}/*", inner[0]))
    return {f"{at}/{name}": value for at, holder in places for name, value in _tokens(holder, status)}


def _tokens(members: Mapping[str, Any], status: int) -> Iterator[tuple[str, str]]:
    for name in _CODES:
        value = members.get(name)
        # An id or a key with digits in it names an occurrence, and not a kind of error.
        naming = name in ("id", "key", "name")
        if isinstance(value, int) and not isinstance(value, bool):
            if value != status and not naming:
                yield name, str(value)
        elif isinstance(value, str) and value != BLANK and not repeats_status(value, status):
            numbered = any(char.isdigit() for char in value)
            if not (naming and numbered) and (value.isdigit() or _TOKEN.match(value)):
                yield name, value


def repeats_status(text: str, status: int) -> bool:
    """Whether a text only repeats the HTTP status: its number, its phrase, or a word for any error."""
    try:
        phrases = (HTTPStatus(status).phrase, *_FORMER.get(status, ()))
    except ValueError:
        phrases = ()
    alike = (str(status), *phrases, *(f"{status} {phrase}" for phrase in phrases))
    return text in alike or text.lower() in ("error", "errors", "fail", "failure", "failed")


def has_message(body: Any) -> bool:
    """Whether any member of an error is a text for humans, even if only the reason phrase."""
    return any(_prose(text) for text in _strings(body))


def _prose(text: str) -> bool:
    text = text.strip()
    if _ADDRESS.match(text) or _IDENTIFIER.match(text):
        return False
    return len(re.findall(r"[^\W\d_]", text)) >= 2


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for name, value in node.items():
            if name not in _SILENT:
                yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)


def status_claims(body: Any) -> dict[str, int]:
    """Members that by their name repeat the HTTP status, and the status that they claim."""
    found = container(body)
    if found is None:
        return {}
    where, members = found
    claims = {}
    for name in _STATUSES:
        value = members.get(name)
        if isinstance(value, str) and re.fullmatch(r"[1-5]\d\d", value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599:
            claims[f"{where}/{name}"] = value
    return claims


def numeric_code(body: Any) -> int | None:
    """A `code` that looks like an HTTP status; `means_status()` says whether it is one."""
    found = container(body)
    value = found[1].get("code") if found else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 400 <= value <= 599 else None


def faults(exchange: Exchange, body: Any, *, as_status: bool = False) -> Iterator[str]:
    """What is missing or untrue in one error.

    Args:
        exchange: the response.
        body: its content.
        as_status: whether a numeric `code` is meant as the HTTP status; see `means_status()`.
    """
    status = exchange.status or 0
    if not codes(body, status):
        yield "no machine-readable code in addition to the HTTP status"
    if not has_message(body):
        yield "no message for humans"
    # The status of problem details is a MUST, and has a rule of its own.
    if exchange.media_type != MEDIA:
        for where, claimed in status_claims(body).items():
            if claimed != status:
                yield f"{where} is {claimed}, but the HTTP status is {status}"
    number = numeric_code(body)
    if as_status and number is not None and number != status:
        yield f"code is {number}, but the HTTP status is {status}"


def means_status(sample: Sequence[Sampled]) -> bool:
    """Whether the API's numeric `code` is the HTTP status: it is in errors of two statuses at least."""
    alike = {exchange.status for exchange, body in sample if numeric_code(body) == exchange.status}
    return len(alike) >= 2


def changing(sample: Sequence[Sampled]) -> str | None:
    """How the code differs between errors of one cause, or None where some member keeps it."""
    found = [codes(body, exchange.status or 0) for exchange, body in sample]
    if len(found) < 2 or len({exchange.status for exchange, _ in sample}) > 1 or not all(found):
        return None
    first, *others = found
    if any(all(other.get(where) == value for other in others) for where, value in first.items()):
        return None
    return " and ".join(", ".join(f"{where} {value}" for where, value in one.items()) for one in found[:2])


def undistinguished(sample: Sequence[Sampled]) -> str | None:
    """The code that errors of different statuses share, where none has another; else None."""
    found = [codes(body, exchange.status or 0, nested=False) for exchange, body in sample]
    if len({exchange.status for exchange, _ in sample}) < 2 or not all(found):
        return None
    first, *others = found
    if any(other != first for other in others):
        return None
    return ", ".join(f"{where} {value}" for where, value in first.items())
