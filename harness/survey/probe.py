"""The survey: a few dozen polite requests, made once, before any rule runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import jsonpointer

from harness import payloads
from harness.bad_input import BadInput
from harness.client import Client, exchange_of
from harness.content import at, id_text, json_of
from harness.ledger import GONE, Entry, Ledger
from harness.oracle import Undecided
from harness.pagination.telling import with_param
from harness.profile import Capability, Pagination, Profile, RateLimit, Resource, State, matching, merged
from harness.resource import LONGEST_LAG, Item, ResourceUnderTest, tag_pointer, tagged
from harness.rules import Effect
from harness.survey import discover, infer, limits, openapi, paging
from harness.survey.outcome import Survey
from harness.survey.reach import reach, refuse_if_down
from harness.survey.samples import ResourceSamples, Sample
from harness.survey.triggers import provoke
from harness.waiting import eventually

MOST_RESOURCES = 10
PROVOKED = 2
"""Resources whose errors are provoked: one API words the errors of all of them in the same place."""
MOST_BODIES = 5


def survey(client: Client, written: Profile, given: str | bool | None, parents: Ledger) -> Survey:
    """Learn what the target is.

    Args:
        client: reaches the target.
        written: what the user's profile says.
        given: the OpenAPI document that the user named; see `discover.openapi`.
        parents: takes what the profile's `setup` created; to be cleared when the run is over.

    Raises:
        BadInput: there is nothing at the target URL that could be tested.
    """
    first = reach(client)
    for line in written.setup:
        _set_up(client, line, parents)
    warnings: list[str] = []
    found = discover.openapi(client, written.openapi if given is None else given, first, warnings)
    declared: list[Resource] = []
    documented: dict[str, list[str]] = {}
    places: dict[str, str] = {}
    if found is not None:
        declared = openapi.resources(found[1], client.target.base_path)
        documented = openapi.documented(found[1], client.target.base_path)
        places = openapi.written(found[1], client.target.base_path)
    result = Survey(written, openapi=found[0] if found else None, documented=documented, written=places)
    result.warnings = warnings
    chosen = _chosen(client, written, declared, documented, first, result)
    if found is not None:
        for resource in chosen:
            _learn_pages(resource, openapi.pages(found[1], client.target.base_path, resource.collection))
    ledger = Ledger(journal=parents.journal)
    resources = []
    try:
        for number, resource in enumerate(chosen):
            known, item = _explore(client, resource, ledger, written, number, result)
            resources.append(known)
            subject = ResourceUnderTest(known, client, ledger, written.volatile)
            subject.sample_id = result.sample_ids.get(known.name)
            if len(resources) <= PROVOKED:
                provoke(subject, item, result, first_resource=len(resources) == 1)
            if item is not None:
                _remove(known, item)
        if not chosen:
            provoke(None, None, result, first_resource=True, client=client)
    finally:
        ledger.clear()
    promising = limits.documented(found[1], client.target.base_path) if found is not None else []
    quotas = _rate_limits(client, written, promising)
    refuse_if_down(client)
    result.profile = written.model_copy(update={"resources": resources, "rate_limits": quotas})
    result.leftovers = ledger.leftovers
    result.exchanges = list(client.recorder.exchanges)
    return result


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
    try:
        reply = client.request(method, path)
        if method == "PUT" and reply.status_code == 201:
            entry = Entry(client.url(path), client)
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
        return [limits.completed(limit, seen, base) for limit in written.rate_limits]
    return limits.found(seen, base, promising, client.credential)


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
            if not known.methods:
                for what, path in (("collection", known.collection), ("item", known.item)):
                    methods = infer.methods_of(documented, path)
                    if methods is not None:
                        known.methods[what] = methods  # type: ignore[index]
            chosen.append(known)
        return _named_apart(chosen)
    found = declared or discover.collections(client, first)
    if written.only:
        missing = sorted(set(written.only) - {resource.name for resource in found})
        if missing:
            names = ", ".join(sorted(resource.name for resource in found)) or "none"
            raise BadInput("only", f"no resource is called {missing[0]!r}", f"found are: {names}")
        found = [resource for resource in found if resource.name in written.only]
    if len(found) > MOST_RESOURCES:
        result.warnings.append(
            f"{len(found)} resources found, the first {MOST_RESOURCES} are tested; choose others with `only`"
        )
    return _named_apart(found[:MOST_RESOURCES])


def _named_apart(resources: list[Resource]) -> list[Resource]:
    """The resources, each with a name of its own: /v1/orders and /v2/orders are not both `orders`."""
    names = [resource.name for resource in resources]
    taken: set[str] = set()
    apart = []
    for resource in resources:
        name = resource.name
        if names.count(name) > 1:
            name = resource.collection.strip("/").replace("/", "-") or name
        while name in taken:
            name += "-2"
        taken.add(name)
        apart.append(resource if name == resource.name else resource.model_copy(update={"name": name}))
    return apart


def _sample(reply: httpx.Response) -> Sample:
    return Sample(exchange_of(reply), json_of(reply))


def _explore(
    client: Client, resource: Resource, ledger: Ledger, written: Profile, seed: int, result: Survey
) -> tuple[Resource, Item | None]:
    """Ask one resource what it is; the item that was created for that is returned with what was learnt."""
    samples = ResourceSamples()
    item: Item | None = None
    subject = ResourceUnderTest(resource, client, ledger, written.volatile)
    try:
        samples.listed = _sample(client.get(subject.url))
        if client.target.limits.effects >= Effect.WRITE:
            item = _create(subject, samples, seed)
        if samples.id is None and samples.listed.success:
            samples.id = _listed_id(infer.resource(resource, samples), samples.listed)
        if samples.id is not None:
            url = subject.item_url(samples.id)
            samples.read = _sample(client.get(url))
            if samples.read.status in (404, 410) and item is not None:
                # Eventual consistency: the item may show a little later.
                eventually(lambda: client.get(url).is_success, written.consistency_window)
                samples.early, samples.read = samples.read, _sample(client.get(url))
            if samples.read.success:
                samples.reread = _sample(client.get(url))
        if item is not None:
            _repeat(subject, item, samples)
            subject.known = infer.resource(resource, samples)
            _page(subject, item, samples)
            _write(infer.resource(resource, samples), item, samples)
    except Undecided as problem:
        result.warnings.append(f"survey of {resource.name}: {problem}")
    known = infer.resource(resource, samples)
    if item is not None:
        item.resource.known = known
    if samples.id is not None:
        result.sample_ids[known.name] = samples.id
    return known, item


def _listed_id(known: Resource, listed: Sample) -> str | None:
    items = at(listed.value, known.items or "")
    first = items[0] if isinstance(items, list) and items else None
    for pointer in (known.id, known.id.removeprefix(known.representation), *(f"/{n}" for n in infer.IDS)):
        id = id_text(at(first, pointer)) if first is not None else None
        if id is not None:
            return id
    return None


def _create(subject: ResourceUnderTest, samples: ResourceSamples, seed: int) -> Item | None:
    if subject.known.capabilities.get("create") is not None and not subject.can("create"):
        return None
    for body in itertools.islice(_tagged_first(subject.known, seed), MOST_BODIES):
        reply = subject.post(body)
        samples.creates.append((body, _sample(reply)))
        if reply.is_success:
            subject.known = infer.resource(subject.known, samples)
            samples.id = subject.id_in(reply)
            break
        if reply.status_code in (401, 403, 404, 405, 415, 501):
            break
    if samples.created is None or samples.id is None:
        return None
    return Item(subject, samples.id, samples.created[0], reply)


def _tagged_first(known: Resource, seed: int) -> Iterator[dict[str, Any]]:
    """Bodies to try, each with a tag first: only a server that takes the tag lets rules count copies."""
    for body in payloads.bodies(known, seed):
        carrying = tagged(known, body)
        yield carrying
        if carrying is not body:
            yield payloads.fresh(known, body)


def _repeat(subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> None:
    """Create the same again: where that is refused, find the member that must be unique."""
    reply = subject.post(item.sent)
    if reply.status_code not in (400, 409, 422):
        return
    samples.duplicate = _sample(reply)
    if subject.known.unique:
        return
    for pointer in infer.unique_candidates(item.sent, subject.known, json_of(reply))[:MOST_BODIES]:
        guess = subject.known.model_copy(update={"unique": [pointer]})
        if subject.post(payloads.fresh(guess, item.sent)).is_success:
            samples.unique = pointer
            return


def _page(subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> None:
    """See how the list is paged and filtered, once it surely has two items with different texts."""
    if samples.listed is None or not samples.listed.success or not subject.can("list"):
        return
    reply = subject.post(subject.body())
    samples.other_id = subject.id_in(reply) if reply.is_success else None
    if samples.other_id is None:
        return
    if samples.early is not None:
        other = subject.item_url(samples.other_id)
        eventually(lambda: subject.client.get(other).is_success, LONGEST_LAG)
    how = subject.known.pagination or Pagination()
    # Without a page number: what follows then tells what the first page's is.
    url = with_param(subject.url, how.limit_param or paging.limit_guess(samples.listed), "1")
    samples.paged = _sample(subject.client.get(url))
    guess = paging.cursor_guess(how, samples.paged)
    if guess is not None:
        samples.second = _sample(subject.client.get(with_param(url, *guess)))
    pointer = tag_pointer(subject.known, item.sent) if subject.can("tag") else None
    if how.filter_param is None and pointer is not None:
        name = jsonpointer.unescape(pointer.rsplit("/", 1)[-1])
        samples.filtered = _sample(subject.client.get(subject.url, params={name: at(item.sent, pointer)}))


def _write(known: Resource, item: Item, samples: ResourceSamples) -> None:
    """See whether the item can be replaced and updated: on the survey's own item only."""
    item.resource.known = known
    if _worth_trying(known, "replace"):
        try:
            body = item.put_body(change=True)
        except Undecided:
            body = item.put_body()
        reply = item.put(body)
        if _requires_condition(known, samples, reply):
            reply = item.put(item.with_version(body))
        samples.replaced = _sample(reply)
    if _worth_trying(known, "update"):
        for media in known.patch or ["application/json", "application/merge-patch+json"]:
            body = payloads.changed(known, item.sent)
            content = item.with_version(body[0] if body else item.sent)
            reply = _patch(item, content, media)
            if _requires_condition(known, samples, reply):
                reply = _patch(item, content, media)
            samples.updated.append((media, _sample(reply)))
            if reply.status_code != 415:
                break


def _patch(item: Item, content: Any, media: str) -> httpx.Response:
    return item.client.patch(item.url, json=content, headers={**item.write_fields(), "Content-Type": media})


def _requires_condition(known: Resource, samples: ResourceSamples, reply: httpx.Response) -> bool:
    """Whether a write was refused because it was not conditional (RFC 6585 section 3): from now on they are."""
    found = reply.status_code == 428 and not known.locking.if_match
    if found:
        samples.unconditional = _sample(reply)
        known.locking = known.locking.model_copy(update={"if_match": True})
    return found


def _worth_trying(known: Resource, name: str) -> bool:
    """Whether to send an operation: unless a document or the user says that it is not there."""
    capability = known.capabilities.get(name)
    return capability is None or capability.there


def _remove(known: Resource, item: Item) -> None:
    """Remove the survey's item, and learn from that whether items can be removed."""
    samples = ResourceSamples()
    if _worth_trying(known, "delete"):
        try:
            reply = item.delete()
            if _requires_condition(known, samples, reply):
                reply = item.delete()
            samples.deleted = _sample(reply)
            samples.after_delete = _sample(item.get())
        except Undecided:
            return
        learnt = infer.resource(known, samples)
        known.capabilities["delete"] = learnt.capabilities["delete"]
        if samples.unconditional is not None and "conditional" not in known.capabilities:
            known.capabilities["conditional"] = Capability(
                state=State.DETECTED, because=f"{samples.unconditional.exchange.summary()} without If-Match"
            )
        gone = samples.after_delete.status in GONE
        if not gone and known.soft_delete is None:
            item.resource.ledger.leave(item.url, item.client)
