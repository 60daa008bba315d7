"""Which resources a survey explores: those of the profile, of the OpenAPI document, or behind links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import httpx

from harness.bad_input import BadInput
from harness.client.client import Client
from harness.profile.models import Capability, Json, Pagination, Profile, Resource, State, matching, merged
from harness.survey.ask import discover, repeated_base
from harness.survey.ask.allowance import MOST_RESOURCES
from harness.survey.ask.documented import Document
from harness.survey.infer import infer, templates
from harness.survey.infer.alike import Signature, signature
from harness.survey.openapi import resources as openapi

OF_A_FAMILY = 2
"""Members of a family that are explored in full."""
REST = 4
"""Part of the places that is left for others than the first of each family, where they rotate: one of so many."""
MOST_EXPLORED = 20
"""Resources that are explored in full, of however many families, unless the user wants all."""

LIGHT = 10
"""Others that are explored, and tested by the rules that differ most between collections that behave alike."""


@dataclass
class Choice:
    """What a survey explores, and what it leaves.

    Attributes:
        chosen: the resources to explore in that order, each with its own name.
        most: how many of them are explored at most, to be tested in full.
        light: how many more of them are explored, to be tested by some rules only.
        rest: those that lack values of parameters.
        unnamed: those of the document that the user's list of resources does not have.
        listed: paths that an index lists and that were not looked at.
        answered: responses by path, from looking at an index.
    """

    chosen: list[Resource]
    most: int
    rest: list[Resource] = field(default_factory=list)
    unnamed: list[Resource] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    answered: dict[str, httpx.Response] = field(default_factory=dict)
    light: int = 0


def choose(
    client: Client, written: Profile, document: Document, first: httpx.Response, warnings: list[str]
) -> Choice:
    """The resources to test; see `MOST_EXPLORED`.

    Args:
        written: the user's profile; its resources win.
        document: the OpenAPI document; its resources come next.
        first: the response at the target URL; its links come last.
        warnings: takes what the user should know about the target URL.

    Raises:
        BadInput: the profile names a resource, parent or credential that does not exist, or repeats the target's path.
    """
    if written.resources:
        repeated_base.check(client, written.resources)
        choice = _listed(client, written, document)
    else:
        choice = _found(client, written, document, first, warnings)
    give_bodies(choice.chosen, written.bodies)
    declare_creates(choice.chosen)
    if document.url is not None:
        for resource in choice.chosen:
            learn_pages(resource, openapi.pages(document.content, document.base, resource.collection))
    return choice


def _listed(client: Client, written: Profile, document: Document) -> Choice:
    """The resources of the profile; with `--resources all` the others of the document, too."""
    named = _written(client, written, document)
    places = {one.collection.rstrip("/") for one in (*named, *written.resources)}
    others = [one for one in document.declared if one.collection.rstrip("/") not in places]
    others = [] if written.only else [one for one in others if placed(one, named) is None]
    rest: list[Resource] = []
    if written.explore == "all":
        names = {one.name: one for one in (*others, *named)}
        for one in others:
            (rest if lacking(one, names, written.parameters) else named).append(one)
        others = []
    chosen = _named_apart(named, client.recorder.redactor.values)
    return Choice(chosen, len(chosen), rest, others)


def _written(client: Client, written: Profile, document: Document) -> list[Resource]:
    """The resources of the profile, completed by the document."""
    chosen = []
    for resource in written.resources:
        found = matching(resource, document.declared) or placed(resource, document.declared)
        complete = merged(resource, found)
        if lacking(complete, {}, written.parameters):
            _check_parent(complete, [*written.resources, *document.declared])
        _check_credential(complete, client)
        if not complete.methods:
            for what, path in (("collection", complete.collection), ("item", complete.item)):
                methods = infer.methods_of(document.documented, path)
                if methods is not None:
                    complete.methods[what] = methods  # type: ignore[index]
        chosen.append(complete)
    return chosen


def placed(resource: Resource, among: Iterable[Resource]) -> Resource | None:
    """The resource of a document whose path is a template that a path of the user fills in, or None. Pure.

    /shops/7/shelves is a place of /shops/{shop}/shelves: it needs no parent.
    """
    path = resource.collection.rstrip("/")
    for other in among:
        template = other.collection.rstrip("/")
        if "{" not in template or "{" in path:
            continue
        parts = [".+" if "{" in part else re.escape(part) for part in template.split("/")]
        if path.count("/") == template.count("/") and re.fullmatch("/".join(parts), path):
            below = other.item.removeprefix(template)
            item = path + below if below != other.item else resource.item
            return other.model_copy(update={"collection": resource.collection, "item": item, "parent": None})
    return None


def _found(
    client: Client, written: Profile, document: Document, first: httpx.Response, warnings: list[str]
) -> Choice:
    """The resources of the document, else those behind links; `only` and the families limit them."""
    if document.declared:
        index = discover.Discovered(document.declared)
    else:
        index = discover.collections(client, first, warnings)
    found = _named_apart(index.resources, client.recorder.redactor.values)
    if written.only:
        missing = sorted(set(written.only) - {resource.name for resource in found})
        if missing:
            names = ", ".join(sorted(resource.name for resource in found)) or "none"
            raise BadInput("only", f"no resource is called {missing[0]!r}", f"found are: {names}")
        chosen = [resource for resource in found if resource.name in written.only]
        return Choice(chosen, len(chosen), answered=index.answered)
    ready, rest = ranked(found, written.parameters)
    if len(ready) <= MOST_RESOURCES:
        # Few resources keep the order of the document, parents first.
        chosen = [one for one in found if one in ready]
        return Choice(chosen, MOST_RESOURCES, rest, listed=index.listed, answered=index.answered)
    if written.explore == "all":
        return Choice(ready, len(ready), rest, listed=index.listed, answered=index.answered)
    members, others = of_families(ready)
    most = min(max(len(members), MOST_RESOURCES), MOST_EXPLORED)
    order = (
        [*members, *others] if written.rotate is None else apart(rotated(ready, most, written.rotate), most)
    )
    return Choice(order, most, rest, listed=index.listed, answered=index.answered, light=LIGHT)


def of_families(ranked_: Iterable[Resource]) -> tuple[list[Resource], list[Resource]]:
    """The first members of each family, a first one of each before a second one; and the others. Pure."""
    found = _by_family(ranked_)
    first = [some[place] for place in range(OF_A_FAMILY) for some in found if place < len(some)]
    others = [resource for some in found for resource in some[OF_A_FAMILY:]]
    return first, others


def rotated(ranked_: Iterable[Resource], most: int, turn: int) -> list[Resource]:
    """The same first member of each family in every turn, and then others, which are new ones in each turn. Pure.

    Where there are too many families for that, so many of them that a quarter of the places is left. After as many
    turns as the others fill these places, each collection has been explored.

    Args:
        most: how many are explored.
        turn: number of the run.
    """
    found = _by_family(ranked_)
    firsts = [some[0] for some in found]
    always = min(len(firsts), most - max(1, most // REST))
    longest = max((len(some) for some in found), default=0)
    others = [some[place] for place in range(1, longest) for some in found if place < len(some)]
    others = [*firsts[always:], *others]
    # The requests may end before the last of these are explored, so the next turn begins with a quarter of them.
    step = max(1, (most - always) * 3 // 4)
    start = turn * step % max(1, len(others))
    return [*firsts[:always], *others[start:], *others[:start]]


def apart(order: list[Resource], most: int) -> list[Resource]:
    """The same first ones, and then those whose turn to be explored in full is farthest: they are tested in part. Pure.

    Args:
        most: how many are explored in full.
    """
    rest = order[most:]
    middle = len(rest) // 2
    return [*order[:most], *rest[middle:], *rest[:middle]]


def _by_family(ranked_: Iterable[Resource]) -> list[list[Resource]]:
    found: dict[Signature, list[Resource]] = {}
    for resource in ranked_:
        found.setdefault(signature(resource), []).append(resource)
    return list(found.values())


def ranked(found: list[Resource], parameters: Mapping[str, str]) -> tuple[list[Resource], list[Resource]]:
    """The resources that can be explored, the richest and safest first; and those that lack parameters. Pure.

    Args:
        parameters: values of path parameters that the profile gives.
    """
    names = {resource.name: resource for resource in found}
    ready: list[Resource] = []
    rest: list[Resource] = []
    for resource in sorted(found, key=_promise):
        (rest if lacking(resource, names, parameters) else ready).append(resource)
    return ready, rest


def lacking(resource: Resource, others: Mapping[str, Resource], parameters: Mapping[str, str]) -> list[str]:
    """Parameters in a collection's path whose values neither the profile nor items of parents give. Pure.

    Args:
        others: all resources by name.
    """
    open_ = [name for name in templates.parameters(resource.collection) if name not in parameters]
    if not open_:
        return []
    parent = others.get(resource.parent or "")
    if len(open_) > openapi.DEEPEST or parent is None:
        return open_
    return lacking(parent, others, parameters)


def _promise(resource: Resource) -> tuple[bool, bool, bool, int, int]:
    """Sort key: what can be created and removed first, then what has no effect beyond the API, then the most rules."""
    needs = ("list", "create", "read", "replace", "update", "delete", "idempotency", "pages", "schema")
    able = {need for need in needs if resource.missing(need) is None}
    removable = {"create", "delete"} <= able
    return (
        "create" in able and not removable,
        bool(_EFFECTIVE.search(resource.name)),
        not removable and bool(able),
        resource.collection.count("{"),
        -len(able),
    )


_EFFECTIVE = re.compile(
    r"account|admin|alert|backup|calls?$|certificate|charge|cluster|credential|deploy|domain|email|event|incident|instance"
    r"|invitation|invoice|job|key|mail|message|namespace|node|notification|password|payment|payout|permission|policies"
    r"|policy|refund|role|run|secret|session|setting|sms|subscription|token|transfer|user|webhook|workflow",
    re.IGNORECASE,
)
"""Names of collections in which a create may send, pay, start or grant something."""


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
            "`parent` names the resource whose items the collection belongs to, `parameters` gives values; "
            f"there are: {names}",
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


def declare_creates(resources: Iterable[Resource]) -> None:
    """Record that creates exist where the user gives a body that they accept: they are not absent if they fail."""
    for resource in resources:
        if resource.body is not None:
            said = Capability(state=State.DECLARED, because="the profile has a `body` that it accepts")
            resource.capabilities.setdefault("create", said)


def learn_pages(resource: Resource, documented: Pagination | None) -> None:
    """Complete the pagination that the user wrote by what the document says."""
    if documented is not None:
        own = resource.pagination.model_dump(exclude_unset=True) if resource.pagination else {}
        resource.pagination = documented.model_copy(update=own)
