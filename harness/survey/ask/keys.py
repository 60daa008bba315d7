"""Undeclared idempotency keys: tested on the API, and detected only if a control request differs.

The survey creates the same item twice anyway, the second time with a new key: two items show that an equal body alone
is no replay. A third create with the same key then shows whether keys are honoured.
"""

from __future__ import annotations

import re
import uuid
from functools import partial
from typing import Any

import httpx

from harness.client.eventually import eventually
from harness.http.content import at, json_of
from harness.http.fields import FRESH
from harness.http.item_urls import key as key_of
from harness.ledger.removal import remove
from harness.profile.models import Resource
from harness.resource.matching import carriers, places
from harness.resource.resource import ResourceUnderTest
from harness.resource.soft_delete import emptied, looks_deleted
from harness.resource.tags import tag_pointer
from harness.survey.ask.allowance import Allowance
from harness.survey.infer.keys import FIELD, honoured
from harness.survey.infer.samples import ResourceSamples, sampled

ASKED = 2
"""Resources that are tested; if they honour no key, the others are not tested."""
COST = 2
"""Requests: a create, and the removal of its item or a read of the list."""
_NEEDED = re.compile(r"\b(?:X-)?Idempotency-Key\b", re.IGNORECASE)
_UNANSWERED = (400, 422, 428)


class Keys:
    """Tests one resource after another.

    Args:
        allowance: how many requests may be sent.
    """

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self._asked = 0
        self._key = ""
        self._used: tuple[Any, httpx.Response, str] | None = None

    def fields(self, known: Resource) -> dict[str, str | None]:
        """A new key for the next create; none if the profile or a document declares how keys are sent."""
        self._used, self._key = None, str(uuid.uuid4())
        return {FIELD: self._key} if _silent(known) and self._asked < ASKED else {}

    def used(self, body: Any, reply: httpx.Response) -> None:
        """Record a create with the key that `fields()` gave last, if it gave one."""
        self._used = body, reply, self._key

    def explore(self, subject: ResourceUnderTest, samples: ResourceSamples) -> None:
        """Test whether a create with a used key is executed again."""
        known = subject.known
        used, self._used = self._used, None
        if used is None or not _silent(known) or self._asked >= ASKED or self.allowance.spare() < COST:
            return
        body, first, key = used
        id = subject.id_in(first)
        # If an equal body finds the item again, a key makes no visible difference.
        if not subject.can("create") or id is None or id == samples.id:
            return
        needed_for_this = {subject.item_url(id), subject.item_url(str(samples.id))}
        if not removable(subject, needed_for_this) or not subject.has_room():
            return
        again = subject.post(body, headers={FIELD: key})
        samples.keyed = [sampled(first), sampled(again)]
        samples.keyed_ids = [id, subject.id_in(again) if again.is_success else None]
        if samples.keyed_ids[1] == id and self.allowance.spare() >= 1:
            samples.keyed_listed = _listed(subject, body)
        # If one resource honours keys, the next is likely to.
        self._asked += not honoured(samples)


def _unreadable(subject: ResourceUnderTest, url: str) -> bool:
    return not subject.client.get(url, headers=FRESH).is_success


LATE_REMOVAL = 2.0
"""Seconds after which an item that was removed early must be gone."""


def removable(subject: ResourceUnderTest, needed: set[str]) -> bool:
    """Remove an item early, as that decides how many may be created; whether nothing speaks against it.

    Args:
        needed: URLs of items that stay.
    """
    found, ledger = subject.known.capabilities.get("delete"), subject.ledger
    if (found is not None and (found.exchanges or not found.there)) or subject.staying:
        # It was seen already, or is known not to work.
        return True
    for entry in reversed(ledger.entries):
        if entry.url in needed or not entry.url.startswith(f"{subject.url}/"):
            continue
        before = subject.client.get(entry.url)
        ledger.remove(entry.url)
        after = subject.client.get(entry.url, headers=FRESH)
        shown = (json_of(before), json_of(after))
        if not (before.is_success and after.is_success) or looks_deleted(*shown) or emptied(*shown):
            return True
        # A removal that was only accepted (202) takes a while.
        if eventually(partial(_unreadable, subject, entry.url), LATE_REMOVAL):
            return True
        if not ledger.leftovers:
            ledger.leave(entry.url, entry.client)
        elif (why := remove(entry)[0]) is not None:
            # A server error, twice.
            subject.client.recorder.budget.stays(key_of(subject.url), why)
        return False
    return True


def needed(known: Resource, refusal: httpx.Response) -> str | None:
    """The key field that the refusal of a create asks for; None if it asks for none."""
    if not _silent(known) or refusal.status_code not in _UNANSWERED:
        return None
    match = _NEEDED.search(refusal.text[:20_000])
    return None if match is None else "-".join(word.capitalize() for word in match[0].split("-"))


def _silent(known: Resource) -> bool:
    """Whether neither the profile nor a document says anything about keys."""
    capability = known.capabilities.get("idempotency")
    if known.idempotency is not None:
        return False
    return capability is None or (capability.because.startswith("OpenAPI documents no"))


def _listed(subject: ResourceUnderTest, body: Any) -> list[str] | None:
    """Ids of the items on the list's first page that carry the body's text; None if there is no such text."""
    known = subject.known
    pointer = tag_pointer(known, body) if subject.can("tag") and subject.can("list") else None
    if pointer is None:
        return None
    members = subject.members(pages=1).items
    return carriers(members, places(known, pointer), at(body, pointer), subject.listed_id)
