"""VERS: what clients sent before, and what they expect of the answer."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from harness import (
    CRITICAL,
    MUST,
    READ,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    payloads,
    rule,
)
from harness.client.client import exchange_of
from harness.http.content import MISSING, at, json_of
from harness.http.earlier_report import breaches, creates, kind, reads, recorded, required
from harness.http.pact import interactions
from harness.http.pact_matching import faults
from harness.resource.tags import tagged

from .states import bring_about

MOST = 4
"""Breaches in a finding."""
OURS = re.compile(r"authorization|cookie|host|content-length|user-agent|x-api-key|connection", re.IGNORECASE)
"""Fields of a Pact request that this run sends in its own way."""
MEMBER_ID = re.compile(r".*(_id|Id|ID|_ids|Ids)")
REFUSED = (401, 403, 429)


@rule(
    "VERS-009",
    MUST,
    refs=["Pact specification, versions 2 to 4", "Zalando RESTful API Guidelines rule 106"],
    effect=READ,
    rougher=WRITE,
    impact=CRITICAL,
)
def test_earlier_requests_are_answered_as_before(client, profile, target, make_resource):
    """Answer the requests of before as before

    Why: clients that were written for an earlier release send what they always sent, and read what they always read;
        a document that is unchanged does not show that the API is.
    Fix: run the consumers' Pact files and the report of the last release before each deployment; take no member away,
        and ask for no new one.
    Probe: with `[versions]` `recorded`, an earlier conformance.json: repeats its first create of each collection with
        fresh values, and reads the item, the collections and other paths without ids. Each member that all responses
        of then had must be there, with the same JSON type. With `[versions.pact]`: sends what is safe and creates in
        collections under test, each after its provider states, and matches the response as Pact specifies.
    """
    declared = profile.versions
    earlier = declared.recorded if declared is not None else None
    pact = declared.pact if declared is not None else None
    applies(
        earlier or pact,
        "the profile names an earlier report (`versions.recorded`), or Pact files in [versions.pact]",
    )
    judged = []
    if pact is not None:
        judged += replay_pacts(client, profile, target, make_resource, pact)
    if earlier is not None:
        judged += replay_report(client, profile, make_resource, earlier)
    control(judged, "a recorded request should be repeatable: see what was not judged")
    evidence(
        f"answered as before: {', '.join(judged[:12])}{f' and {len(judged) - 12} more' if judged[12:] else ''}"
    )


def replay_pacts(client, profile, target, make_resource, pact):
    """Send the interactions of all files; in words those that match. Each that does not is tried twice."""
    matched, wrong = [], []
    for name in pact.files:
        for one in interactions(Path(name).read_bytes(), name):
            if one.states and not pact.state_command:
                evidence(
                    f"not judged: {one.description}: it takes provider states, and no `state_command` is declared"
                )
                continue
            found = sent = None
            for _ in range(2):
                if pact.state_command:
                    bring_about(pact, one.states)
                sent = send(client, profile, target, make_resource, one)
                if sent is None:
                    break
                value = json_of(sent)
                content = (sent.text or MISSING) if value is MISSING else value
                found = faults(one, sent.status_code, exchange_of(sent).field, content)
                if not found:
                    break
            if sent is None:
                evidence(f"not judged: {one.description}: {one.method} {one.path} is unsafe")
            elif found:
                wrong.append(f"{one.description}: {exchange_of(sent).summary()}: {'; '.join(found[:3])}")
            else:
                matched.append(f"{one.method} {one.path}")
    expect(not wrong, "responses that match what consumers expect", "; ".join(wrong[:MOST]))
    return matched


def send(client, profile, target, make_resource, one):
    """The response to an interaction; None where its request is neither safe nor a create."""
    base = urlsplit(target.url).path.rstrip("/")
    path = one.path[len(base) :] if base and one.path.startswith(f"{base}/") else one.path
    fields = {name: value for name, value in one.fields.items() if not OURS.fullmatch(name)}
    if one.method in ("GET", "HEAD", "OPTIONS"):
        url = client.url(quote(path, safe="/%:@!$&'()*+,;=~"))
        pairs = list(one.query)
        return client.request(one.method, url, headers=fields, params=pairs or None)
    known = next((each for each in profile.resources if path in (each.collection, each.create)), None)
    if one.method != "POST" or known is None or not isinstance(one.body, dict) or one.query:
        return None
    if not writes(client):
        return None
    return make_resource(known.name).post(one.body, headers=fields)


def writes(client):
    return client.target.limits.effects >= WRITE


def replay_report(client, profile, make_resource, name):
    """Repeat what an earlier report has; in words what was answered as before."""
    found, judged = recorded(Path(name).read_bytes(), name), []
    for known in profile.resources:
        if "{" in known.collection:
            continue
        if writes(client) and known.missing("create") is None:
            judged += replay_create(make_resource(known.name), found)
        judged += replay_read(client, known.collection, found)
    collections = {one.collection for one in profile.resources}
    roots = tuple(f"{one.rstrip('/')}/" for one in collections)
    others = [one.path for one in reads(found, "/{any}") if one.path not in collections]
    for path in list(dict.fromkeys(others))[:20]:
        if not path.startswith(roots) and not re.search(r"\d", path):
            judged += replay_read(client, path, found)
    return judged


def replay_read(client, path, found):
    """A GET of then."""
    earlier = reads(found, path)
    if not earlier or not isinstance(earlier[0].answer, dict):
        return []
    reply = client.get(client.url(path))
    summary = exchange_of(reply).summary()
    if reply.status_code in REFUSED:
        evidence(f"not judged: {summary}")
        return []
    expect(reply.is_success, "success, as in the earlier report", summary)
    wrong = breaches(required(one.answer for one in earlier), json_of(reply))
    expect(not wrong, "the members of before", f"{summary}: {'; '.join(wrong[:MOST])}")
    return [f"GET {path}"]


def replay_create(resource, found):
    """The first create of then, with fresh values; and the item that it makes."""
    known = resource.known
    path = known.collection if known.create is None else known.create
    earlier = creates(found, path)
    if not earlier or not resource.has_room():
        return []
    body = adapted(known, payloads.fresh(known, earlier[0].sent))
    body = tagged(known, body) if resource.can("tag") else body
    reply = resource.post(body)
    summary = exchange_of(reply).summary()
    if not reply.is_success:
        # Today's request tells a broken create from a request of before that is not accepted any more.
        now = resource.post()
        if not now.is_success or reply.status_code in REFUSED:
            inconclusive(f"a valid create should succeed: {exchange_of(now).summary()}; {summary}")
    expect(
        reply.is_success,
        "success for a create that succeeded in the earlier report",
        f"{summary}, and today's create succeeds",
    )
    wrong = breaches(required(one.answer for one in earlier if one.answer is not MISSING), json_of(reply))
    if any(one.answer is not MISSING for one in earlier):
        expect(not wrong, "the members of before in the response", f"{summary}: {'; '.join(wrong[:MOST])}")
    id = resource.id_in(reply)
    shown = reads(found, known.item)
    if id is None or not shown:
        return [f"POST {path}"]
    item = resource.client.get(resource.item_url(id))
    wrong = breaches(required(one.answer for one in shown), json_of(item))
    expect(not wrong, "the members of before", f"{exchange_of(item).summary()}: {'; '.join(wrong[:MOST])}")
    return [f"POST {path}", f"GET {known.item}"]


def adapted(known, body):
    """A body of then, in which ids of other resources are those of today."""
    today = at(known.body, known.representation)
    inner = at(body, known.representation)
    if isinstance(today, dict) and isinstance(inner, dict):
        for name, value in today.items():
            if name in inner and MEMBER_ID.fullmatch(name) and kind(inner[name]) == kind(value):
                inner[name] = value
    return body
