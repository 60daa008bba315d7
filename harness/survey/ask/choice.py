"""Which resources a survey explores: those of the profile, of the OpenAPI document, or behind links."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx

from harness.bad_input import BadInput
from harness.client.client import Client
from harness.profile.models import Json, Pagination, Profile, Resource, matching, merged
from harness.survey.ask import discover
from harness.survey.ask.documented import Document
from harness.survey.infer import infer
from harness.survey.openapi import resources as openapi

MOST_RESOURCES = 10


def choose(
    client: Client, written: Profile, document: Document, first: httpx.Response, warnings: list[str]
) -> list[Resource]:
    """The resources to test, at most `MOST_RESOURCES` unless the profile lists them, each with its own name.

    Args:
        written: the user's profile; its resources win.
        document: the OpenAPI document; its resources come next.
        first: the response at the target URL; its links come last.
        warnings: takes a line where resources are left out.

    Raises:
        BadInput: the profile names a resource, parent or credential that does not exist.
    """
    if written.resources:
        chosen = _written(client, written, document)
    else:
        chosen = _found(client, written, document, first, warnings)
    chosen = _named_apart(chosen, client.recorder.redactor.values)
    give_bodies(chosen, written.bodies)
    if document.url is not None:
        for resource in chosen:
            learn_pages(resource, openapi.pages(document.content, document.base, resource.collection))
    return chosen


def _written(client: Client, written: Profile, document: Document) -> list[Resource]:
    """The resources of the profile, completed by the document."""
    chosen = []
    for resource in written.resources:
        complete = merged(resource, matching(resource, document.declared))
        _check_parent(complete, [*written.resources, *document.declared])
        _check_credential(complete, client)
        if not complete.methods:
            for what, path in (("collection", complete.collection), ("item", complete.item)):
                methods = infer.methods_of(document.documented, path)
                if methods is not None:
                    complete.methods[what] = methods  # type: ignore[index]
        chosen.append(complete)
    return chosen


def _found(
    client: Client, written: Profile, document: Document, first: httpx.Response, warnings: list[str]
) -> list[Resource]:
    """The resources of the document, else those behind links; `only` and `MOST_RESOURCES` limit them."""
    found = document.declared or discover.collections(client, first, warnings)
    if written.only:
        missing = sorted(set(written.only) - {resource.name for resource in found})
        if missing:
            names = ", ".join(sorted(resource.name for resource in found)) or "none"
            raise BadInput("only", f"no resource is called {missing[0]!r}", f"found are: {names}")
        found = [resource for resource in found if resource.name in written.only]
    if len(found) > MOST_RESOURCES:
        found = sorted(found, key=_able)
        warnings.append(
            f"{len(found)} resources found, the first {MOST_RESOURCES} are tested; choose others with `only`"
        )
    return found[:MOST_RESOURCES]


def _able(resource: Resource) -> tuple[bool, int]:
    """Sort key: resources without a parent and with the most capabilities first."""
    needs = ("list", "create", "read", "replace", "update", "delete", "idempotency", "pages")
    return resource.parent is not None, -sum(resource.missing(need) is None for need in needs)


def _check_parent(resource: Resource, others: list[Resource]) -> None:
    if "{" not in resource.collection:
        return
    if resource.parent not in {other.name for other in others}:
        place = f"[[resources]] {resource.collection}"
        names = ", ".join(sorted({other.name for other in others} - {resource.name})) or "none"
        problem = (
            "has a {...}, and no `parent`"
            if resource.parent is None
            else f"has no parent {resource.parent!r}"
        )
        raise BadInput(
            place,
            problem,
            f"`parent` names the resource whose items the collection belongs to; there are: {names}",
        )


def _check_credential(resource: Resource, client: Client) -> None:
    if resource.credential is not None and resource.credential not in client.target.credentials:
        names = ", ".join(sorted(client.target.credentials)) or "none"
        place = f"[[resources]] {resource.collection}"
        raise BadInput(place, f"no credential is called {resource.credential!r}", f"there are: {names}")


def _named_apart(resources: list[Resource], clean: Callable[[str], str]) -> list[Resource]:
    """The resources, each with a unique name: /v1/orders and /v2/orders are not both `orders`.

    Args:
        clean: redacts the values of secrets, since names appear in reports and on the terminal.
    """
    names = [clean(resource.name) for resource in resources]
    taken: set[str] = set()
    apart = []
    for resource, own in zip(resources, names, strict=True):
        name = own
        if names.count(name) > 1:
            name = clean(resource.collection).strip("/").replace("/", "-") or name
        while name in taken:
            name += "-2"
        taken.add(name)
        above = resource.parent and clean(resource.parent)
        if (name, above) != (resource.name, resource.parent):
            resource = resource.model_copy(update={"name": name, "parent": above})
        apart.append(resource)
    return apart


def give_bodies(resources: list[Resource], bodies: Mapping[str, dict[str, Json]]) -> None:
    """Give the resources the bodies that the user has for them.

    Args:
        bodies: by the name or the path of a resource.

    Raises:
        BadInput: a name is that of no resource.
    """
    for name, body in bodies.items():
        meant = [one for one in resources if name in (one.name, one.collection, one.collection.strip("/"))]
        if not meant:
            names = ", ".join(sorted(one.name for one in resources)) or "none"
            raise BadInput("--body", f"no resource is called {name!r}", f"there are: {names}")
        for resource in meant:
            resource.body = body


def learn_pages(resource: Resource, documented: Pagination | None) -> None:
    """Complete the pagination that the user wrote by what the document says."""
    if documented is not None:
        own = resource.pagination.model_dump(exclude_unset=True) if resource.pagination else {}
        resource.pagination = documented.model_copy(update=own)
