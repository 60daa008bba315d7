"""VERS: deprecated operations, and the fields that announce their end (RFC 9745, RFC 8594)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from harness import MUST, READ, SHOULD, applies, evidence, expect, inconclusive, note, rule, warn
from harness.client.client import exchange_of
from harness.http.item_urls import is_below
from harness.rules.faults import Fault, expect_none
from harness.survey.ask.published import placed, published

from .dates import (
    deprecation,
    deprecation_fault,
    early_sunset,
    leading_links,
    past_sunset,
    span,
    sunset_fault,
)
from .deprecated import broken, deprecated_reads
from .passive import DEPRECATION, FUTURE, ORDERED, SUNSET

MOST = 4
"""Deprecated operations that a rule reads."""
NONE = "the document marks an operation deprecated, or a response has Deprecation"


def operations(client, survey, target):
    """The deprecated operations that can be read; none without a request where the document marks none."""
    if not any(one.startswith("GET ") for one in survey.promises.deprecated):
        return []
    document = published(client, survey.openapi or "")
    if document is None:
        inconclusive("the OpenAPI document cannot be read again")
    base = urlsplit(target.url).path
    return deprecated_reads(placed(document, survey.documented, base), base)[:MOST]


def announced(client, survey, target, *names):
    """Exchanges with one of these fields, of the survey and of the deprecated operations."""
    read = [exchange_of(client.get(client.url(one.path))) for one in operations(client, survey, target)]
    return [one for one in [*survey.exchanges, *read] if any(one.field(name) is not None for name in names)]


def faults(exchanges, judge):
    return [Fault(one.summary(), what) for one in exchanges if (what := judge(one)) is not None]


@rule("VERS-003", MUST, refs=["RFC 9745 section 2.1", "RFC 9651 section 3.3.7"], effect=READ)
def test_deprecation_is_a_date(client, survey, target):
    """Send Deprecation as a date of structured fields

    Why: a client that follows RFC 9745 ignores a field that it cannot parse: nobody learns of the end.
    Fix: `Deprecation: @1688169599`, in seconds since 1970; `true` and HTTP-dates are of drafts before the RFC.
    Probe: all responses of the run, and a GET of each deprecated operation that takes no values.
    """
    seen = announced(client, survey, target, "deprecation")
    applies(seen, "a response has Deprecation")
    expect_none(faults(seen, deprecation_fault), DEPRECATION)
    evidence(f"{seen[0].summary()} with Deprecation: {seen[0].field('deprecation')}")


@rule("VERS-004", MUST, refs=["RFC 8594 section 3", "RFC 9110 section 5.6.7"], effect=READ)
def test_sunset_is_a_future_http_date(client, survey, target):
    """Send Sunset as one valid HTTP-date in the future

    Why: a client plans its migration by this date; one that cannot be parsed, or that is past, plans nothing.
    Fix: format it with a library: `Sunset: Sat, 31 Dec 2033 23:59:59 GMT`, with the right name of the day. Postpone the
        date, or end the operation with 410.
    Probe: all responses of the run, and a GET of each deprecated operation that takes no values.
    """
    seen = announced(client, survey, target, "sunset")
    applies(seen, "a response has Sunset")
    expect_none(faults(seen, sunset_fault), SUNSET)
    expect_none(faults(seen, past_sunset), FUTURE, level=SHOULD)
    evidence(f"{seen[0].summary()} with Sunset: {seen[0].field('sunset')}")


@rule("VERS-005", MUST, refs=["RFC 9745 section 4"], effect=READ)
def test_sunset_is_not_before_deprecation(client, survey, target):
    """Let Sunset be no earlier than Deprecation

    Why: an end before the announcement of the end gives clients no time at all, and shows that one date is wrong.
    Fix: take both dates from one place, and compare them in a test.
    Probe: all responses of the run, and a GET of each deprecated operation that takes no values.
    """
    seen = announced(client, survey, target, "sunset")
    seen = [one for one in seen if one.field("deprecation") is not None]
    applies(seen, "a response has both Sunset and Deprecation")
    expect_none(faults(seen, early_sunset), ORDERED)
    comparable = [text for one in seen if (text := span(one)) is not None]
    if not comparable:
        inconclusive("no response has both dates in a valid form: see VERS-003 and VERS-004")
    evidence(comparable[0])


@rule(
    "VERS-006",
    SHOULD,
    refs=["RFC 9745 section 2", "RFC 9745 section 3", "Zalando RESTful API Guidelines rule 189"],
    effect=READ,
)
def test_deprecated_operations_say_so(client, survey, target):
    """Announce deprecation in the responses of deprecated operations, with links that work

    Why: who runs a client does not read the document again; a field in each response can be logged and counted.
    Fix: add Deprecation, and Sunset where a date is set, to every response of the operation, in the gateway or in one
        filter; link to the notice or the successor.
    Probe: a GET of each operation that the document marks deprecated and that takes no values; then of each link with
        relation deprecation, sunset, successor-version or latest-version below the target's URL.
    """
    reads = operations(client, survey, target)
    marked = [one for one in survey.exchanges if deprecation(one.field("deprecation")) is not None]
    applies(reads or marked or survey.promises.deprecated, NONE)
    served = []
    for one in reads:
        reply = client.get(client.url(one.path))
        if reply.is_success:
            served.append((one, exchange_of(reply)))
    for one, exchange in served:
        if exchange.field("deprecation") is None:
            warn("Deprecation in responses of a deprecated operation", f"{exchange.summary()} without it")
        elif one.sunset is not None and exchange.field("sunset") is None:
            warn("the Sunset that the document declares", f"{exchange.summary()} without it: {one.sunset}")
    dead = lead(client, target, [*marked, *(exchange for _, exchange in served)])
    expect(not dead, "links of deprecated operations that can be followed", "; ".join(dead))
    if marked and not survey.promises.deprecated and survey.openapi:
        note(f"{marked[0].summary()} has Deprecation, and the document marks no operation deprecated")
    if not served and not marked:
        inconclusive("no deprecated operation could be read without values, or none answered with success")
    shown = served[0][1] if served else marked[0]
    evidence(f"{shown.summary()} with Deprecation: {shown.field('deprecation')}")


def lead(client, target, exchanges):
    """Links from deprecated operations that cannot be followed, in words; each is tried twice."""
    found, tried = [], set()
    for exchange in exchanges:
        for link in leading_links(exchange):
            url = client.resolve(link.target, exchange.url)
            if url in tried or len(tried) >= MOST or not is_below(url, target.url):
                continue
            tried.add(url)
            replies = [exchange_of(client.get(url))]
            if replies[0].status in (404, 410) or (replies[0].status or 0) >= 500:
                replies.append(exchange_of(client.get(url)))
                if replies[1].status == replies[0].status:
                    found.append(
                        f"{' '.join(link.relations)} of {exchange.summary()}: {replies[1].summary()}"
                    )
    return found


@rule("VERS-007", SHOULD, refs=["RFC 9745 section 5", "RFC 8594 section 3"], effect=READ)
def test_deprecated_operations_work_until_their_sunset(client, survey, target):
    """Keep a deprecated operation working until its sunset

    Why: deprecation announces an end and changes nothing yet; a client that was promised time breaks today.
    Fix: keep the operation in the tests until the day of its sunset; remove it from the document when it is gone.
    Probe: a GET of each operation that the document marks deprecated and that takes no values; twice where it fails.
    """
    reads = operations(client, survey, target)
    applies(survey.promises.deprecated, "the document marks an operation deprecated")
    worked, wrong, today = [], [], datetime.now(UTC).date()
    for one in reads:
        replies = [exchange_of(client.get(client.url(one.path)))]
        if 200 <= (replies[0].status or 0) < 400:
            worked.append(replies[0].summary())
            continue
        replies.append(exchange_of(client.get(client.url(one.path))))
        # Where no documented path is found, the document is of another place.
        known = one if survey.profile.resources else replace(one, may_be_missing=True)
        if (what := broken(replies, known, today)) is not None:
            wrong.append(what)
    expect(not wrong, "a deprecated operation that works until its sunset", "; ".join(wrong))
    if not worked:
        inconclusive("no deprecated operation could be read: it takes values, or none answered with success")
    evidence(", ".join(worked))
