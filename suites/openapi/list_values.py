"""DOC-003: parameters of a list whose values the document enumerates: filters by a member, and orders by one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from harness import control, evidence, expect
from harness.http.content import MISSING, at, id_text, json_of, shown
from harness.lists.page import with_param
from harness.lists.traversal import Page, Walk
from harness.profile.models import Pagination
from harness.resource.resource import ResourceUnderTest
from harness.rules.causes import SAME_BOTH_WAYS
from harness.survey.infer.page_parameters import SORTS
from harness.survey.openapi.promises import Parameter

from .judge import Listed, no_effect, orders, same_order, selecting

MOST_VALUES = 5


def enumerated(
    resource: ResourceUnderTest, parameters: Mapping[str, Parameter], done: Iterable[str]
) -> list[Parameter]:
    """Documented parameters with listed values that may select by the member of their name, except those in `done`."""
    how = resource.known.pagination
    taken = {how.limit_param, how.sort_param, how.page_param} if how is not None else set()
    return [
        one for name, one in parameters.items() if name not in (*taken, *SORTS, *done) and len(one.values) > 1
    ]


def judge_filters(resource: ResourceUnderTest, filters: Iterable[Parameter]) -> int:
    """Break the rule where a filter changes nothing, whatever its value; returns how many could be judged."""
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
    return judged


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
            cause=SAME_BOTH_WAYS,
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


def filtered(resource: ResourceUnderTest, how: Pagination) -> None:
    """Filter by a text that no item has."""
    assert how.filter_member is not None
    assert how.filter_param is not None
    place = resource.known.representation + how.filter_member
    item = resource.create(resource.body_with(how.filter_member))
    text = f"nothing-{uuid.uuid4().hex[:12]}"
    page = Walk(resource).at(with_param(resource.url, how.filter_param, text))
    if not page.ok:
        control(400 <= page.reply.status_code < 500, f"the list should be readable: {page.summary}")
        evidence(f"{page.summary}: the parameter is evaluated")
        return
    value = at(item.sent, place)
    if item.id in page.ids:
        # A mock lists the same items whatever was created.
        kept = at(json_of(item.get()), place)
        control(
            kept == value,
            f"an item should keep the values of its creation: {shown(kept)}, not {shown(value)}",
        )
    expect(
        item.id not in page.ids,
        f"no item whose {how.filter_member[1:]} differs from {text!r}",
        f"{page.summary} with item {item.id}, whose {how.filter_member[1:]} is {value!r}",
    )
