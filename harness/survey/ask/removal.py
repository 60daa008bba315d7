"""Removes the survey's own item, and learns from that about DELETE."""

from __future__ import annotations

import re
from contextlib import suppress

import httpx

from harness.client.eventually import eventually
from harness.client.ownership import GONE
from harness.client.recorder import Refused
from harness.http.content import at, id_text, json_of
from harness.http.fields import FRESH
from harness.http.item_urls import key
from harness.profile.models import Capability, Resource, State
from harness.resource.ids import unlike
from harness.resource.item import Item
from harness.resource.soft_delete import archived, emptied
from harness.rules.checks import Undecided
from harness.survey.ask import archival
from harness.survey.ask.admission import HIDDEN
from harness.survey.ask.allowance import Allowance
from harness.survey.ask.writes import requires_condition, worth_trying
from harness.survey.infer import infer
from harness.survey.infer.samples import ResourceSamples, Sample, sampled

_SERVER_ERROR = 500
ACCEPTED = 202
CONFLICT = 409
LONGEST_REMOVAL = 5.0
"""Seconds after which what was accepted for removal must be gone; else it counts as what stays."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def remove(
    known: Resource, item: Item, allowance: Allowance, explored: ResourceSamples, *, mocked: bool
) -> None:
    """Remove the survey's item, and record whether items can be removed.

    Args:
        known: the resource; changed in place.
        allowance: limits the reads after the removal.
        explored: the resource's responses so far; takes those of the removal.
        mocked: whether the resource is a mock: then an item that it says it removed counts as gone.
    """
    samples = ResourceSamples()
    item.resource.known = known
    if not worth_trying(known, "delete"):
        archival.put_away(known, item, explored)
        return
    try:
        reply = item.delete()
        if requires_condition(known, samples, reply):
            reply = item.delete()
        reply = _conditionally(known, item, reply, samples)
        samples.deleted = sampled(reply)
        if reply.status_code in GONE and _listed(item):
            why = f"it is in the list, and {samples.deleted.exchange.summary()}"
            _leave(item, why)
        if not reply.is_success or known.soft_delete is not None or allowance.spare() > 0:
            if reply.status_code == ACCEPTED:
                # It is removed later (RFC 9110 section 15.3.3).
                eventually(lambda: item.get(headers=FRESH).status_code in GONE, LONGEST_REMOVAL)
            samples.after_delete = _after(item, samples.deleted)
        if _gone_before(explored, samples):
            # Something else has removed it, which says nothing of its own DELETE.
            return
    except Undecided as problem:
        _not_removed(item, problem)
        return
    explored.deleted, explored.after_delete = samples.deleted, samples.after_delete
    if known.soft_delete is None and (marker := _archived(known, item, samples)) is not None:
        known.soft_delete = explored.archived = marker
    learnt = infer.resource(known, samples)
    known.capabilities["delete"] = learnt.capabilities["delete"]
    known.hides_absence = learnt.hides_absence
    if samples.unconditional is not None and "conditional" not in known.capabilities:
        known.capabilities["conditional"] = Capability(
            state=State.DETECTED, because=f"{samples.unconditional.exchange.summary()} without If-Match"
        )
    after = samples.after_delete
    hidden = after is not None and after.status in HIDDEN
    hidden = hidden and (samples.deleted.success or _like_unmade(item, samples))
    if hidden and not samples.deleted.success:
        item.resource.ledger.strike(item.url)
    gone = after is None or after.status in GONE or hidden or (mocked and samples.deleted.success)
    gone = gone or (after is not None and after.status == 200 and emptied(item.sent, after.value))
    if gone or known.soft_delete is not None:
        # It has a DELETE: an update that archives is no substitute for anything.
        known.archive = None if explored.archive is not None else known.archive
        return
    if not archival.put_away(known, item, explored, samples.deleted):
        item.resource.ledger.leave(item.url, item.client)
    if known.archive is None:
        _spare(known, samples.deleted)


def _after(item: Item, deleted: Sample) -> Sample:
    """What a read shows after a DELETE: a cache that no write clears does not mean that the item is still there."""
    plain = sampled(item.get())
    if not (deleted.success and plain.success):
        return plain
    fresh = sampled(item.get(headers=FRESH))
    return fresh if fresh.status in GONE else plain


def _conditionally(
    known: Resource, item: Item, reply: httpx.Response, samples: ResourceSamples
) -> httpx.Response:
    """The response to a DELETE; where it was refused as a conflict, to one with If-Match, as CouchDB asks for."""
    if reply.status_code != CONFLICT or known.locking.if_match or "etag" not in item.get().headers:
        return reply
    before = known.locking
    known.locking = before.model_copy(update={"if_match": True, "if_match_for": ["DELETE"]})
    again = item.delete()
    if again.is_success:
        samples.unconditional = sampled(reply)
        return again
    known.locking = before
    return reply


def _like_unmade(item: Item, samples: ResourceSamples) -> bool:
    """Whether a DELETE that was answered 5xx has removed the item: a read is answered as for an id that nobody made."""
    deleted, after = samples.deleted, samples.after_delete
    if deleted is None or after is None or deleted.status < _SERVER_ERROR or not _UUID.fullmatch(item.id):
        return False
    with suppress(Undecided):
        return item.client.get(item.resource.item_url(unlike(item.id))).status_code == after.status
    return False


def _not_removed(item: Item, problem: Undecided) -> None:
    """Look at an item whose removal was not decided."""
    with suppress(Undecided):
        if item.get(headers=FRESH).status_code in GONE:
            if _listed(item):
                _leave(item, f"it is in the list, and not at its URL: {problem}")
        elif isinstance(problem, Refused):
            # Nothing shows that it belongs to the run: what else is created there may stay, too.
            item.client.recorder.budget.stays(key(item.resource.url), str(problem))


def _gone_before(explored: ResourceSamples, samples: ResourceSamples) -> bool:
    """Whether an item that could be read was gone when it was to be removed."""
    seen = explored.read is not None and explored.read.success
    return seen and all(
        one is not None and one.status in GONE for one in (samples.deleted, samples.after_delete)
    )


def _archived(known: Resource, item: Item, samples: ResourceSamples) -> str | None:
    """The member that marks the item as deleted, if a successful DELETE has left it readable, and out of the list.

    Where lists keep such items, rules about lists would not know which ones to expect.
    """
    after = samples.after_delete
    if samples.deleted is None or not samples.deleted.success or after is None or not after.success:
        return None
    found = archived(at(json_of(item.created), known.representation), at(after.value, known.representation))
    subject = item.resource
    seen_whole = subject.can("list") and subject.client.recorder.ownership.collection(subject.url).complete
    with suppress(Undecided):
        return found if found is not None and seen_whole and not _listed(item) else None
    return None


def _spare(known: Resource, refusal: Sample) -> None:
    """Create nothing more that this client may not remove, unless the profile asks for it."""
    create = known.capabilities.get("create")
    if refusal.status in HIDDEN and (create is None or not create.given):
        because = f"what it creates stays: {refusal.exchange.summary()}; `create = true` allows that"
        known.capabilities["create"] = Capability(state=State.ABSENT, because=because)


def _leave(item: Item, why: str) -> None:
    """A listed item is not at its URL, so the other items are not at theirs either."""
    ledger, below = item.resource.ledger, f"{item.resource.url}/"
    for url in [
        item.url,
        *(one.url for one in ledger.entries if one.url.startswith(below) and one.url != item.url),
    ]:
        ledger.leave(url, item.client, why)


def _listed(item: Item) -> bool:
    """Whether the list shows an item, so that 404 does not mean that it is gone."""
    subject = item.resource
    if not subject.can("list"):
        return False
    return any(id_text(at(one, subject.listed_id)) == item.id for one in subject.members(pages=1).items)
