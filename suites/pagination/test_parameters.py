"""PAGE: page parameters, and pages beyond the end."""

from __future__ import annotations

import uuid

from harness import MINOR, READ, SHOULD, WRITE, applies, control, expect, inconclusive, note, rule, warn
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, shown
from harness.lists.page import with_param
from harness.lists.traversal import Walk
from harness.resource.own_list import Scope, binding
from harness.survey.ask.services import SCIM

from . import read_only
from .judge import in_use, says_end

MOST_CREATED = 120
GROWING = (30, 60, 105)
"""Items by which a maximum page size is looked for that is not declared."""
MOST_SMALLEST = 26
FAR = 1_000_000
HUGE = 1_000_000_000
LARGE = 1_000
SMALL = 10
UNUSED = 7
"""What a page size is raised by to one that was not requested before."""
REFUSED = (400, 422)


@rule("PAGE-002", SHOULD, refs=["AIP-158", "OWASP API4:2023"], needs="list limit", rougher=WRITE)
def test_no_more_than_limit_items_are_returned(resource, profile):
    """Return no more items than the limit, and cap or reject a huge limit

    Why: a client plans its memory and its time by the limit; without a cap one request reads the whole table.
        Where the cap shortens a page that claims to be the last, the client loses the rest of the list.
    Fix: refuse a limit above the maximum with 400, or use the maximum instead, also to decide whether more
        items follow.
    """
    if read_only.reads_only(resource):
        read_only.limits(resource, binding(resource, "limit"))
        return
    scope = Scope(resource, profile.consistency_window)
    how, level = scope.how, binding(resource, "limit")
    least = how.min or 1
    if least > MOST_SMALLEST:
        inconclusive(f"the smallest page size is {least}: more items than this rule creates")
    scope.fill(least + 4)
    control(len(scope.settled()) >= len(scope.items), "the list should show the created items")
    used = set()
    for limit in (least, least + 2):
        page = scope.walk(limit).step()
        control(page.ok, f"a page size of {limit} should be accepted: {page.summary}")
        expect(len(page.items) <= limit, f"at most {limit} items", page.summary, level=level)
        used |= in_use([page.info])
    unbounded = None
    for limit in (HUGE, LARGE if how.max is None else how.max + 1):
        page = scope.walk(limit).step()
        refused = page.reply.status_code in REFUSED
        most = f"at most {how.max} items" if how.max is not None else "a page"
        expect(refused or page.ok, f"{most}, or 400 or 422", page.summary, level=SHOULD)
        unbounded = unbounded or (None if refused else limit)
    if unbounded is None:
        return
    if how.max is None or how.max >= MOST_CREATED:
        for count in GROWING:
            page = first_of(scope, count, unbounded)
            if len(page.items or []) < count:
                judge_end(scope, page, used, unbounded)
                judge_rest(scope, page, unbounded)
                return
        note(f"{page.summary}: too few items to see whether there is a maximum page size")
        return
    for limit in (how.max, how.max + 1, unbounded):
        page = first_of(scope, how.max + 1, limit)
        control(page.ok or limit > how.max, f"the maximum page size should be accepted: {page.summary}")
        if page.ok:
            expect(
                len(page.items) <= how.max, f"at most {how.max} items, the maximum", page.summary, level=level
            )
            judge_end(scope, page, used, limit)
            judge_rest(scope, page, limit)
    for value in ("0", "-1"):
        page = scope.walk().at(with_param(scope.url(1), how.limit_param, value))
        expect(
            not page.ok or len(page.items) <= how.max,
            f"at most {how.max} items, the maximum, or 400 or 422",
            page.summary,
            level=level,
        )


def first_of(scope, count, limit):
    """The first page by a page size, of a list with at least so many items of the run."""
    if len(scope.items) < count:
        scope.fill(count)
        control(
            eventually(lambda: not unlisted(scope), scope.window),
            f"{len(unlisted(scope))} of {count} items created are missing from the list, read in small pages",
        )
    return scope.walk(limit).step()


def unlisted(scope):
    """Items of the run that a traversal in small pages does not show."""
    walk = scope.walk(max(scope.how.min or 1, SMALL)).run(MOST_CREATED)
    return set(scope.items) - set(walk.ids)


def judge_end(scope, page, used, limit):
    """Break the rule where a page that lacks items says that it is the last."""
    ended = says_end(page.info, used)
    missing = set(scope.items) - set(page.ids)
    if page.ok and ended and missing:
        control(not unlisted(scope), "small pages should show all items")
        # The first page may have come from a cache; a cache does not have one of a size that was not requested before.
        other = scope.walk(limit + UNUSED).step()
        control(
            not other.ok or set(other.ids) == set(page.ids) or bool(says_end(other.info, used)),
            f"a page of another size should end alike (see CONC-012): {page.summary}, but {other.summary}",
        )
        expect(
            False,
            "a next page, as not all items are shown",
            f"{page.summary}, and {', '.join(ended)} says that no more follow; {len(missing)} of "
            f"{len(scope.items)} items, which smaller pages show, are missing",
            level=SHOULD,
        )


def judge_rest(scope, page, limit):
    """Break the rule where the numbered page after a shortened one begins where one of the size asked for would end."""
    if scope.how.style != "page" or not page.ok or len(page.items) >= limit:
        return
    walk = scope.walk(limit).run(MOST_CREATED)
    missing = set(scope.items) - set(walk.ids)
    if len(walk.pages) > 1 and walk.broken is None and missing:
        control(not unlisted(scope), "small pages should show all items")
        expect(
            False,
            "a second page that begins after the last item of the first",
            f"{page.summary}, then {walk.pages[1].summary}: {len(missing)} of {len(scope.items)} items, which smaller "
            "pages show, are on no page of this size",
            level=SHOULD,
        )


@rule("PAGE-003", SHOULD, refs=["AIP-158", "RFC 9110 section 15.5.1"], needs="list", effect=READ)
def test_invalid_page_parameters_are_refused(resource):
    """Reject invalid page parameters with 400 or 422

    Why: a client with a mistake in its parameters goes on with a page that it did not ask for.
    Fix: validate page parameters as strictly as request content.
    Advice: a fraction that is rounded gives the page that the client meant, and a page size of -1 means all items
        where other values that are no number are refused.
    """
    how = resource.known.pagination
    applies(
        how and (how.limit_param or how.page_param or how.offset_param), "the profile names a page parameter"
    )
    invalid, lenient = [], []
    if how.limit_param is not None:
        invalid += [(how.limit_param, value) for value in ("-1", "abc", "1.5")]
        # May be read as absent, or as the maximum size (AIP-158); a server error is a fault.
        lenient += [(how.limit_param, value) for value in ("", "0", str(2**63))]
    if how.style == "page" and how.page_param is not None:
        invalid += [(how.page_param, value) for value in ("-1", "abc")]
        lenient += [(how.page_param, str(2**63))]
        invalid += [(how.page_param, "0")] if how.first_page == 1 else []
    if how.style == "offset" and how.offset_param is not None:
        invalid += [(how.offset_param, value) for value in ("-1", "abc")]
        lenient += [(how.offset_param, str(2**63))]
    if how.offset_param == "startIndex" or resource.known.media_type == SCIM:
        # A negative count is read as 0, and a negative index as 1 (RFC 7644 section 3.4.2.4).
        lenient += [one for one in invalid if one[1] == "-1"]
        invalid = [one for one in invalid if one[1] != "-1"]
    walk = Walk(resource, limit=1 if how.limit_param is not None else None)
    good, url = walk.step(), walk.pages[0].url
    control(good.ok, f"valid page parameters should be accepted: {good.summary}")
    taken, failed = {}, []
    for name, value in [*invalid, *lenient]:
        reply = resource.client.get(with_param(url, name, value))
        summary = exchange_of(reply).summary()
        if reply.status_code >= 500:
            failed.append(summary)
        elif (name, value) in invalid and reply.status_code not in REFUSED:
            taken[name, value] = summary
    expect(not failed, "400 or 422", "; ".join(failed))
    harmless = {(how.limit_param, "1.5"), (how.limit_param, "-1")}
    observed = "; ".join(taken.values())
    expect(not taken, "400 or 422", observed, impact=MINOR if taken.keys() <= harmless else None)


@rule("PAGE-008", SHOULD, refs=["AIP-158", "Zalando guideline 148"], needs="list", effect=READ)
def test_an_empty_list_is_a_list(resource):
    """Answer an empty result, or a page beyond the end, with 200 and an empty array

    Why: an empty result is not an error. Clients iterate over the array, and null or 404 breaks them.
    Fix: send 200 with [], and no next page.
    Advice: a 404 for a page beyond the end meets nobody who follows the links from page to page.
    """
    how = resource.known.pagination
    filtered = how is not None and how.filter_param is not None
    counted = how is not None and how.style in ("page", "offset")
    applies(filtered or counted, "the profile names a filter, page numbers or offsets")
    walk = Walk(resource)
    good = walk.step()
    control(good.ok, f"the list should be readable: {good.summary}")
    asked = []
    if filtered:
        asked.append(("a filter that matches no item", with_param(resource.url, how.filter_param, nothing())))
    if counted:
        name = how.page_param if how.style == "page" else how.offset_param
        asked.append(("a page beyond the end", with_param(good.url, name, str(FAR))))
    for what, url in asked:
        page = walk.at(url)
        summary = f"{what}: {page.summary}"
        if not page.reply.is_success:
            expect(page.reply.status_code < 500, "200 with an empty array", summary)
            beyond = reply_is_absent(page) and not what.startswith("a filter")
            warn("200 with an empty array", summary, impact=MINOR if beyond else None)
            continue
        listed = at(page.value, resource.known.items or "")
        expect(
            page.ok,
            "200 with an empty array",
            f"{summary} with {'no array' if listed is MISSING else shown(listed)}",
        )
        if page.items and what.startswith("a filter"):
            inconclusive(f"{summary}: the parameter {how.filter_param} does not seem to filter")
        expect(not page.items, "an empty array", summary)
        expect(not page.info.more, "no next page", f"{summary} signals more items")


def reply_is_absent(page):
    """Whether a page is said not to exist."""
    return page.reply.status_code in (404, 410)


def nothing():
    """A text that no item has."""
    return f"nothing-{uuid.uuid4().hex[:12]}"
