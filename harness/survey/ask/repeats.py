"""A second create with the same body: which members must be unique, and which identify an item."""

from __future__ import annotations

from collections.abc import Sequence

from harness import payloads
from harness.http.content import json_of
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.survey.ask.allowance import Allowance
from harness.survey.ask.creates import MOST_BODIES
from harness.survey.ask.keys import Keys
from harness.survey.infer import uniqueness
from harness.survey.infer.samples import ResourceSamples, sampled

PASSING = (408, 425, 429, 502, 503, 504)
"""Statuses of refusals that do not depend on the body."""


class Repeats:
    """Repeats the create of one resource after another.

    Args:
        allowance: how many requests may be sent.
        keys: gives each repeat an idempotency key.
    """

    def __init__(self, allowance: Allowance, keys: Keys) -> None:
        self.allowance, self.keys = allowance, keys

    def repeat(self, subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> None:
        """Create the same item again; if that is refused, find the member that must be unique."""
        if subject.known.unique or self.allowance.spare() < 2 or not subject.has_room():
            return
        reply = subject.post(item.sent, headers=self.keys.fields(subject.known))
        samples.asked_again = True
        if reply.is_success:
            samples.twin_id = subject.id_in(reply)
            self.keys.used(item.sent, reply)
            if samples.twin_id == item.id:
                self._natural(subject, item, samples)
        if reply.is_success or reply.status_code in (*PASSING, 401):
            return
        # If another value of one member is accepted, the refusal was about that value, whatever its status.
        samples.duplicate = sampled(reply)

        def accepted(pointers: Sequence[str]) -> bool:
            if self.allowance.spare() < 2 or not subject.has_room():
                return False
            guess = subject.known.model_copy(update={"fresh": [*subject.known.fresh, *pointers]})
            body = payloads.fresh(guess, item.sent)
            # Again with a key: had the key been refused, no value would be accepted with one.
            again = subject.post(body, headers=self.keys.fields(subject.known))
            if again.is_success:
                self.keys.used(body, again)
                samples.twin_id = subject.id_in(again)
            return again.is_success

        likeliest = uniqueness.unique_candidates(item.sent, subject.known, json_of(reply))
        samples.unique = uniqueness.the_one(likeliest, accepted)

    def _natural(self, subject: ResourceUnderTest, item: Item, samples: ResourceSamples) -> None:
        """The same body returned the same item: find the member by which the API finds it again."""
        samples.twin_id = None
        for pointer in uniqueness.unique_candidates(item.sent, subject.known, None)[:MOST_BODIES]:
            if self.allowance.spare() < 2 or not subject.has_room():
                break
            guess = subject.known.model_copy(update={"fresh": [pointer]})
            again = subject.post(payloads.fresh(guess, item.sent))
            id = subject.id_in(again) if again.is_success else None
            if id is not None and id != item.id:
                samples.natural, samples.twin_id = pointer, id
                return
        # Not found: every create then varies all members that often name an item.
        samples.asked_again = False
