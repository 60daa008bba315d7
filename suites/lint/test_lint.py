"""LINT: httplint, a linter of HTTP messages, checks every response of the survey; these rules report its notes.

The requirements are those of the RFCs on each field: one rule for MUST, one for SHOULD. `suites/lint/table.py` decides
what each note of httplint is.
"""

from __future__ import annotations

import time

from harness import MUST, SHOULD, advise, applies, expect, note, rule
from harness.http.document_places import is_place
from harness.http.intermediary import from_edge
from harness.rules.faults import grouped

from .findings import found
from .notes import notes
from .table import Decision


def linted(survey, target):
    """The notes of httplint on the API's own responses, at most one of a kind for each operation."""
    own = [
        exchange
        for exchange in survey.exchanges
        if exchange.status is not None
        and exchange.url.startswith(target.url)
        and not is_place(exchange.url, target.url)
        and not (exchange.status >= 400 and from_edge(exchange, survey.exchanges))
    ]
    applies(own, "the API sent a response")
    items = [target.url + resource.item for resource in survey.profile.resources]
    offset = time.time() - time.monotonic()
    return found(own, items, lambda exchange: notes(exchange, offset))


def faults(found, decision):
    return grouped(one.fault for one in found if one.decision is decision)


@rule("LINT-001", MUST, refs=["RFC 9110 section 2.2", "RFC 9110 section 5"])
def test_fields_keep_their_syntax(survey, target):
    """Send header fields in their defined syntax

    Why: a field that does not parse is ignored by one client, guessed at by the next, and an error for the
        third.
    Fix: build fields with the framework's functions; send a singleton field once.
    """
    reported = linted(survey, target)
    broken = faults(reported, Decision.ERROR)
    remarks = faults(reported, Decision.REMARK)
    if remarks:
        note(remarks)
    expect(not broken, "fields without errors found by httplint", broken)


@rule("LINT-002", SHOULD, refs=["RFC 9110 section 5", "RFC 9110 section 15"])
def test_fields_mean_what_they_say(survey, target):
    """Send header fields in a form and a place where recipients understand them

    Why: a field in a form that only some recipients accept, or in a message where it means nothing, does not
        have the intended effect.
    Fix: see the sentence on each field; leave out fields that have no meaning there.
    Advice: a form that many recipients read, and a field that they ignore, do no harm; `suites/lint/table.py` decides.
    """
    reported = linted(survey, target)
    small = faults(reported, Decision.ADVICE)
    if small:
        advise("fields in their usual form, and only where they mean something", small)
    broken = faults(reported, Decision.WARNING)
    expect(not broken, "fields without warnings from httplint", broken)
