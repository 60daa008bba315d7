"""URL: the published OpenAPI document, and the shape of what the API answers."""

from __future__ import annotations

from harness import MAJOR, MINOR, SHOULD, advise, applies, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.http.content import MISSING, at, is_json, json_of

from .aliases import aliases, differing
from .documents import described
from .validity import faults, silent

MOST = 8
"""Examples in a finding."""


@rule(
    "URL-007", SHOULD, refs=["OpenAPI 3.1.0 section 4.8", "Zalando RESTful API Guidelines rules 101 and 151"]
)
def test_the_description_is_valid(survey, client):
    """Publish a valid OpenAPI description with success and error responses

    Why: generators and gateways refuse an invalid document, or read it each in its own way; a client that knows no
        error of an operation handles none.
    Fix: validate the document where it is built; give each operation one success and the errors that it has.
    Advice: an operation without documented errors works as well.
    """
    document = described(client, survey)
    if document is None:
        inconclusive("the OpenAPI document cannot be read again")
    no_success, no_error = silent(document)
    if no_error:
        more = f" and {len(no_error) - MOST} more" if len(no_error) > MOST else ""
        advise("a documented 4xx for each operation", f"none for {', '.join(no_error[:MOST])}{more}")
    expect(
        not no_success, "a documented success for each operation", f"none for {', '.join(no_success[:MOST])}"
    )
    try:
        found = faults(document)
    except ValueError as problem:
        inconclusive(f"no schema for {problem}")
    expect(not found, "a document that is valid by its specification", "; ".join(found))


@rule("URL-008", SHOULD, refs=["Zalando RESTful API Guidelines rule 110"], impact=MINOR)
def test_lists_have_room_for_more(survey, client):
    """Answer lists in one kind of JSON object, and aliases truthfully

    Why: an array at the top level has no room for the next page, a total or a warning: the first of them breaks every
        client. An alias such as `/me` that shows another item than the one it stands for misleads.
    Fix: `{"items": [...]}` for each list. Let the alias call what the item's own path calls.
    Advice: a top-level array is valid JSON, and clients of an API in use depend on it. An alias may show a client more
        of itself than its item shows to all.
    """
    kinds = kinds_of_lists(survey, client)
    found, other = [], []
    for alias, template in aliases(survey.documented):
        reply = client.get(client.url(alias))
        id = at(json_of(reply), "/id") if reply.is_success else MISSING
        if isinstance(id, int | str):
            there = client.get(client.url(template.replace("{}", str(id))))
            if (
                there.is_success
                and json_of(there) != json_of(reply)
                and json_of(client.get(client.url(alias))) == json_of(reply)
            ):
                what = f"{exchange_of(reply).summary()} differs from {exchange_of(there).summary()}"
                names = differing(json_of(reply), json_of(there))
                (other if names else found).append(f"{what}{' in ' if names else ''}{', '.join(names)}")
    expect(not other, "the same values under the alias", "; ".join(other), impact=MAJOR)
    expect(not found, "the same representation under the alias", "; ".join(found))
    applies(kinds or found, "the API has lists")
    arrays, objects = kinds.get("an array", []), kinds.get("an object", [])
    if arrays and objects:
        advise(
            "lists of one kind", f"arrays: {', '.join(arrays[:MOST])}; objects: {', '.join(objects[:MOST])}"
        )
    elif arrays:
        advise("lists in JSON objects", f"arrays: {', '.join(arrays[:MOST])}")
    evidence(f"{len(objects)} lists in objects")


def kinds_of_lists(survey, client):
    """Paths of the lists that the survey has read, by what is at the top level of their JSON."""
    kinds = {}
    for known in survey.profile.resources:
        url = client.url(known.collection) if known.collection else None
        for exchange in survey.exchanges:
            where = exchange.url.partition("?")[0]
            if (exchange.method, exchange.status, where) == ("GET", 200, url) and is_json(
                exchange.media_type
            ):
                array = exchange.response_body.text.lstrip()[:1] == "["
                kinds.setdefault("an array" if array else "an object", []).append(known.collection)
                break
    return kinds
