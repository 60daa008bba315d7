"""SCH: every response of a run compared with the document. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness import MINOR, SHOULD
from harness.rules.faults import Fault
from harness.rules.passive import Judge, Record

from .judge import documented, schema_faults, undocumented_statuses, undocumented_types

STATUS = "a status that the document has for the operation"
TYPE = "a media type that the document has for the response"
SCHEMA = "content that matches its schema"


def statuses(found: Record) -> Iterable[Fault]:
    """Undocumented statuses of success."""
    return undocumented_statuses(documented(found.exchanges, found.contract, found.base))[0]


def refusals(found: Record) -> Iterable[Fault]:
    """Undocumented statuses of refusals."""
    return undocumented_statuses(documented(found.exchanges, found.contract, found.base))[1]


def types(found: Record) -> Iterable[Fault]:
    """Undocumented media types."""
    return undocumented_types(documented(found.exchanges, found.contract, found.base))


def contents(found: Record) -> Iterable[Fault]:
    """Contents of successes that do not match their schemas."""
    return schema_faults(documented(found.exchanges, found.contract, found.base), found.contract)[0]


def errors(found: Record) -> Iterable[Fault]:
    """Contents of refusals that do not match their schemas."""
    return schema_faults(documented(found.exchanges, found.contract, found.base), found.contract)[1]


JUDGES = (
    Judge("SCH-001", STATUS, statuses),
    Judge("SCH-001", TYPE, types),
    Judge("SCH-001", STATUS, refusals, level=SHOULD, impact=MINOR),
    Judge("SCH-002", SCHEMA, contents),
    Judge("SCH-002", SCHEMA, errors, level=SHOULD),
)
