"""Items that other resources belong or refer to: created once, kept for the run, removed after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

import httpx

from harness import payloads
from harness.client.client import Client
from harness.http.content import json_of
from harness.ledger.ledger import Ledger
from harness.profile.models import Resource
from harness.resource import list_comparison
from harness.resource.resource import ResourceUnderTest
from harness.resource.tags import tagged
from harness.rules.checks import Undecided
from harness.rules.rule import Effect
from harness.survey.infer import bodies, infer, paging, pointers, templates
from harness.survey.infer.repair import repaired
from harness.survey.infer.samples import ResourceSamples, sampled

_TRIES = 3
MOST_DIGITS = 18
"""Digits of an id that is sent as a number."""


class Parents:
    """Creates parents in order, at most one per resource.

    Args:
        client: sends requests.
        ledger: ledger of the run, not of the survey.
        declared: every resource found, with templates for collections.
        parameters: values of path parameters, by name, that the profile gives.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        declared: Iterable[Resource],
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        self.client, self.ledger = client, ledger
        self.known = {resource.name: resource for resource in declared}
        self.templates: dict[str, Resource] = {}
        self.listed: dict[str, str] = {}
        """Ids of listed items by resource, to read below them if nothing may be created."""
        self.linked: set[str] = set()
        self.several: dict[str, list[str]] = {}
        """Ids of the items of a parent that is listed and cannot be created: the user has to choose one."""
        self._ids: dict[str, str | None] = {}
        self._parameters = dict(parameters or {})

    def learn(self, resource: Resource, id: str | None) -> None:
        """Record an explored resource, and the id of an item that exists."""
        self.known[resource.name] = resource
        if id is not None:
            self.listed[resource.name] = id

    def placed(self, resource: Resource) -> Resource | None:
        """The resource with the ids of its parents in its paths; None if no parent is available."""
        if "{" not in resource.collection:
            return resource
        whole = templates.filled(resource, self._parameters)
        if "{" not in whole.collection:
            self.templates[resource.name] = resource
            return whole
        parent = self.known.get(resource.parent or "")
        above = self.placed(parent) if parent is not None else None
        id = self._id(above) if above is not None else None
        if above is None or id is None:
            return None
        self.templates[resource.name] = resource
        return templates.below(resource, above, id)

    def referred(self, resource: Resource) -> dict[str, str | None]:
        """Ids for the members of a create body that refer to other resources; None for those to omit."""
        found: dict[str, str | None] = {}
        others = [other for other in self.known.values() if other.name != resource.name]
        for name, (other, required) in bodies.references(resource, others).items():
            if not required:
                found[name] = None
            elif other is not None:
                above = self.placed(self.known[other])
                id = self._id(above) if above is not None else None
                if id is not None:
                    found[name] = id
                    self.linked.add(resource.name)
        return found

    def named(self, resource: Resource, member: str) -> int | str | None:
        """The id of an item that a member of a create body may refer to; None if there is none.

        Args:
            member: its name, which a refusal says must refer to an item that exists.
        """
        others = {other.name: other for other in self.known.values() if other.name != resource.name}
        name = bodies.referred(member, others.values())
        if name is None:
            return None
        above = self.placed(others[name])
        # One that the run creates and keeps; the survey's own items are removed, those of others stay.
        id = (self._id(above) if above is not None else None) or self.listed.get(name)
        if id is None:
            return None
        self.linked.add(resource.name)
        return int(id) if id.isdigit() and len(id) <= MOST_DIGITS else id

    def _id(self, parent: Resource) -> str | None:
        if parent.name not in self._ids:
            # So that a circle of references ends.
            self._ids[parent.name] = None
            self._ids[parent.name] = self._made(parent)
        return self._ids[parent.name]

    def _listed(self, parent: Resource) -> str | None:
        """The id of an item that the parent's list shows; it is read if that was not done."""
        if parent.name not in self.listed:
            ids = self._all_listed(parent)
            if ids:
                self.listed[parent.name] = ids[0]
        return self.listed.get(parent.name)

    def _tenant(self, parent: Resource) -> str | None:
        """The id of the only item that the credential sees in a list: what is below it is the credential's own."""
        ids = self._all_listed(parent)
        if len(ids) == 1:
            return ids[0]
        if ids:
            self.several[parent.name] = ids
        return None

    def _all_listed(self, parent: Resource) -> list[str]:
        """Ids of the items on the first page of a list; empty if it cannot be read."""
        own = parent.credential
        client = self.client if own is None else self.client.under(own)
        try:
            listed = sampled(client.get(ResourceUnderTest(parent, client, self.ledger).url))
        except Undecided:
            return []
        known = infer.resource(parent, ResourceSamples(listed=listed))
        found = (pointers.listed_id(known, item) for item in pointers.all_listed(known, listed))
        return [one[1] for one in found if one is not None]

    def _made(self, parent: Resource) -> str | None:
        if self.client.target.limits.effects < Effect.WRITE:
            return self._listed(parent)
        if any(parent.surely_missing(need) is not None for need in ("create", "delete")):
            # What cannot be created, or not be removed again, may be the tenant of the credential.
            return self._tenant(parent)
        own = parent.credential
        client = self.client if own is None else self.client.under(own)
        subject = ResourceUnderTest(parent, client, self.ledger)
        with suppress(Undecided):
            # The list must be seen before anything is created.
            seen = ResourceSamples(listed=sampled(client.get(subject.url)))
            known = infer.resource(parent, seen)
            whole = known.items is not None and seen.listed is not None and paging.alone(known, seen.listed)
            list_comparison.begin(
                ResourceUnderTest(known, client, self.ledger),
                pointers.all_listed(known, seen.listed) if whole else None,
            )
        ids = self.referred(parent)
        body = next(bodies.candidates(parent, 0, (), ""), None)
        body = bodies.linked(parent, bodies.ours(parent, body), ids) if body is not None else None
        for _ in range(_TRIES):
            if body is None:
                return None
            try:
                reply = subject.post(subject.with_id(tagged(parent, payloads.fresh(parent, body))))
            except Undecided:
                return None
            if reply.is_success:
                if parent.body is None:
                    # A second create must be possible, to see that each makes a new item.
                    subject.known = parent.model_copy(update={"body": body})
                return _ours(subject, reply)
            body = repaired(parent, body, json_of(reply))
        return None


def _ours(subject: ResourceUnderTest, reply: httpx.Response) -> str | None:
    """The id of an item that the run surely created: the run may change what is below it."""
    id = subject.id_in(reply)
    if id is None:
        return None
    url = subject.item_url(id)
    registry = subject.client.recorder.ownership
    claim = registry.claim(url)
    if claim is None or claim.refused:
        return None
    with suppress(Undecided):
        registry.why_not("PUT", url)
    return id if claim.proven else None
