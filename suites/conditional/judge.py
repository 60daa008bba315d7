"""Judgement of validators and conditional requests (RFC 9110 sections 8.8, 13 and 15.4.5). Pure; no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime

from harness.http.fields import EntityTag, entity_tag, http_date
from harness.profile.models import Capability, State
from harness.resource.ids import unlike

OWED_BY_304 = ("content-location", "date", "etag", "vary", "cache-control", "expires")
"""Fields that a 304 must have if the 200 to the same request would have them (RFC 9110 section 15.4.5)."""


@dataclass(frozen=True)
class Representation:
    """A representation in a 200.

    Attributes:
        tag: its entity tag; None without a well-formed one.
        octets: the content as received.
        summary: its description in a finding.
        coding: its Content-Encoding; empty for none.
    """

    tag: EntityTag | None
    octets: bytes
    summary: str = ""
    coding: str = ""


def tag_fault(value: str) -> str | None:
    """Why the value of an ETag field is not an entity tag (section 8.8.3), or None."""
    if entity_tag(value) is not None:
        return None
    if entity_tag(f'"{value.strip()}"') is not None:
        return "it is not in quotes"
    if re.match(r'w/"', value):
        return "the W of a weak tag must be a capital letter"
    return "it does not consist of an optional `W/` and a text in quotes"


def other_tag(tag: EntityTag) -> EntityTag:
    """A strong entity tag of the same form that certainly matches no representation."""
    inner = tag.opaque[1:-1]
    return EntityTag(f'"{unlike(inner)}"' if inner else '"none"')


def neighbours(tag: EntityTag) -> list[EntityTag]:
    """Tags of which the given one is a part, or that are a part of it: they match only where texts are searched."""
    inner = tag.opaque[1:-1]
    return [EntityTag(f'"{one}"') for one in (f"0{inner}0", inner[:-1]) if inner and one]


def shared_by_changes(seen: Sequence[Representation]) -> tuple[Representation, Representation] | None:
    """Two representations of different bytes with one strong tag (section 8.8.1), or None."""
    for index, one in enumerate(seen):
        for other in seen[index + 1 :]:
            if _same_strong(one.tag, other.tag) and one.octets != other.octets:
                return one, other
    return None


def shared_by_codings(seen: Sequence[Representation]) -> tuple[Representation, Representation] | None:
    """Two representations in different content codings with one strong tag (section 8.8.3.3), or None."""
    for index, one in enumerate(seen):
        for other in seen[index + 1 :]:
            if _same_strong(one.tag, other.tag) and one.coding != other.coding:
                return one, other
    return None


def changed_for_nothing(seen: Sequence[Representation]) -> tuple[Representation, Representation] | None:
    """Two representations of equal bytes and coding with different tags, or None."""
    for index, one in enumerate(seen):
        for other in seen[index + 1 :]:
            if one.octets == other.octets and one.coding == other.coding and one.tag != other.tag:
                return one, other
    return None


def foreign_tag(write: Representation, former: EntityTag | None, after: Representation) -> str | None:
    """Why the tag in the response to a write is not that of the item now; None where that is not certain.

    Args:
        write: of the response, without content coding.
        former: the item's tag before it; None for a create.
        after: of two equal reads after it.
    """
    if write.tag is None or after.tag is None or write.coding or write.tag.opaque == after.tag.opaque:
        return None
    if write.tag == former:
        return "that of the state before it"
    return "another one for the same bytes" if write.octets and write.octets == after.octets else None


def _same_strong(one: EntityTag | None, other: EntityTag | None) -> bool:
    return one is not None and one == other and not one.weak


def not_modified_faults(
    before: Mapping[str, str], given: Mapping[str, str], after: Mapping[str, str], octets: int
) -> list[str]:
    """The faults of the fields of a 304 (sections 15.4.5 and 8.6).

    Args:
        before, after: fields of the 200s to the same request without its condition, before and after the 304.
            Fields that differ between them are not judged.
        given: fields of the 304.
        octets: length of the content of those 200s, in bytes.
    """
    missing = [name for name in OWED_BY_304 if name in before and name in after and name not in given]
    faults = [f"no {name}, which the 200 has" for name in missing]
    tags = [entity_tag(fields.get("etag")) for fields in (before, given, after)]
    if tags[0] is not None and tags[0] == tags[2] and "etag" in given:
        # An intermediary may weaken the tag of only one of the two.
        opaque = None if tags[1] is None else tags[1].opaque
        if opaque != tags[0].opaque:
            faults.append(f"ETag: {given['etag']}, where the 200 has {before['etag']}")
    length = given.get("content-length")
    if length is not None and length.strip() != str(octets):
        faults.append(f"Content-Length: {length}, where the 200 has {octets} bytes")
    return faults


def only_left_out(fault: str) -> bool:
    """Whether a fault of a 304 is that a field is left out, so that a cache keeps the one that it has."""
    return fault.startswith("no ")


@dataclass(frozen=True)
class Write:
    """A write under a false condition, and its result.

    Attributes:
        summary: request, status and condition, as in a finding: `PUT /orders/1 -> 200 with If-Match: "x"`.
        status: of the response.
        performed: whether a read shows the written value.
    """

    summary: str
    status: int
    performed: bool

    @property
    def refused(self) -> bool:
        return 400 <= self.status < 500 and not self.performed


def write_fault(write: Write) -> str | None:
    """How a write with a false condition was not refused (section 13.1.1), or None.

    A 2xx is lawful only where the write "appears to have already been applied", which is not so for these writes.
    """
    success = 200 <= write.status < 300
    if write.performed:
        return f"{write.summary}, and it was performed" + ("" if success else " nevertheless")
    if success and write.status != 202:
        return f"{write.summary}, though it was not performed"
    return None


def code_fault(write: Write, lawful: Sequence[int]) -> str | None:
    """The wrong status for a condition that does not hold (section 13.2.2), or None."""
    return None if write.status in lawful else write.summary


def conflicts(conditional: Capability | None) -> bool:
    """Whether an unconditional write was seen refused with 409, where the API declares no status: it asks for the
    version of the item in one way or another, as CouchDB does (RFC 9110 section 15.5.10).
    """
    if conditional is None or conditional.state is not State.DETECTED:
        return False
    return conditional.because.endswith("-> 409 without If-Match")


_EXPLAINED = re.compile(r"if[-_ ]?(?:un)?(?:none[-_ ]?)?m(?:atch|odified)|etag|entity[ -]tag", re.I)


def explains_condition(text: str) -> bool:
    """Whether the content of a 428 names the field or the validator to send (RFC 6585 section 3)."""
    return _EXPLAINED.search(text) is not None


def date_before(value: str | None, seconds: int) -> str | None:
    """An HTTP-date so many seconds before another; None where that is none."""
    moment = http_date(value)
    return None if moment is None else format_datetime(moment - timedelta(seconds=seconds), usegmt=True)
