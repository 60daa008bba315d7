"""SCH: values that every client reads in the same way."""

from __future__ import annotations

from harness import MAJOR, MINOR, SHOULD, applies, evidence, expect, rule
from harness.http.content import is_json
from harness.http.fields import imf_fixdate
from harness.rules.faults import Fault, grouped

from .formats import ambiguous, offsets, styles
from .judge import is_error


@rule("SCH-008", SHOULD, refs=["RFC 3339 section 5.6", "RFC 8259 section 6"], impact=MINOR)
def test_formats_are_unambiguous(survey, target):
    """Use unambiguous standard formats for instants and amounts

    Why: an instant without an offset is another one in every time zone, 03/04/2026 is a day in March or in April, and
        0.30000000000000004 is no sum of money. An order whose time is that of a clock on the wall, labelled as UTC,
        lies hours in the future.
    Fix: RFC 3339 with `Z` or an offset for instants; decimal texts or minor units for amounts; the zone of the database
        and of the process is UTC.
    Advice: what a member is, is known by its name only.
    """
    bodies = [(one, one.json()) for one in survey.exchanges if successful(one, target)]
    applies(bodies, "the survey has seen a success in JSON")
    shifted = in_another_zone(bodies)
    expect(not shifted, "the time of creation in the zone that it says", grouped(shifted), impact=MAJOR)
    found = [
        Fault(one.summary(), f"{it.member} is {it.what}", it.value)
        for one, body in bodies
        for it in ambiguous(body)
    ]
    expect(not found, "values in formats that can be read in one way only", grouped(found))
    mixed = styles(body for _, body in bodies)
    observed = "; ".join(f"{name}: {values}" for name, values in mixed.items())
    expect(not mixed, "one format for each instant", observed)
    evidence(f"{len(bodies)} successes of the survey")


def in_another_zone(bodies):
    """Faults of members that are off by one same offset in every create of a collection."""
    seen = {}
    for one, body in bodies:
        date = imf_fixdate(one.field("date") or "")
        if one.method != "POST" or one.status != 201 or date is None:
            continue
        try:
            sent = one.request_body.json()
        except ValueError:
            continue
        for name, off in offsets(body, sent, date).items():
            seen.setdefault((one.url, name), []).append((off, one))
    found = []
    for (_, name), times in seen.items():
        first = times[0][0]
        if first and all(off == first for off, _ in times):
            hours = f"{abs(first) / 3600:g} h {'after' if first > 0 else 'before'}"
            found.append(Fault(times[0][1].summary(), f"{name} is {hours} the Date of the same answer", ""))
    return found


def successful(one, target):
    """Whether an exchange is a success of the API with JSON that was recorded whole."""
    if one.status is None or not 200 <= one.status < 300 or not is_json(one.media_type):
        return False
    try:
        body = one.json()
    except ValueError:
        return False
    described = isinstance(body, dict) and ("openapi" in body or "swagger" in body or "paths" in body)
    return one.url.startswith(target.url) and not described and not is_error(one)
