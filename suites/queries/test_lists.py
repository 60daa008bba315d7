"""QRY: the order of a list, and which items it shows."""

from __future__ import annotations

import uuid

from harness import MUST, SHOULD, WRITE, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.lists.page import with_param
from harness.lists.traversal import Walk
from harness.rules.causes import SAME_BOTH_WAYS

from .lists import SMALL, asked, fixtures, members_of
from .oracle import direction, filter_fault, not_a_filter, order_fault
from .parameters import family, filters_of, of_path, sorts_of, typed, unlisted

MOST_MEMBERS = 3
FEWEST = 3
"""Values that an order must have to be seen."""
REFUSED = (400, 422)


def parameters_of(resource, survey):
    """The documented parameters of the list, and the kind of API."""
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    return of_path(survey.promises.queries, resource.known.collection), family(resource.known)


def comparable(ids, values):
    """The values by which a list is judged: without texts whose punctuation collations weigh in their own ways."""
    shown = [values[id] for id in ids]
    return [one for one in shown if not isinstance(one, str) or one.isalnum()]


@rule(
    "QRY-004",
    MUST,
    refs=["JSON:API 1.1, Sorting", "AIP-132", "Zalando RESTful API Guidelines, rule 137"],
    needs="list create",
    effect=WRITE,
)
def test_lists_are_sorted_as_requested(resource, survey, profile):
    """Sort lists as requested, in both directions

    Why: a client takes the first page of a sorted list for the largest, the latest or the cheapest items.
    Fix: sort by the member in its own type (numbers as numbers), in the direction that was asked for.
    Probe: creates eight items with numbers of different length and texts whose case and accents differ, and reads the
        list in ascending and in descending order of each sortable member. Any collation is lawful that explains the
        whole list, and items without a value may come first or last. One order is read in pages of three items as
        well. DOC-003 covers orders that have no effect.
    """
    parameters, kind = parameters_of(resource, survey)
    sorts = sorts_of(parameters, kind, members_of(resource))
    applies(
        sorts,
        "the document, or the kind of API, has a parameter that sorts by a member that the rule can set",
    )
    wanted = {one.member: members_of(resource)[one.member] for one in sorts[:MOST_MEMBERS]}
    made = fixtures(resource, profile.consistency_window, wanted)
    judged = []
    for one in sorts[:MOST_MEMBERS]:
        if one.member in made.members and judge_sort(made, one):
            if not judged:
                judge_pages(made, one)
            judged.append(one.member)
    control(judged, f"an order should have an effect: {', '.join(one.member for one in sorts)}")
    evidence(f"sorted in both directions by {', '.join(judged)}")


def sorted_somehow(values):
    """Whether values are in order, be it that of texts."""
    return bool(direction(values) or direction([None if one is None else str(one) for one in values]))


def judge_sort(made, one):
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


def judge_pages(made, one):
    """Break the rule where only the items within a page are sorted, and not the list."""
    values = made.values[one.member]
    for query in (one.up, *one.downs[:1]):
        ids = made.small_pages(query)
        whole = made.order(query)
        way = "up" if query == one.up else "down"
        if ids is None or whole is None or order_fault(comparable(whole, values), way):
            continue
        fault = order_fault(comparable(ids, values), way)
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
        return


@rule(
    "QRY-005",
    MUST,
    refs=["AIP-160", "JSON:API 1.1, Filtering", "Zalando RESTful API Guidelines, rule 137"],
    needs="list create",
    effect=WRITE,
)
def test_filters_select_exactly(resource, survey, profile):
    """Filter lists soundly and completely

    Why: a client acts on all items that a filter shows, and takes those that it does not show for absent.
    Fix: compare whole values in their own type, escape wildcards in patterns, combine several filters with AND, and
        refuse what is not supported.
    Probe: creates eight items, filters by values of theirs, by bounds, by two filters at once and by a value that none
        has, and compares the answers with what the rule itself selects from the items as they are listed. A filter may
        ignore case and accents, and may accept a part of a text. DOC-003 covers filters by a text that have no effect.
    """
    parameters, kind = parameters_of(resource, survey)
    members = members_of(resource)
    filters = filters_of(parameters, kind, members)
    applies(filters, "the document, or the kind of API, has a filter by a member that the rule can set")
    used = dict.fromkeys(one.member for one in filters)
    made = fixtures(
        resource, profile.consistency_window, {name: members[name] for name in list(used)[:MOST_MEMBERS]}
    )
    working = [one for one in filters if one.member in made.members and judge_filter(made, one)]
    control(working, f"a filter should have an effect: {', '.join(sorted({one.name for one in filters}))}")
    judge_both(made, working)
    evidence(f"selects as it should: {', '.join(sorted({f'{one.name} ({one.sign})' for one in working}))}")


def shown_by(made, query):
    """Ids of the rule's items that a filter shows; None where it is refused."""
    ids = made.order(query, wait=False)
    return None if ids is None else set(ids)


def judge_filter(made, one):
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
    for value, query, found in seen:
        fault = filter_fault(one, value, values, found)
        if fault:
            # An index may be late.
            again = shown_by(made, query)
            fault = filter_fault(one, value, values, again if again is not None else found)
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


def judge_both(made, working):
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
        expect(
            id in found,
            "the item that has both values",
            f"{asked(made.resource, query)}: a list without item {id}",
        )


@rule(
    "QRY-006",
    SHOULD,
    refs=["AIP-160", "OpenAPI 3.1.0, Parameter Object"],
    needs="list",
    rougher=WRITE,
)
def test_invalid_filter_values_are_refused(resource, survey):
    """Refuse filter values that are not of the documented type

    Why: a client whose filter is dropped without a word receives all items, and acts on them.
    Fix: validate query parameters like content, and answer 400 with the name of the parameter.
    Probe: sends `abc` for a number, `maybe` for a boolean, or the thirteenth month for a date, where the document gives
        the type of a filter. A breach is a server error, or the whole list as without the parameter. Of a value that is
        not among the listed ones, only a server error is a breach.
    """
    parameters, _ = parameters_of(resource, survey)
    wrong = typed(parameters, members_of(resource))
    choices = list(unlisted(parameters).items())[:4]
    for name, value in choices:
        page = Walk(resource).at(with_param(resource.url, name, value))
        expect(page.reply.status_code < 500, f"400 or 422, as {name} has listed values", page.summary)
    applies(
        wrong or choices,
        "the document has a filter with a type: a number, a boolean or a date, or with listed values",
    )
    if not wrong:
        return
    if resource.may_create:
        resource.create()
    plain = Walk(resource).step()
    control(plain.ok and plain.ids, f"the list should show items: {plain.summary}")
    refused = []
    for name, value in list(wrong.items())[:4]:
        page = Walk(resource).at(with_param(resource.url, name, value))
        status = page.reply.status_code
        ignored = page.ok and page.ids == plain.ids and Walk(resource).step().ids == plain.ids
        expect(
            status < 500 and not ignored,
            f"400 or 422, as {name} must be of type {parameters[name].kind}",
            f"{page.summary}" + (", the list as without the parameter" if ignored else ""),
        )
        if 400 <= status < 500:
            refused.append(f"{exchange_of(page.reply).summary()}")
        elif page.ok and not page.ids:
            evidence(f"{page.summary}: selects nothing")
    evidence(f"refused: {'; '.join(refused) or 'none'}")
