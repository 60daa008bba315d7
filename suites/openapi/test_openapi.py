"""DOC: the OpenAPI document compared with the responses of the target."""

from __future__ import annotations

import uuid

from harness import (
    MUST,
    READ,
    SHOULD,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    note,
    rule,
    warn,
)
from harness.http.content import MISSING
from harness.http.document_places import is_place
from harness.http.intermediary import from_edge
from harness.http.path_templates import matches
from harness.lists.order import ordered
from harness.lists.page import with_param
from harness.lists.traversal import Walk
from harness.resource.matching import listed_value
from harness.resource.own_list import Scope
from harness.rules.faults import grouped
from harness.rules.rule import Effect
from harness.survey.infer.page_parameters import SORTS
from harness.survey.value_filters import filters_of

from . import list_values
from .asked import Asked
from .filters import ignored
from .judge import crashes, fields_not_sent, orders, unkept, used


@rule(
    "DOC-001",
    SHOULD,
    refs=["OpenAPI 3.1.0, Paths Object", "OpenAPI 3.1.0, Operation Object"],
    needs="openapi",
    effect=READ,
    rougher=WRITE,
)
def test_documented_operations_are_there(resource, survey, profile):
    """Serve every documented operation

    Why: clients are generated from the document; a refused method fails in their users' hands.
    Fix: remove the operation from the document or mark it as deprecated, or route it.
    Probe: sends the documented methods to the collection and to an item that the rule creates. A breach is 501,
        405 unless Allow has the method, 406 though Accept allows everything, 404 to a write where GET finds the item,
        and 404 of the collection where the API's 404 for an unknown path differs from its 404 for an absent item.
        A server error for a valid request fails, also 502 to 504 if the request is answered so again after a pause,
        without Retry-After, while other requests succeed. What is refused for lack of permission is inconclusive.
        Operations that are deprecated or have servers of their own are left out.
    """
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    asked = Asked(resource, survey, profile.consistency_window)
    writes = resource.client.target.limits.effects >= Effect.WRITE
    item = asked.collection(writes)
    if item is not None:
        asked.item(item)
    denied, lost = "; ".join(asked.denied), asked.consequence()
    if denied and asked.failing:
        warn("a response of the documented operation", denied)
    expect(
        not asked.failing,
        "success, or an explained refusal, for a request that is valid by the document",
        "; ".join(asked.failing) + lost,
        level=asked.level,
    )
    expect(not denied, "a response of the documented operation", denied + lost)
    if asked.open:
        inconclusive(f"not decided: {'; '.join(asked.open)}")
    control(asked.there, "an operation should be served: none could be requested")


@rule("DOC-002", SHOULD, refs=["OpenAPI 3.1.0, Response Object", "OpenAPI 3.1.0, Header Object"])
def test_documented_header_fields_are_sent(survey, target):
    """Send the header fields that the document requires

    Why: generated clients read a required field without checking whether it is present.
    Fix: send it with every response of that status, including errors, or do not mark it as required.
    """
    promises = survey.promises
    applies(promises.answers, "the OpenAPI document has header fields for responses")
    if promises.doubt is not None:
        inconclusive(promises.doubt)
    own = [
        exchange
        for exchange in survey.exchanges
        if not is_place(exchange.url, target.url)
        and not ((exchange.status or 0) >= 400 and from_edge(exchange, survey.exchanges))
    ]
    faults, remarks, judged = fields_not_sent(own, promises.answers, survey.documented, target.url)
    if remarks:
        note(f"documented but not required: {'; '.join(remarks[:5])}")
    expect(not faults, "the header fields that the document requires", grouped(faults))
    applies(judged or remarks, "the API sent a response with a documented field")


@rule("DOC-003", SHOULD, refs=["OpenAPI 3.1.0, Parameter Object"], needs="openapi list", rougher=WRITE)
def test_documented_parameters_of_lists_take_effect(resource, survey, profile):
    """Honour documented list parameters

    Why: a client whose filter is ignored receives items that it did not ask for, and acts on all of them.
    Fix: implement the parameter, or refuse it with 400; remove it from the document until then.
    Probe: filters by a text that no item has, where the description says that the parameter selects, and by each
        parameter that has the listed values of a member; sorts by a member that the document lists as a value, and by
        one and its reverse. PAGE-002 covers page sizes.
    """
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    how = resource.known.pagination
    path = resource.known.collection or "/"
    parameters = {one.name: one for one in survey.promises.parameters if matches(one.path, path)}
    filters = how is not None and how.filter_member is not None and parameters.get(how.filter_param)
    sorts = how is not None and how.sort_member is not None and parameters.get(how.sort_param)
    filters = filters and filters.filters and not filters.values
    member = how.sort_value or how.sort_member.rsplit("/", 1)[-1] if sorts else None
    sorts = sorts and member in sorts.values
    chosen = filters_of(resource, parameters.values()) if resource.may_create else []
    listed = list_values.enumerated(resource, parameters, [one.name for one in chosen])
    both_ways = next((one for name, one in parameters.items() if name in SORTS and orders(one.values)), None)
    applies(
        filters or sorts or chosen or listed or both_ways,
        "the document has a filter for a text or a listed value, or a sort parameter with a listed member",
    )
    for _ in range(2 if (listed or both_ways) and resource.may_create else 0):
        resource.create()
    judged = list_values.judge_filters(resource, listed) + list_values.judge_orders(resource, both_ways)
    if not (filters or sorts or chosen):
        applies(judged, "a documented parameter whose effect on the items of the list can be seen")
        return
    if not resource.may_create:
        on_existing_items(resource, how if filters else None, member if sorts else None)
        return
    if filters:
        list_values.filtered(resource, how)
    if sorts:
        expect(*sorted_list(resource, profile.consistency_window, member))
    for one in chosen:
        wrong, evaluated = ignored(resource, one, profile.consistency_window)
        expect(not wrong, f"only items with the {one.name} that was asked for", wrong)
        if evaluated:
            evidence(f"{one.name} selects by its value")


def on_existing_items(resource, filtering, member):
    """The same on the items that the list has, where nothing may be created.

    Args:
        filtering: the pagination with the filter; None without one.
        member: value of the sort parameter; None without one.
    """
    first = Walk(resource).step()
    control(first.ok and len(first.items) > 2, f"the list should have some items: {first.summary}")
    if filtering is not None:
        text = f"nothing-{uuid.uuid4().hex[:12]}"
        page = Walk(resource).at(with_param(resource.url, filtering.filter_param, text))
        control(
            page.ok or 400 <= page.reply.status_code < 500, f"the list should be readable: {page.summary}"
        )
        place = filtering.filter_member
        whole = resource.known.representation + place
        values = [listed_value(resource.known, one, whole) for one in page.items or ()]
        other = [one for one in values if one not in (text, MISSING)]
        expect(not other, f"no item whose {place[1:]} differs from {text!r}", f"{page.summary}")
    if member is not None:
        scope = Scope(resource, 0, sort=True, alone=False)
        page = scope.walk(scope.large).step()
        control(page.ok, f"the list should be readable: {page.summary}")
        values = numbers(page, scope)
        plain = Walk(resource, limit=scope.large).step()
        if len(set(values)) < 3 or ordered(numbers(plain, scope)):
            inconclusive(
                f"{page.summary}: the values of {member} are too few, or in order without the parameter"
            )
        expect(ordered(values), f"items in the order of {member}", f"{page.summary}: {values[:12]}")


def numbers(page, scope):
    """The numbers in the items of a page by which a scope sorts them."""
    known = scope.resource.known
    values = [listed_value(known, one, known.representation + scope.sort) for one in page.items or ()]
    return [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]


def sorted_list(resource, window, member):
    """Whether the run's items are listed in the requested order, or its reverse, with texts for a finding."""
    scope = Scope(resource, window, sort=True)
    base = scope.base()
    for value in (base + 10, base + 30, base, base + 20):
        scope.create(value)
    values = [scope.values[id] for id in scope.own(scope.settled())]
    return (
        ordered(values),
        f"items in the order of {member}",
        f"GET {scope.url(scope.large)} lists the run's items as {values}",
    )


@rule("DOC-004", SHOULD, refs=["the target's own declaration, in the OpenAPI document or the profile"])
def test_what_is_declared_works(resource):
    """Provide every capability that is declared

    Why: clients use what the documentation offers: entity tags, idempotency keys, filters, the next page. Where it
        fails for all of them, the feature exists in the documentation only.
    Fix: repair the feature, or remove it from the document until it works.
    Probe: judges how the survey's own use of each declared capability was answered. Operations of an OpenAPI
        document are covered by DOC-001, the item that a 201 names by METH-013.
    """
    faults, crashed, tried = unkept(resource.known), crashes(resource.known), used(resource.known)
    expect(not crashed, "no server error where a declared capability is used", "; ".join(crashed), level=MUST)
    expect(not faults, "the declared capabilities", "; ".join(faults))
    applies(tried, "the profile or the document declares something that the survey could use")
    evidence(f"used as declared: {', '.join(tried)}")
