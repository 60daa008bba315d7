"""PAGE: cursors, and traversals while others write."""

from __future__ import annotations

import zlib

from harness import (
    CRITICAL,
    MAY,
    MINOR,
    MUST,
    READ,
    SHOULD,
    WRITE,
    applies,
    control,
    draw,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
)
from harness.client.client import exchange_of
from harness.lists.page import param, with_param
from harness.lists.traversal import Walk
from harness.resource.own_list import Scope
from harness.rules.causes import UNSTABLE_CURSORS

from . import cursors
from .interleaving import PAGE, Act, Interleaving, figure, table, wrong
from .judge import drift, named
from .search import search

CURSORS = 15
"""Cursors to inspect: in base64, one in four of 16 random characters has a +."""
INSERTS = (PAGE, Act("insert", "before"), Act("insert", "after"), Act("size", size=2), Act("size", size=5))
DELETES = (
    PAGE,
    Act("delete", "cursor"),
    Act("delete", "seen"),
    Act("delete", "unseen"),
    Act("delete", "unseen", pick=2),
    Act("size", size=2),
)
WRITES = (
    PAGE,
    Act("insert", "before"),
    Act("insert", "after"),
    Act("delete", "seen"),
    Act("delete", "unseen"),
    Act("move", "unseen", to="before"),
    Act("move", "seen", to="after"),
    Act("move", "cursor", to="after"),
    Act("move", "cursor", to="before"),
    Act("size", size=5),
)
LIMIT = 4
ITEMS = 12
MOST_ITEMS = 60


def stable_or_not(code, resource, profile, plain, acts, *, sort=False):
    """Play one fixed interleaving, then search for others; the smallest with a fault breaks the rule."""
    how = resource.known.pagination
    scope = Scope(resource, profile.consistency_window, sort=sort)

    # Without a page size parameter there must be more items than fit on a page.
    count = (
        ITEMS if how.limit_param is not None or how.default is None else min(2 * how.default + 2, MOST_ITEMS)
    )

    def play(chosen):
        scope.trim(count)
        scope.fill(count)
        done = Interleaving(scope, LIMIT if how.limit_param is not None else how.default).play(chosen)
        if len([event for event in done.events if event.kind == "page"]) < 2:
            inconclusive(
                "all items are on one page: declare `limit_param`, or a `default`, of the pagination"
            )
        return done

    seed = zlib.crc32(f"{code} {resource.name} {how.seed}".encode())
    exchanges = resource.client.recorder.exchanges
    acts = sound_without_writes(play, acts)
    first = play(plain)
    found = search(play, acts, seed=seed, spent=lambda: len(exchanges))
    broken = [one for one in (found.played, first) if one is not None and wrong(one)]
    if broken:
        least = min(broken, key=lambda one: len(one.events))
        draw(figure(f"{resource.name}, {len(least.initial)} items", least))
        scope.expect(
            False,
            "each untouched item once, in the same order as before",
            f"{'; '.join(wrong(least))}: {table(least)} (from {least.first} on; seed {seed}, "
            f"pagination.seed = {how.seed})",
            level=MUST if how.stable else None,
            cause=UNSTABLE_CURSORS,
        )
    draw(figure(f"{resource.name}, {len(first.initial)} items", first))
    more = f"; the search ended early: {found.cut}" if found.cut else ""
    evidence(
        f"{found.tried + 1} interleavings with {first.writes + found.writes} writes between pages; none affected an "
        f"untouched item (seed {seed}){more}"
    )


def sound_without_writes(play, acts):
    """The acts, after the control: a traversal without writes is right.

    Changes of the page size are left out where they break it.
    """
    if not wrong(play([Act("size", size=2)])):
        return acts
    found = wrong(play([]))
    control(not found, f"a traversal of unchanged data should be right (see PAGE-004): {'; '.join(found)}")
    evidence("the page size is kept: changing it breaks the traversal even without writes (see PAGE-005)")
    return tuple(act for act in acts if act.kind != "size")


@rule("PAGE-009", SHOULD, refs=["AIP-158", "Zalando guideline 160"], needs="list cursor create", effect=WRITE)
def test_inserts_do_not_disturb_a_traversal(resource, profile):
    """Keep a cursor traversal stable while items are inserted

    Why: an item that existed all the time is exported twice, or never.
    Fix: let the cursor name the key of the last item shown, never a count of items.
    """
    inserts = [Act("insert", "before")] * 3 + [Act("insert", "after")] * 3
    stable_or_not("PAGE-009", resource, profile, inserts, INSERTS)


@rule("PAGE-010", SHOULD, refs=["Zalando guideline 160"], needs="list cursor create delete", effect=WRITE)
def test_deletes_do_not_disturb_a_traversal(resource, profile):
    """Keep a cursor traversal stable while items are deleted, including the cursor's own

    Why: a job that deletes the items it has processed skips the following ones, or is cut off.
    Fix: keep the key of the last item in the cursor, and continue after it, whether or not that item still
        exists.
    """
    deletes = [Act("delete", "seen"), Act("delete", "cursor"), Act("delete", "unseen", pick=2)]
    stable_or_not("PAGE-010", resource, profile, deletes, DELETES)


@rule("PAGE-011", SHOULD, refs=["Zalando guideline 160"], needs="list cursor create delete", effect=WRITE)
def test_untouched_items_are_shown_once_while_others_write(resource, profile):
    """Show untouched items exactly once while writers insert, move and delete others

    Why: on a live system somebody always writes; a reader cannot wait for a quiet hour.
    Fix: keep the values of the sort key and of a unique key in the cursor, and compare both.
    """
    writes = [Act("insert", "before"), Act("move", "cursor", to="after"), PAGE, Act("delete", "seen")]
    acts, sort = WRITES, resource.can("sort") and resource.can("limit")
    if not Scope(resource, profile.consistency_window).changeable:
        evidence("items cannot be changed, so they are only inserted and deleted")
        writes = [act for act in writes if act.kind != "move"]
        acts = tuple(act for act in WRITES if act.kind != "move")
    stable_or_not("PAGE-011", resource, profile, writes, acts, sort=sort)


@rule("PAGE-012", MAY, refs=["Zalando guideline 160"], needs="list offset create delete", effect=WRITE)
def test_drift_of_counted_pages_is_reported(resource, profile):
    """Report how far numbered pages drift while others write

    Why: with page numbers or offsets, each insertion repeats an item and each deletion hides one. Clients must
        know this.
    Fix: document it, or offer cursors for lists that are read while others write.
    """
    how = resource.known.pagination
    drifts = []
    for kind, acts in (
        ("insert", [Act("insert", "before")] * 3),
        ("delete", [Act("delete", "seen"), Act("delete", "seen"), Act("delete", "cursor")]),
    ):
        scope = Scope(resource, profile.consistency_window)
        scope.fill(20)
        played = Interleaving(scope, 5 if how.limit_param is not None else how.default).play(acts)
        # Without an own item on the first page, none of those is deleted.
        done = sum(event.kind == kind for event in played.events)
        if not done:
            evidence(f"the first page shows no item to {kind}: {played.first}")
            continue
        name = f"{done} {'insertion' if kind == 'insert' else 'deletion'}{'s' if done > 1 else ''}"
        draw(figure(f"{resource.name}, {name} after the first page", played))
        refused = [event.refused for event in played.events if event.refused is not None]
        failed = [one for one in refused if " -> 5" in one]
        expect(not failed, "a page, whatever its items", f"after {name}: {'; '.join(failed)}", level=SHOULD)
        again, missed = drift(played.seen, played.untouched)
        cut = f", and {refused[0]}" if refused else ""
        drifts.append(f"{name} after the first page: {again} shown twice, {missed} never{cut}")
    control(drifts, "the first page should show items of the run")
    note(f"of 20 items, {'; '.join(drifts)}; numbered pages drift by design")


def first_two(scope):
    """A first page with a cursor, the page that the cursor leads to, and the cursor."""
    walk = scope.walk(2 if scope.how.limit_param is not None else None)
    first = walk.step()
    control(first.ok, f"the list should be readable: {first.summary}")
    cursor = cursor_of(scope.how, first)
    if cursor is None:
        inconclusive(
            f"{first.summary} has no cursor: too few items, or `cursor_param` of the pagination is missing"
        )
    second = walk.step()
    control(second.ok and second.ids != first.ids, f"the cursor should lead to other items: {second.summary}")
    return first, second, cursor


def cursor_of(how, page):
    """The cursor of a page, as the value of its parameter; None where it has none."""
    if page.following is None or how.cursor_param is None:
        return None
    return param(page.following, how.cursor_param)


@rule("PAGE-013", SHOULD, refs=["AIP-158"], needs="list cursor", rougher=WRITE, effect=READ)
def test_cursors_of_others_are_refused(resource, profile, make_resource):
    """Reject a tampered, truncated, foreign or invented cursor with 400

    Why: a damaged cursor that silently restarts the list repeats everything; a forged one reads data that it
        should not.
    Fix: sign cursors, and answer 400 to any other.
    """
    scope = Scope.populated(resource, profile.consistency_window, 5)
    how = scope.how
    first, second, genuine = first_two(scope)
    bad = cursors.spoilt(genuine)
    foreign = foreign_cursor(resource, profile, make_resource)
    if foreign is not None:
        bad.append(foreign)
    found = []
    for what, value in bad:
        page = Walk(resource).at(with_param(first.following, how.cursor_param, value))
        alien = scope.alien(page) if page.ok and scope.selects else []
        expect(not alien, "only items that the query selects", f"{what}: {page.summary} shows {named(alien)}")
        ids = page.ids if page.ok else None
        wrong_with_it = cursors.accepted(
            page.reply.status_code, ids, first.ids, second.ids, keyset=how.style == "keyset"
        )
        if wrong_with_it is not None:
            found.append(f"{what}: {page.summary}, {wrong_with_it}")
    expect(not found, "400, 410 or 422 for a cursor that the API has not issued", "; ".join(found[:4]))


def foreign_cursor(resource, profile, make_resource):
    """A cursor of another collection, or None."""
    others = [
        known.name
        for known in profile.resources
        if known.name != resource.name and known.missing("cursor") is None and known.missing("list") is None
    ]
    for name in sorted(others)[:1]:
        other = Scope.populated(make_resource(name), profile.consistency_window, 3)
        page = other.walk(1 if other.how.limit_param is not None else None).step()
        cursor = cursor_of(other.how, page) if page.ok else None
        if cursor is not None and other.how.style == "cursor":
            return f"a cursor of {name}", cursor
    return None


@rule("PAGE-014", SHOULD, refs=["AIP-158"], needs="list cursor", rougher=WRITE)
def test_a_cursor_is_bound_to_query_and_caller(resource, profile, target):
    """Bind a cursor to its query and its caller

    Why: a cursor that carries its own conditions and overrides new ones shows items that nobody asked for, or
        that the caller may not see.
    Fix: authenticate the conditions and the caller together with the cursor; authorise each request by itself.
    """
    filtered, others = resource.can("filter"), "other" in target.credentials
    applies(filtered or others, "the profile names a filter, or a second client in [credentials.other]")
    scope = Scope.populated(resource, profile.consistency_window, 5)
    first, second, cursor = first_two(scope)
    applies(others or scope.items, "the run may create items, or has a second client in [credentials.other]")
    if filtered and scope.tag is not None:
        elsewhere = Scope.populated(resource, profile.consistency_window, 3)
        control(elsewhere.selects, f"{scope.how.filter_param} should filter (see DOC-003)")
        url = with_param(elsewhere.url(2), scope.how.cursor_param, cursor)
        page = elsewhere.walk().at(url)
        control(
            page.reply.status_code < 500, f"a cursor should be refused cleanly (see PAGE-013): {page.summary}"
        )
        if page.ok:
            alien = elsewhere.alien(page)
            expect(
                not alien, "only items that the new filter selects", f"{page.summary} shows {named(alien)}"
            )
            expect(len(set(page.ids)) == len(page.ids), "no item twice", page.summary)
    if others:
        stranger = resource.under("other")
        seen = stranger.client.get(resource.item_url(first.ids[0]))
        if seen.status_code not in (401, 403, 404, 410):
            note(
                f"the two clients share their items ({exchange_of(seen).summary()}), so cursors cannot leak any"
            )
            return
        page = Walk(stranger).at(first.following)
        control(
            page.reply.status_code < 500, f"a cursor should be refused cleanly (see PAGE-013): {page.summary}"
        )
        leaked = [id for id in page.ids if id in (scope.items or second.ids)] if page.ok else []
        # Another client's data: graver than a cursor's fault.
        expect(
            not leaked,
            "only the caller's own items",
            f"{page.summary} shows {named(leaked)}",
            level=MUST,
            impact=CRITICAL,
        )


@rule("PAGE-015", SHOULD, refs=["AIP-158"], needs="list cursor", rougher=WRITE, effect=READ, impact=MINOR)
def test_cursors_are_opaque_and_safe_in_urls(resource, profile):
    """Make cursors opaque and URL-safe, without raw database ids

    Why: clients begin to rely on a readable cursor, and to forge it. Characters such as + get lost in URLs.
    Fix: encrypt or at least authenticate cursors, and encode them as base64url without padding.
    Advice: a client that treats the cursor as opaque, and escapes it, is not affected.
    """
    if resource.known.pagination.style == "keyset":
        not_applicable("the profile declares the cursor as the id of the last item (style = keyset)")
    scope = Scope.populated(resource, profile.consistency_window, CURSORS + 1)
    walk = scope.walk(1 if scope.how.limit_param is not None else None)
    found = []
    while not walk.over and len(found) < CURSORS:
        page = walk.step()
        control(page.ok, f"the list should be readable: {page.summary}")
        cursor = cursor_of(scope.how, page)
        if cursor is not None:
            found.append((cursor, page))
    control(found, f"the list should have a cursor: {walk.pages[0].summary}")
    ids = set(walk.ids)
    for cursor, page in found:
        showing = cursors.showing(cursor, ids)
        expect(not showing, "an opaque cursor", f"{page.summary}: {cursor!r} discloses {showing}")
        lost = cursors.lost(cursor)
        expect(
            not lost,
            "characters that need no escaping in a query",
            f"{page.summary}: {cursor!r} has {lost!r}",
        )
    # Servers decode + as a space: a cursor with + is tried first.
    cursor, page = max(found, key=lambda one: ("+" in one[0], not cursors.plain(one[0])))
    if not cursors.plain(cursor):
        name = scope.how.cursor_param
        escaped = walk.at(page.following)
        control(escaped.ok, f"the cursor should be accepted: {escaped.summary}")
        bare = walk.at(f"{with_param(page.following, name, None)}&{name}={cursor}")
        survives = bare.ok and bare.ids == escaped.ids
        expect(survives, "a cursor that works unescaped in a query", f"{cursor!r} unescaped: {bare.summary}")
