"""Other ways to the items of a collection than its plain list: whole exports, and parameters that name an owner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.http.content import at
from harness.http.path_templates import matches
from harness.survey.outcome import Survey

MOST_NAMES = 3
MOST_PATHS = 4
_OWNER = re.compile(
    r"(?:owner|user|author|account|tenant|org|organi[sz]ation|customer|client|company|workspace|team)(?:[-_]?(?:id|name))?"
    r"|created[-_]?by",
    re.IGNORECASE,
)

_SEARCH = re.compile(
    r"(?:full)?[-_]?(?:search(?:es)?|find|query|lookup|autocomplete|suggest(?:ions)?)", re.IGNORECASE
)
_TEXT = re.compile(r"q|query|search|term|text|keywords?|s|name|filter", re.IGNORECASE)
_COUNT = re.compile(r"(?:total|item)?[-_]?(?:counts?|totals?|stats|statistics|summary)", re.IGNORECASE)
_KIND = re.compile(r"tenant|account|org|owner|user", re.IGNORECASE)


def names_owner(name: str) -> bool:
    """Whether a member or a parameter is called like who owns an item."""
    return _OWNER.fullmatch(name) is not None


def owners(item: Any, others: Iterable[Any], representation: str = "") -> dict[str, str]:
    """Members of an item that say whose it is, with their values.

    Args:
        item: of client A.
        others: items of client B: what these have as well says nothing about client A.
    """
    members = at(item, representation)
    if not isinstance(members, Mapping):
        return {}
    found = {
        name: str(value)
        for name, value in members.items()
        if names_owner(name) and isinstance(value, str | int) and not isinstance(value, bool) and value != ""
    }
    shared = {
        (name, str(at(one, f"{representation}/{name}")))
        for one in others
        for name in found
        if "/" not in name
    }
    return {name: value for name, value in found.items() if (name, value) not in shared}


def naming(
    members: Mapping[str, str], documented: Iterable[str], identity: str | None
) -> Iterator[dict[str, str]]:
    """Queries of a list that name client A as the owner, the most likely first; one parameter each.

    Args:
        members: as `owners()` returns them.
        documented: names of the list's query parameters.
        identity: what the API calls client A, where that is declared or its token says it.
    """
    value = identity or next(iter(members.values()), None)
    if value is None:
        return
    pairs = {name: members.get(name, value) for name in documented if names_owner(name)}
    pairs |= {name: one for name, one in members.items() if name not in pairs}
    pairs.setdefault("user_id", value)
    for name in list(pairs)[:MOST_NAMES]:
        yield {name: pairs[name]}


def claiming(names: Iterable[str], members: Mapping[str, str], identity: str | None) -> dict[str, str]:
    """Fields or parameters that say who the client is, each with the value that client A has for it.

    Args:
        names: such as `X-Tenant-Id`: it takes the value of a member that is about tenants.
        members: as `owners()` returns them.
        identity: what the API calls client A; the first member otherwise.

    Returns:
        None of them where nothing shows what to write.
    """
    usual = identity or next(iter(members.values()), None)
    found = {}
    for name in names:
        kind = _KIND.search(name)
        same = (value for one, value in members.items() if kind and kind.group().lower() in one.lower())
        value = next(same, usual)
        if value is not None:
            found[name] = value
    return found


def exports(collection: str, survey: Survey) -> list[str]:
    """Documented GETs without parameters below a collection, such as an export; those that need no credential are not.

    Args:
        collection: path template without parameters.
    """
    root = collection.rstrip("/") + "/"
    streams = {path for path, _ in survey.promises.streams}
    found = [
        path
        for path, offered in survey.documented.items()
        if path.startswith(root) and "{" not in path and "GET" in offered and path not in streams
    ]
    return [path for path in sorted(found) if not declared_public(path, survey)][:MOST_PATHS]


def searching(collection: str, survey: Survey) -> list[tuple[str, str]]:
    """Documented searches below a collection, or of the whole API: path, and name of the parameter for the text."""
    root = collection.rstrip("/") + "/"
    found = []
    for one in survey.promises.queries:
        head, _, last = one.path.rpartition("/")
        general = _SEARCH.fullmatch(last) is not None and collection.startswith(f"{head}/")
        below = one.path.startswith(root) or general
        plain = "{" not in one.path and one.path.rstrip("/") != collection.rstrip("/")
        if below and plain and _TEXT.fullmatch(one.name) and not declared_public(one.path, survey):
            found.append((one.path, one.name))
    return found[:MOST_PATHS]


def counting(collection: str, survey: Survey) -> list[str]:
    """Documented GETs below a collection that say how many items there are."""
    return [
        path for path in exports(collection, survey) if _COUNT.fullmatch(path.rstrip("/").rpartition("/")[2])
    ]


def counted_at(value: Any) -> int | None:
    """The number that a count shows: the value itself, or the member that is called so; None where it shows none."""
    if isinstance(value, Mapping):
        named = [one for name, one in value.items() if _COUNT.fullmatch(name) and type(one) is int]
        inner = [one for one in value.values() if type(one) is int]
        value = named[0] if named else inner[0] if len(inner) == 1 else None
    return value if type(value) is int else None


def declared_public(path: str, survey: Survey) -> bool:
    """Whether the document requires a credential for other operations, and none for this GET."""
    needed = [one.partition(" ")[2] for one in survey.secured if one.startswith("GET ")]
    return bool(needed) and not any(one == path or matches(one, path) for one in needed)
