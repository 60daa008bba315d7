"""Reading the response to a batch: what it says of each item. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.http.content import MISSING, id_text

_ARRAYS = frozenset(
    re.findall(
        r"\w+",
        "results responses operations items data value values records created succeeded success successful entries"
        " documents",
    )
)
_GOOD = frozenset({"created", "succeeded", "success", "successful", "successes", "imported", "inserted"})
_BAD = frozenset({"errors", "failed", "failures", "failure", "error", "unprocessed", "rejected"})
_STATUSES = ("status", "statusCode", "status_code", "httpStatus", "http_status", "code")
_ERRORS = ("error", "errors", "problem", "fault")
_BODIES = re.findall(
    r"\w+", "body response item data resource result value document record object representation success"
)
_INDICES = ("index", "position", "row")
_LOCATIONS = ("location", "Location", "href", "self", "url")
_KEYS = re.findall(
    r"\w+",
    "key reference ref clientReference client_reference correlationId correlation_id bulkId requestId",
)


@dataclass(frozen=True)
class Result:
    """What a response says of one item.

    Attributes:
        failed: whether it failed; None where nothing says so.
        status: None where it has none.
        index: position of the item in the request that it names; None where it names none.
        key: correlation id that it names; None where it names none.
        value: representation of the item; `MISSING` without one.
        location: of the item; None without one.
        error: what went wrong; `MISSING` without any.
    """

    failed: bool | None = None
    status: int | None = None
    index: int | None = None
    key: str | None = None
    value: Any = MISSING
    location: str | None = None
    error: Any = MISSING


@dataclass(frozen=True)
class Results:
    """What a response says of the items of a batch.

    Attributes:
        found: in the order of the response; None where the response has no array of results.
        by_input: by the position in the request; None where a result is missing.
        correlated: how results belong to items: `order`, `index`, `id`; empty where nobody can tell.
    """

    found: tuple[Result, ...] | None = None
    by_input: tuple[Result | None, ...] = ()
    correlated: str = ""


@dataclass(frozen=True)
class Asked:
    """What the elements of a batch were called.

    Attributes:
        count: number of elements.
        correlation: name of the member that a request is identified by; empty without one.
        keys: the identifiers that were sent, in order.
        members: names of the members that the items had.
    """

    count: int
    correlation: str = ""
    keys: Sequence[str | None] = field(default_factory=tuple)
    members: frozenset[str] = frozenset()


def read(value: Any, asked: Asked) -> Results:
    """The results in the content of a response.

    Args:
        value: JSON, or `MISSING`.
    """
    lists = list(_lists(value))
    if not lists:
        return Results(by_input=(None,) * asked.count)
    found = tuple(
        replace(one, failed=one.failed if one.failed is not None else failed)
        for failed, elements in lists
        for one in (_result(element, asked) for element in elements)
    )
    return _attributed(found, asked)


def _lists(value: Any) -> list[tuple[bool | None, list[Any]]]:
    """The arrays of results, each with whether its items failed; several where those that failed are apart."""
    if isinstance(value, list):
        return [(None, value)] if _objects(value) else []
    if not isinstance(value, Mapping):
        return []
    named = {str(name): one for name, one in value.items() if isinstance(one, list)}
    split = [(False, one) for name, one in named.items() if name.lower() in _GOOD and _objects(one)]
    split += [(True, one) for name, one in named.items() if name.lower() in _BAD and one and _objects(one)]
    usual = [one for name, one in named.items() if name.lower() in _ARRAYS and _objects(one)]
    if split and not (usual and named.keys() & {"results", "responses", "items"}):
        return [*((None, one) for one in usual[:1] if all(one is not other for _, other in split)), *split]
    if usual:
        return [(None, usual[0])]
    others = [one for one in named.values() if one and _objects(one)]
    if len(others) == 1:
        return [(None, others[0])]
    inner = [one for name, one in value.items() if isinstance(one, Mapping) and str(name).lower() in _BODIES]
    return _lists(inner[0]) if len(inner) == 1 else []


def _objects(elements: list[Any]) -> bool:
    return all(isinstance(one, Mapping) for one in elements)


def _result(element: Any, asked: Asked) -> Result:
    """What one element says."""
    inner = _unwrapped(element)
    failed: bool | None = None
    if inner is not None:
        failed, element = inner
    names = frozenset(map(str, element))
    if asked.members and 2 * len(asked.members & names) > len(asked.members):
        # The item itself: its own members may be called like a status.
        wrong = [element[one] for one in _ERRORS if one not in asked.members and element.get(one)]
        place = None if asked.members & set(_INDICES) else _index(element)
        return Result(bool(wrong), None, place, _key(element, asked), element, None, (wrong or [MISSING])[0])
    status = next((code for name in _STATUSES if (code := status_of(element.get(name))) is not None), None)
    error = next((element[name] for name in _ERRORS if element.get(name) not in (None, [], {}, "")), MISSING)
    value = next((element[name] for name in _BODIES if isinstance(element.get(name), Mapping)), MISSING)
    if status is not None:
        failed = status >= 400
        if failed and error is MISSING:
            error, value = (value if value is not MISSING else _rest(element)), MISSING
    elif isinstance(element.get("success"), bool):
        failed = not element["success"]
    elif failed is None and error is not MISSING:
        failed = True
    if value is MISSING and not failed:
        lone = [
            one
            for name, one in element.items()
            if isinstance(one, Mapping) and name not in ("headers", "_links")
        ]
        value = lone[0] if len(element) <= 3 and len(lone) == 1 and status is not None else element
    return Result(
        failed,
        status,
        _index(element),
        _key(element, asked),
        value,
        None if failed else _location(element),
        error,
    )


def _unwrapped(element: Mapping[str, Any]) -> tuple[bool | None, Mapping[str, Any]] | None:
    """What is in an element with one member: `success` or `error`, or an action, as in `{"create": {...}}`."""
    if len(element) != 1:
        return None
    (name, inner) = next(iter(element.items()))
    if not isinstance(inner, Mapping):
        return None
    if name in ("success", "ok"):
        return False, {"item": inner}
    if name in _ERRORS:
        return True, {"error": inner}
    return (None, inner) if status_of(inner.get("status")) is not None else None


def status_of(value: Any) -> int | None:
    """A status code, as a number, as text, or in an object (`{"code": 201}`); None where it is none."""
    if isinstance(value, Mapping):
        value = value.get("code")
    text = id_text(value) or ""
    word = text.split(" ")[0]
    return (
        int(word) if len(word) == 3 and word.isascii() and word.isdigit() and "100" <= word < "600" else None
    )


def _rest(element: Mapping[str, Any]) -> Any:
    """What an element says besides its status and its place."""
    names = {*_STATUSES, *_INDICES, *_KEYS, "id", "path", "method", "headers", "location"}
    rest = {name: one for name, one in element.items() if name not in names and one not in (None, "", [], {})}
    return rest or MISSING


def _index(element: Mapping[str, Any]) -> int | None:
    found = (element.get(name) for name in _INDICES)
    return next((one for one in found if isinstance(one, int) and not isinstance(one, bool)), None)


def _key(element: Mapping[str, Any], asked: Asked) -> str | None:
    names = [asked.correlation] if asked.correlation else []
    found = (id_text(element.get(name)) for name in (*names, *_KEYS))
    return next((one for one in found if one is not None and one in asked.keys), None)


def _location(element: Mapping[str, Any]) -> str | None:
    fields = element.get("headers")
    if isinstance(fields, Mapping):
        named = {str(name).lower(): one for name, one in fields.items()}
        if isinstance(named.get("location"), str):
            return str(named["location"])
    return next((element[name] for name in _LOCATIONS if isinstance(element.get(name), str)), None)


def _attributed(found: tuple[Result, ...], asked: Asked) -> Results:
    """Which result belongs to which item."""
    empty: list[Result | None] = [None] * asked.count
    keys = [one.key for one in found]
    if found and None not in keys and len(set(keys)) == len(keys):
        for one in found:
            empty[list(asked.keys).index(one.key)] = one
        return Results(found, tuple(empty), "id")
    indices = [one.index for one in found if one.index is not None]
    if found and len(set(indices)) == len(found):
        first = 1 if min(indices) == 1 and max(indices) == asked.count else 0
        if first <= min(indices) and max(indices) - first < asked.count:
            for one, index in zip(found, indices, strict=True):
                empty[index - first] = one
            return Results(found, tuple(empty), "index")
    if len(found) == asked.count:
        return Results(found, found, "order")
    return Results(found, tuple(empty))
