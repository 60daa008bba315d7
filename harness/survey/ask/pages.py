"""How a list is paged and filtered: a page of one item, the page after it, and a filter."""

from __future__ import annotations

import jsonpointer

from harness.client.eventually import eventually
from harness.http.content import at
from harness.lists.page import with_param
from harness.profile.models import Pagination
from harness.resource.item import Item
from harness.resource.resource import LONGEST_LAG, ResourceUnderTest
from harness.resource.tags import tag_pointer
from harness.survey.ask.allowance import Allowance
from harness.survey.infer import page_guesses, paging
from harness.survey.infer.samples import ResourceSamples, sampled

FEWEST_REQUESTS = 6
"""Requests that finding out how a list is paged may take."""


class ListExplorer:
    """Reads pages of one list after another; what one list accepts is tried first on the next.

    Args:
        allowance: how many requests may be sent.
    """

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self._limits: list[str] = []
        self._next: tuple[str, str, str] | None = None

    def explore(self, subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> None:
        """Learn how the list is paged and filtered, once it has two items with different texts."""
        if samples.listed is None or not samples.listed.success or not subject.can("list"):
            return
        if not self._second_item(subject, item, samples):
            return
        if samples.early is not None:
            other = subject.item_url(str(samples.twin_id or samples.other_id))
            eventually(lambda: subject.client.get(other).is_success, LONGEST_LAG)
        self._paged(subject, samples)
        how = subject.known.pagination or Pagination()
        pointer = tag_pointer(subject.known, item.sent) if subject.can("tag") else None
        if how.filter_param is None and pointer is not None:
            name = jsonpointer.unescape(pointer.rsplit("/", 1)[-1])
            samples.filtered = sampled(subject.client.get(subject.url, params={name: at(item.sent, pointer)}))

    def look(self, subject: ResourceUnderTest, samples: ResourceSamples) -> None:
        """Learn how the list is paged from the items that it has, where none is created."""
        if samples.listed is None or not subject.can("list") or self.allowance.spare() < FEWEST_REQUESTS:
            return
        listed = at(samples.listed.value, subject.known.items or "")
        if isinstance(listed, list) and len(listed) > 1:
            self._paged(subject, samples)

    def _paged(self, subject: ResourceUnderTest, samples: ResourceSamples) -> None:
        """Ask for a page of one item, and for the one after it."""
        how, url = subject.known.pagination or Pagination(), subject.url
        # No page number yet: the pages that follow show the number of the first.
        names = [how.limit_param] if how.limit_param else page_guesses.limits(samples.listed)
        # What one list of an API accepts, others are likely to accept.
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

    def _second_item(self, subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> bool:
        """Whether there are two items of the run with different texts; one is created if need be."""
        written = (samples.replaced, *(sample for _, sample in samples.updated))
        if samples.twin_id is not None and any(one is not None and one.success for one in written):
            return self.allowance.spare() >= 2
        samples.twin_id = None
        made = subject.client.recorder.ownership.collection(subject.url).made
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
        """Guess how the next page is requested, if the page itself does not show it."""
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
                self._next = style, name, value
                samples.following = style, name, second
                if style == "page":
                    samples.first_page = sampled(subject.client.get(with_param(url, name, "1")))
                return
