"""QRY: the order of a list, and which items it shows."""

from __future__ import annotations

from harness import MUST, SHOULD, WRITE, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.http.content import at
from harness.lists.page import with_param
from harness.lists.traversal import Walk

from .filtering import judge_both, judge_filter, judge_filtered_pages
from .lists import fixtures, members_of
from .orders import judge_filtered, judge_nulls, judge_pages, judge_second, judge_sort, judge_ties
from .parameters import family, filters_of, of_path, sorts_of, takes_several, typed, unlisted
from .repeated import judge_repeated, repeated_of
from .typed_filters import dates_of, flags_of, judge_days, judge_flags

MOST_MEMBERS = 3


def parameters_of(resource, survey):
    """The documented parameters of the list, and the kind of API."""
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    return of_path(survey.promises.queries, resource.known.collection), family(resource.known)


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
        whole list, and items without a value may come first or last. Of two documented keys the second decides between
        equals. One order is read in pages of three items as well, with a filter by a bound, and with one more item that
        has no value, where the schema allows that. Of two items with the same text, the first is made the last of a
        page. DOC-003 covers orders that have no effect.
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
                judge_filtered(made, one, bounds_of(parameters, kind, made))
            judged.append(one.member)
    for one, other in pairs_of(made, [one for one in sorts if one.member in judged]):
        if takes_several(parameters, kind, one):
            judge_second(made, one, other)
    for one in [one for one in sorts if one.member in judged and made.members[one.member] == "text"][:1]:
        judge_ties(made, one)
    for one in sorts[:MOST_MEMBERS]:
        if one.member in judged:
            judge_nulls(made, one)
    control(judged, f"an order should have an effect: {', '.join(one.member for one in sorts)}")
    evidence(f"sorted in both directions by {', '.join(judged)}")


def pairs_of(made, sorts):
    """One pair of a number, of which two items have the same, and a text."""
    numbers = [one for one in sorts if made.members.get(one.member) == "number"]
    texts = [one for one in sorts if made.members.get(one.member) == "text"]
    return [(numbers[0], texts[0])] if numbers and texts else []


def bounds_of(parameters, kind, made):
    """The filters by a least number among those of the items."""
    found = filters_of(parameters, kind, {name: of for name, of in made.members.items() if of == "number"})
    return [one for one in found if one.sign in ("ge", "gt", "from")]


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
        has, and compares the answers with what the rule itself selects from the items as they are listed; one answer
        also in pages of three items. Documented filters by a boolean and by a date get items of their own; of one that
        may be given several times, each value counts. A filter may
        ignore case and accents, and may accept a part of a text where the document does not say that it is exact; a
        flag may narrow the list, or widen it. DOC-003 covers filters by a text that have no effect.
    """
    parameters, kind = parameters_of(resource, survey)
    window, members = profile.consistency_window, members_of(resource)
    body = at(resource.known.body, resource.known.representation)
    filters = filters_of(parameters, kind, members, body if isinstance(body, dict) else ())
    days = filters_of(parameters, "", dates_of(resource, parameters))
    flags = flags_of(resource, parameters)
    several = repeated_of(resource, parameters)
    applies(
        filters or days or flags or several,
        "the document, or the kind of API, has a filter by a member that the rule can set",
    )
    working = []
    if filters:
        used = dict.fromkeys(one.member for one in filters)
        made = fixtures(resource, window, {name: members[name] for name in list(used)[:MOST_MEMBERS]})
        working = [one for one in filters if one.member in made.members and judge_filter(made, one)]
        judge_both(made, working)
        judge_filtered_pages(made, working)
    judged = sorted({f"{one.name} ({one.sign})" for one in working})
    judged += judge_flags(resource, flags, window) + judge_days(resource, days, window)
    judged += judge_repeated(resource, several)
    names = sorted({one.name for one in (*filters, *days)} | set(flags) | set(several))
    control(judged, f"a filter should have an effect: {', '.join(names)}")
    evidence(f"selects as it should: {', '.join(judged)}")


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
        the type of a filter. A breach is a server error, or items: the whole list, or those of another
        value. Of a value that is not among the listed ones, only a server error is a breach.
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
        guessed = page.ok and bool(page.ids) and not ignored
        expect(
            status < 500 and not ignored and not guessed,
            f"400 or 422, as {name} must be of type {parameters[name].kind}",
            f"{page.summary}"
            + (", the list as without the parameter" if ignored else "")
            + (f": {value!r} is taken for another value" if guessed else ""),
        )
        if 400 <= status < 500:
            refused.append(f"{exchange_of(page.reply).summary()}")
        elif page.ok and not page.ids:
            evidence(f"{page.summary}: selects nothing")
    evidence(f"refused: {'; '.join(refused) or 'none'}")
