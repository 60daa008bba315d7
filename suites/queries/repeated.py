"""A filter that may be given several times: items with any of the values are listed, not those of one value alone."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from harness.lists.traversal import Walk
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided, evidence, expect
from harness.survey.openapi.queries import QueryParameter

from .typed_filters import accepts, changed

MOST = 2


def repeated_of(
    resource: ResourceUnderTest, parameters: Mapping[str, QueryParameter]
) -> dict[str, tuple[str, str]]:
    """Parameters that are sent once for each value, with two of their values that a create may set, by name."""
    found: dict[str, tuple[str, str]] = {}
    for name, one in parameters.items():
        if not one.repeated or len(one.values) < 2:
            continue
        own = [value for value in one.values if accepts(resource, name, value)]
        if len(own) >= 2:
            found[name] = (own[0], own[1])
    return dict(list(found.items())[:MOST])


def with_values(url: str, name: str, values: tuple[str, ...]) -> str:
    """A URL whose query has a parameter once for each value."""
    parts = urlsplit(url)
    more = urlencode([(name, value) for value in values])
    return urlunsplit(parts._replace(query=f"{parts.query}&{more}" if parts.query else more))


def one_value_wins(lists: Mapping[tuple[str, ...], frozenset[str]], first: str, second: str) -> str:
    """Which of two values counts alone, `first` or `last`; empty where that cannot be said.

    Args:
        lists: ids of the items on the first page, by the values that were asked for.
    """
    one, other = lists[first,], lists[second,]
    both = (lists[first, second], lists[second, first])
    if one == other:
        return ""
    return "first" if both == (one, other) else "last" if both == (other, one) else ""


def judge_repeated(resource: ResourceUnderTest, found: Mapping[str, tuple[str, str]]) -> list[str]:
    """Break the rule where one of several values of a filter counts alone; returns what was judged."""
    judged = []
    for name, (first, second) in found.items():
        asked = [(first,), (second,), (first, second), (second, first)]
        try:
            for value in (first, second):
                resource.create(changed(resource, name, value))
            pages = {values: Walk(resource).at(with_values(resource.url, name, values)) for values in asked}
        except Undecided as problem:
            evidence(f"not judged: {name}, {problem}")
            continue
        if not all(page.ok for page in pages.values()):
            evidence(f"not judged: {name} is refused")
            continue
        lists = {values: frozenset(page.ids) for values, page in pages.items()}
        wins = one_value_wins(lists, first, second)
        expect(
            not wins,
            f"items whose {name} is {first} or {second}",
            f"{pages[first, second].summary}: of several values the {wins} counts alone, in either order",
        )
        judged.append(f"{name} (any of several)")
    return judged
