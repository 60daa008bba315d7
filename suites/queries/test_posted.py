"""QRY: searches that take their filter as content of a POST."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from harness import MUST, SHOULD, WRITE, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import json_of, key_parts
from harness.survey.ask.published import placed, published
from harness.survey.openapi.queries import QueryParameter

from .lists import members_of, token_of
from .oracle import flag_fault
from .parameters import filters_exactly
from .posted import contents, listed, says, searches
from .typed_filters import accepts, changed

MOST_MEMBERS = 2


@rule(
    "QRY-010",
    SHOULD,
    refs=["AIP-160", "RFC 9110 section 15.6", "OpenAPI 3.1.0, Request Body Object"],
    needs="create",
    effect=WRITE,
)
def test_searches_by_post_select_exactly(resource, survey, profile, client, target):
    """Let a search by POST select what its content asks for

    Why: a client acts on all items that a search shows; a filter that is dropped without a word shows those of
        everybody else, and one that always fails leaves the client without the list.
    Fix: read the filter with the code that filters the list; refuse what is not supported with 4xx.
    Probe: where the document has a POST whose path ends with a word such as `search`, whose only success is 200 with a
        list, and whose content has a member of the items: creates two items that differ in it, and asks for one
        of them; the same with a boolean, true and false. Nothing is sent to a POST that may create.
    """
    applies(survey.openapi, "the API has an OpenAPI document")
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    document = published(client, survey.openapi)
    if document is None:
        inconclusive("the OpenAPI document cannot be read again")
    base = urlsplit(target.url).path
    own = resource.known.collection.rstrip("/")
    document = placed(document, survey.documented, base)
    found = [one for one in searches(document, base) if one.collection.rstrip("/") == own]
    applies(found, "the document has a search by POST for the items")
    pairs = list(values_of(resource, found[0]))
    applies(pairs, "the content of the search has a member that items have and that the rule can set")
    if not resource.may_create or not resource.can("delete"):
        inconclusive(f"items of {resource.name} cannot be created and removed, and the rule needs two")
    # By the document it only reads, so that nobody's items are at stake.
    client.may_change("POST", found[0].path)
    judged = []
    for name, one, other in pairs[: MOST_MEMBERS + 1]:
        if (what := judge(resource, found[0], profile.consistency_window, name, one, other)) is not None:
            judged.append(what)
    control(judged, "a search should be answered with a list")
    evidence(f"selects as it should: {', '.join(judged)}")


def values_of(resource, search):
    """Members by which the search can select, each with two values."""
    token = token_of(resource)
    for name, kind in members_of(resource).items():
        if kind == "text" and any(contents(search, name, f"sought{token}")):
            yield name, f"sought{uuid.uuid4().hex[:8]}{token}", f"another{uuid.uuid4().hex[:8]}{token}"
    body = resource.body()
    for name in body if isinstance(body, dict) else ():
        flags = all(
            accepts(resource, name, flag) and any(contents(search, name, flag)) for flag in (True, False)
        )
        if flags and isinstance(body[name], bool):
            yield name, False, True


def judge(resource, search, window, name, one, other):
    """A search for each of two values; in words what was judged, None where nothing can be."""
    items, found = {}, {}
    for value in (one, other):
        items[value] = resource.create(changed(resource, name, value))
    names = tuple(part.rpartition("/")[2] for part in key_parts(resource.listed_id))
    for value, rest in ((one, other), (other, one)):
        content = next(iter(contents(search, name, value)))
        answer = []

        def sought(content=content, value=value, answer=answer):
            answer[:] = [resource.client.post(resource.client.url(search.path), json=content)]
            ids = listed(json_of(answer[0]), names) if answer[0].is_success else None
            return ids is None or items[value].id in ids

        eventually(sought, window)
        reply = answer[0]
        summary = f"{exchange_of(reply).summary()} with {name} = {value!r}"
        expect(reply.status_code < 500, "a list, as the document says", summary, level=MUST)
        if reply.status_code in (201, 202):
            inconclusive(f"{summary}: it does more than read")
        ids = listed(json_of(reply), names) if reply.is_success else None
        if ids is None:
            evidence(f"not judged: {summary}")
            return None
        found[value] = set(ids)
        if isinstance(value, bool):
            continue
        expect(
            items[rest].id not in ids,
            f"only items whose {name} is {value!r}",
            f"{summary}: a list with item {items[rest].id}, whose {name} is {rest!r}",
            level=MUST,
        )
        expect(
            items[value].id in ids,
            f"the item whose {name} is {value!r}",
            f"{summary}: a list without item {items[value].id}",
            level=MUST,
        )
    return (
        judge_flag(search, name, items, found) if isinstance(one, bool) else f"POST {search.path} by {name}"
    )


def judge_flag(search, name, items, found):
    """Searches with true and with false; where nothing says that both select, a flag may narrow or widen the list."""
    values = {items[flag].id: flag for flag in (True, False)}
    if set(values) - (found[True] | found[False]):
        evidence(f"not judged: items of others fill the first page of POST {search.path}")
        return None
    exact = filters_exactly(QueryParameter(search.path, name, "boolean", says=says(search, name)))
    fault = flag_fault(found[True], found[False], values, exact)
    expect(
        not fault,
        f"items by their {name}",
        f"POST {search.path} with {name} = true and false: {fault}",
        level=MUST,
    )
    return f"POST {search.path} by {name}"
