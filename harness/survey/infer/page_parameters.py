"""The query parameters that page a list, by their names, and as a document describes them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jsonpointer

from harness.lists import conventions
from harness.profile.models import Pagination
from harness.survey.openapi.document import Node

MOST = 100_000
LIMITS = (
    *(
        "limit",
        "per_page",
        "perPage",
        "page_size",
        "pageSize",
        "_limit",
        "page[size]",
        "page[limit]",
        "_per_page",
    ),
    *("max_results", "maxResults", "maxPageSize", "$top", "$limit"),
    *("items_per_page", "itemsPerPage", "page_length", "pageLength", "perpage", "per-page"),
)
LIMITS_BESIDE = ("count", "size", "top", "n")
"""Names that may also be filters: a page size only beside a parameter for the page."""
KEYSETS = ("starting_after", "startingAfter", "after_id", "afterId")
CURSORS = (
    *(
        "cursor",
        "page_token",
        "pageToken",
        "_token",
        "page[cursor]",
        "page[after]",
        "next_cursor",
        "next_token",
    ),
    *("nextToken", "continuation_token", "continuationToken", "continuation"),
)
AFTERS = ("after", "marker")
"""Names that may also be those of dates: a cursor only where the response of the list describes a next page."""
PAGES = (
    *(
        "page",
        "_page",
        "page_number",
        "pageNumber",
        "page[number]",
        "pageNo",
        "page_no",
        "pageNum",
        "page_num",
    ),
    *("pageIndex", "page_index"),
)
CURSORS_IN_LINKS = (*CURSORS, *AFTERS)
OFFSETS = ("offset", "skip", "startIndex", "start_index", "$skip", "page[offset]", "_start")
SORTS = ("sort", "sort_by", "sortBy", "order_by", "orderBy", "_sort", "ordering", "$orderby")
_ROOM = 2000
"""Values that a number needs for lists that are sorted by it."""


def documented(parameters: Iterable[Node], inner: Node, listed: Mapping[str, Any]) -> Pagination | None:
    """What an OpenAPI document says about a list's pages; None if it says nothing.

    Args:
        parameters: Parameter Objects of the GET.
        inner: the flat schema of a representation that clients write.
        listed: names of the members of a response, nested, without the array of items.
    """
    query = {one["name"]: _schema(one) for one in parameters if one["in"] == "query"}
    found: dict[str, Any] = {}
    numbers = {name for name, schema in query.items() if _numeric(schema)}
    described = conventions.documented(listed)
    following = {"next", "has_more"} & described.keys()
    texts = {
        name for name, schema in query.items() if schema.get("type") == "string" and "format" not in schema
    }
    for key, style, names, among in (
        ("cursor_param", "keyset", KEYSETS, set(query)),
        ("cursor_param", "cursor", CURSORS, set(query)),
        ("page_param", "page", PAGES, numbers),
        ("offset_param", "offset", OFFSETS, numbers),
        ("cursor_param", "cursor", AFTERS, texts if following else ()),
    ):
        name = first_of(names, among)
        if name is not None and key not in found:
            if names is AFTERS and "style" in found:
                continue
            found[key] = name
            found.setdefault("style", style)
    limit = first_of((*LIMITS, *(LIMITS_BESIDE if found or following else ())), numbers)
    if limit is not None:
        found["limit_param"] = limit
        for key, word in (("default", "default"), ("min", "minimum"), ("max", "maximum")):
            value = query[limit].get(word)
            least = 1 if key == "min" else 0
            # The range of a machine integer is no bound.
            if isinstance(value, int) and not isinstance(value, bool) and least < value <= MOST:
                found[key] = value
    if "page_param" in found:
        lowest = [query[found["page_param"]].get(word) for word in ("minimum", "default")]
        first = next((one for one in lowest if one in (0, 1) and not isinstance(one, bool)), None)
        found |= {} if first is None else {"first_page": first}
    if found.get("offset_param") in ("startIndex", "start_index"):
        found["first_offset"] = 1
    found |= _selection(query, inner)
    if "limit_param" in found or "style" in found:
        found |= described
    return Pagination.model_validate(found) if found else None


def _selection(query: Mapping[str, Node], inner: Node) -> dict[str, Any]:
    """The parameters that filter and sort."""
    found: dict[str, Any] = {}
    taken = {*LIMITS, *LIMITS_BESIDE, *KEYSETS, *CURSORS, *PAGES, *OFFSETS, *SORTS}
    for name, schema in sorted(inner["properties"].items()):
        kind = schema if isinstance(schema, dict) else {}
        plain = (
            not {"enum", "const", "format", "pattern", "$ref"} & set(kind)
            and kind.get("readOnly") is not True
        )
        if name in query and name not in taken and plain and kind.get("type") == "string":
            found |= {"filter_param": name, "filter_member": "/" + jsonpointer.escape(name)}
            break
    sort = first_of(SORTS, query)
    if sort is not None:
        values = query[sort].get("enum") or (query[sort].get("items") or {}).get("enum")
        numbers = [
            name
            for name, schema in inner["properties"].items()
            if isinstance(schema, dict)
            and _numeric(schema)
            and schema.get("readOnly") is not True
            and (not isinstance(values, list) or name in values)
        ]
        if numbers:
            # Rules need many values of it.
            name = next((one for one in numbers if _wide(inner["properties"][one])), numbers[0])
            found["sort_member"] = "/" + jsonpointer.escape(name)
        # Listed values of which none is a number cannot be used to make items with equal ones.
        if "sort_member" in found or not isinstance(values, list):
            found["sort_param"] = sort
    return found


def _schema(parameter: Node) -> Node:
    schema = parameter.get("schema", parameter)
    return schema if isinstance(schema, dict) else {}


def _numeric(schema: Node) -> bool:
    kind = schema.get("type")
    kinds = set(kind) if isinstance(kind, list) else {kind}
    return not schema or bool(kinds & {"integer", "number"})


def _wide(schema: Node) -> bool:
    """Whether a number has room for many values."""
    most, least = schema.get("maximum", schema.get("exclusiveMaximum")), schema.get("minimum", 0)
    return not isinstance(most, int | float) or (isinstance(least, int | float) and most - least >= _ROOM)


def first_of(names: Iterable[str], among: Iterable[str]) -> str | None:
    there = set(among)
    return next((name for name in names if name in there), None)
