"""QRY: search in texts."""

from __future__ import annotations

import uuid

import jsonpointer

from harness import MINOR, SHOULD, WRITE, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import replaced
from harness.lists.page import with_param
from harness.lists.traversal import Walk
from harness.resource.resource import LONGEST_LAG

from .lists import members_of
from .parameters import of_path, search_of

SPECIAL = (
    '"',
    "*",
    "?",
    "\\",
    "(",
    ")",
    "AND",
    "OR NOT",
    "[a",
    "{",
    "~",
    "^",
    ":",
    "!",
    "-",
    "\U0001f600",
    "%",
    "_",
)
LONG = 10_000


@rule("QRY-007", SHOULD, refs=["CWE-943", "OWASP API4:2023"], needs="list create", effect=WRITE)
def test_search_finds_what_exists_and_takes_any_text(resource, survey, profile):
    """Find what exists by a search, and take any text for one

    Why: people paste anything into a search box; where an operator or a wildcard gets through to the engine, the search
        fails, or shows everything.
    Fix: quote the text for the engine (`plainto_tsquery`, escaped `LIKE`), refuse what is too long with 400, and update
        the index with the item.
    Probe: creates an item with a word that nobody else has, and searches for it within the consistency window, for a
        word that no item has, for operators one by one, and for a very long text. Then deletes the item, and searches
        again.
    """
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    parameter = search_of(of_path(survey.promises.queries, resource.known.collection))
    applies(parameter is not None, "the document has a parameter that searches")
    members = [name for name, kind in members_of(resource).items() if kind == "text"]
    applies(members, "items have a text that the rule can set")
    if not resource.may_create or not resource.can("delete"):
        inconclusive(f"items of {resource.name} cannot be created and removed, and the rule needs one")
    word, body = f"find{uuid.uuid4().hex[:12]}", resource.body()
    for name in members:
        body = replaced(body, f"{resource.known.representation}/{jsonpointer.escape(name)}", word)
    item = resource.create(body)

    def search(text):
        return Walk(resource).at(with_param(resource.url, parameter.name, text))

    def found():
        return item.id in search(word).ids

    eventually(found, profile.consistency_window)
    page, nothing = search(word), search(f"absent{uuid.uuid4().hex[:12]}")
    control(page.ok and nothing.ok, f"a search should be answered: {page.summary}; {nothing.summary}")
    expect(
        item.id not in nothing.ids,
        "no item, as none has that word",
        f"{nothing.summary} with item {item.id}, whose {', '.join(members)} is {word!r}",
    )
    expect(
        item.id in page.ids,
        f"item {item.id}, whose {', '.join(members)} is {word!r}",
        f"{page.summary} without it, {profile.consistency_window:g} s after its creation",
    )
    pages = {text: search(text) for text in SPECIAL}
    for one in pages.values():
        expect(one.reply.status_code < 500, "a list, or 400", one.summary)
    wild(item, pages, nothing)
    long = search("x" * LONG)
    expect(
        long.reply.status_code < 500,
        "a list, 400 or 414",
        f"{exchange_of(long.reply).status} to {LONG} characters",
    )
    evidence(f"{page.summary}: found; {len(SPECIAL)} special texts are answered")
    removed = item.delete()
    control(removed.is_success, f"a DELETE should succeed: {exchange_of(removed).summary()}")
    if not eventually(lambda: item.get().status_code in (404, 410), profile.consistency_window):
        return
    # An index may follow late.
    expect(
        eventually(lambda: not found(), max(profile.consistency_window, LONGEST_LAG)),
        "no deleted item among what is found",
        f"{search(word).summary} with item {item.id}, which is {item.get().status_code} after "
        f"{exchange_of(removed).summary()}",
    )


def wild(item, pages, nothing):
    """Break the rule where a wildcard of SQL shows what no other sign shows."""
    plain = [pages[one] for one in ("!", "~", "^")]
    if nothing.ids or not all(one.ok and item.id not in one.ids for one in plain):
        return
    for sign in ("%", "_"):
        page = pages[sign]
        expect(
            item.id not in page.ids,
            f"no item without {sign} in it",
            f"{page.summary} with item {item.id}: the wildcard is not escaped, while {plain[0].summary}",
            impact=MINOR,
        )
