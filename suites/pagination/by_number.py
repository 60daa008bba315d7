"""PAGE-018: whether pages by their number, or offset, are those of a traversal."""

from __future__ import annotations

from harness import control
from harness.lists.page import first_page, with_param
from harness.lists.traversal import Walk
from harness.resource.own_list import Scope
from harness.rules.verdict import Level

from .judge import named


def numbered(scope: Scope, walk: Walk, size: int | None, level: Level) -> None:
    """Break the rule if the second page by its number is not that of the traversal."""
    how = scope.how
    if how.style not in ("page", "offset") or size is None:
        return
    name, place = (how.page_param, first_page(how) + 1) if how.style == "page" else (how.offset_param, size)
    if name is None:
        return
    place += how.first_offset if how.style == "offset" else 0
    second = walk.at(with_param(scope.url(size), name, str(place)))
    control(second.ok, f"a page should be readable by its number: {second.summary}")
    scope.expect(
        scope.own(second.ids) == scope.own(walk.ids[size : 2 * size]),
        f"items {size + 1} to {2 * size} of the traversal",
        f"{second.summary} shows {named(second.ids)} instead of {named(walk.ids[size : 2 * size])}",
        level=level,
    )
