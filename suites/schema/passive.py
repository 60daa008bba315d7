"""SCH: every response of a run compared with the document. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from harness import MINOR, SHOULD
from harness.rules.faults import Fault
from harness.rules.passive import Judge, Record

from .judge import (
    Documented,
    documented,
    field_faults,
    schema_faults,
    undocumented_statuses,
    undocumented_types,
)

STATUS = "a status that the document has for the operation"
TYPE = "a media type that the document has for the response"
SCHEMA = "content that matches its schema"
FIELDS = "header fields of the documented type"


@lru_cache(1)
def _documented(found: Record) -> list[Documented]:
    return documented(found.exchanges, found.contract, found.base)


@lru_cache(1)
def _statuses(found: Record) -> tuple[list[Fault], list[Fault]]:
    return undocumented_statuses(_documented(found))


@lru_cache(1)
def _contents(found: Record) -> tuple[list[Fault], list[Fault], int]:
    return schema_faults(_documented(found), found.contract)


def statuses(found: Record) -> Iterable[Fault]:
    """Undocumented statuses of success."""
    return _statuses(found)[0]


def refusals(found: Record) -> Iterable[Fault]:
    """Undocumented statuses of refusals."""
    return _statuses(found)[1]


def types(found: Record) -> Iterable[Fault]:
    """Undocumented media types."""
    return undocumented_types(_documented(found))


def contents(found: Record) -> Iterable[Fault]:
    """Contents of successes that do not match their schemas."""
    return _contents(found)[0]


def errors(found: Record) -> Iterable[Fault]:
    """Contents of refusals that do not match their schemas."""
    return _contents(found)[1]


def fields(found: Record) -> Iterable[Fault]:
    """Header fields of another type than documented."""
    return field_faults(_documented(found))


JUDGES = (
    Judge("SCH-001", STATUS, statuses),
    Judge("SCH-001", TYPE, types),
    Judge("SCH-001", STATUS, refusals, level=SHOULD, impact=MINOR),
    Judge("SCH-002", SCHEMA, contents),
    Judge("SCH-002", SCHEMA, errors, level=SHOULD),
    Judge("SCH-002", FIELDS, fields, level=SHOULD),
)
