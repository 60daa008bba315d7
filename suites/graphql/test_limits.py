"""GQL: how much one request may ask for, and what lists give by default."""

from __future__ import annotations

import json

from harness import (
    FLOOD,
    MAJOR,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    evidence,
    expect,
    rule,
    warn,
)
from harness.client.client import Unanswered, exchange_of
from harness.http.content import json_of
from harness.http.foreign import FOREIGN

from .endpoint import TYPENAME, working
from .judge import has_data, refused

DEPTHS, ALIASES, BATCHES = (5, 10, 20, 50), (10, 100, 300, 1000), (2, 10, 100)
FIELDS = (250, 500, 1000, 2000, 4000)
"""How often one field is named: comparing each with each takes four times as long for twice as many."""
SLOW = 2.0
"""Seconds after which nothing larger is sent."""


def steps(endpoint):
    """What grows, and the requests of growing size, each with its size."""
    schema = endpoint.schema()
    if schema is None:
        way = None
    else:
        from .schema import nested, nesting

        way = nesting(schema)
    if way is not None:
        yield "levels", [(depth, nested(*way, depth)) for depth in DEPTHS]
    yield (
        "aliases",
        [(count, "{ " + " ".join(f"a{n}: __typename" for n in range(count)) + " }") for count in ALIASES],
    )
    yield "queries in one array", [(count, [{"query": TYPENAME}] * count) for count in BATCHES]
    yield "times the same field", [(count, "{ " + "__typename " * count + "}") for count in FIELDS]


@rule(
    "GQL-008",
    SHOULD,
    refs=["OWASP API4:2023", "GraphQL over HTTP (draft of August 2026), Validation"],
    effect=FLOOD,
)
def test_the_size_of_requests_is_bounded(client, profile, survey, target):
    """Bound the depth of queries, their aliases, and the queries of one request

    Why: one small request can cost as much as thousands: a few clients, or one with a bug, stop the service for all.
    Fix: limit depth, fields or cost, tokens, and the length of arrays, before anything is executed.
    Probe: sizes grow step by step, up to 50 levels, 1,000 aliases, 100 queries and 4,000 times the same field; each
        dimension stops at the first refusal, and where a response takes longer than two seconds.
    Advice: where either depth or aliases are bounded, and something else is not: a limit of cost may not count that.
    """
    endpoint = working(client, profile, survey, target)
    bounded, open_ended, endless = [], [], []
    for what, requests in steps(endpoint):
        refusal, executed, slow = grown(endpoint, what, requests)
        if refusal is not None:
            bounded.append(refusal)
        elif executed is not None:
            open_ended.append(executed)
            endless += [] if slow else [executed]
    healthy = endpoint.post(TYPENAME)
    control(has_data(json_of(healthy)), "the endpoint still answers")
    expect(
        not open_ended or any("levels" in one or "aliases" in one for one in bounded),
        "a refusal at some size",
        "; ".join(open_ended),
    )
    if endless:
        advise("a refusal at some size in each respect", "; ".join([*endless, *bounded]))
    evidence("; ".join([*bounded, *open_ended]))


def grown(endpoint, what, requests):
    """The size at which one dimension is refused, or the largest that was executed, and whether that was slow."""
    executed = None
    for size, body in requests:
        try:
            reply = endpoint.post(body)
        except Unanswered as silence:
            expect(False, "a refusal, or a response in time", f"{size:,} {what}: {silence}", impact=MAJOR)
        exchange = exchange_of(reply)
        expect(
            reply.status_code < 500,
            "4xx for a request that asks for too much",
            f"{exchange.summary()} for {size:,} {what}: a server error",
            impact=MAJOR,
        )
        value = json_of(reply)
        if isinstance(value, list):
            value = value[0] if value else None
        if refused(reply.status_code, value):
            return f"{size:,} {what} are refused", None, False
        took = exchange.ended - exchange.started
        executed = f"{size:,} {what} are executed"
        if took > SLOW:
            return None, f"{executed} in {took:.1f} s", True
    return None, executed, False


@rule(
    "GQL-010",
    SHOULD,
    refs=[
        "GraphQL over HTTP (draft of August 2026), Exercise caution",
        "Fetch, CORS-safelisted request-header",
    ],
    effect=WRITE,
)
def test_lists_are_paginated_and_forms_are_refused(client, profile, survey, target, ledger):
    """Paginate lists, and refuse mutations in the encodings of forms

    Why: a list without a limit grows until it fails. A page of any other site can send `text/plain` and forms with the
        cookies of a user, and without asking first.
    Fix: give lists `first` and `after` with a default; take mutations only as application/json, or ask for a field
        that a form cannot send.
    Probe: lists of the schema; where a cookie is the credential, mutations that would remove an item of the run, as
        text/plain and as a form, with a foreign Origin.
    """
    endpoint = working(client, profile, survey, target)
    schema = endpoint.needed_schema()
    from .schema import unlimited

    endless = unlimited(schema)
    if endless:
        advise("lists that take a limit", f"no argument limits {', '.join(endless[:5])}")
    credential = client.recorder.wallet.carried(client.credential)
    names = {name.lower() for name in credential.fields}
    cookie = "cookie" in names and "authorization" not in names
    if not cookie:
        evidence("no cookie is the credential: forms of other sites carry none")
        applies(endless or schema.query_type.fields, "the schema has lists")
        return
    from .owning import owned

    with owned(endpoint, ledger) as own:
        mutation = f"mutation {{ {own.removal()} }}"
        encoded = {
            "text/plain": json.dumps({"query": mutation}).encode(),
            "application/x-www-form-urlencoded": b"query=" + mutation.encode(),
        }
        for kind, content in encoded.items():
            reply = endpoint.raw(
                content,
                headers={
                    "Content-Type": kind,
                    "Origin": FOREIGN,
                    "Sec-Fetch-Site": "cross-site",
                },
            )
            if own.shown() != own.text:
                warn(
                    "4xx, or no effect, for a mutation that a form can send",
                    f"{exchange_of(reply).summary()} as {kind} with a foreign Origin: "
                    f"{own.plan.type} {own.id} is gone",
                )
                break
    evidence("mutations as text/plain and as a form had no effect")
