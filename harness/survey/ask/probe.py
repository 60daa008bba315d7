"""The survey: polite requests (at most `allowance.MOST`, more for a large API), sent once, before any rule runs."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from harness.bad_input import BadInput
from harness.client.claims import Claim
from harness.client.client import Client
from harness.client.marks import Marks
from harness.http.availability import unavailable
from harness.http.item_urls import key
from harness.ledger.entries import Entry
from harness.ledger.ledger import Ledger
from harness.profile.models import Profile, RateLimit, Resource, common_root
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.rules.rule import Effect
from harness.survey.ask import documents, looks, remaining
from harness.survey.ask.allowance import EACH, ESSENTIAL, LOOK, Allowance
from harness.survey.ask.choice import Choice, choose
from harness.survey.ask.creates import SURE_BODIES
from harness.survey.ask.documented import read
from harness.survey.ask.explore import Explorer
from harness.survey.ask.parents import Parents
from harness.survey.ask.reach import by_type, entered, reach, refuse_if_down
from harness.survey.ask.removal import remove
from harness.survey.ask.triggers import provoke
from harness.survey.cache import Cache
from harness.survey.infer import hooks, rate_limits
from harness.survey.infer.facts import learnt
from harness.survey.infer.samples import ResourceSamples
from harness.survey.infer.suspicions import of_quotas, suspicions
from harness.survey.openapi import security
from harness.survey.openapi.answers import contract
from harness.survey.openapi.document import Node
from harness.survey.outcome import Survey, Unsurveyed

PROVOKED = 2
"""Resources on which errors are provoked; an API usually words all its errors in one place."""
MOST_LEFT = 3
"""Warnings about resources for which no parent is available; all are listed as not surveyed."""
LOOKS = 10
"""Light looks for which requests are left before one more resource is explored that is not tested in full."""
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
    keep: Callable[[Node], object] = bool,
) -> Survey:
    """Find out what the target is.

    Args:
        client: reaches the target.
        written: what the user's profile says.
        given: the OpenAPI document that the user named; see `documents.openapi`.
        parents: ledger of what the profile's `setup` created, and of items that resources lie below or refer to; to
            be cleared when the run is over.
        kept: cache that may hold an earlier survey, and stores this one.
        tell: receives one line of progress at a time.
        keep: receives the OpenAPI document, before it is changed.

    Raises:
        BadInput: the target URL has nothing to test, or the profile or the document cannot be used.
    """
    try:
        return _survey(client, written, given, parents, kept, tell, keep)
    except BadInput as problem:
        # The text may quote a response.
        clean = client.recorder.redactor.text
        raise BadInput(clean(problem.where), clean(problem.what), clean(problem.fix)) from None


def _survey(
    client: Client,
    written: Profile,
    given: str | bool | None,
    parents: Ledger,
    kept: Cache | None,
    tell: Callable[[str], object],
    keep: Callable[[Node], object],
) -> Survey:
    tell(f"survey of {client.target.url}")
    client.accept_also(written.accept)
    first, kinds, named = by_type(client, entered(client, reach(client)))
    if kinds:
        written = written.model_copy(update={"accept": [*written.accept, *kinds]})
    for line in written.setup:
        _set_up(client, line, parents)
    ledger = Ledger(journal=parents.journal)
    allowance = _allowance(client, ledger, parents)
    warnings: list[str] = [client.target.instead] if client.target.instead else []
    found = documents.openapi(client, written.openapi if given is None else given, first, warnings)
    if found is not None:
        keep(found[1])
    if kept is not None and (earlier := kept.load(found)) is not None:
        client.accept_also(earlier.profile.accept)
        return earlier
    # Reading the document changes it; the cache compares it with what the target serves.
    served = copy.deepcopy(found) if kept is not None else None
    document = read(client, found, warnings)
    result = Survey(
        written,
        openapi=document.url,
        documented=document.documented,
        written=document.written,
        warnings=warnings,
        promises=document.promises,
    )
    choice = choose(client, written, document, first, warnings)
    above = Parents(client, parents, [*document.declared, *choice.rest, *choice.chosen], written.parameters)
    explorer = Explorer(client, written, above, ledger, allowance)
    explorer.reads.because = named
    explorer.answered = {**document.answered, **choice.answered}
    if document.url is not None:
        openapi_url = client.url(document.url)
        explorer.admission.demanded = security.demands(document.content, document.base, openapi_url)
        result.secured = sorted(f"{method} {path}" for method, path in explorer.admission.demanded)
    some = min(choice.most + choice.light, len(choice.chosen))
    allowance.widen(some, len(choice.chosen) - some, client.recorder.budget.maximum)
    try:
        resources, left = _explored(explorer, choice, result, client, tell)
        alone = [one for one in left if one.because != remaining.LATER]
        result.warnings += [f"{one.name} is left out: {one.because}" for one in alone[:MOST_LEFT]]
        left, odd = looks.at_siblings(explorer, choice.chosen, resources, left, tell)
        result.suspicions += odd
    finally:
        ledger.clear()
    if document.url is not None:
        tested = [one.collection for one in resources if one.collection]
        result.contract = contract(document.content, document.base, tested)
    quotas = _rate_limits(client, written, document.rate_limited)
    refuse_if_down(client)
    result.profile = written.model_copy(
        update={
            "resources": resources,
            "rate_limits": quotas,
            "accept": explorer.reads.accept,
            "webhooks": written.webhooks or hooks.declared(document.promises.hooks, resources),
        }
    )
    result.leftovers = ledger.leftovers
    result.unsurveyed = [*left, *remaining.of(choice, written.parameters, above.several)]
    if line := remaining.line(result, client.target.url):
        result.warnings.insert(0, line)
    if (why := unavailable(client.recorder.exchanges, client.target.url)) is not None:
        result.warnings.insert(0, why)
    _complete(result, explorer, client)
    if kept is not None:
        kept.keep(served, result)
    return result


def _allowance(client: Client, ledger: Ledger, parents: Ledger) -> Allowance:
    """The requests of this survey: those of the profile's `setup`, sent before, do not count."""
    before = client.recorder.budget.sent - 1
    return Allowance(
        lambda: client.recorder.budget.sent - before,
        lambda: sum(entry.requests for entry in (*ledger.entries, *parents.entries) if entry.removable),
    )


def _complete(result: Survey, explorer: Explorer, client: Client) -> None:
    """Add to the result what the requests showed besides the profile, without secrets."""
    above, admission = explorer.parents, explorer.admission
    result.templates = {
        name: {"collection": template.collection, "item": template.item}
        for name, template in above.templates.items()
    }
    result.linked = sorted(above.linked)
    result.accepting = explorer.reads.because
    result.missing = security.missing(admission.refused)
    result.warnings += [
        *explorer.warnings,
        *admission.warnings,
        *(one.warning for one in result.missing),
    ]
    result.suspicions += of_quotas(result.promises, result.profile.rate_limits)
    result.before = client.recorder.ownership.found_out()
    result.touched = list(client.recorder.ownership.touched)
    _clean(result, client.recorder.redactor.text)
    result.exchanges = list(client.recorder.exchanges)


def _clean(result: Survey, clean: Callable[[str], str]) -> None:
    """Redact the texts: a document and responses may repeat secrets."""
    for lines in (result.warnings, result.leftovers):
        lines[:] = [clean(line) for line in lines]
    result.suspicions = [replace(one, text=clean(one.text)) for one in result.suspicions]
    result.learnt = [replace(one, because=clean(one.because)) for one in result.learnt]
    result.accepting = clean(result.accepting)


def _explored(
    explorer: Explorer,
    choice: Choice,
    result: Survey,
    client: Client,
    tell: Callable[[str], object],
) -> tuple[list[Resource], list[Unsurveyed]]:
    """Explore every chosen resource while the allowance lasts; provoke errors on the first of them.

    Returns:
        What was explored; what was not, with the reasons.
    """
    resources: list[Resource] = []
    left: list[Unsurveyed] = []
    chosen = choice.chosen
    root = common_root(path for one in chosen for path in (one.collection, one.item))
    provoking = PROVOKED if explorer.writes else 1
    made, shown = not explorer.writes, False
    allowance = explorer.allowance
    for number, resource in enumerate(chosen):
        full = len(resources) >= choice.most
        # Others are explored, too, if the requests allow it.
        light = full and shown
        rest = max(0, min(len(chosen) - number, choice.most - len(resources)) - 1)
        pending = max(0, min(provoking, len(chosen)) - len(resources))
        allowance.aside = rate_limits.MOST
        # While nothing could be created, the survey goes on: most rules need an item.
        enough = _enough(choice, len(resources), allowance) if light else full and made
        if enough or (resources and allowance.spare() < ESSENTIAL + SURE_BODIES - 1):
            left += [remaining.unsurveyed(one, remaining.LATER) for one in chosen[number:]]
            break
        # The last one, too, needs what is asked of each before it is explored.
        allowance.aside += rest * ESSENTIAL + (SURE_BODIES - 1) * (rest > 0) + pending * TRIGGERS
        placed = explorer.parents.placed(resource)
        if placed is None:
            left.append(remaining.unplaced(resource, explorer.parents.several))
            continue
        tell(_progress(resource, len(resources), rest, client))
        known, item, samples = explorer.explore(placed, number)
        # Without a credential, nothing can be created in the others either.
        made = made or item is not None or _unauthorised(samples)
        shown = shown or item is not None or (not explorer.writes and samples.id is not None)
        if full and item is None and not (light and samples.id is not None):
            result.suspicions += suspicions(placed, known, samples) if light else []
            left.append(remaining.unsurveyed(resource, known.missing("create") or remaining.LATER))
            continue
        known = known.model_copy(update={"light": light or known.light})
        resources.append(known)
        explorer.parents.learn(_template(known, resource), samples.id)
        if samples.id is not None:
            result.sample_ids[known.name] = samples.id
        if pending:
            allowance.aside -= TRIGGERS
        if len(resources) == 1 or (pending and allowance.spare() >= TRIGGERS):
            subject = ResourceUnderTest(known, explorer.client, explorer.ledger, explorer.written.volatile)
            subject.sample_id = result.sample_ids.get(known.name)
            provoke(subject, item, result, first_resource=len(resources) == 1, root=root)
        if item is not None:
            remove(known, item, allowance, samples, mocked=known.name in explorer.mocks)
        result.suspicions += suspicions(placed, known, samples)
        result.learnt += learnt(placed, known, samples)
    if not resources:
        provoke(None, None, result, first_resource=True, client=client)
    return resources, left


def _progress(resource: Resource, explored: int, rest: int, client: Client) -> str:
    place = f"{explored + 1} of {explored + rest + 1} resources"
    return f"survey: {resource.name} ({place}, {client.recorder.budget.sent} requests sent)"


def _enough(choice: Choice, explored: int, allowance: Allowance) -> bool:
    """Whether no more resources are explored to be tested by some rules only."""
    return explored >= choice.most + choice.light or allowance.spare() < EACH + LOOK * LOOKS


def _unauthorised(samples: ResourceSamples) -> bool:
    """Whether the list or the last create was refused for lack of a credential."""
    asked = [samples.listed, *(sample for _, sample in samples.creates[-1:])]
    return any(sample is not None and sample.status == 401 for sample in asked)


def _template(known: Resource, resource: Resource) -> Resource:
    """The explored resource with the paths of the document, which may be templates."""
    item = resource.item if "{" in resource.collection else known.item
    return known.model_copy(update={"collection": resource.collection, "item": item})


def _set_up(client: Client, line: str, parents: Ledger) -> None:
    """Send one request of the profile's `setup`; an item that a PUT created is removed after the run."""
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
    """The limits of the profile, else those that responses announce; each path is requested once."""
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
