"""PAGE: links between the pages of a list."""

from __future__ import annotations

from urllib.parse import urlsplit

from harness import MUST, READ, SHOULD, WRITE, applies, control, expect, not_applicable, rule
from harness.http.content import replaced
from harness.http.links import LinkSyntax, links, wrong
from harness.lists.traversal import Walk
from harness.resource.own_list import Scope

from .judge import named, others_than
from .value_totals import documented_filters

PAGES = 4
LINKS = 10
FILTERS = 3


@rule(
    "PAGE-016",
    MUST,
    refs=["RFC 8288 section 3", "RFC 8288 section 3.3"],
    needs="list",
    rougher=WRITE,
    effect=READ,
)
def test_link_fields_are_valid(resource, profile):
    """Send valid Link fields for the relations between pages

    Why: generic clients find the next page with a parser, not with a regular expression for one API.
    Fix: send <URI>; rel="next" for each link, separated by commas; no rel twice; no next on the last page.
    """
    paged = resource.can("pages") and resource.can("limit")
    scope = (
        Scope.populated(resource, profile.consistency_window, 5) if paged else Scope(resource, 0, alone=False)
    )
    walk = scope.walk(2 if paged else None)
    while not walk.over and len(walk.pages) < PAGES:
        control(walk.step().ok, f"the list should be readable: {walk.pages[-1].summary}")
    linked = [page for page in walk.pages if "link" in page.reply.headers]
    if not linked:
        not_applicable(f"no page has a Link field: {walk.pages[0].summary}")
    for page in linked:
        field = page.reply.headers["link"]
        try:
            found = links(field)
        except LinkSyntax as problem:
            expect(False, "a Link field in the syntax of RFC 8288", f"{page.summary}: {problem} in {field!r}")
        problems = wrong(found)
        expect(not problems, "links with a rel and a URI reference", f"{page.summary}: {'; '.join(problems)}")
    first = walk.pages[0]
    # No standard requires the following checks with MUST.
    expect(
        not {"prev", "previous"} & set(relations(first)),
        "no prev on the first page",
        f"{first.summary}: {first.reply.headers.get('link')}",
        level=SHOULD,
    )
    for page in linked:
        end = [where for where, more in page.info.signals.items() if where.startswith("/") and not more]
        expect(
            not (end and "next" in relations(page)),
            "no next on the last page",
            f"{page.summary}: {', '.join(end)} says that this is the last page, but Link: {page.reply.headers['link']}",
            level=SHOULD,
        )


def relations(page):
    return [name for link in links(page.reply.headers.get("link", "")) for name in link.relations]


@rule(
    "PAGE-017",
    SHOULD,
    refs=["Zalando guideline 161", "RFC 8288 section 3"],
    needs="list pages",
    rougher=WRITE,
    effect=READ,
)
def test_page_links_can_be_followed(resource, profile, survey):
    """Send page links that keep the query, and lead to the right pages

    Why: a link that drops the filter continues in another list; one with the wrong scheme or host leads
        nowhere.
    Fix: build links from the request's own URL, as the client sees it, and keep its parameters.
    """
    window = profile.consistency_window
    # A link that drops the filter would show the items before or after the selected ones.
    scope = Scope.populated(resource, window, 7, sort=resource.can("sort"), among=4)
    whole = scope.own(scope.settled()) if scope.items else []
    control(scope.selects, f"{scope.how.filter_param} should filter (see DOC-003)")
    walk = scope.walk(2 if scope.how.limit_param is not None else None)
    page = walk.step()
    control(page.ok, f"the list should be readable: {page.summary}")
    applies(page.info.url is not None or page.info.neighbours, "pages link to other pages")
    if page.info.url is not None:
        second = judge_next(resource, scope, walk, page, whole)
        follow_to_the_end(resource, scope)
        if judge_back(resource, scope, walk, page, second) and second.following is not None:
            # On the second page, a link that always leads to the first one is right.
            judge_back(resource, scope, walk, second, walk.at(second.following))
        keeps_values(resource, survey)
    for name in ("first", "last"):
        reference = page.info.neighbours.get(name)
        if reference is None:
            continue
        there = walk.at(target(resource, page, name, reference))
        scope.expect(there.ok, "200", f"{name} of {page.summary}: {there.summary}")
        if name == "first":
            same = scope.own(there.ids) == scope.own(page.ids)
            scope.expect(
                same, "the first page", f"first of {page.summary}: {there.summary} shows {named(there.ids)}"
            )
        elif scope.tag is not None:
            scope.expect(
                there.ids and there.ids[-1] == whole[-1],
                "the last page",
                f"last of {page.summary}: {there.summary} shows {named(there.ids)}, and the list ends with {whole[-1]}",
            )


def judge_back(resource, scope, walk, before, page):
    """Follow a link to the page before; whether there is one."""
    back = page.info.neighbours.get("prev")
    if back is None:
        return False
    returned = walk.at(target(resource, page, "prev", back))
    scope.expect(
        returned.ok and scope.own(returned.ids) == scope.own(before.ids),
        "the previous page",
        f"prev of {page.summary}: {returned.summary} shows {named(returned.ids)}, not {named(before.ids)}",
    )
    return True


def judge_next(resource, scope, walk, page, whole):
    """Follow a link to the next page, and compare the result with a request by parameters."""
    url = target(resource, page, "next", page.info.url)
    second = walk.at(url)
    observed = f"next of {page.summary}: {second.summary}"
    scope.expect(second.ok, "200", observed)
    alien = scope.alien(second)
    scope.expect(not alien, "the same filter", f"{observed} shows {named(alien)}")
    size = max(2, len(page.items)) if scope.how.limit_param is not None else None
    scope.expect(size is None or len(second.items) <= size, "the same page size", observed)
    if scope.sort is not None:
        # Of items of other clients alone nothing is known.
        both = scope.own([*page.ids, *second.ids])
        values = [scope.values[id] for id in both]
        same = len(both) < 2 or both == whole[: len(both)]
        scope.expect(
            same,
            "the items that follow in the order asked for",
            f"{observed}: the values of {scope.sort} on both pages are {values}",
        )
    if walk.url not in (None, url):
        stepped = walk.step()
        same = not stepped.ok or scope.own(stepped.ids) == scope.own(second.ids)
        scope.expect(same, f"the items of {stepped.summary}", f"{observed} shows {named(second.ids)}")
    return second


def keeps_values(resource, survey):
    """Follow the next link of the list filtered by a documented value: what it shows must have that value, too."""
    how = resource.known.pagination
    if how is None or how.limit_param is None or not (resource.may_create and resource.can("delete")):
        return
    for one in documented_filters(resource, survey)[:FILTERS]:
        if not one.settable:
            continue
        place = resource.known.representation + one.pointer
        for value in (one.shown, one.other, one.shown, one.other):
            resource.create(replaced(resource.body(), place, value))
        for value in (one.shown, one.other):
            walk = Walk(resource, query={one.name: value}, limit=1)
            page = walk.step()
            if not page.ok or page.info.url is None or others_than(page.items, one.pointer, value):
                continue
            following = walk.at(target(resource, page, "next", page.info.url))
            wrong = others_than(following.items, one.pointer, value)
            expect(
                not wrong,
                "the same filter",
                f"next of {page.summary}, {page.info.url!r}: {following.summary} has an item whose {one.name} is "
                f"{wrong[0] if wrong else ''!r}",
            )


def follow_to_the_end(resource, scope):
    """Follow each link as it is written: only some cursors break a URL."""
    walk = scope.walk(1 if scope.how.limit_param is not None else None)
    page = walk.step()
    for _ in range(LINKS):
        if not page.ok or page.info.url is None:
            break
        following = walk.at(target(resource, page, "next", page.info.url))
        observed = f"next of {page.summary}, {page.info.url!r}: {following.summary}"
        scope.expect(following.ok, "200", observed)
        alien = scope.alien(following)
        scope.expect(not alien, "the same filter", f"{observed} shows {named(alien)}")
        page = following


def target(resource, page, name, reference):
    """The absolute URL of a link, which must have the origin of the request."""
    url = resource.client.resolve(reference, page.url)
    here, there = urlsplit(resource.url), urlsplit(url)
    if (there.scheme, there.netloc) != (here.scheme, here.netloc):
        downgraded = (here.scheme, there.scheme) == ("https", "http") and there.hostname == here.hostname
        why = (
            "downgraded to http; configure the server for the proxy in front of it"
            if downgraded
            else "another origin"
        )
        expect(False, "a link to the origin of the request", f"{name} of {page.summary} is {url}: {why}")
    return url
