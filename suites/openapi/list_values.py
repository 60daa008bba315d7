"""DOC-003: parameters of a list whose values the document enumerates: filters by a member, and orders by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from harness import control, evidence, expect
from harness.http.content import MISSING, at, id_text, replaced
from harness.lists.page import with_param
from harness.lists.traversal import Page, Walk
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.survey.infer.paging import SORTS
from harness.survey.openapi.promises import Parameter

from .judge import Listed, no_effect, orders, same_order, selected, selecting

MOST_VALUES = 5
FIRST_PAGES = 3


def enumerated(resource: ResourceUnderTest, parameters: Mapping[str, Parameter]) -> list[Parameter]:
    """Documented parameters with listed values that may select by the member of their name."""
    how = resource.known.pagination
    taken = {how.limit_param, how.sort_param, how.page_param} if how is not None else set()
    return [one for name, one in parameters.items() if name not in (*taken, *SORTS) and len(one.values) > 1]


def judge_filters(resource: ResourceUnderTest, filters: Iterable[Parameter]) -> int:
    """Break the rule where a filter changes nothing, or not on the second page; returns how many could be judged."""
    judged = 0
    for one in filters:
        plain = _first(resource, resource.url)
        before = listed(resource, plain, one.name)
        if not {item.value for item in before} & set(one.values):
            evidence(f"not judged: no item on {plain.summary} has a listed value of {one.name}")
            continue
        pages = {value: _page(resource, one.name, value) for value in one.values[:MOST_VALUES]}
        answered = {value: listed(resource, page, one.name) for value, page in pages.items() if page.ok}
        ignored = no_effect(before, answered) if selecting(one) else []
        expect(
            not ignored,
            f"only items whose {one.name} is the requested one",
            f"{pages[ignored[0]].summary if ignored else ''} with the same items as without the parameter, of which "
            f"some have another {one.name}; so with {', '.join(ignored)}",
        )
        judged += selecting(one)
        effective = selected(before, answered)
        if effective is not None and resource.known.pagination is not None:
            judged += _judge_second(resource, one, effective)
    return judged


def _judge_second(resource: ResourceUnderTest, one: Parameter, value: str) -> int:
    """Break the rule where the second page has items that the filter of the first leaves out; 1 where that was seen."""
    how = resource.known.pagination
    assert how is not None
    walk = Walk(resource, {one.name: value}, None if how.limit_param is None else how.min or 1)
    while not walk.over and len(walk.pages) < FIRST_PAGES:
        page = walk.step()
        if not page.ok:
            return 0
        others = [item for item in listed(resource, page, one.name) if item.value != value]
        expect(
            not others,
            f"only items whose {one.name} is {value} on each page",
            f"{page.summary}, page {page.number}, with item {others[0].id if others else ''}, whose {one.name} is "
            f"{others[0].value if others else ''}",
        )
    return int(len(walk.pages) > 1)


def judge_orders(resource: ResourceUnderTest, sort: Parameter | None) -> int:
    """Break the rule where an order and its reverse list the same items alike; returns how many could be judged."""
    judged = 0
    for member, up, down in orders(sort.values) if sort is not None else ():
        assert sort is not None
        pages = [_page(resource, sort.name, value) for value in (up, down)]
        if not all(page.ok for page in pages):
            evidence(f"not judged: {'; '.join(page.summary for page in pages)}")
            continue
        shown = [listed(resource, page, member) for page in pages]
        if len({one.value for one in shown[0]} - {None}) < 2:
            evidence(f"not judged: the items on {pages[0].summary} have one {member}")
            continue
        judged += 1
        expect(
            not same_order(*shown),
            f"another order of items by {down} than by {up}",
            f"{pages[0].summary} and {pages[1].summary}: the same items in the same order, though their values of "
            f"{member} differ",
        )
    return judged


def listed(resource: ResourceUnderTest, page: Page, member: str) -> list[Listed]:
    """The items of a page: the id, and a member as a text."""
    found = []
    for item in page.items or ():
        id = id_text(at(item, resource.listed_id))
        value = at(item, f"/{member}")
        plain = value is not MISSING and isinstance(value, str | int | float) and not isinstance(value, bool)
        if id is not None:
            found.append(Listed(id, str(value) if plain else None))
    return found


def _first(resource: ResourceUnderTest, url: str) -> Page:
    page = Walk(resource).at(url)
    control(page.ok, f"the list should be readable: {page.summary}")
    return page


def _page(resource: ResourceUnderTest, name: str, value: str) -> Page:
    page = Walk(resource).at(with_param(resource.url, name, value))
    control(page.reply.status_code < 500, f"a documented value should be accepted: {page.summary}")
    return page


def create_some(resource: ResourceUnderTest, filters: Iterable[Parameter]) -> None:
    """Items with different values, where clients set them, so that a list has something to select and to order."""
    if not resource.may_create:
        return
    known = resource.known
    body = resource.body()
    for one in filters:
        place = f"{known.representation}/{one.name}"
        if at(body, place) not in one.values:
            continue
        for value in (one.values[0], one.values[1], one.values[0]):
            with suppress(Undecided):
                resource.create(replaced(resource.body(), place, value))
        return
    for _ in range(2):
        resource.create()
