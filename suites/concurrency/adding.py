"""Actions that add to a member of an item, several at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

from harness import CRITICAL, expect, inconclusive
from harness.client.client import Client
from harness.profile.models import Idempotency, Profile
from harness.race import Race, race
from harness.race.outcomes import increments
from harness.resource.adding import Adder, adders
from harness.resource.resource import ResourceUnderTest
from harness.survey.openapi.adding import Adding

from .races import pictured, repeat_plainly

AT_ONCE = 8
ROUNDS = 5


def actions_lose_nothing(
    resource: ResourceUnderTest, client: Client, profile: Profile, documented: Sequence[Adding]
) -> bool:
    """Break the rule by an action that was answered with success and added nothing; whether any could be judged."""
    judged = False
    field = (resource.known.idempotency or Idempotency()).field
    for adder in adders(resource, documented, field, profile.consistency_window):
        what = f"{adder.name}: each adds {adder.step} to {adder.place}"
        repeat_plainly(partial(one_round, client, adder), what, ROUNDS)
        judged = True
    return judged


def one_round(client: Client, adder: Adder, number: int) -> Race:
    """Perform an action several times at once, and compare what it added."""
    start = adder.value
    result = pictured(race(client, [adder.request(str(uuid.uuid4())) for _ in range(AT_ONCE)]))
    statuses = [member.status for member in result.members]
    sure = sum(status is not None and 200 <= status < 300 for status in statuses)
    grown = adder.grown(sure)
    found = increments(0, grown, [(1, status) for status in statuses])
    if found.breach is not None:
        # What has reached a maximum is not lost.
        adder.send(str(uuid.uuid4()))
        if adder.grown(1) != 1:
            inconclusive(f"{adder.name} adds nothing more to {adder.place}, also alone: is there a maximum?")
    expect(
        found.breach is None,
        f"{adder.step:+d} to {adder.place} for each {adder.name} that is answered with success, as for two one after "
        "the other",
        f"{sure} of {AT_ONCE} at once were answered with success, and {adder.place} went from {start} by "
        f"{grown * adder.step:+d}: {sure - grown} are lost; {result.summary()}",
        impact=CRITICAL,
    )
    if found.undecided:
        inconclusive(found.undecided)
    result.members_or_inconclusive()
    return result
