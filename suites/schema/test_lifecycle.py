"""SCH: one item through its life, and every place that shows it."""

from __future__ import annotations

from jsonpointer import escape

from harness import SHOULD, WRITE, advise, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, id_text, json_of, shown
from harness.http.fields import FRESH
from harness.http.path_templates import matches
from harness.lists.page import with_param
from harness.lists.traversal import Walk
from harness.profile.models import Pagination
from harness.race.outcomes import equal
from harness.resource.contested import Contested
from harness.resource.matching import listed_value
from harness.resource.resource import LONGEST_LAG
from harness.survey.openapi.response_links import followed
from harness.survey.value_filters import filters_of

GONE = (404, 410)
MOST_FILTERS = 6


def entry(resource, item):
    """What the list shows of an item; None where it does not show it."""
    return found_in(resource, resource.members().items, item)


def found_in(resource, items, item):
    return next((one for one in items if id_text(at(one, resource.listed_id)) == item.id), None)


def uncached(resource, item):
    """The item on the first page, as no cache may answer it; None where it is not there."""
    known = resource.known
    value = json_of(resource.client.get(resource.url, headers=FRESH))
    items = at(value, known.items) if known.items is not None else MISSING
    return found_in(resource, items if isinstance(items, list) else [], item)


@rule(
    "SCH-006",
    SHOULD,
    refs=[
        "RFC 9110 section 9.3.3",
        "RFC 9110 section 9.3.4",
        "RFC 9110 section 9.3.5",
        "OpenAPI 3.1.0, Link Object",
    ],
    needs="create read",
    effect=WRITE,
)
def test_an_item_is_the_same_everywhere(resource, client, profile, survey):
    """Show each change of an item wherever the item shows

    Why: a list that still has the old price, or the deleted user, is what people look at; a client that follows a
        documented link to what it has just created must find it.
    Fix: write and remove in one transaction with what lists are read from, or let the same code invalidate it; answer
        404 where a write finds nothing.
    Probe: creates an item and follows the links that the document has for the response. Finds the item in the list,
        changes it, and reads the list again; deletes it, reads the list once more, also filtered by its values, and
        writes to what is deleted. Only what the item itself shows is expected of the list: METH-008 judges the item,
        COND-018 caches, and CONC-010 writes to deleted items that have entity tags.
    Advice: an id that is given again after a deletion breaks no standard; only clients that kept the id are misled.
    """
    window, judged = profile.consistency_window, []
    item = resource.create()
    judged += follow(resource, client, survey, item, window)
    before = None
    if resource.can("list"):
        eventually(lambda: entry(resource, item) is not None, window)
        before = entry(resource, item)
    if before is None:
        evidence("not judged: the list does not show the new item")
    elif resource.can("replace") or resource.can("update"):
        judged += change(resource, item, before, window)
    if resource.can("delete"):
        judged += remove(resource, item, before, selections(resource, item, survey), window)
    applies(
        judged or before is not None or resource.can("delete"),
        "items can be listed or deleted, or the document has links for what a create answers",
    )
    if not judged:
        inconclusive("nothing that the item shows could be looked for elsewhere")
    evidence(", ".join(judged))


def follow(resource, client, survey, item, window):
    """The documented links of the response to a create lead to something."""
    path = resource.known.collection if resource.known.create is None else resource.known.create
    fields = {name.lower(): value for name, value in item.created.headers.items()}
    done = []
    for link in survey.promises.links:
        if link.method != "POST" or link.path != path:
            continue
        to = followed(link, json_of(item.created), fields)
        if to is None or survey.promises.doubt is not None:
            evidence(f"not judged: the response has no value for the link {link.name}")
            continue
        eventually(lambda to=to: client.get(client.url(to)).is_success, window)
        reply = client.get(client.url(to))
        expect(
            reply.status_code not in (*GONE, 405) and reply.status_code < 500,
            f"an answer at the documented link {link.name}",
            f"{exchange_of(item.created).summary()}, then {exchange_of(reply).summary()}",
        )
        done.append(f"link {link.name}")
    return done


def change(resource, item, before, window):
    """The list shows the change that the item shows."""
    contested = Contested(item, window)
    now, value = contested.look(), contested.values(2)[0]
    place = contested.places[0]
    if not equal(listed_value(resource.known, before, place), now.value):
        evidence(f"not judged: the list does not show {place} as the item does")
        return []
    reply = contested.send(contested.request([value], etag=now.etag, version=now.version, condition=False))
    control(reply.is_success, f"a write should succeed: {exchange_of(reply).summary()}")
    if not equal(contested.settled(lambda one: equal(one, value)).value, value):
        evidence(f"not judged: {exchange_of(reply).summary()} does not show in the item itself")
        return []

    def shows(one):
        return one is not None and equal(listed_value(resource.known, one, place), value)

    if not eventually(lambda: shows(entry(resource, item)), window) and not shows(uncached(resource, item)):
        last = entry(resource, item)
        listed = MISSING if last is None else listed_value(resource.known, last, place)
        expect(
            False,
            f"{place} in the list as in the item",
            f"after {exchange_of(reply).summary()} the item has {shown(value)}, and the list "
            f"{'does not show it' if last is None else f'has {shown(listed)}'}",
        )
    return ["the change is in the list"]


def selections(resource, item, survey):
    """URLs of the list, filtered so that it shows the item."""
    if not resource.can("list"):
        return []
    how, known = resource.known.pagination or Pagination(), resource.known
    state = json_of(item.get())
    asked = []
    if how.filter_param is not None and how.filter_member is not None:
        asked.append((how.filter_param, at(state, known.representation + how.filter_member)))
    path = known.collection or "/"
    documented = [one for one in survey.promises.parameters if matches(one.path, path)]
    if survey.promises.doubt is None:
        shown = at(state, known.representation)
        names = [one.name for one in filters_of(resource, documented)]
        asked += [(name, at(shown, f"/{escape(name)}")) for name in names]
        plain = [
            one.name for one in survey.promises.queries if matches(one.path, path) and one.kind == "string"
        ]
        asked += [(name, at(shown, f"/{escape(name)}")) for name in plain]
    urls = [
        with_param(resource.url, name, value) for name, value in dict(asked).items() if isinstance(value, str)
    ]
    return [url for url in urls[:MOST_FILTERS] if item.id in Walk(resource).at(url).ids]


def remove(resource, item, before, selected, window):
    """The list lacks what is deleted, whatever it is filtered by, and a write to it does not succeed.

    Args:
        selected: URLs of the list that showed the item, filtered.
    """
    done = item.delete()
    control(done.is_success, f"a DELETE should succeed: {exchange_of(done).summary()}")
    if not eventually(lambda: item.get().status_code in GONE, window):
        evidence(f"not judged: {exchange_of(item.get()).summary()} after the DELETE")
        return []
    judged = []
    if before is not None:
        absent = eventually(lambda: entry(resource, item) is None, window)
        expect(
            absent or uncached(resource, item) is None,
            "a list without the deleted item",
            f"after {exchange_of(done).summary()} the item is answered {item.get().status_code}, and {resource.url} "
            f"shows it: {shown(entry(resource, item))}",
        )
        judged.append("the deleted item is not in the list")
    for url in selected:
        # What answers a filter may be an index that follows late.
        lacks = lambda url=url: item.id not in Walk(resource).at(url).ids  # noqa: E731
        expect(
            lacks() or eventually(lacks, max(window, LONGEST_LAG)),
            "a filtered list without the deleted item",
            f"after {exchange_of(done).summary()} the item is answered {item.get().status_code}, and {url} shows it",
        )
        judged.append("the deleted item is in no filtered list")
    # Before anything else is created, which may get the same id.
    judged += write_after(resource, item, window)
    if before is not None and resource.can("list"):
        another(resource)
    return judged


def another(resource):
    """The id of the latest item is not given again once that item is deleted."""
    latest = resource.create()
    control(latest.delete().is_success, "a DELETE should succeed")
    following = resource.create()
    if following.id == latest.id:
        advise(
            "an id of its own for each item",
            f"{exchange_of(following.created).summary()}: the new item has the id {latest.id} of the one just deleted, "
            "so that whoever kept that id reads, changes or removes another item",
        )


def write_after(resource, item, window):
    """A write to a deleted item is refused, or creates it where PUT does that."""
    known = resource.known
    if not (resource.can("update") or (resource.can("replace") and known.put_creates is False)):
        return []
    contested = Contested(item, window, patching=True)
    if contested.method == "PUT" and known.put_creates is not False:
        return []
    version = MISSING if known.locking.version is None else at(json_of(item.created), contested.version_place)
    # It may come back, so it must be in the ledger before that.
    resource.adopt(item.id)
    # Where a condition is required, one that any item meets.
    tag = "*" if known.locking.if_match else None
    reply = contested.send(contested.request([contested.values(2)[0]], etag=tag, version=version))
    summary, after = exchange_of(reply).summary(), item.get(headers=FRESH)
    if not after.is_success:
        resource.ledger.forget(item.url)
    expect(
        reply.status_code >= 400 or reply.status_code == 201,
        "404 or 410 for a write to a deleted item",
        f"{summary}, then {exchange_of(after).summary()}",
    )
    expect(reply.status_code < 500, "404 or 410 for a write to a deleted item", summary)
    return ["a write to the deleted item is refused"]
