"""GQL: what must not be executed. An item of the run is at stake: each request would remove it."""

from __future__ import annotations

from harness import CRITICAL, MUST, SHOULD, WRITE, advise, control, evidence, expect, rule
from harness.client.client import exchange_of
from harness.http.content import json_of

from .endpoint import TYPENAME, working
from .judge import has_data


@rule(
    "GQL-005",
    SHOULD,
    refs=["GraphQL over HTTP (draft of August 2026), Examples", "GraphQL section 6.1"],
    effect=WRITE,
    impact=CRITICAL,
)
def test_nothing_is_executed_of_an_invalid_request(client, profile, survey, target, ledger):
    """Execute nothing where validation or the coercion of variables fails

    Why: a client that gets an error repairs its request and sends it again: what was half done is then done twice.
    Fix: validate the whole document, and all variables, before the first resolver runs.
    Probe: an item of the run is created; a mutation that removes it is sent with a field that does not exist, and with
        a variable of another type. The item is read again.
    """
    endpoint = working(client, profile, survey, target)
    seen = []
    from .owning import owned

    with owned(endpoint, ledger) as own:
        broken = {
            "a field that does not exist": {
                "query": f"mutation {{ {own.removal()} conformanceNoSuchField }}"
            },
            "a variable of another type": {
                "query": f"mutation($yes: Boolean!) {{ {own.removal()} other: __typename @include(if: $yes) }}",
                "variables": {"yes": "maybe"},
            },
        }
        for what, body in broken.items():
            reply = endpoint.post(body)
            summary = exchange_of(reply).summary()
            expect(
                own.shown() == own.text,
                "no effect of a request that is not valid",
                f"{summary} for {own.plan.remove} beside {what}: {own.plan.type} {own.id} is gone",
            )
            expect(
                not has_data(json_of(reply)),
                "errors and no data for a request that is not valid",
                f"{summary} for {own.plan.remove} beside {what}",
            )
            seen.append(f"{summary} for {what}")
    evidence(f"{own.plan.type} {own.id} was still there after: {'; '.join(seen)}")


@rule(
    "GQL-006",
    MUST,
    refs=["GraphQL over HTTP (draft of August 2026), GET", "RFC 9110 sections 9.2.1 and 15.5.6"],
    effect=WRITE,
    impact=CRITICAL,
)
def test_mutations_are_not_executed_by_get(client, profile, survey, target, ledger):
    """Never execute a mutation by GET

    Why: browsers, caches, crawlers and link previews send GET on their own, also with the cookies of a user: any page
        could then change data by an image.
    Fix: refuse operations other than queries by GET with 405 and `Allow: POST`.
    Probe: an item of the run is created; a mutation that removes it is sent by GET, alone, and as one of two
        operations that `operationName` selects. The item is read again.
    """
    endpoint = working(client, profile, survey, target)
    query = endpoint.get(query=TYPENAME)
    seen = []
    from .owning import owned

    with owned(endpoint, ledger) as own:
        mutation = f"mutation Change {{ {own.removal()} }}"
        tried = {
            "a mutation": {"query": mutation},
            "a mutation that operationName selects": {
                "query": f"query Look {TYPENAME} {mutation}",
                "operationName": "Change",
            },
        }
        for what, parameters in tried.items():
            reply = endpoint.get(**parameters)
            summary = exchange_of(reply).summary()
            expect(
                own.shown() == own.text,
                "no effect of a mutation by GET",
                f"{summary} for {what}: {own.plan.type} {own.id} is gone",
            )
            expect(
                reply.status_code >= 400 or not has_data(json_of(reply)),
                "4xx for a mutation by GET",
                f"{summary} for {what}, with data",
            )
            if reply.status_code == 405 and not reply.headers.get("allow"):
                advise("an Allow field with 405", f"{summary} for {what}: no Allow")
            seen.append(f"{summary} for {what}")
    control(seen, "a mutation was sent by GET")
    evidence(
        f"{exchange_of(query).summary()} for a query by GET; {'; '.join(seen)}; the item was still there"
    )
