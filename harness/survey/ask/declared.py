"""Tests what is declared and what the survey would not use otherwise: keys, filters, sorting.

What fails here is broken, not absent. Pages need no test of their own: PAGE rules follow them.
"""

from __future__ import annotations

import uuid

from harness.client.client import Client
from harness.client.eventually import eventually
from harness.http.content import at, json_of
from harness.lists.page import with_param
from harness.lists.traversal import Page, Walk
from harness.profile.models import Pagination, Resource
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.resource.soft_delete import looks_deleted
from harness.survey.ask.allowance import Allowance
from harness.survey.ask.keys import removable
from harness.survey.infer.samples import ResourceSamples, sampled

_FULL, _STEP = 10, 5
"""A page of so many items, a multiple of the second number, may be full."""
_REFUSALS = (400, 409, 422)
_KEY_COST = 2
"""Requests: a create, and the removal of its item."""


class Declared:
    """Tests the declared features of one resource after another.

    Args:
        allowance: how many requests may be sent.
        window: seconds after which a read must show a completed write.
    """

    def __init__(self, allowance: Allowance, window: float) -> None:
        self.allowance, self.window = allowance, window

    def explore(
        self, declared: Resource, subject: ResourceUnderTest, item: Item, samples: ResourceSamples
    ) -> None:
        """Use each declared feature once, on the resource as far as it was inferred.

        Args:
            declared: the resource as the profile and the document describe it.
        """
        self._shown_in_list(subject, item, samples)
        self._key(declared, subject, samples)
        how = declared.pagination
        if how is not None and samples.listed is not None and samples.listed.success:
            self._filter(how, subject, item, samples)
            self._sort(how, subject, samples)
            self._size(how, subject, samples)

    def _spare(self, cost: int = 1) -> bool:
        return self.allowance.spare() >= cost

    def _key(self, declared: Resource, subject: ResourceUnderTest, samples: ResourceSamples) -> None:
        """A create with a declared key that is not required: without one, creates have succeeded."""
        how = declared.idempotency
        if how is None or how.required or how.body is not None or not self._spare(_KEY_COST):
            return
        ids = [one for one in (samples.id, samples.twin_id, samples.other_id) if one is not None]
        if not removable(subject, {subject.item_url(one) for one in ids}) or not subject.has_room():
            return
        reply = subject.post(subject.body(), headers={how.field: str(uuid.uuid4())})
        if reply.status_code >= 500 or (
            reply.status_code in _REFUSALS and self._refused_whole(how.field, subject)
        ):
            samples.failed["idempotency"] = sampled(reply)

    def _refused_whole(self, field: str, subject: ResourceUnderTest) -> bool:
        """Whether a key in quotes (RFC 9651) is refused as well, and a create without one is not."""
        if not self._spare(2 * _KEY_COST) or not subject.has_room():
            return False
        quoted = subject.post(subject.body(), headers={field: f'"{uuid.uuid4()}"'})
        return quoted.status_code in _REFUSALS and subject.post(subject.body()).is_success

    def _size(self, how: Pagination, subject: ResourceUnderTest, samples: ResourceSamples) -> None:
        if how.limit_param is not None and self._spare():
            self._list(with_param(subject.url, how.limit_param, "2"), "limit", subject.client, samples)

    def _filter(
        self, how: Pagination, subject: ResourceUnderTest, item: Item, samples: ResourceSamples
    ) -> None:
        if how.filter_param is None or how.filter_member is None or not self._spare():
            return
        value = at(item.sent, subject.known.representation + how.filter_member)
        if isinstance(value, str):
            self._list(with_param(subject.url, how.filter_param, value), "filter", subject.client, samples)

    def _sort(self, how: Pagination, subject: ResourceUnderTest, samples: ResourceSamples) -> None:
        if how.sort_param is None or how.sort_member is None or not self._spare():
            return
        value = how.sort_value or how.sort_member.rsplit("/", 1)[-1]
        self._list(with_param(subject.url, how.sort_param, value), "sort", subject.client, samples)

    def _list(self, url: str, name: str, client: Client, samples: ResourceSamples) -> None:
        reply = client.get(url)
        if reply.status_code >= 500:
            samples.failed[name] = sampled(reply)

    def _shown_in_list(self, subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> None:
        """Whether the list, where it is complete on one page, has the item that was created."""
        if samples.listed is None or not samples.listed.success or not subject.can("list"):
            return
        if not self._spare(2) or subject.known.parent is not None:
            return

        pages: list[Page] = []

        def lacking() -> bool:
            pages.append(Walk(subject, links_only=True).step())
            return lacks(pages[-1], item.id)

        if not lacking():
            return
        now = item.get()
        # An update of the survey may have archived it.
        if not now.is_success or looks_deleted(json_of(item.created), json_of(now)) is not None:
            return
        if not eventually(lambda: not lacking(), self.window):
            samples.unlisted = sampled(pages[-1].reply)


def lacks(page: Page, id: str) -> bool:
    """Whether a page is surely the whole list, and has no item of that id."""
    if not page.ok or page.items is None or page.following is not None or page.info.more:
        return False
    if page.info.total is not None and page.info.total > len(page.items):
        return False
    if len(page.items) >= _FULL and len(page.items) % _STEP == 0:
        # Some APIs cut a list off without a word.
        return False
    return len(page.ids) == len(page.items) and id not in page.ids
