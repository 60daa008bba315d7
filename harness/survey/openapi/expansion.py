"""Related resources that a documented query parameter embeds: which parameters do, and what they may name. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.survey.openapi.queries import QueryParameter

SURE = ("expand", "$expand", "_expand", "populate", "embed", "_embed")
"""Names that need no description."""
PERHAPS = ("include", "with", "embedded", "includes")
_SAYS = re.compile(r"relat|embed|expand|side.?load|linked|associat|nested", re.IGNORECASE)
_OTHER = re.compile(r"delet|archiv|total|count|inactive|hidden|trash", re.IGNORECASE)
_KEY = re.compile(r"(?P<relation>.+?)(_id|Id|ID|_uuid)")
"""A member with the key of a related resource, such as `author_id`."""
REFERENCES = ("href", "url", "uri", "self", "@id", "@odata.id")


def expands(parameter: QueryParameter, json_api: bool = False) -> bool:
    """Whether a documented parameter embeds related resources.

    Args:
        json_api: whether the API is one of JSON:API, which gives `include` this meaning.
    """
    if json_api and parameter.name == "include":
        return True
    if parameter.kind not in ("string", ""):
        return False
    if parameter.name in SURE:
        return True
    return (
        parameter.name in PERHAPS and bool(_SAYS.search(parameter.says)) and not _OTHER.search(parameter.says)
    )


def relations(parameter: QueryParameter, whole: Mapping[str, Any]) -> list[str]:
    """Names of relations: those that the document lists, else members of the representation that refer to something.

    A member with a key, such as `author_id`, refers to something where the description of the parameter has its name.
    """
    if parameter.values:
        return list(dict.fromkeys(one.partition(".")[0] for one in parameter.values if one))
    named = [
        name
        for word in ("relationships", "_links")
        if isinstance(inner := whole.get(word), dict)
        for name in inner
    ]
    named += [name for name, value in whole.items() if reference(value) is not None]
    words = set(re.findall(r"\w+", parameter.says))
    keys = (match["relation"] for name in whole if (match := _KEY.fullmatch(name)))
    named += [name for name in keys if name in words]
    return [name for name in dict.fromkeys(named) if name not in ("self", "links", "_links", "next", "prev")]


def reference(value: Any) -> str | None:
    """The URI reference in a member that refers to a resource; None where it refers to none."""
    if isinstance(value, str):
        return value if re.match(r"(https?:/)?/[^/\s]", value) else None
    if not isinstance(value, Mapping):
        return None
    for name in REFERENCES:
        if isinstance(value.get(name), str) and (found := reference(value[name])):
            return found
    for word in ("links", "_links"):
        inner = value.get(word)
        own = inner.get("self") or inner.get("related") if isinstance(inner, Mapping) else None
        if own is not None and (found := reference(own)):
            return found
    return None
