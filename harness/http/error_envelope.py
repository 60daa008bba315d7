"""The envelope of errors: where a body keeps its core members, and whether two bodies agree on that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WRAPPERS = ("error", "fault", "err", "problem", "exception", "Error", "Fault")
_LISTS = ("errors", "Errors")
# Extensions beside these, such as those of problem details, are free to differ.
CORE = frozenset(
    re.findall(
        r"\w+",
        "code Code errno error_code errorCode errcode type error status statusCode status_code httpStatus"
        " http_status message Message msg errmsg detail title description error_description errorMessage"
        " error_message reason errors messages scimType success ok __type faultstring",
    )
)
"""Names of members that say what went wrong."""
_FLAGS = {"success", "ok", "status", "statusCode", "status_code", "httpStatus", "http_status"}


@dataclass(frozen=True)
class Skeleton:
    """The location of the core members of an error.

    Attributes:
        container: pointer of the object that holds them, `*` standing for an element of an array; None
            where the body is no object.
        members: their JSON types by name; without those that are null.
    """

    container: str | None
    members: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        if self.container is None:
            return "not an object but " + " ".join(kind for _, kind in self.members)
        listed = ", ".join(f"{name} ({kind})" for name, kind in self.members) or "none of the usual members"
        return f"{self.container or 'the top level'}: {listed}"


def container(body: Any) -> tuple[str, Mapping[str, Any]] | None:
    """The location of the members of an error, and the object there; None if the body is not an object."""
    if not isinstance(body, Mapping):
        return None
    for name in _WRAPPERS:
        if isinstance(body.get(name), Mapping) and not _speaks(body, name):
            return f"/{name}", body[name]
    for name in _LISTS:
        value = body.get(name)
        if isinstance(value, list) and value and isinstance(value[0], Mapping) and not _speaks(body, name):
            return f"/{name}/*", value[0]
    return "", body


def _speaks(body: Mapping[str, Any], name: str) -> bool:
    """Whether a body says itself what went wrong, so that the member only adds to it."""
    return any(isinstance(body.get(text), str) and body[text] for text in CORE - _FLAGS if text != name)


def skeleton(body: Any) -> Skeleton | None:
    """Where a body keeps its core members; None for a body that says nothing (`{}`, `[]`, `null`)."""
    found = container(body)
    if found is None:
        return None if body in (None, [], "") else Skeleton(None, (("", kind(body)),))
    where, members = found
    if not members:
        return None
    core = sorted(
        (name, kind(value)) for name, value in members.items() if name in CORE and value is not None
    )
    return Skeleton(where, tuple(core))


def kind(value: Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    names: dict[type, str] = {str: "string", list: "array", type(None): "null"}
    return next((name for type_, name in names.items() if isinstance(value, type_)), "object")


def agree(one: Skeleton, other: Skeleton) -> bool:
    """Whether one parser reads both: the same container, a core member in common, and none of two types.

    A member that only one of them has is an optional extra.
    """
    if one.container != other.container:
        return False
    mine, theirs = dict(one.members), dict(other.members)
    shared = set(mine) & set(theirs)
    if not shared:
        return mine == theirs == {}
    return all(mine[name] == theirs[name] for name in shared)


def usual(skeletons: Sequence[Skeleton]) -> Skeleton:
    """The skeleton that most of the others agree with; the earliest of equals.

    Raises:
        ValueError: there is none.
    """
    return max(skeletons, key=lambda one: sum(agree(one, other) for other in skeletons))


def difference(one: Skeleton, usual_: Skeleton) -> str:
    """How a skeleton departs from the usual one, in words."""
    if one.container != usual_.container or not set(dict(one.members)) & set(dict(usual_.members)):
        return f"{one}, elsewhere {usual_}"
    mine, theirs = dict(one.members), dict(usual_.members)
    parts = [
        f"{name} is of type {mine[name]}, elsewhere {theirs[name]}"
        for name in sorted(mine)
        if name in theirs and mine[name] != theirs[name]
    ]
    return ", ".join(parts)
