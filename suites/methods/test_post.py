"""METH: POST (RFC 9110 section 9.3.3)."""

from __future__ import annotations

import httpx

from harness import MINOR, SHOULD, WRITE, advise, expect, inconclusive, not_applicable, rule
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, id_text, json_of

from .judge import location_without_item


@rule(
    "METH-013",
    SHOULD,
    refs=["RFC 9110 section 9.3.3", "RFC 9110 section 15.3.2"],
    needs="create! read!",
    effect=WRITE,
)
def test_post_answers_201_with_a_location_that_works(resource, client, survey, profile):
    """Answer POST with 201 and a Location that identifies the new resource

    Why: the client learns that the resource was created, and finds it without knowing how the API forms its
        URLs.
    Fix: answer 201 with the URL of the new item in Location, in the form that the client can reach.
    Advice: where the id is in the content, clients form the URL from it, whether the status is 200 or 201.
    """
    resource.by_post()
    if (lost := resource.known.doubted(["create", "read"])) is not None:
        # What cannot be read cannot be shown to be ours: nothing more is created.
        missing = location_without_item(
            survey.exchanges,
            resource.url,
            client.resolve,
            documented="GET" in resource.documented("item"),
        )
        expect(missing is None, "200 for a GET of Location", missing)
        inconclusive(lost)
    if not resource.staying:
        # With one item only, Location cannot be that of another one.
        resource.create()
    item = resource.create()
    reply = item.created
    summary = exchange_of(reply).summary()
    if reply.status_code == 202:
        not_applicable(f"creation is asynchronous: {summary}")
    if reply.status_code != 201:
        advise("201 for a POST that created an item", summary)
    location = reply.headers.get("location")
    expect(
        location,
        "a Location field with the URL of the new item",
        f"{summary} without Location (the id is in the content)",
        impact=MINOR,
    )
    url = client.resolve(location, resource.create_url)
    expect(
        url.rstrip("/") != resource.create_url.rstrip("/"),
        "the item's own URL",
        f"Location: {location}, the collection",
    )
    # httpx normalises the case of the host and the default port.
    ours, theirs = httpx.URL(client.target.url), httpx.URL(url)
    expect(
        (ours.scheme, ours.host, ours.port) == (theirs.scheme, theirs.host, theirs.port),
        f"a Location that this client can reach, on {client.target.origin}",
        f"{summary} with Location: {location} (the proxy may not pass its address or scheme on to the application)",
    )
    eventually(lambda: client.get(url).status_code == 200, profile.consistency_window)
    found = client.get(url)
    expect(
        found.status_code == 200,
        "200 for a GET of Location",
        f"Location: {location}; {exchange_of(found).summary()}",
    )
    made = id_text(at(json_of(reply), resource.known.id))
    got = id_text(at(json_of(found), resource.known.id))
    if made is not None and got is not None:
        expect(made == got, f"the item {made} at Location", f"Location: {location} shows the item {got}")
