"""Idempotency keys that nobody declares: the API itself is asked, and believed only where a control differs.

The survey creates the same twice anyway, the second time under a key of its own: two items show that a body alone makes
no replay. The same once more under the same key then tells whether keys are known.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx

from harness.http.content import at
from harness.profile.models import Resource
from harness.resource.matching import carriers, places
from harness.resource.resource import ResourceUnderTest
from harness.resource.tags import tag_pointer
from harness.survey.ask.allowance import Allowance
from harness.survey.infer.samples import ResourceSamples, sampled

FIELD = "Idempotency-Key"
ASKED = 2
"""Resources that are asked: an API that knows no keys there is left alone with the question."""
COST = 2
"""Requests: a create, and the removal of what it made or a look at the list."""
_NEEDED = re.compile(r"\b(?:X-)?Idempotency-Key\b", re.IGNORECASE)
_UNANSWERED = (400, 422, 428)


class Keys:
    """Asks one resource after another.

    Args:
        allowance: how many requests there are for that.
    """

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self._asked = 0
        self._key = ""
        self._used: tuple[Any, httpx.Response, str] | None = None

    def fields(self, known: Resource) -> dict[str, str | None]:
        """A key of its own for the next create; none where the profile or a document has a say in that."""
        self._used, self._key = None, str(uuid.uuid4())
        return {FIELD: self._key} if _silent(known) and self._asked < ASKED else {}

    def used(self, body: Any, reply: httpx.Response) -> None:
        """Take note of a create under the key that `fields()` gave last, if it gave one."""
        self._used = body, reply, self._key

    def explore(self, subject: ResourceUnderTest, samples: ResourceSamples) -> None:
        """Ask whether a create under a key that was used already is executed again."""
        known = subject.known
        used, self._used = self._used, None
        if used is None or not _silent(known) or self._asked >= ASKED or self.allowance.spare() < COST:
            return
        body, first, key = used
        id = subject.id_in(first)
        # Where a body finds an item again, a key is not seen to do anything.
        if not subject.can("create") or id is None or id == samples.id:
            return
        again = subject.post(body, headers={FIELD: key})
        samples.keyed = [sampled(first), sampled(again)]
        samples.keyed_ids = [id, subject.id_in(again) if again.is_success else None]
        if samples.keyed_ids[1] == id and self.allowance.spare() >= 1:
            samples.keyed_listed = _listed(subject, body)
        # Where one resource takes keys, the next is likely to.
        self._asked += not honoured(samples)


def honoured(samples: ResourceSamples) -> bool:
    """Whether a key was seen to make the difference: one item under it, and another one without it.

    Where another one was refused, as what has to be unique is, that is a difference, too. A list that shows more items
    than the answers tell of denies it.
    """
    ids = set(samples.keyed_ids)
    if len(samples.keyed) != 2 or not all(one.success for one in samples.keyed) or len(ids) != 1:
        return False
    if ids & {None, samples.id}:
        return False
    return samples.keyed_listed is None or set(samples.keyed_listed) <= ids | {samples.id}


def said(samples: ResourceSamples) -> str:
    """What was seen of keys, in words."""
    replies = "; ".join(one.exchange.summary() for one in samples.keyed)
    if honoured(samples):
        return f"the same create twice under one {FIELD} made one item, without it another ({replies})"
    if None not in samples.keyed_ids and len(set(samples.keyed_ids)) == 2:
        return f"the same create twice under one {FIELD} made two items ({replies})"
    return f"creates under one {FIELD} show nothing of it ({replies})"


def needed(known: Resource, refusal: httpx.Response) -> str | None:
    """The field for a key that a refusal of a create asks for; None where it asks for none."""
    if not _silent(known) or refusal.status_code not in _UNANSWERED:
        return None
    match = _NEEDED.search(refusal.text[:20_000])
    return None if match is None else "-".join(word.capitalize() for word in match[0].split("-"))


def _silent(known: Resource) -> bool:
    """Whether neither the profile nor a document says anything of keys."""
    told = known.capabilities.get("idempotency")
    return known.idempotency is None and (told is None or told.because.startswith("OpenAPI documents no"))


def _listed(subject: ResourceUnderTest, body: Any) -> list[str] | None:
    """Ids of the items on the list's first page that carry the body's text; None where nothing can be told by that."""
    known = subject.known
    pointer = tag_pointer(known, body) if subject.can("tag") and subject.can("list") else None
    if pointer is None:
        return None
    members = subject.members(pages=1).items
    return carriers(members, places(known, pointer), at(body, pointer), subject.listed_id)
