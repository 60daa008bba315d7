"""The survey: a few dozen polite requests, made once, before any rule runs."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress

import httpx

from harness.bad_input import BadInput
from harness.client.claims import Claim
from harness.client.client import Client
from harness.client.marks import Marks
from harness.http.item_urls import key
from harness.ledger.entries import Entry
from harness.ledger.ledger import Ledger
from harness.profile.models import Pagination, Profile, RateLimit, Resource, matching, merged
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.rules.rule import Effect
from harness.survey.ask import discover, mount
from harness.survey.ask.allowance import ESSENTIAL, MOST, Allowance
from harness.survey.ask.explore import SURE_BODIES, Explorer
from harness.survey.ask.parents import Parents
from harness.survey.ask.reach import reach, refuse_if_down
from harness.survey.ask.removal import remove
from harness.survey.ask.triggers import provoke
from harness.survey.cache import Cache
from harness.survey.infer import infer, rate_limits
from harness.survey.infer.contradictions import contradictions
from harness.survey.openapi import promises, security
from harness.survey.openapi import resources as openapi
from harness.survey.outcome import Survey

MOST_RESOURCES = 10
PROVOKED = 2
"""Resources whose errors are provoked: one API words the errors of all of them in the same place."""
TRIGGERS = 8
"""Requests that provoking the errors of one resource takes."""


def survey(
    client: Client,
    written: Profile,
    given: str | bool | None,
    parents: Ledger,
    *,
    kept: Cache | None = None,
    tell: Callable[[str], object] = str,
) -> Survey:
    """Learn what the target is.

    Args:
        client: reaches the target.
        written: what the user's profile says.
        given: the OpenAPI document that the user named; see `discover.openapi`.
        parents: takes what the profile's `setup` created, and items that resources stand below or refer to; to be
            cleared when the run is over.
        kept: where an earlier survey may be found, and this one is put down.
        tell: is told how far it is, a line each.

    Raises:
        BadInput: there is nothing at the target URL that could be tested.
    """
    try:
        return _survey(client, written, given, parents, kept, tell)
    except BadInput as problem:
        # It may say what a target has answered.
        clean = client.recorder.redactor.text
        raise BadInput(clean(problem.where), clean(problem.what), clean(problem.mend)) from None


def _survey(
    client: Client,
    written: Profile,
    given: str | bool | None,
    parents: Ledger,
    kept: Cache | None,
    tell: Callable[[str], object],
) -> Survey:
    tell(f"survey of {client.target.url}")
    client.accept_also(written.accept)
    first = reach(client)
    for line in written.setup:
        _set_up(client, line, parents)
    # What the profile's own `setup` takes is the user's affair.
    before = client.recorder.budget.sent - 1
    ledger = Ledger(journal=parents.journal)
    allowance = Allowance(
        lambda: client.recorder.budget.sent - before,
        lambda: sum(entry.requests for entry in (*ledger.entries, *parents.entries) if entry.removable),
    )
    warnings: list[str] = []
    found = discover.openapi(client, written.openapi if given is None else given, first, warnings)
    declared: list[Resource] = []
    documented: dict[str, list[str]] = {}
    places: dict[str, str] = {}
    if kept is not None and (earlier := kept.load(found)) is not None:
        client.accept_also(earlier.profile.accept)
        return earlier
    read = copy.deepcopy(found) if kept is not None else None
    base = client.target.base_path
    answered: dict[str, httpx.Response] = {}
    if found is not None:
        answered = mount.settle(client, found[1], warnings)
        notes: list[str] = []
        declared = openapi.resources(found[1], base, notes)
        declared += openapi.below(found[1], base, declared, notes)
        warnings += [f"the OpenAPI document is read in part: {line}" for line in notes]
        documented = openapi.documented(found[1], base)
        places = openapi.written(found[1], base)
    result = Survey(written, openapi=found[0] if found else None, documented=documented, written=places)
    result.warnings = warnings
    if found is not None:
        result.promises = promises.promises(found[1], base)
    chosen = _chosen(client, written, declared, documented, first, result)
    if found is not None:
        for resource in chosen:
            _learn_pages(resource, openapi.pages(found[1], base, resource.collection))
    known = {resource.name: resource for resource in [*declared, *chosen]}
    above = Parents(client, parents, known.values())
    explorer = Explorer(client, written, above, ledger, allowance)
    explorer.answered = answered
    if found is not None:
        explorer.admission.demanded = security.demands(found[1], base, client.url(found[0]))
    try:
        resources = _explored(explorer, chosen, result, client, tell)
    finally:
        ledger.clear()
    result.templates = {
        name: {"collection": template.collection, "item": template.item}
        for name, template in above.templates.items()
    }
    result.linked = sorted(above.linked)
    promising = rate_limits.documented(found[1], base) if found is not None else []
    quotas = _rate_limits(client, written, promising)
    refuse_if_down(client)
    accept = explorer.reads.accept
    result.profile = written.model_copy(
        update={"resources": resources, "rate_limits": quotas, "accept": accept}
    )
    result.accepting = explorer.reads.because
    result.missing = security.missing(explorer.admission.refused)
    result.warnings += [
        *explorer.warnings,
        *explorer.admission.warnings,
        *(one.warning for one in result.missing),
    ]
    result.contradictions = [line for resource in resources for line in contradictions(resource)]
    result.leftovers = ledger.leftovers
    result.before = client.recorder.ownership.found_out()
    result.touched = list(client.recorder.ownership.touched)
    _clean(result, client.recorder.redactor.text)
    result.exchanges = list(client.recorder.exchanges)
    if kept is not None:
        kept.keep(read, result)
    return result


def _clean(result: Survey, clean: Callable[[str], str]) -> None:
    """Take the secrets out of all that is only said: a document and answers may repeat them."""
    for lines in (result.warnings, result.contradictions, result.leftovers):
        lines[:] = [clean(line) for line in lines]
    result.accepting = clean(result.accepting)


def _explored(
    explorer: Explorer,
    chosen: list[Resource],
    result: Survey,
    client: Client,
    tell: Callable[[str], object],
) -> list[Resource]:
    """Every chosen resource with what it answered; the errors of the first of them provoked."""
    resources: list[Resource] = []
    provoking = PROVOKED if explorer.writes else 1
    for number, resource in enumerate(chosen):
        rest = len(chosen) - number - 1
        allowance = explorer.allowance
        pending = max(0, min(provoking, len(chosen)) - len(resources))
        allowance.aside = rate_limits.MOST
        if resources and allowance.spare() < ESSENTIAL + SURE_BODIES - 1:
            names = ", ".join(one.name for one in chosen[number:])
            result.warnings.append(
                f"left out, for a survey sends at most {MOST} requests: {names}; see `only`"
            )
            break
        allowance.aside += rest * ESSENTIAL + pending * TRIGGERS
        placed = explorer.parents.placed(resource)
        if placed is None:
            result.warnings.append(
                f"{resource.name} is left out: no item of {resource.parent or 'its parent'} could be created or seen, "
                f"below which {resource.collection} stands"
            )
            continue
        sent = client.recorder.budget.sent
        tell(f"survey: {resource.name} ({number + 1} of {len(chosen)} resources, {sent} requests sent)")
        known, item, samples = explorer.explore(placed, number)
        resources.append(known)
        explorer.parents.learn(_template(known, resource), samples.id)
        if samples.id is not None:
            result.sample_ids[known.name] = samples.id
        subject = ResourceUnderTest(known, explorer.client, explorer.ledger, explorer.written.volatile)
        subject.sample_id = result.sample_ids.get(known.name)
        if pending:
            allowance.aside -= TRIGGERS
        if len(resources) == 1 or (pending and allowance.spare() >= TRIGGERS):
            provoke(subject, item, result, first_resource=len(resources) == 1)
        if item is not None:
            remove(known, item, allowance, mocked=known.name in explorer.mocks)
    if not resources:
        provoke(None, None, result, first_resource=True, client=client)
    return resources


def _template(known: Resource, resource: Resource) -> Resource:
    """What was found out of a resource, with its paths as the document has them."""
    item = resource.item if "{" in resource.collection else known.item
    return known.model_copy(update={"collection": resource.collection, "item": item})


def _learn_pages(resource: Resource, documented: Pagination | None) -> None:
    """Add what a document says of a collection that the user wrote to what the user wrote of it."""
    if documented is not None:
        own = resource.pagination.model_dump(exclude_unset=True) if resource.pagination else {}
        resource.pagination = documented.model_copy(update=own)


def _set_up(client: Client, line: str, parents: Ledger) -> None:
    """Send one request of the profile's `setup`; what a PUT created is to be removed after the run."""
    method, _, path = line.partition(" ")
    method, path = method.upper(), path.strip()
    if client.target.limits.effects is Effect.READ:
        return
    url = client.url(path)
    client.recorder.ownership.grant(method, url)
    try:
        reply = client.request(method, path)
        if method == "PUT" and reply.status_code == 201:
            client.recorder.ownership.take(Claim(key(url), url, "", Marks(), f"PUT {path}", put=True))
            entry = Entry(url, client)
            client.recorder.budget.reserve(entry.requests)
            parents.add(entry)
    except Undecided as problem:
        raise BadInput("setup", f"{line!r}: {problem}") from None
    if not reply.is_success:
        raise BadInput("setup", f"{line!r} was answered {reply.status_code}", "it must succeed (2xx)")


def _rate_limits(client: Client, written: Profile, promising: list[str]) -> list[RateLimit]:
    """The limits that the user wrote, else those that answers tell of; each place is asked once."""
    for place, limit in enumerate(written.rate_limits):
        for name in (limit.credential, *limit.tiers):
            if name is not None and name not in client.target.credentials:
                known = ", ".join(sorted(client.target.credentials)) or "none"
                where = f"rate_limits[{place}]"
                raise BadInput(where, f"no credential is called {name!r}", f"there are: {known}")
    places = [(limit.path, limit.credential) for limit in written.rate_limits]
    asked = {(e.url, e.credential) for e in client.recorder.exchanges if e.method == "GET"}
    for path, credential in places or [(path, None) for path in promising]:
        sender = client if credential is None else client.under(credential)
        if (client.url(path), sender.credential) not in asked:
            with suppress(Undecided):
                sender.get(path)
    seen, base = client.recorder.exchanges, client.target.url
    if written.rate_limits:
        return [rate_limits.completed(limit, seen, base) for limit in written.rate_limits]
    return rate_limits.found(seen, base, promising, client.credential)


def _chosen(
    client: Client,
    written: Profile,
    declared: list[Resource],
    documented: dict[str, list[str]],
    first: httpx.Response,
    result: Survey,
) -> list[Resource]:
    """The resources to test: those that the user wrote, else those declared, else those that links show."""
    if written.resources:
        chosen = []
        for resource in written.resources:
            known = merged(resource, matching(resource, declared))
            _check_parent(known, [*written.resources, *declared])
            _check_credential(known, client)
            if not known.methods:
                for what, path in (("collection", known.collection), ("item", known.item)):
                    methods = infer.methods_of(documented, path)
                    if methods is not None:
                        known.methods[what] = methods  # type: ignore[index]
            chosen.append(known)
        return _named_apart(chosen, client.recorder.redactor.values)
    found = declared or discover.collections(client, first, result.warnings)
    if written.only:
        missing = sorted(set(written.only) - {resource.name for resource in found})
        if missing:
            names = ", ".join(sorted(resource.name for resource in found)) or "none"
            raise BadInput("only", f"no resource is called {missing[0]!r}", f"found are: {names}")
        found = [resource for resource in found if resource.name in written.only]
    if len(found) > MOST_RESOURCES:
        found = sorted(found, key=_able)
        result.warnings.append(
            f"{len(found)} resources found, the first {MOST_RESOURCES} are tested; choose others with `only`"
        )
    return _named_apart(found[:MOST_RESOURCES], client.recorder.redactor.values)


def _able(resource: Resource) -> tuple[bool, int]:
    """Puts first what stands on its own and can do most, so that a choice of ten says most of the API."""
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
        raise BadInput(place, problem, f"name the resource below whose items it stands; there are: {names}")


def _check_credential(resource: Resource, client: Client) -> None:
    if resource.credential is not None and resource.credential not in client.target.credentials:
        known = ", ".join(sorted(client.target.credentials)) or "none"
        place = f"[[resources]] {resource.collection}"
        raise BadInput(place, f"no credential is called {resource.credential!r}", f"there are: {known}")


def _named_apart(resources: list[Resource], clean: Callable[[str], str]) -> list[Resource]:
    """The resources, each with a name of its own: /v1/orders and /v2/orders are not both `orders`.

    Args:
        clean: takes the values of secrets out of a text: names stand in reports and on the terminal.
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
