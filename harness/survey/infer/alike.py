"""Families: collections that behave alike, as far as the document and the survey show. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness.profile.models import Resource

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
