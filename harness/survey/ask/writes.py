"""What the survey learns of PUT and PATCH: on its own item only, never beyond its allowance."""

from __future__ import annotations

from typing import Any

import httpx

from harness import payloads
from harness.client.ownership import GONE
from harness.http.content import MISSING, at, id_text, json_of, replaced
from harness.profile.models import Resource
from harness.resource.item import Item
from harness.resource.tags import tag_pointer
from harness.rules.checks import Undecided
from harness.survey.ask.allowance import Allowance
from harness.survey.infer.repair import repaired
from harness.survey.infer.samples import ResourceSamples, Sample, sampled

_MENDS = 2
_PROBED = 2
"""Resources of which it is asked which patch media types they tell apart."""


class Writes:
    """Asks one item after another whether it can be replaced and updated.

    Args:
        allowance: how many requests there are for that.
    """

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self._probed_patches = 0

    def explore(self, known: Resource, item: Item, samples: ResourceSamples) -> None:
        """See whether the item can be replaced and updated: on the survey's own item only."""
        item.resource.known = known
        if worth_trying(known, "replace") and self.allowance.spare() > 0:
            try:
                body = item.put_body(change=True)
            except Undecided:
                body = item.put_body()
            reply = item.put(body)
            if requires_condition(known, samples, reply):
                reply = item.put(item.with_version(body))
            samples.replaced = sampled(reply)
            self._mend_replace(known, item, body, samples)
            _follow(item, samples.replaced, samples)
        if worth_trying(known, "update") and self.allowance.spare() > 0:
            self._update(known, item, samples)

    def _mend_replace(self, known: Resource, item: Item, body: Any, samples: ResourceSamples) -> None:
        """Where PUT takes another body than POST: the one that the server's own complaints lead to."""
        for _ in range(_MENDS):
            refused = samples.replaced
            if refused is None or refused.status not in (400, 422) or self.allowance.spare() <= 0:
                return
            mended = repaired(known, body, refused.value) if isinstance(body, dict) else None
            if mended is None:
                return
            body = mended
            samples.replaced = sampled(item.put(body))
            if samples.replaced.success:
                samples.update_body = body

    def _update(self, known: Resource, item: Item, samples: ResourceSamples) -> None:
        for media in known.partial or _patch_types(known):
            body = payloads.changed(known, item.sent)
            content = item.with_version(body[0] if body else item.sent)
            reply = _patch(item, content, media)
            if requires_condition(known, samples, reply):
                reply = _patch(item, content, media)
            samples.updated.append((media, sampled(reply)))
            if reply.status_code in (400, 422):
                self._patch_one(known, item, media, samples)
            if reply.status_code != 415:
                break
        if samples.updated and _follow(item, samples.updated[-1][1], samples):
            return
        if samples.updated and samples.updated[-1][1].success and self._probed_patches < _PROBED:
            self._other_patches(known, item, samples)

    def _patch_one(self, known: Resource, item: Item, media: str, samples: ResourceSamples) -> None:
        """Where PATCH does not take all members that a create does: one member after another."""
        for pointer in payloads.changeable(known, item.sent)[:_MENDS]:
            if self.allowance.spare() <= 0:
                return
            guess = known.model_copy(update={"change": pointer})
            body = payloads.changed(guess, item.sent)
            if body is None:
                continue
            place = known.representation + pointer
            content = item.with_version(replaced({}, place, at(body[0], place)))
            reply = _patch(item, content, media)
            if reply.is_success:
                samples.updated.append((media, sampled(reply)))
                samples.changed = pointer
                return

    def _other_patches(self, known: Resource, item: Item, samples: ResourceSamples) -> None:
        """Which patch media types a server tells apart: one that takes any proves nothing by taking them."""
        pointer = tag_pointer(known, item.sent)
        if pointer is None or self.allowance.spare() < 4 or known.locking.if_match:
            return
        self._probed_patches += 1
        unknown = _patch(item, item.sent, "application/vnd.conformance.unknown+json")
        samples.unknown_patch = sampled(unknown)
        if unknown.status_code != 415:
            return
        for media in ("application/merge-patch+json", "application/json-patch+json"):
            if any(media == tried for tried, _ in samples.updated):
                continue
            body = payloads.changed(known, item.sent)
            if body is None:
                return
            value = at(body[0], pointer)
            operations = [{"op": "replace", "path": pointer, "value": value}]
            content = body[0] if media.startswith("application/merge") else operations
            reply = _patch(item, content, media)
            # Only what took effect was understood.
            shown = json_of(reply) if reply.is_success else MISSING
            if reply.is_success and at(shown, pointer) is MISSING:
                shown = json_of(item.get())
            if reply.is_success and at(shown, pointer) == value:
                samples.other_patches.append((media, sampled(reply)))


def _follow(item: Item, write: Sample, samples: ResourceSamples) -> bool:
    """Whether a write has moved the item, as renaming a file does: it is known by its new id then.

    Only what two reads confirm: the answer to a write may hold the id of something else, as of a revision.
    """
    subject, id = item.resource, id_text(at(write.value, item.resource.known.id))
    if not write.success or id is None or id == item.id:
        return False
    if not item.client.get(subject.item_url(id)).is_success or item.get().status_code not in GONE:
        return False
    subject.adopt(id, None, item.sent)
    subject.ledger.forget(item.url)
    item.id, item.url = id, subject.item_url(id)
    samples.id, samples.moved = id, write.exchange.method
    return True


def _patch(item: Item, content: Any, media: str) -> httpx.Response:
    return item.client.patch(item.url, json=content, headers={**item.write_fields(), "Content-Type": media})


def _patch_types(known: Resource) -> list[str]:
    return list(dict.fromkeys([known.media_type, "application/json", "application/merge-patch+json"]))


def requires_condition(known: Resource, samples: ResourceSamples, reply: httpx.Response) -> bool:
    """Whether a write was refused because it was not conditional (RFC 6585 section 3): from now on they are."""
    found = reply.status_code == 428 and not known.locking.if_match
    if found:
        samples.unconditional = sampled(reply)
        known.locking = known.locking.model_copy(update={"if_match": True})
    return found


def worth_trying(known: Resource, name: str) -> bool:
    """Whether to send an operation: unless a document or the user says that it is not there."""
    capability = known.capabilities.get(name)
    return capability is None or capability.there
