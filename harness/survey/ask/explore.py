"""Explores one resource after another. This package sends requests; `survey/infer` decides what they show."""

from __future__ import annotations

import httpx

from harness.client.client import Client
from harness.client.ownership import GONE
from harness.ledger.ledger import Ledger
from harness.profile.models import Profile, Resource
from harness.resource import proving
from harness.resource.ids import unlike
from harness.resource.item import Item
from harness.resource.long_running import ACCEPTED
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.rules.rule import Effect
from harness.survey.ask import archival, put_creates
from harness.survey.ask.admission import HIDDEN, Admission
from harness.survey.ask.allowance import Allowance
from harness.survey.ask.creates import Creates, get_again
from harness.survey.ask.declared import Declared
from harness.survey.ask.keys import Keys
from harness.survey.ask.pages import ListExplorer
from harness.survey.ask.parents import Parents
from harness.survey.ask.reads import Reads
from harness.survey.ask.repeats import PASSING, Repeats
from harness.survey.ask.writes import Writes
from harness.survey.infer import infer, mock, places, pointers
from harness.survey.infer.samples import ResourceSamples, sampled
from harness.survey.infer.suspicions import FAILED


class Explorer:
    """Explores resources, each once.

    Args:
        client: sends.
        written: the user's profile.
        parents: gives ids of items that others belong or refer to.
        ledger: records what is created.
        allowance: how many requests may be sent.
    """

    def __init__(
        self, client: Client, written: Profile, parents: Parents, ledger: Ledger, allowance: Allowance
    ) -> None:
        self.client, self.written, self.parents = client.showing_failures(), written, parents
        self.admission = Admission(self.client)
        self.ledger, self.allowance = ledger, allowance
        self.warnings: list[str] = []
        self.answered: dict[str, httpx.Response] = {}
        """Responses to earlier GET requests, by path."""
        self.writes = client.target.limits.effects >= Effect.WRITE
        self._writes = Writes(allowance)
        self._keys = Keys(allowance)
        self.reads = Reads(allowance, written.consistency_window, written.accept)
        self.mocks: set[str] = set()
        """Names of resources that respond as a mock does: their creates store nothing."""
        self._creates = Creates(parents, ledger, allowance, self.warnings)
        self._repeats = Repeats(allowance, self._keys)
        self._pages = ListExplorer(allowance)
        self._declared = Declared(allowance, written.consistency_window)

    def explore(self, resource: Resource, seed: int) -> tuple[Resource, Item | None, ResourceSamples]:
        """The resource as its responses show it, the item that was created for that, and the responses."""
        samples = ResourceSamples()
        item: Item | None = None
        self.client = self.admission.client(resource)
        subject = ResourceUnderTest(resource, self.client, self.ledger, self.written.volatile)
        try:
            earlier = None if resource.credential else self.answered.pop(resource.collection, None)
            samples.listed = self.reads.listed(subject, earlier or get_again(self.client, subject.url))
            slashed = places.with_slash(
                resource, samples.listed.exchange, self.client.url(resource.collection)
            )
            if slashed is not None:
                resource = slashed
                subject = ResourceUnderTest(resource, self.client, self.ledger, self.written.volatile)
                samples.listed = sampled(get_again(self.client, subject.url))
            if samples.listed.status in HIDDEN:
                resource, samples.listed = self.admission.seek(resource, samples.listed)
                self.client = self.admission.client(resource)
                subject = ResourceUnderTest(resource, self.client, self.ledger, self.written.volatile)
            listed = samples.listed
            if self.writes:
                item = self._creates.create(subject, samples, seed)
                if item is None and (placed := put_creates.instead(resource, subject, samples)) is not None:
                    other, fresh = placed.known, ResourceSamples(listed=listed)
                    item = self._creates.create(placed, fresh, seed)
                    if item is None:
                        self.warnings.append(put_creates.unlock(resource))
                    else:
                        resource, subject, samples = other, placed, fresh
                last = samples.creates[-1][1] if samples.creates else None
                if last is not None and last.status in HIDDEN and listed.status not in HIDDEN:
                    self.admission.note(resource, last)
            if samples.id is None and listed.success:
                so_far = infer.resource(resource, samples)
                shown = pointers.listed_id(so_far, pointers.first_listed(so_far, samples.listed))
                samples.id = None if shown is None else shown[1]
            if samples.id is not None:
                self.reads.explore(subject, samples, item)
                archival.expect(resource, subject, samples, item)
            if item is None and listed.success:
                subject.known = infer.resource(resource, samples)
                self._pages.look(subject, samples)
            item = self._for_later(item, samples)
            if (samples.foreign or item is not None) and self._unusable(subject, samples):
                self.warnings.append(
                    f"{resource.name}: {infer.resource(resource, samples).missing('create')}"
                )
            elif item is not None:
                self._change(resource, subject, item, samples)
        except Undecided as problem:
            self.warnings.append(f"survey of {resource.name}: {problem}")
        known = infer.resource(resource, samples)
        if item is not None:
            item.resource.known = known
        return known, item, samples

    def _unusable(self, subject: ResourceUnderTest, samples: ResourceSamples) -> bool:
        """Whether what creates return is a mock's or not ours: then no further request would show anything."""
        return self._is_mock(subject, samples) or bool(samples.foreign)

    def _change(
        self, resource: Resource, subject: ResourceUnderTest, item: Item, samples: ResourceSamples
    ) -> None:
        """Create again, replace and update the new item, and page through the list that it is in."""
        refused = proving.confirm(subject, self.client.recorder.ownership.collection(subject.url))
        if refused is not None and refused.status_code >= FAILED and refused.status_code not in PASSING:
            samples.duplicate = sampled(refused)
        # An item that cannot be read may be impossible to remove, too: no second one is created.
        seen = samples.read is not None and samples.read.success
        if seen and not subject.puts:
            self._repeats.repeat(subject, item, samples)
        self._writes.explore(infer.resource(resource, samples), item, samples)
        subject.known = infer.resource(resource, samples)
        if seen:
            if not subject.puts:
                self._keys.explore(subject, samples)
            self._pages.explore(subject, item, samples)
            self._declared.explore(resource, subject, item, samples)

    def _is_mock(self, subject: ResourceUnderTest, samples: ResourceSamples) -> bool:
        if mock.suspicious(infer.resource(subject.known, samples), samples) and self.allowance.spare() > 0:
            url = subject.item_url(subject.known.absent_id or unlike(str(samples.id)))
            samples.unmade = sampled(self.client.get(url))
        if mock.is_mock(samples):
            self.mocks.add(subject.name)
            for entry in [one for one in self.ledger.entries if one.url.startswith(f"{subject.url}/")]:
                self.ledger.strike(entry.url)
        return subject.name in self.mocks

    def _for_later(self, item: Item | None, samples: ResourceSamples) -> Item | None:
        """The item; None if it is only promised (202): the run then looks for it at its end and removes it."""
        if item is None or item.created.status_code != ACCEPTED or item.resource.puts:
            return item
        if samples.read is None or samples.read.status not in GONE:
            return item
        self.ledger.forget(item.url)
        self._creates.seek_at_the_end(item.resource, item.sent, samples)
        return None
