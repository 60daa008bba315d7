"""Asks one resource after another what it is. Sends; `infer.py` decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import jsonpointer

from harness import payloads
from harness.client.client import Client, Unanswered
from harness.client.eventually import eventually
from harness.client.ownership import GONE
from harness.http.content import at, json_of
from harness.ledger.ledger import Ledger
from harness.lists.page import with_param
from harness.profile.models import Idempotency, Pagination, Profile, Resource
from harness.resource import list_comparison, proving
from harness.resource.ids import unlike
from harness.resource.item import Item
from harness.resource.long_running import ACCEPTED
from harness.resource.resource import LONGEST_LAG, ResourceUnderTest
from harness.resource.tags import tag_pointer, tagged
from harness.rules.checks import Undecided
from harness.rules.rule import Effect
from harness.survey.ask import services
from harness.survey.ask.admission import HIDDEN, Admission
from harness.survey.ask.allowance import Allowance
from harness.survey.ask.keys import Keys, needed
from harness.survey.ask.parents import Parents
from harness.survey.ask.reads import Reads
from harness.survey.ask.writes import Writes
from harness.survey.infer import bodies, copies, infer, mock, page_guesses, paging
from harness.survey.infer.repair import repaired
from harness.survey.infer.samples import ResourceSamples, Sample, sampled

PASSING = (408, 425, 429, 502, 503, 504)
"""Refusals that say nothing of what was sent."""
MOST_BODIES = 5
SURE_BODIES = 4
"""Bodies that are tried in any case: without one, little else can be learnt of a resource."""


class Explorer:
    """Explores resources, each once.

    Args:
        client: sends.
        written: the user's profile.
        parents: gives ids of items that others stand below or refer to.
        ledger: takes what is created.
        allowance: how many requests there are for that.
    """

    def __init__(
        self, client: Client, written: Profile, parents: Parents, ledger: Ledger, allowance: Allowance
    ) -> None:
        self.client, self.written, self.parents = client, written, parents
        self.admission = Admission(client)
        self.ledger, self.allowance = ledger, allowance
        self.warnings: list[str] = []
        self.answered: dict[str, httpx.Response] = {}
        """Answers to a GET that were had before, by path."""
        self.writes = client.target.limits.effects >= Effect.WRITE
        self._writes = Writes(allowance)
        self._keys = Keys(allowance)
        self.reads = Reads(allowance, written.consistency_window, written.accept)
        self.mocks: set[str] = set()
        """Names of resources that answer as a mock does: what their creates make is not there."""
        self._limits: list[str] = []
        self._next: tuple[str, str, str] | None = None

    def explore(self, resource: Resource, seed: int) -> tuple[Resource, Item | None, ResourceSamples]:
        """What a resource is, with the item that was created for that."""
        samples = ResourceSamples()
        item: Item | None = None
        self.client = self.admission.client(resource)
        subject = ResourceUnderTest(resource, self.client, self.ledger, self.written.volatile)
        try:
            known_answer = None if resource.credential else self.answered.pop(resource.collection, None)
            samples.listed = sampled(known_answer or self._get(subject.url))
            if samples.listed.status in HIDDEN:
                resource, samples.listed = self.admission.seek(resource, samples.listed)
                self.client = self.admission.client(resource)
                subject = ResourceUnderTest(resource, self.client, self.ledger, self.written.volatile)
            if self.writes:
                item = self._create(subject, samples, seed)
                last = samples.creates[-1][1] if samples.creates else None
                if last is not None and last.status in HIDDEN and samples.listed.status not in HIDDEN:
                    self.admission.tell(resource, last)
            if samples.id is None and samples.listed.success:
                seen_known = infer.resource(resource, samples)
                told = infer.listed_id(seen_known, infer.first_listed(seen_known, samples.listed))
                samples.id = None if told is None else told[1]
            if samples.id is not None:
                self.reads.explore(subject, samples, item)
            item = self._for_later(item, samples)
            if samples.foreign:
                self._is_mock(subject, samples)
                self.warnings.append(
                    f"{resource.name}: {infer.resource(resource, samples).missing('create')}"
                )
            elif item is not None and self._is_mock(subject, samples):
                # Nothing that is sent to it teaches anything; what it says was removed is gone.
                self.warnings.append(
                    f"{resource.name}: {infer.resource(resource, samples).missing('create')}"
                )
            elif item is not None:
                # What cannot be read may be impossible to remove, too: one of those is enough.
                seen = samples.read is not None and samples.read.success
                proving.confirm(subject, self.client.recorder.ownership.collection(subject.url))
                if seen:
                    self._repeat(subject, item, samples)
                self._writes.explore(infer.resource(resource, samples), item, samples)
                subject.known = infer.resource(resource, samples)
                if seen:
                    self._keys.explore(subject, samples)
                    self._page(subject, item, samples)
        except Undecided as problem:
            self.warnings.append(f"survey of {resource.name}: {problem}")
        known = infer.resource(resource, samples)
        if item is not None:
            item.resource.known = known
        return known, item, samples

    def _is_mock(self, subject: ResourceUnderTest, samples: ResourceSamples) -> bool:
        if mock.suspicious(infer.resource(subject.known, samples), samples) and self.allowance.spare() > 0:
            url = subject.item_url(subject.known.absent_id or unlike(str(samples.id)))
            samples.unmade = sampled(self.client.get(url))
        if mock.is_mock(samples):
            self.mocks.add(subject.name)
            for entry in [one for one in self.ledger.entries if one.url.startswith(f"{subject.url}/")]:
                # Nothing was made.
                self.ledger.strike(entry.url)
        return subject.name in self.mocks

    def _get(self, url: str) -> httpx.Response:
        """GET, twice where the first finds that the server has given up the connection (RFC 9110 section 9.2.2)."""
        try:
            return self.client.get(url)
        except Unanswered:
            return self.client.get(url)

    def _for_later(self, item: Item | None, samples: ResourceSamples) -> Item | None:
        """The item, unless it is only promised (202): then it is looked for, and removed, when the run ends."""
        if item is None or item.created.status_code != ACCEPTED:
            return item
        if samples.read is None or samples.read.status not in GONE:
            return item
        self.ledger.forget(item.url)
        self._seek_at_the_end(item.resource, item.sent, samples)
        return None

    def _seek_at_the_end(self, subject: ResourceUnderTest, body: Any, samples: ResourceSamples) -> None:
        """Let the run look for what was accepted when it ends, with all that is known by now: then it may be there."""
        subject.known = infer.resource(subject.known, samples)
        subject.reserve(bodies=[body])
        self.parents.ledger.lost.append(self.ledger.plans.pop())

    # -- creating --------------------------------------------------------------------------------------

    def _create(self, subject: ResourceUnderTest, samples: ResourceSamples, seed: int) -> Item | None:
        if subject.known.capabilities.get("create") is not None and not subject.can("create"):
            return None
        listed = samples.listed
        if listed is not None and subject.known.create_schema is None and listed.status in GONE:
            return None
        self._begin(subject, samples)
        reply: httpx.Response | None = None
        waiting = self._candidates(subject, samples, seed)
        mended: dict[str, Any] | None = None
        for tries in range(MOST_BODIES):
            body = mended if mended is not None else next(waiting, None)
            if body is None and tries == 0 and subject.known.create_schema is not None:
                self.warnings.append(
                    f"{subject.name}: no body could be made of the schema of POST {subject.known.collection}: "
                    "give `body` in its [[resources]] table"
                )
            if body is None or (tries >= SURE_BODIES and self.allowance.spare() <= 0):
                break
            reply = subject.post(body)
            samples.creates.append((body, sampled(reply)))
            if reply.is_success:
                subject.known = infer.resource(subject.known, samples)
                samples.id, samples.later = subject.id_in(reply), subject.later(reply)
                if samples.id is None and samples.later is None:
                    samples.foreign = "the answer tells no id by which the item could be found again"
                elif samples.id is not None and samples.later is None:
                    samples.foreign = self._account(subject, samples.id, reply, body)
                if samples.later is not None and self.ledger.lost:
                    before = self.ledger.lost.pop()
                    self._seek_at_the_end(subject, body, samples)
                    self.ledger.plans.append(before)
                    self.ledger.drop(before)
                break
            samples.duplicate = samples.unique = None
            if reply.status_code == 415 and self._other_media(subject, samples):
                mended = body
                continue
            asked = needed(subject.known, reply)
            if asked is not None:
                samples.key_field, samples.unkeyed, mended = asked, sampled(reply), body
                key = Idempotency(field=asked, required=True)
                subject.known = subject.known.model_copy(update={"idempotency": key})
                continue
            if reply.status_code in (401, 403, 405, 415, 501) or (
                # Otherwise it may be what the body refers to that is not there.
                reply.status_code == 404 and listed is not None and listed.status == 404
            ):
                break
            if reply.status_code >= 500:
                # Many a server gives the connection up after that; what finds out is a request that may be lost.
                with suppress(Undecided):
                    self._get(subject.url)
            if not samples.creates[1:] and self._told_by_options(subject):
                waiting = self._candidates(subject, samples, seed)
                continue
            first = infer.first_listed(infer.resource(subject.known, samples), listed)
            mended = copies.referring(subject.known, body, first, json_of(reply))
            mended = mended or repaired(subject.known, body, json_of(reply))
            member = bodies.only_change(subject.known, body, mended) if reply.status_code == 409 else None
            if member is not None:
                samples.duplicate, samples.unique = samples.creates[-1][1], member
            if mended is not None and any(mended == tried for tried, _ in samples.creates):
                mended = None
        if samples.created is None or samples.id is None or reply is None or samples.foreign:
            samples.duplicate = samples.unique = None
            return None
        return Item(subject, samples.id, samples.created[0], reply)

    def _begin(self, subject: ResourceUnderTest, samples: ResourceSamples) -> None:
        """See what is listed before the first create; the page that was read already is not read again."""
        known = infer.resource(subject.known, samples)
        listed = samples.listed
        before = ResourceUnderTest(known, subject.client, subject.ledger, subject.volatile)
        items = at(listed.value, known.items) if listed is not None and known.items is not None else None
        whole = (
            isinstance(items, list) and listed is not None and listed.success and paging.alone(known, listed)
        )
        list_comparison.begin(before, items if whole else None)

    def _account(self, subject: ResourceUnderTest, id: str, reply: httpx.Response, body: Any) -> str:
        """See to it that the item is removed, though it was not known before where its id stands.

        Returns:
            Why it is not ours; empty where it is.
        """
        registry, url = self.client.recorder.ownership, subject.item_url(id)
        if registry.claim(url) is None and not registry.collection(subject.url).doubt:
            if self.ledger.lost:
                subject.take(id, reply, self.ledger.lost[-1])
            else:
                # Another member had looked like the id.
                subject.adopt(id, reply, body)
        claim = registry.claim(url)
        if claim is not None and not claim.refused:
            return ""
        return registry.collection(subject.url).doubt or f"{url} is not shown to be ours"

    def _candidates(
        self, subject: ResourceUnderTest, samples: ResourceSamples, seed: int
    ) -> Iterator[dict[str, Any]]:
        """Bodies to try, each with a tag first: only a server that takes the tag lets rules count copies."""
        known, listed = subject.known, samples.listed
        items = infer.all_listed(infer.resource(known, samples), listed)
        media = listed.exchange.media_type if listed is not None else ""
        if media == bodies.JSON_API and known.create_schema is None and known.body is None:
            samples.media_type = bodies.JSON_API
            subject.known = known = known.model_copy(
                update={"media_type": bodies.JSON_API, "representation": "/data/attributes"}
            )
        ids = self.parents.referred(known)
        plain = []
        for body in bodies.candidates(known, seed, items, media):
            whole = bodies.linked(known, bodies.ours(known, body), ids)
            carrying = tagged(known, whole)
            yield carrying
            if carrying is not whole:
                plain.append(payloads.fresh(known, whole))
        yield from plain

    def _told_by_options(self, subject: ResourceUnderTest) -> bool:
        """Take the schema that an answer to OPTIONS describes, where nothing else does."""
        if subject.known.create_schema is not None or subject.known.body is not None:
            return False
        try:
            schema = services.options_schema(json_of(self.client.options(subject.url)))
        except Undecided:
            return False
        if schema is not None and subject.known.media_type == bodies.JSON_API:
            schema = services.within_json_api(schema, subject.name)
        if schema is not None:
            subject.known = subject.known.model_copy(update={"create_schema": schema})
        return schema is not None

    def _other_media(self, subject: ResourceUnderTest, samples: ResourceSamples) -> bool:
        """Take the media type of the list for that of bodies, where JSON as such is refused."""
        listed = samples.listed
        media = listed.exchange.media_type if listed is not None else ""
        if not media.endswith("+json") or media == subject.known.media_type:
            return False
        subject.known = subject.known.model_copy(update={"media_type": media})
        samples.media_type = media
        return True

    # -- asking more -----------------------------------------------------------------------------------

    def _repeat(self, subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> None:
        """Create the same again: where that is refused, find the member that must be unique."""
        if subject.known.unique or self.allowance.spare() < 2:
            return
        reply = subject.post(item.sent, headers=self._keys.fields(subject.known))
        samples.asked_again = True
        if reply.is_success:
            samples.twin_id = subject.id_in(reply)
            self._keys.used(item.sent, reply)
            if samples.twin_id == item.id:
                self._natural(subject, item, samples)
        if reply.is_success or reply.status_code in PASSING or reply.status_code in (401, 403):
            return
        # Whatever the refusal is: where another value is accepted, it was for the value that is taken.
        samples.duplicate = sampled(reply)
        for pointer in infer.unique_candidates(item.sent, subject.known, json_of(reply))[:MOST_BODIES]:
            if self.allowance.spare() < 2:
                return
            guess = subject.known.model_copy(update={"unique": [pointer]})
            body = payloads.fresh(guess, item.sent)
            # Under a key again: had the key been refused, no other value would be accepted with one.
            again = subject.post(body, headers=self._keys.fields(subject.known))
            if again.is_success:
                self._keys.used(body, again)
                samples.unique, samples.twin_id = pointer, subject.id_in(again)
                return

    def _natural(self, subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> None:
        """The same body gave the same item: find the member by which the API finds it again."""
        samples.twin_id = None
        for pointer in infer.unique_candidates(item.sent, subject.known, None)[:MOST_BODIES]:
            if self.allowance.spare() < 2:
                break
            guess = subject.known.model_copy(update={"fresh": [pointer]})
            again = subject.post(payloads.fresh(guess, item.sent))
            id = subject.id_in(again) if again.is_success else None
            if id is not None and id != item.id:
                samples.natural, samples.twin_id = pointer, id
                return
        # Not known: whatever often names an item is another in every create.
        samples.asked_again = False

    def _page(self, subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> None:
        """See how the list is paged and filtered, once it surely has two items with different texts."""
        if samples.listed is None or not samples.listed.success or not subject.can("list"):
            return
        if not self._second_item(subject, item, samples):
            return
        if samples.early is not None:
            other = subject.item_url(str(samples.twin_id or samples.other_id))
            eventually(lambda: subject.client.get(other).is_success, LONGEST_LAG)
        how = subject.known.pagination or Pagination()
        # Without a page number: what follows then tells what the first page's is.
        names = [how.limit_param] if how.limit_param else page_guesses.limits(samples.listed)
        # What one list of an API takes, others are likely to take.
        for name in dict.fromkeys([*(one for one in self._limits if one in names), *names]):
            url = with_param(subject.url, name, "1")
            samples.paged = sampled(subject.client.get(url))
            if paging.one_item(subject.known, samples.paged):
                self._limits.append(name)
                if how.style is None:
                    self._follow(subject, url, name, samples)
                break
            if self.allowance.spare() < 2:
                break
        assert samples.paged is not None
        guess = paging.cursor_guess(how, samples.paged, subject.known)
        if guess is not None:
            samples.second = sampled(subject.client.get(with_param(url, *guess)))
        pointer = tag_pointer(subject.known, item.sent) if subject.can("tag") else None
        if how.filter_param is None and pointer is not None:
            name = jsonpointer.unescape(pointer.rsplit("/", 1)[-1])
            samples.filtered = sampled(subject.client.get(subject.url, params={name: at(item.sent, pointer)}))

    def _second_item(self, subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> bool:
        """See to it that there are two items of ours; that their texts differ, where that has to be known."""
        written = (samples.replaced, *(sample for _, sample in samples.updated))
        if samples.twin_id is not None and any(one is not None and one.success for one in written):
            return self.allowance.spare() >= 2
        samples.twin_id = None
        made = self.client.recorder.ownership.collection(subject.url).made
        alive = [one.id for one in made if one.id != item.id and not one.gone and not one.refused]
        if alive:
            samples.other_id = alive[0]
            return self.allowance.spare() >= 2
        if self.allowance.spare() < 3:
            return False
        reply = subject.post(subject.body())
        samples.other_id = subject.id_in(reply) if reply.is_success else None
        return samples.other_id is not None

    def _follow(self, subject: ResourceUnderTest, url: str, limit: str, samples: ResourceSamples) -> None:
        """Guess how the next page is asked for, where the page itself does not tell."""
        seen = paging.inferred(subject.known, samples) or Pagination()
        assert samples.paged is not None
        if seen.style is not None or paging.cursor_guess(seen, samples.paged, subject.known):
            return
        guesses = page_guesses.following(limit, samples.listed.value if samples.listed else None)
        for style, name, value in [self._next] if self._next in guesses else guesses:
            if self.allowance.spare() < 3:
                return
            second = sampled(subject.client.get(with_param(url, name, value)))
            if paging.shows_another(subject.known, samples.paged, second):
                samples.following = self._next_of(style, name, value, second)
                if style == "page":
                    samples.first_page = sampled(subject.client.get(with_param(url, name, "1")))
                return

    def _next_of(self, style: str, name: str, value: str, second: Sample) -> tuple[str, str, Sample]:
        self._next = style, name, value
        return style, name, second
