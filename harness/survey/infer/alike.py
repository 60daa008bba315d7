"""Families: collections that behave alike, as far as the document and the survey show. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.profile.models import Resource
from harness.survey.infer.samples import Sample

Signature = tuple[object, ...]


def signature(resource: Resource) -> Signature:
    """What two collections have in common when they are served by the same code, probably.

    What they can do, how their lists are paged, how keys and versions are sent, the envelope, the media types, the
    credential, and the shape of the path.
    """
    paging, key = resource.pagination, resource.idempotency
    return (
        tuple(sorted((need, one.state.value) for need, one in resource.capabilities.items() if one.state)),
        None if paging is None else (paging.style, paging.limit_param, paging.cursor_param, paging.next),
        None if key is None else (key.field, key.body, key.required),
        (resource.locking.version, resource.locking.if_match),
        (resource.items, resource.representation, resource.id),
        (resource.media_type, tuple(resource.patch or ()), resource.ownership),
        (resource.credential, bool(resource.transitions)),
        (resource.collection.strip("/").count("/"), resource.collection.count("{")),
    )


def families(resources: Iterable[Resource]) -> list[list[str]]:
    """The resources by family: names, in alphabetical order; the families by their first name."""
    found: dict[Signature, list[str]] = {}
    for resource in sorted(resources, key=lambda one: one.name):
        found.setdefault(signature(resource), []).append(resource.name)
    return sorted(found.values())


def richness(resource: Resource) -> int:
    """Number of the capabilities that a resource has."""
    return sum(one.there for one in resource.capabilities.values())


@dataclass(frozen=True)
class Look:
    """A light look at a collection: its list, an item of it, and an item that does not exist.

    Attributes:
        listed, item, absent: the responses; None where nothing was sent.
    """

    listed: Sample | None = None
    item: Sample | None = None
    absent: Sample | None = None

    @property
    def responses(self) -> list[Sample]:
        """All responses, in order."""
        return [one for one in (self.listed, self.item, self.absent) if one is not None]


def difference(one: Look, other: Look) -> str | None:
    """How the first look differs from the second, in a few words; None if they show the same behaviour.

    Members of items are data; their names differ between collections that behave alike. Compared are status, media
    type, the members around the items, and the form of errors.
    """
    for what, mine, its in (
        ("its list", one.listed, other.listed),
        ("an item", one.item, other.item),
        ("an item that does not exist", one.absent, other.absent),
    ):
        if mine is None or its is None:
            continue
        for name, left, right in (
            ("answered", mine.status, its.status),
            ("of type", mine.exchange.media_type, its.exchange.media_type),
            ("with members", around(mine.value), around(its.value)),
        ):
            if left != right and not (what == "an item" and name == "with members"):
                return f"{what} is {name} {left or 'none'}, there {right or 'none'}"
    return None


def around(value: Any) -> str:
    """The names of the members at the top of a JSON value; those of a list or a text are none."""
    if isinstance(value, dict):
        return ", ".join(sorted(str(name) for name in value))[:200]
    return type(value).__name__
