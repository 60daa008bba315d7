"""Whether a list shows the items that a filter selects: whole, in small pages, and with a second filter."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from harness.rules.checks import evidence, expect

from .lists import SMALL, Fixtures, asked
from .oracle import chosen, explained_by, filter_fault, not_a_filter
from .parameters import Filter, Query


def shown_by(made: Fixtures, query: Query) -> set[str] | None:
    """Ids of the rule's items that a filter shows; None where it is refused."""
    ids = made.order(query, wait=False)
    return None if ids is None else set(ids)


def judge_filter(made: Fixtures, one: Filter) -> bool:
    """Break the rule where a filter shows other items than it should; returns whether it selects."""
    values, everything = made.values[one.member], set(made.items)
    resource = made.resource
    if one.sign == "eq" and made.members[one.member] == "text":
        query = one.query(f"nothing{uuid.uuid4().hex[:12]}")
        found = shown_by(made, query)
        how = resource.known.pagination
        covered = how is not None and how.filter_param == one.name
        if found == everything and one.declared and not covered:
            expect(
                False, f"no item, as none has that {one.member}", f"{asked(resource, query)} lists all items"
            )
        if found != set():
            evidence(f"not judged: {asked(resource, query)} does not select by the whole text")
            return False
        wanted = sorted({value for value in values.values() if isinstance(value, str)})
    else:
        wanted = sorted({value for value in values.values() if value is not None})
        wanted = (
            wanted[:1] + wanted[len(wanted) // 2 :][:1]
            if one.sign == "eq"
            else wanted[len(wanted) // 2 :][:1]
        )
    seen = [(value, one.query(value), shown_by(made, one.query(value))) for value in wanted]
    if any(found is None for _, _, found in seen):
        evidence(f"not judged: {asked(resource, seen[0][1])} is refused")
        return False
    why = not_a_filter(everything, [found for _, _, found in seen])
    if why and not one.declared:
        evidence(f"not judged: {asked(resource, seen[0][1])} {why}")
        return False
    if not one.declared and (
        other := explained_by(one, [(value, found) for value, _, found in seen], values)
    ):
        evidence(f"not judged: {one.name} may be a bound ({other}), as far as the answers show")
        return False
    if one.whole and isinstance(wanted[0], str):
        part = wanted[0][:-1]
        seen.append((part, one.query(part), shown_by(made, one.query(part))))
    for value, query, found in seen:
        fault = filter_fault(one, value, values, found or ())
        if fault:
            # An index may be late.
            again = shown_by(made, query)
            fault = filter_fault(one, value, values, (found if again is None else again) or ())
        expect(
            not fault,
            f"exactly the items whose {one.member} {WORDS[one.sign]} {value!r}",
            f"{asked(resource, query)}: a list {fault}",
        )
    return True


WORDS = {
    "eq": "is",
    "ge": "is at least",
    "le": "is at most",
    "gt": "is above",
    "lt": "is below",
    "from": "is at least",
    "to": "is at most",
}


def judge_both(made: Fixtures, working: Iterable[Filter]) -> None:
    """Break the rule where one of two filters is dropped."""
    pairs = [
        (one, other)
        for one in working
        for other in working
        if one.name < other.name and one.member != other.member and one.name != other.name
    ]
    for one, other in pairs[:1]:
        id = next(iter(made.items))
        queries = []
        for each in (one, other):
            value = made.values[each.member][id]
            queries.append((each, value, each.query(value)))
        query = (*queries[0][2], *queries[1][2])
        found = shown_by(made, query)
        if found is None:
            evidence(f"not judged: {asked(made.resource, query)} is refused")
            return
        for each, value, _ in queries:
            values = {key: made.values[each.member][key] for key in found}
            wrong = filter_fault(each, value, values, found)
            expect(
                not wrong,
                f"only items that both filters select, {one.name} and {other.name}",
                f"{asked(made.resource, query)}: a list {wrong}",
            )
        # An item at a bound is shown where the bound belongs to the range.
        sure = all(id in chosen(each, value, made.values[each.member])[0] for each, value, _ in queries)
        expect(
            id in found or not sure,
            "the item that has both values",
            f"{asked(made.resource, query)}: a list without item {id}",
        )


def judge_filtered_pages(made: Fixtures, working: Iterable[Filter]) -> None:
    """Break the rule where a page is taken first and filtered then: what is behind the first page is never found."""
    for one in working:
        values = made.values[one.member]
        for id in reversed(made.beyond_first_page()):
            if values.get(id) is None:
                continue
            query = one.query(values[id])
            must, _ = chosen(one, values[id], values)
            lacking = _not_in_small_pages(made, query, must)
            if lacking and _not_in_small_pages(made, query, must):
                expect(
                    False,
                    f"the items whose {one.member} {WORDS[one.sign]} {values[id]!r} on pages of {SMALL}, too",
                    f"{asked(made.resource, query)} shows item {min(lacking)} on one page, and not in pages of {SMALL}",
                )
            return


def _not_in_small_pages(made: Fixtures, query: Query, must: set[str]) -> set[str]:
    shown = made.small_pages(query)
    return set() if shown is None else must - set(shown)
