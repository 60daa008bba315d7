"""Path templates: parameters filled in, and the collection of a parent put before them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from harness.profile.models import Resource

_PARAMETER = re.compile(r"\{([^{}]+)\}")
SUFFIX = ".json"
_SETTINGS = re.compile(
    r"(?:[a-z]+[-_])?(?:settings?|preferences?|config(?:uration)?s?)\Z", re.IGNORECASE | re.ASCII
)


def stem(path: str) -> str:
    """A path without the slash or the `.json` at its end: /orders and /orders.json name one collection."""
    return path.rstrip("/").removesuffix(SUFFIX)


def last_word(path: str) -> str:
    """The last part of a path that is no parameter, without suffix; empty if there is none."""
    words = [word for word in stem(path).split("/") if word and "{" not in word]
    return words[-1] if words else ""


def settings(path: str) -> bool:
    """Whether a collection is named like settings of the whole API, which nothing is added to by a guess."""
    return _SETTINGS.match(last_word(path)) is not None


def parameters(path: str) -> list[str]:
    """Names of the parameters of a template, in order."""
    return _PARAMETER.findall(path)


def filled(resource: Resource, values: Mapping[str, str]) -> Resource:
    """The resource with the values of parameters in its collection's path; others stay."""

    def value(match: re.Match[str]) -> str:
        given = values.get(match[1])
        return match[0] if given is None else quote(given, safe="")

    head, brace, rest = resource.collection.rpartition("}")
    return _behind(resource, head + brace, _PARAMETER.sub(value, head + brace), rest)


def below(resource: Resource, parent: Resource, id: str) -> Resource:
    """The resource below an item of its parent.

    Args:
        parent: with the ids of its own parents in its paths.
        id: of the item.
    """
    head, brace, rest = resource.collection.rpartition("}")
    above = stem(parent.item.replace("{id}", quote(id, safe="")))
    if len(parameters(resource.collection)) == 1 and stem(parent.collection) != stem(head.rpartition("{")[0]):
        # The parent's items are elsewhere: only their id is in this path.
        return filled(resource, {parameters(resource.collection)[0]: id})
    return _behind(resource, head + brace, above, rest)


def _behind(resource: Resource, head: str, new: str, rest: str) -> Resource:
    item = resource.item
    # The item's path begins as the collection's does, unless the user wrote another one.
    item = new + item.removeprefix(head) if item.startswith(head) else stem(new + rest) + "/{id}"
    return resource.model_copy(update={"collection": new + rest, "item": item})
