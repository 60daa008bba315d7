"""VERS: the document of today against the one that clients were written for."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

from harness import SHOULD, advise, applies, evidence, expect, inconclusive, not_applicable, rule
from harness.survey.ask.published import published
from harness.survey.oasdiff import compared as find_changes
from harness.survey.openapi.changes import REMOVALS, major
from harness.survey.openapi.document import parse
from harness.survey.openapi.taming import tamed

BEFORE = (
    "the profile names the document of before (baseline_schema in [versions]), or an earlier report keeps one"
)
MOST = 8
"""Changes in a finding."""


def compared(client, survey, profile):
    """The changes since the declared baseline, or since an earlier run, and the two versions in words."""
    name = file = profile.versions.baseline_schema if profile.versions is not None else None
    if name is None and survey.earlier is not None:
        file, name = survey.earlier.file, survey.earlier.name
    applies(name is not None, BEFORE)
    applies(survey.openapi, "the API has an OpenAPI document")
    old, new = parse(Path(file).read_bytes(), file), published(client, survey.openapi)
    if new is not None and file != name:
        # A report keeps the document as the survey has read it, without overlong parts.
        new = tamed(deepcopy(new), [])
    if new is None:
        inconclusive("the OpenAPI document cannot be read again")
    before, after = major(old), major(new)
    if before != after:
        not_applicable(
            f"the major version of {name} is {before or 'not given'}, that of today {after or 'not given'}"
        )
    found, by = find_changes(old, new, datetime.now(UTC).date())
    return found, f"{name}, version {old['info'].get('version')}, by {by}"


def shown(found):
    more = f" and {len(found) - MOST} more: python -m harness diff" if len(found) > MOST else ""
    return f"{'; '.join(str(one) for one in found[:MOST])}{more}"


@rule(
    "VERS-008",
    SHOULD,
    refs=["Zalando RESTful API Guidelines rule 106", "Semantic Versioning 2.0.0 section 8"],
)
def test_nothing_breaks_within_a_major_version(client, survey, profile):
    """Make no breaking change within a major version

    Why: clients that were right yesterday fail today, without a change of their own and without notice.
    Fix: add members, parameters and operations, all optional; what has to break clients goes into a new major version.
    Probe: the OpenAPI document against the one in `[versions]` `baseline_schema` of the profile, else against that of
        the run that `--baseline` names, or of the previous run on the target: types, null, required members and
        parameters, limits, enums, media types, statuses, credentials. An installed oasdiff is used, else the
        comparison of the harness. VERS-011 judges removed operations.
    Advice: what breaks only clients that read or send strictly, such as a further value of an enum in responses.
    """
    found, since = compared(client, survey, profile)
    found = [one for one in found if one.kind not in REMOVALS]
    strict = [one for one in found if not one.breaks]
    grave = [one for one in found if one.breaks]
    if strict:
        advise("no change that breaks strict clients", shown(strict))
    expect(not grave, "no change that breaks clients", shown(grave))
    evidence(f"compared with {since}")


@rule(
    "VERS-011",
    SHOULD,
    refs=["RFC 8594 section 3", "RFC 9745 section 4", "Zalando RESTful API Guidelines rule 187"],
)
def test_what_is_removed_was_deprecated(client, survey, profile):
    """Remove an operation only when it was deprecated and its sunset is past

    Why: a client that calls the operation fails from one day to the next; a sunset that is brought forward breaks
        the plan that clients made for it.
    Fix: mark the operation `deprecated` with an `x-sunset` first, keep it until that day, and move the day only back.
    Probe: the OpenAPI document against the one in `[versions]` `baseline_schema` of the profile, else against that of
        the run that `--baseline` names, or of the previous run on the target.
    """
    found, since = compared(client, survey, profile)
    found = [one for one in found if one.kind in REMOVALS]
    expect(not found, "operations that remain until their sunset", shown(found))
    evidence(f"compared with {since}")
