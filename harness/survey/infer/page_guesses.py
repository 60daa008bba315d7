"""Which parameters to try for the pages of a list that no document describes, likeliest first. Pure.

Only guesses: `paging` judges the responses.
"""

from __future__ import annotations

from typing import Any

from harness.http.content import at
from harness.lists import conventions
from harness.lists.page import page_info
from harness.profile.models import Pagination
from harness.resource.json_api import JSON_API
from harness.survey.infer import paging
from harness.survey.infer.page_parameters import LIMITS, LIMITS_BESIDE, first_of
from harness.survey.infer.samples import Sample

USUAL = ("limit", "per_page", "page_size", "_limit")
_ECHOED = tuple(name for name in (*LIMITS, "size") if name.isidentifier())
_PAGED = {"number", *conventions.PAGE, *conventions.TOTAL_PAGES}
_SKIPS = ("offset", "skip", "start")


def limits(listed: Sample | None) -> list[str]:
    """Parameters for the page size: that of the list's link to its next page, those that it echoes, common ones.

    A list that ignores the parameter shows more than one item.
    """
    if listed is None:
        return ["limit"]
    shown = paging.query_of(page_info(Pagination(), dict(listed.exchange.response_fields), listed.value).url)
    name = first_of((*LIMITS, *LIMITS_BESIDE), shown)
    if name is not None:
        return [name]
    value = listed.value if isinstance(listed.value, dict) else {}
    if "startIndex" in value and "Resources" in value:
        return ["count"]
    if listed.exchange.media_type == JSON_API:
        return ["page[size]", "page[limit]"]
    if "@odata.context" in value:
        return ["$top"]
    if (echoed := echoes(value, _ECHOED)) and {"limit", "skip"} <= value.keys():
        # Feathers: {total, limit, skip, data}; `limit` by itself would be a filter there.
        echoed.insert(echoed.index("limit") + 1, "$limit")
    fields = {field.lower() for field, _ in listed.exchange.response_fields}
    usual = USUAL if "x-total-count" not in fields else ("_limit", "per_page")
    return list(dict.fromkeys([*echoed, *usual]))


def following(limit: str, listed: Any = None) -> list[tuple[str, str, str]]:
    """Style, parameter and value that may request the second page of one item, if no response shows them.

    Args:
        limit: the parameter for the page size.
        listed: JSON of the list; what it echoes is tried first.
    """
    by_page = [("page", "_page" if limit.startswith("_") else "page", "2")]
    by_offset = [("offset", "offset", "1"), ("offset", "skip", "1")]
    if limit.startswith("page["):
        return [("page", "page[number]", "2"), ("offset", "page[offset]", "1")]
    if limit in ("$top", "$limit"):
        return [("offset", "$skip", "1")]
    if limit == "_limit":
        return [*by_page, ("offset", "_start", "1")]
    usual = by_offset + by_page if limit in ("limit", "count", "size") else by_page + by_offset
    echoed = [("offset", name, "1") for name in echoes(listed, _SKIPS)]
    return list(dict.fromkeys([*echoed, *usual]))


def echoes(value: Any, names: tuple[str, ...]) -> list[str]:
    """Those names that have a number in a list, at its top or in its paging information."""
    found = []
    for container in conventions.CONTAINERS:
        inside = at(value, container)
        for name in names if isinstance(inside, dict) else ():
            shown = inside.get(name)
            if name == "size" and not _PAGED & inside.keys():
                # A member, or a filter.
                continue
            if isinstance(shown, int) and not isinstance(shown, bool):
                found.append(name)
    return list(dict.fromkeys(found))
