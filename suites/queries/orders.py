"""Whether a list is in the order that was asked for: whole, in small pages, filtered, and with a value missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING
from harness.lists.page import with_param
from harness.lists.traversal import Walk
from harness.rules.causes import SAME_BOTH_WAYS
from harness.rules.checks import Undecided, control, evidence, expect
from harness.rules.rule import SHOULD

from .lists import LARGE, SMALL, Fixtures, asked
from .oracle import direction, order_fault, pages_fault
from .parameters import Filter, Query, Sort
from .typed_filters import changed, without

FEWEST = 3
"""Values that an order must have to be seen."""


def comparable(ids: Iterable[str], values: Mapping[str, Any]) -> list[Any]:
    """The values by which a list is judged: without texts whose punctuation collations weigh in their own ways."""
    shown = [values[id] for id in ids]
    return [one for one in shown if not isinstance(one, str) or one.isalnum()]


def sorted_somehow(values: list[Any]) -> bool:
    """Whether values are in order, be it that of texts."""
    return bool(direction(values) or direction([None if one is None else str(one) for one in values]))


def judge_sort(made: Fixtures, one: Sort) -> bool:
    """Break the rule where a list is not sorted as asked for; returns whether it could be judged."""
    values = made.values[one.member]
    up = made.order(one.up)
    if up is None:
        evidence(f"not judged: {asked(made.resource, one.up)} is refused")
        return False
    answers = [(query, made.order(query)) for query in one.downs]
    downs = [(query, ids) for query, ids in answers if ids is not None and ids != up]
    if not downs:
        query = next((query for query, ids in answers if ids is not None), None)
        shown = comparable(up, values)
        distinct = len({str(value) for value in shown}) >= FEWEST
        if one.declared and distinct and query is not None and not order_fault(shown, "up"):
            expect(
                not order_fault(shown, "down"),
                f"items in descending order of {one.member}",
                f"{asked(made.resource, query)} lists the rule's items as {asked(made.resource, one.up)} does",
                cause=SAME_BOTH_WAYS,
            )
        evidence(f"not judged: {asked(made.resource, one.up)} has no effect on the order")
        return False
    # Where nothing says how a descending order is written, one of the ways must work.
    downs.sort(key=lambda each: bool(order_fault(comparable(each[1], values), "down")))
    faults = [
        (query, ids, order_fault(comparable(ids, values), way))
        for query, ids, way in ((one.up, up, "up"), (*downs[0], "down"))
    ]
    if not one.declared and not any(sorted_somehow(comparable(ids, values)) for _, ids, _ in faults):
        evidence(f"not judged: nothing says that the list can be sorted by {one.member}")
        return False
    if not one.declared and not sorted_somehow(comparable(downs[0][1], values)):
        evidence(
            f"not judged: {asked(made.resource, downs[0][0])} may not be how a descending order is written"
        )
        faults = faults[:1]
    for query, ids, fault in faults:
        if fault:
            # The list may be in no constant order.
            control(made.order(query) == ids, f"{asked(made.resource, query)} should be answered twice alike")
        word = "ascending" if query == one.up else "descending"
        expect(
            not fault,
            f"items in {word} order of {one.member}",
            f"{asked(made.resource, query)} lists the rule's items {fault}: "
            f"{', '.join(str(value) for value in comparable(ids, values))}",
        )
    return True


def judge_pages(made: Fixtures, one: Sort) -> None:
    """Break the rule where only the items within a page are sorted, and not the list."""
    values = made.values[one.member]
    for query in (one.up, *one.downs[:1]):
        ids = made.small_pages(query)
        whole = made.order(query)
        way = "up" if query == one.up else "down"
        if ids is None or whole is None or order_fault(comparable(whole, values), way):
            continue
        fault = order_fault(comparable(ids, values), way) or pages_fault(ids, values)
        control(
            not fault or made.small_pages(query) == ids,
            f"{asked(made.resource, query)} in pages of {SMALL} should be answered twice alike",
        )
        expect(
            not fault,
            f"pages that follow each other in the order of {one.member}",
            f"{asked(made.resource, query)} lists the rule's items in order on one page, and in pages of {SMALL} "
            f"{fault}: {', '.join(str(value) for value in comparable(ids, values))}",
        )


def judge_ties(made: Fixtures, one: Sort) -> None:
    """Break the rule where an item is never shown because a page ends between it and one with the same text.

    A page is made to end there by its size, as the list may have many items of others before the two. PAGE-006 is about
    equal numbers.
    """
    resource, values = made.resource, made.values[one.member]
    how = resource.known.pagination
    if how is None or how.limit_param is None or not _has_twin(made, one.member):
        return

    def lost() -> tuple[int, str] | None:
        walk = made.listed(one.up, wait=False)
        found = None if walk is None else between_twins(walk.ids, values, min(how.max or LARGE, LARGE))
        if walk is None or found is None:
            return None
        size, second = found
        pages = Walk(resource, dict(one.up), size)
        if not pages.step().ok or pages.over or pages.ids != walk.ids[:size]:
            return None
        after = pages.step()
        shows = not after.ok or second in after.ids or not made.items[second].get().is_success
        return None if shows else found

    # The list may have been changed by others meanwhile.
    if lost() and (found := lost()):
        size, second = found
        expect(
            False,
            f"each item once, also where items have the same {one.member}",
            f"{asked(resource, one.up)} in pages of {size}: the first page ends between two items with the same "
            f"{one.member}, and the second page does not show item {second}",
        )


def _has_twin(made: Fixtures, name: str) -> bool:
    """Create an item with the same value as another; whether the list shows it so."""
    shown = sorted(
        value for value in made.values[name].values() if isinstance(value, str) and value.isalnum()
    )
    if not shown:
        return False
    value = shown[len(shown) // 2]
    try:
        item = made.resource.create(changed(made.resource, name, value))
    except Undecided as problem:
        evidence(f"not judged: a second item with the same {name}, {problem}")
        return False
    made.items[item.id] = item
    if not eventually(lambda: item.id in (made.order((), wait=False) or ()), made.window):
        return False
    for each in made.members:
        made.values[each][item.id] = made.shown(item.id, each)
    return bool(made.values[name][item.id] == value)


def between_twins(ids: Sequence[str], values: Mapping[str, Any], most: int) -> tuple[int, str] | None:
    """How many items come before the second of two neighbours with the same value, and its id; None without such two.

    Args:
        ids: of all items of the list, in its order.
        values: of those that are the rule's own.
        most: items on a page. Pure.
    """
    for place in range(1, min(len(ids), most + 1)):
        first, second = ids[place - 1], ids[place]
        if second in values and values.get(first) is not None and values[first] == values[second]:
            return place, second
    return None


def judge_filtered(made: Fixtures, one: Sort, bounds: Iterable[Filter]) -> None:
    """Break the rule where a list that is filtered is not sorted any more."""
    values = made.values[one.member]
    for bound in bounds:
        numbers = sorted({value for value in made.values[bound.member].values() if value is not None})
        if len(numbers) <= FEWEST:
            continue
        query = (*one.up, *bound.query(numbers[1]))
        ids = made.order(query, wait=False)
        if (
            ids is None
            or len(ids) < FEWEST
            or order_fault(comparable(made.order(one.up) or [], values), "up")
        ):
            continue
        fault = order_fault(comparable(ids, values), "up")
        control(
            not fault or made.order(query, wait=False) == ids,
            f"{asked(made.resource, query)} should be answered twice alike",
        )
        expect(
            not fault,
            f"a filtered list in the order of {one.member}",
            f"{asked(made.resource, query)} lists the rule's items {fault}: "
            f"{', '.join(str(value) for value in comparable(ids, values))}",
        )
        return


def judge_second(made: Fixtures, one: Sort, other: Sort) -> None:
    """Break the rule where the second of two documented keys does not decide between equals of the first."""
    values = made.values[one.member]
    equal = [
        id for id, value in values.items() if list(values.values()).count(value) > 1 and value is not None
    ]
    if len({made.values[other.member].get(id) for id in equal}) < len(equal) or len(equal) < 2:
        return

    def order_of(second: Query) -> list[str] | None:
        ids = made.order(both(one.up, second), wait=False)
        return None if ids is None else [id for id in ids if id in equal]

    up, down = order_of(other.up), order_of(other.downs[0])
    if up is None or down is None or len(up) < len(equal):
        evidence(f"not judged: {asked(made.resource, both(one.up, other.up))} is refused")
        return
    expect(
        up != down,
        f"items with the same {one.member} in the order of {other.member}",
        f"{asked(made.resource, both(one.up, other.up))} lists them as "
        f"{asked(made.resource, both(one.up, other.downs[0]))} does",
    )


def both(first: Query, second: Query) -> Query:
    """A query with two keys, separated by a comma."""
    (name, value), (_, more) = first[0], second[0]
    return ((name, f"{value},{more}"),)


def judge_nulls(made: Fixtures, one: Sort) -> None:
    """Break the rule where an item without a value makes the sorted list fail, or is not in it."""
    resource = made.resource
    body = without(resource, one.member)
    if body is MISSING:
        return
    try:
        item = resource.create(body)
        made.items[item.id] = item
        listed = eventually(lambda: item.id in (made.order((), wait=False) or ()), made.window)
    except Undecided as problem:
        evidence(f"not judged: an item without {one.member}, {problem}")
        return
    if not listed or made.shown(item.id, one.member) is not None:
        evidence(f"not judged: an item without {one.member} is not shown without it")
        return
    made.values[one.member][item.id] = None
    url = resource.url
    for name, value in one.up:
        url = with_param(url, name, value)
    reply = resource.client.get(url)
    expect(
        reply.status_code < 500,
        f"the list in the order of {one.member}, of which an item has none",
        f"{exchange_of(reply).summary()}, which succeeded before there was item {item.id} without {one.member}",
    )
    ids = made.order(one.up)
    if ids is None:
        return
    expect(
        item.id in ids,
        "the items that have no value first or last",
        f"{asked(resource, one.up)} leaves out item {item.id}, which has no {one.member}",
        level=SHOULD,
    )
    fault = order_fault(comparable(ids, made.values[one.member]), "up")
    expect(
        not fault,
        f"items in ascending order of {one.member}",
        f"{asked(resource, one.up)} lists the rule's items {fault}",
    )
