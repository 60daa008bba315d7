"""GQL: what is looked for in all exchanges: internals in the errors of responses that are no error responses. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from harness.http import leaks
from harness.http.exchange import Exchange
from harness.rules.faults import Fault
from harness.rules.passive import Judge, Record
from harness.rules.verdict import Impact, Level

from .judge import RESPONSE, wrong_class


def errors_of(exchange: Exchange) -> list[Any]:
    """The errors of a response to a GraphQL request; none for any other exchange."""
    if '"query"' not in exchange.request_body.text:
        return []
    try:
        sent, got = json.loads(exchange.request_body.text), exchange.json()
    except (ValueError, RecursionError):
        return []
    if (
        not isinstance(sent, Mapping)
        or not isinstance(sent.get("query"), str)
        or not isinstance(got, Mapping)
    ):
        return []
    errors = got.get("errors")
    return [one for one in errors if isinstance(one, Mapping)] if isinstance(errors, list) else []


def disclosed(found: Record) -> Iterable[Fault]:
    """Implementation details in the errors of successful responses; ERR-011 looks at error responses."""
    for one in found.exchanges:
        if one.method != "POST" or one.status is None or one.status >= 400:
            continue
        text = leaks.readable(json.dumps(errors_of(one)), "application/json")
        seen = leaks.leaks(text, leaks.sent_by(one), private=leaks.is_private(one.url))
        if seen:
            yield Fault(one.summary(), str(seen[0]))


def wrong_classes(found: Record) -> Iterable[Fault]:
    """Partial data with an error status: clients that go by the status throw away what was executed."""
    for one in found.exchanges:
        if one.method == "POST" and one.status is not None and one.media_type == RESPONSE and errors_of(one):
            with suppress(ValueError, RecursionError):
                wrong = wrong_class(one.status, one.json())
                if wrong is not None:
                    yield Fault(one.summary(), wrong)


JUDGES = (
    Judge("GQL-003", "2xx where data is not null, 4xx or 5xx where there is none", wrong_classes),
    Judge(
        "GQL-009",
        "no stack frames, classes, SQL, file paths or internal addresses in errors",
        disclosed,
        level=Level.SHOULD,
        impact=Impact.MAJOR,
    ),
)
