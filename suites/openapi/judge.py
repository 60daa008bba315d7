"""Judgement of responses against the OpenAPI document. Pure; no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.http.exchange import Exchange
from harness.http.item_urls import is_below
from harness.http.path_templates import matches
from harness.profile.capability import BY_DOCUMENT
from harness.profile.models import Resource
from harness.rules.faults import Fault
from harness.survey.openapi.promises import DocumentedAnswer, Parameter

_COUNTED_ON = re.compile(r"etag|last-modified|location|retry-after|(x-)?rate-?limit.*", re.IGNORECASE)
"""Fields that clients rely on; a note reports one that is documented and never sent."""
_MOVING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{12,}\b|\b\w*[0-9]\w*\b|[0-9]", re.IGNORECASE
)


def no_route(answer: Exchange, unknown: Exchange | None, absent: Exchange | None) -> str | None:
    """Why a 404 shows an unknown path instead of an absent item; None where it may be either.

    Args:
        unknown: the response for a path that certainly does not exist.
        absent: the response for an absent item of an existing collection. An API that answers both alike does not
            distinguish them.
    """
    if answer.status != 404 or unknown is None or absent is None:
        return None
    if not _alike(answer, unknown) or _alike(absent, unknown):
        return None
    return f"{answer.summary()}, like {unknown.summary()} and unlike {absent.summary()} for an absent item"


def absent_item(exchanges: Iterable[Exchange]) -> Exchange | None:
    """A GET answered 404 for a URL that was readable before: the API's response for an absent item."""
    there: set[str] = set()
    for exchange in exchanges:
        if exchange.method == "GET" and exchange.status == 404 and exchange.url in there:
            return exchange
        if exchange.method == "GET" and exchange.status == 200:
            there.add(exchange.url)
    return None


def _alike(one: Exchange, other: Exchange) -> bool:
    return (one.status, one.media_type, _masked(one)) == (other.status, other.media_type, _masked(other))


def _masked(exchange: Exchange) -> str:
    """Content without parts that differ between requests: method, target, and words with digits."""
    text = exchange.response_body.text
    target = urlsplit(exchange.url)
    for word in sorted({exchange.url, target.path, target.path.lstrip("/")}, key=len, reverse=True):
        text = text.replace(word, "<target>") if len(word) > 1 else text
    text = re.sub(rf"\b{re.escape(exchange.method)}\b", "<method>", text, flags=re.IGNORECASE)
    return _MOVING.sub("#", text)


def fields_not_sent(
    exchanges: Iterable[Exchange],
    answers: Sequence[DocumentedAnswer],
    documented: Mapping[str, Sequence[str]],
    base: str,
) -> tuple[list[Fault], list[str], int]:
    """Documented header fields that responses lack.

    Args:
        exchanges: what to judge.
        answers: the documented responses.
        documented: methods by path template.
        base: the target's URL.

    Returns:
        Faults for the required ones; sentences on optional ones that clients rely on and no response has; the number
        of responses with a required field.
    """
    faults: list[Fault] = []
    judged = 0
    seen: dict[tuple[str, str, str, str], list[Exchange]] = {}
    for exchange in exchanges:
        promise = promised(exchange, answers, documented, base)
        if promise is None:
            continue
        judged += bool(promise.required)
        where = f"required of {promise.status} to {promise.method} {promise.path}"
        for name in promise.required:
            if exchange.field(name) is None:
                faults.append(Fault(exchange.summary(), f"no {name}, which the document says is {where}"))
        for name in promise.optional:
            if _COUNTED_ON.fullmatch(name):
                seen.setdefault((promise.method, promise.path, promise.status, name), []).append(exchange)
    remarks = [
        f"{several[0].summary()}: no {name}, which the document has for {status} to {method} {path}"
        for (method, path, status, name), several in seen.items()
        if all(exchange.field(name) is None for exchange in several)
    ]
    return faults, remarks, judged


def promised(
    exchange: Exchange,
    answers: Sequence[DocumentedAnswer],
    documented: Mapping[str, Sequence[str]],
    base: str,
) -> DocumentedAnswer | None:
    """The documented response for an exchange; None where there is none, or where several paths match."""
    if exchange.status is None or not is_below(exchange.url, base):
        return None
    path = exchange.url.removeprefix(base).partition("?")[0] or "/"
    templates = [path] if path in documented else [one for one in documented if matches(one, path)]
    if len(templates) != 1:
        return None
    status = str(exchange.status)
    for wanted in (status, f"{status[0]}XX"):
        for answer in answers:
            if (answer.method, answer.path, answer.status) == (exchange.method, templates[0], wanted):
                return answer
    return None


def served_before(answer: Exchange, earlier: Iterable[Exchange]) -> bool:
    """Whether the same GET had a success earlier: what happened since is no fault of the operation."""
    alike = [one.status or 0 for one in earlier if (one.method, one.url) == (answer.method, answer.url)]
    return answer.method == "GET" and any(200 <= status < 300 for status in alike)


_CRASH = re.compile(r"-> 5(?!01)\d\d\b")
OPERATIONS = ("list", "create", "read", "replace", "update", "delete")


def unkept(known: Resource) -> list[str]:
    """Declared capabilities that the target's answers to the survey deny, a sentence each.

    Those that other rules report are left out: DOC-001 requests the operations of an OpenAPI document, METH-013 reads
    what a 201 names.
    """
    return [*_unkept(known).values()]


def crashes(known: Resource) -> list[str]:
    """Those of `unkept()` that were answered with a server error, which no valid request may be; a sentence each."""
    found = _unkept(known)
    return [text for name, text in found.items() if _CRASH.search(known.capabilities[name].denied)]


def _unkept(known: Resource) -> dict[str, str]:
    documented = known.missing("openapi") is None
    faults = {}
    for name, capability in known.capabilities.items():
        said = capability.declaration
        if not said or not capability.denied:
            continue
        if name in OPERATIONS and documented and said.startswith(BY_DOCUMENT):
            continue
        if name == "read" and known.missing("create") is not None:
            # The item that a create should have left cannot be read: one cause.
            continue
        faults[name] = f"{name} is declared ({said}), and the answer is {capability.denied}"
    return faults


def used(known: Resource) -> list[str]:
    """Names of the declared capabilities that the survey has used."""
    return [name for name, one in known.capabilities.items() if one.declaration and one.exchanges]


@dataclass(frozen=True)
class Listed:
    """An item as a list shows it: its id, and one member as a text, None where that is no plain value."""

    id: str
    value: str | None


_THRESHOLD = re.compile(
    r"(?i)\w*(level|severity|priority|rank|tier|order|sort|view|format|lang|language|locale)"
)
"""Names of parameters that may select what is at least so high, or how items are shown."""
_ALL = frozenset({"all", "any", "*", "", "none", "both"})


def selecting(parameter: Parameter) -> bool:
    """Whether a parameter surely filters by equality, if a member has its name: by its description, or its name."""
    return parameter.filters or not _THRESHOLD.fullmatch(parameter.name)


def no_effect(plain: Sequence[Listed], answered: Mapping[str, Sequence[Listed]]) -> list[str]:
    """Values of a filter that change nothing, if no value does, and some items have another value; else none.

    Args:
        plain: the items of the list without the filter.
        answered: those with it, by the value asked for; a value that was refused is left out.
    """
    asked = [value for value in answered if value.lower() not in _ALL]
    if not asked or any(list(answered[value]) != list(plain) for value in asked):
        return []
    known = set(answered)
    return [
        value for value in asked if any(one.value in known and one.value != value for one in answered[value])
    ]


def orders(values: Iterable[str]) -> list[tuple[str, str, str]]:
    """Members that a parameter sorts by in both directions, each with the value for either: `name` and `-name`."""
    there = list(values)
    return [(one, one, f"-{one}") for one in there if f"-{one}" in there]


def same_order(up: Sequence[Listed], down: Sequence[Listed]) -> bool:
    """Whether two lists are the same, though the items have different values."""
    return list(up) == list(down) and len({one.value for one in up} - {None}) > 1
