"""METH: safe methods (RFC 9110 sections 9.2.1, 9.3.1 and 9.3.8)."""

from __future__ import annotations

import json
import time
import uuid

from harness import CRITICAL, MUST, SHOULD, WRITE, control, expect, inconclusive, note, rule
from harness.client.client import Unanswered, exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, differences, id_text, json_of, normalised, shown
from harness.payloads import run_token
from harness.survey.infer.suspicions import names_a_change
from harness.survey.openapi.promises import safe_paths_below

from .judge import altered_by_content, created_by_reads, moved_by_reads, records_access
from .probes import collection_url, requested

MISMATCHES = 5
TURNS = 3
TICK = 1.1
"""Seconds in which a time that is shown in whole seconds moves on."""


@rule("METH-005", MUST, refs=["RFC 9110 section 9.2.1"], needs="create read", effect=WRITE)
def test_safe_methods_change_nothing(resource, client, survey, profile):
    """Keep safe methods free of side effects

    Why: crawlers, prefetchers, caches and retries send safe requests at any time. A GET that changes something
        is executed by all of them.
    Fix: move the action to POST, PUT, PATCH or DELETE.
    """
    item = resource.create()
    # A documented GET may act on the item.
    item.prove()
    started = time.monotonic()
    before, twins_before = item.state(), item.twins()
    paths = safe_paths_below(resource.known.item, survey.documented)
    urls = [resource.url, item.url, *(client.url(path.replace("{id}", item.id)) for path in paths)]
    for url in dict.fromkeys(urls):
        try:
            for method in ("GET", "HEAD", "OPTIONS") * 3:
                client.request(method, url)
        except Unanswered as silent:
            # A stream that does not end proves nothing about the other URLs.
            note(str(silent))
    eventually(lambda: item.get().is_success, profile.consistency_window)
    gone = item.get().status_code in (404, 410)
    expect(
        not gone, "the item as before", f"{item.url} is {item.get().status_code} after GET, HEAD and OPTIONS"
    )
    eventually(lambda: not differences(before, item.state()), profile.consistency_window)
    after = item.state()
    found = requested(differences(before, after), resource, started)
    expect(
        not found,
        "the same representation before and after GET, HEAD and OPTIONS",
        "; ".join(f"{where}: {shown(at(before, where))} became {shown(at(after, where))}" for where in found),
    )
    reads_move_nothing(resource, survey)
    nothing_appears(resource, client, item)
    twins = item.twins()
    if twins_before is None or twins is None:
        note("it was not checked whether a copy was created: no member accepts a text that identifies it")
        return
    expect(
        len(twins) <= max(1, len(twins_before)),
        "no additional item",
        f"items {', '.join(twins)} have its text",
    )


def nothing_appears(resource, client, item):
    """Judge whether items appear that HEAD or OPTIONS may have created.

    Other clients create items as well, also other workers of the run, whose items have its text: only items without it
    count, and only if some appear with the requests in each of several turns, and none without.
    """
    if not (resource.can("list") and resource.can("tag")):
        return
    turns = []
    for _ in range(TURNS):
        before = foreign(resource)
        sent = [
            exchange_of(client.request(method, url)).summary()
            for url in (resource.url, item.url)
            for method in ("HEAD", "OPTIONS")
        ]
        after = foreign(resource)
        if None in (before, after) or not after - before:
            return
        rested = foreign(resource)
        turns.append((before, after, rested if rested is not None else after))
    created = created_by_reads(turns)
    if created is None:
        inconclusive(
            "items appear in the list, with and without HEAD and OPTIONS: other clients may create them"
        )
    expect(
        not created,
        "no additional item after HEAD and OPTIONS",
        f"after {', '.join(sent)} the list shows {', '.join(created)}, which the run did not create; so in "
        f"{len(turns)} turns of as many, and in none without these requests",
    )


def foreign(resource):
    """Ids of the listed items that have no text of the run; None where the list is not read to its end."""
    members = resource.members()
    found = (
        id_text(at(one, resource.listed_id))
        for one in members.items
        if run_token.current() not in json.dumps(one)
    )
    return {id for id in found if id is not None} if members.complete else None


def reads_move_nothing(resource, survey):
    """Judge the members that differ from read to read: the survey took them for volatile, whatever moved them.

    The list shows which of them move without a read of the item.
    """
    learnt = [one.value for one in survey.learnt if (one.resource, one.fact) == (resource.name, "volatile")]
    learnt = [where for where in learnt if not records_access(where)]
    if not learnt:
        return
    item = resource.create()
    item.get()
    sleep = resource.client.recorder.budget.sleep
    sleep(TICK)
    first = listed(resource, item)
    sleep(TICK)
    rested = listed(resource, item)
    for _ in range(3):
        item.get()
    after = listed(resource, item)
    moved = {
        where: moved_by_reads(*(at(value, where) for value in (first, rested, after))) for where in learnt
    }
    found = [where for where, by_reads in moved.items() if by_reads]
    expect(
        not found,
        "members that no GET changes",
        "; ".join(
            f"{where}: {shown(at(rested, where))} became {shown(at(after, where))} by GET of the item, and stayed "
            "the same without"
            for where in found
        ),
    )
    open_ = [where for where, by_reads in moved.items() if by_reads is None and names_a_change(where)]
    if open_:
        inconclusive(
            f"{', '.join(open_)} differs from one GET to the next, and nothing shows whether the GET changes it: "
            "declare it `volatile` if it changes by itself"
        )


def listed(resource, item):
    """The item as the list shows it; `MISSING` if it does not."""
    if not resource.can("list"):
        return MISSING
    found = [one for one in resource.members().items if id_text(at(one, resource.listed_id)) == item.id]
    return found[0] if found else MISSING


@rule("METH-006", MUST, refs=["RFC 9110 section 9.2.1"], needs="create read", effect=WRITE, impact=CRITICAL)
def test_unsafe_actions_are_not_smuggled_into_get(resource, client, profile):
    """Refuse unsafe actions in a safe method

    Why: a link in a mail, an image tag or a crawler can then delete data with the user's credentials.
    Fix: honour method overrides on POST only, and take no action from the query of a GET.
    """
    item = resource.create()
    item.prove()
    started = time.monotonic()
    before = item.state()
    attempts = (
        ("?_method=DELETE", {"params": {"_method": "DELETE"}}),
        ("?action=delete", {"params": {"action": "delete"}}),
        ("X-HTTP-Method-Override: DELETE", {"headers": {"X-HTTP-Method-Override": "DELETE"}}),
    )
    for name, options in attempts:
        sent = client.get(item.url, **options)
        eventually(lambda: item.get().status_code == 200, profile.consistency_window)
        after = item.get()
        found = differences(before, item.normalised(json_of(after))) if after.status_code == 200 else []
        expect(
            after.status_code == 200 and not requested(found, resource, started),
            "the item unchanged after a GET that asks for its deletion",
            f"after GET with {name} ({exchange_of(sent).summary()}): {exchange_of(after).summary()} "
            f"{shown(json_of(after))}",
        )


@rule("METH-018", SHOULD, refs=["RFC 9110 section 9.3.8"], effect=WRITE, impact=CRITICAL)
def test_trace_reflects_no_secrets(client, profile):
    """Do not reflect credentials in the response to TRACE

    Why: a script in a browser that can make the server echo its request reads credentials that were hidden from
        it.
    Fix: disable TRACE, or leave Authorization and Cookie out of the echo.
    """
    canary = uuid.uuid4().hex
    reply = client.under(None).request(
        "TRACE",
        collection_url(profile, client),
        headers={"Authorization": f"Bearer {canary}", "Cookie": f"s={canary}"},
    )
    expect(
        not (reply.is_success and canary.encode() in reply.content),
        "no credential of the request in the response to TRACE",
        f"{exchange_of(reply).summary()} echoes the Authorization or Cookie field of the request",
    )


@rule("METH-019", SHOULD, refs=["RFC 9110 section 9.3.1"], needs="list", rougher=WRITE)
def test_content_in_get_changes_nothing(resource, client):
    """Ignore or refuse content in a GET request

    Why: caches and gateways drop or ignore the content of a GET, so the same request has two meanings.
    Fix: take filters from the query, or offer POST for a search.
    """
    own = [resource.existing(), resource.existing()] if resource.may_create else []
    chosen = own[0].rpartition("/")[2] if own and own[0] else "1"
    before = client.get(resource.url)
    for _ in range(MISMATCHES):
        reply = client.get(
            resource.url, json={"limit": 1, "id": chosen}, headers={"Content-Type": "application/json"}
        )
        after = client.get(resource.url)
        control(before.is_success and after.is_success, "the collection should be readable")
        if 400 <= reply.status_code < 500:
            return
        summary = exchange_of(reply).summary()
        expect(reply.is_success, "the same answer as without content, or a 4xx refusal", summary)
        values = [json_of(one) for one in (before, reply, after)]
        counts = [at(value, resource.known.items or "") for value in values]
        sizes = tuple(len(items) if isinstance(items, list) else 0 for items in counts)
        found = altered_by_content(
            *(normalised(value, volatile=resource.volatile) for value in values), sizes
        )
        if found is None:
            return
        # Other clients may have written in between, but hardly each time.
        before = after
    again = normalised(json_of(client.get(resource.url)), volatile=resource.volatile)
    if differences(normalised(values[2], volatile=resource.volatile), again):
        inconclusive("the collection changes from one plain GET to the next")
    expect(False, "the same representation with and without content", f"{summary}: {found}")
