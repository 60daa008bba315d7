"""Judgement of responses by what the document says of them. Pure; no I/O.

1. A response belongs to the operation whose path template it matches; where several match, nothing is judged.
2. Its documented response is that of its status, else of its range, else `default` (OpenAPI, Responses Object).
3. A status of success that is not documented is a breach. Of refusals, only few documents list all.
4. A body is judged as JSON Schema 2020-12. Of formats, only those count that an RFC defines beyond doubt.
5. What the harness has masked is not judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from harness.http.content import is_json
from harness.http.contract import Contract, OperationAnswer
from harness.http.error_markers import markers
from harness.http.exchange import Exchange
from harness.lists.selection import is_partial
from harness.rules.faults import Fault

FORMATS = frozenset({"date-time", "date", "uuid", "email", "uri"})
_ANYWHERE = (401, 405, 406, 429)
"""Refusals that come before an operation is reached."""
_OF_RANGES = (206, 416)
"""What HTTP itself says of a request with Range; its content is that of the documented 200 (RFC 9110 section 14.2)."""
_SHOWN = 80
_MASKED = re.compile(r"\[redacted\]|\$[A-Z][A-Z0-9_]*|\*\*\*")
_NUMBER = re.compile(r"(?<=/)\d+(?=/|\Z)")


@dataclass(frozen=True)
class Documented:
    """An exchange with what the document says of it.

    Attributes:
        operation: such as `GET /orders/{id}`; of the document.
        answers: all documented responses of the operation.
        answer: that of the exchange's status; None where there is none.
    """

    exchange: Exchange
    operation: str
    answers: tuple[OperationAnswer, ...]
    answer: OperationAnswer | None


def documented(exchanges: Iterable[Exchange], contract: Contract, base: str) -> list[Documented]:
    """The exchanges whose operation is documented with at least one response.

    Args:
        base: the target's URL.
    """
    of = lru_cache(4096)(contract.of)
    found = []
    for exchange in exchanges:
        path = exchange.url.removeprefix(base).partition("?")[0].partition("#")[0] or "/"
        if exchange.status is None or not exchange.url.startswith(base):
            continue
        answers = tuple(of(exchange.method, path))
        if answers:
            by_status = {one.status: one for one in answers}
            status = str(exchange.status)
            answer = by_status.get(status) or by_status.get(f"{status[0]}XX") or by_status.get("default")
            found.append(Documented(exchange, f"{exchange.method} {answers[0].path}", answers, answer))
    return found


def undocumented_statuses(found: Iterable[Documented]) -> tuple[list[Fault], list[Fault]]:
    """Statuses that the document does not have: of success, and of refusals."""
    successes: list[Fault] = []
    refusals: list[Fault] = []
    for one in found:
        status = one.exchange.status or 0
        judged = 200 <= status < 300 or (400 <= status < 500 and status not in _ANYWHERE)
        if one.answer is not None or not judged or (status < 300 and is_error(one.exchange)):
            # Servers redirect to other spellings of a path before any operation is reached.
            continue
        if status in _OF_RANGES and one.exchange.request_field("range") is not None:
            continue
        listed = ", ".join(sorted({answer.status for answer in one.answers}))
        fault = Fault(
            one.exchange.summary(), f"{status} is not documented for {one.operation}, which has {listed}"
        )
        (successes if status < 400 else refusals).append(fault)
    return successes, refusals


def undocumented_types(found: Iterable[Documented]) -> list[Fault]:
    """Successes with content of a media type that the document does not have for them."""
    faults = []
    for one in found:
        status, answer = one.exchange.status or 0, one.answer
        if not 200 <= status < 300 or answer is None or not answer.contents or not has_content(one.exchange):
            continue
        media = one.exchange.media_type
        if not any(covers(name, media) for name in answer.contents):
            listed = ", ".join(answer.contents)
            what = f"{media or 'no Content-Type'}, where {one.operation} has {listed} for {status}"
            faults.append(Fault(one.exchange.summary(), what))
    return faults


def is_error(exchange: Exchange) -> bool:
    """Whether content says that the request has failed, whatever the status says."""
    try:
        return bool(markers(exchange.json()))
    except ValueError:
        return False


def has_content(exchange: Exchange) -> bool:
    """Whether a response has content to judge."""
    return (
        exchange.method != "HEAD"
        and exchange.status not in (204, 205, 304)
        and bool(exchange.response_body.size)
    )


def covers(documented_type: str, media: str) -> bool:
    """Whether a documented media type, perhaps a range (RFC 9110 section 12.5.1), is that of a response."""
    name = documented_type.partition(";")[0].strip().lower()
    if name in ("*/*", media):
        return True
    return name.endswith("/*") and media.startswith(name[:-1])


def schema_faults(found: Iterable[Documented], contract: Contract) -> tuple[list[Fault], list[Fault], int]:
    """Contents that do not match their schemas, of successes and of refusals; and how many were judged.

    Each fault is named once for an operation, wherever in an array it is.
    """
    validators: dict[int, Callable[[str], list[tuple[str, str]]]] = {}
    successes: list[Fault] = []
    refusals: list[Fault] = []
    judged = 0
    for one in found:
        number = _schema_of(one)
        if number is None:
            continue
        text = one.exchange.response_body.text
        if number not in validators:
            validators[number] = _validator(contract.schemas[number])
        try:
            wrong = validators[number](text)
        except ValueError:
            # No JSON, which other rules report, or cut when it was recorded.
            continue
        judged += 1
        status = one.exchange.status or 0
        if wrong and status < 400 and is_error(one.exchange):
            # What an error under a status of success looks like is the cause of another rule.
            continue
        for what, example in wrong:
            fault = Fault(one.exchange.summary(), f"{what} ({one.operation}, {status})", example)
            (successes if status < 400 else refusals).append(fault)
    return successes, refusals, judged


_FORMS = {
    "integer": re.compile(r"[+-]?\d+(\.0+)?"),
    "number": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"),
    "boolean": re.compile(r"true|false|\?[01]|[01]", re.IGNORECASE),
}


def field_faults(found: Iterable[Documented]) -> list[Fault]:
    """Header fields that are no number, or no boolean, where the document has that type for them."""
    faults = []
    for one in found:
        for name, kind in one.answer.fields.items() if one.answer is not None else ():
            value = one.exchange.field(name)
            if value is None or _MASKED.search(value) or _FORMS[kind].fullmatch(value.strip()):
                continue
            what = f"{name}: it is not of type {json.dumps(kind)} ({one.operation}, {one.exchange.status})"
            faults.append(Fault(one.exchange.summary(), what, value[:_SHOWN]))
    return faults


def _schema_of(one: Documented) -> int | None:
    """The number of the schema for the content of a response; None without one, or without JSON.

    None as well where a refusal that comes before the operation is covered by `default` or a range alone.
    """
    if one.answer is None or not has_content(one.exchange) or not is_json(one.exchange.media_type):
        return None
    if one.exchange.status in _ANYWHERE and one.answer.status != str(one.exchange.status):
        return None
    if (one.exchange.status or 0) < 400 and is_partial(one.exchange.url):
        # What the client left out of its selection is not missing.
        return None
    media = one.exchange.media_type
    exact = [
        number
        for name, number in one.answer.contents.items()
        if name.partition(";")[0].strip().lower() == media
    ]
    ranges = [number for name, number in one.answer.contents.items() if covers(name, media)]
    return next(iter(exact or ranges), None)


def _validator(schema: dict[str, Any]) -> Callable[[str], list[tuple[str, str]]]:
    """What is wrong with a text of JSON by a schema: sentences, each with an example; cached by the text."""
    try:
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        return lambda text: []

    @lru_cache(1024)
    def wrong(text: str) -> list[tuple[str, str]]:
        found: dict[str, str] = {}
        for error in validator.iter_errors(json.loads(text)):
            value = json.dumps(error.instance, ensure_ascii=False, default=str)
            keyword = str(error.schema_path[-1]) if error.schema_path else ""
            if _MASKED.search(value) or (keyword == "format" and not _counts(error)):
                continue
            found.setdefault(_sentence(error, value), value[:_SHOWN])
        return list(found.items())

    return wrong


def _counts(error: Any) -> bool:
    """Whether a breach of `format` is about one that counts."""
    return any(f'"{name}"' in error.message for name in FORMATS)


def _sentence(error: Any, value: str) -> str:
    """What is wrong, in words that are the same for all items of an array."""
    place = "".join(f"/{part}" for part in error.instance_path) or "the content"
    place = _NUMBER.sub("*", place)
    said = str(error.message)
    said = f"it{said[len(value) :]}" if said.startswith(value) else said
    return f"{place}: {said[:200]}"
