"""PUT and PATCH of the survey: on its own item only, within its allowance."""

from __future__ import annotations

from typing import Any

import httpx

from harness import payloads
from harness.client.client import exchange_of
from harness.client.ownership import GONE
from harness.http.content import MISSING, at, id_text, json_of, replaced
from harness.profile.models import Resource
from harness.resource.item import Item
from harness.resource.patch_documents import JSON_PATCH, setting
from harness.resource.tags import tag_pointer
from harness.rules.checks import Undecided
from harness.survey.ask.allowance import Allowance
from harness.survey.infer.repair import repaired
from harness.survey.infer.samples import ResourceSamples, Sample, sampled
from harness.survey.openapi import versions

_VERSION_COST = 3
_FIXES = 2
_PROBED = 2
"""Resources on which it is tested which patch media types they distinguish."""


class Writes:
    """Tests on one item after another whether it can be replaced and updated.

    Args:
        allowance: how many requests may be sent.
    """

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self._probed_patches = 0

    def explore(self, known: Resource, item: Item, samples: ResourceSamples) -> None:
        """Test whether the item can be replaced and updated."""
        item.resource.known = known
        if worth_trying(known, "replace") and self.allowance.spare() > 0:
            try:
                body = item.put_body(change=True)
            except Undecided:
                body = item.put_body()
            reply = item.put(body)
            if requires_condition(known, samples, reply):
                reply = item.put(item.with_version(body))
            if not reply.is_success:
                reply = self._with_version(known, item, body, reply, samples)
            samples.replaced = sampled(reply)
            self._fix_replace(known, item, body, samples)
            _follow(item, samples.replaced, samples)
            self._stale_version(known, item, samples)
        if worth_trying(known, "update") and self.allowance.spare() > 0:
            self._update(known, item, samples)

    def _stale_version(self, known: Resource, item: Item, samples: ResourceSamples) -> None:
        """If writes count a documented member that is named like a version: PUT with an old one."""
        before = at(samples.read.value if samples.read is not None else MISSING, known.representation)
        place = versions.counted(before, known.create_schema, known.representation)
        if samples.replaced is None or not samples.replaced.success or known.locking.version or place is None:
            return
        if known.locking.if_match or self.allowance.spare() < _VERSION_COST:
            return
        where = known.representation + place
        old, now = at(before, place), at(json_of(item.get()), where)
        if not isinstance(now, int) or now <= old:
            return
        try:
            reply = item.put(replaced(item.put_body(change=True), where, old))
        except Undecided:
            return
        after = at(json_of(item.get()), where)
        if reply.is_success and isinstance(after, int) and after > now:
            samples.unchecked = place, sampled(reply)

    def _with_version(
        self, known: Resource, item: Item, body: Any, refused: httpx.Response, samples: ResourceSamples
    ) -> httpx.Response:
        """If PUT must carry the version that was read, and the refusal says so: send it."""
        shown = samples.read.value if samples.read is not None else MISSING
        place = versions.named(at(shown, known.representation), refused.status_code, refused.text)
        if known.locking.version is not None or place is None or self.allowance.spare() < 2:
            return refused
        before = known.locking
        known.locking = before.model_copy(update={"version": place})
        reply = item.put(item.with_version(body))
        if not reply.is_success:
            known.locking = before
            return refused
        samples.version, samples.versionless = place, sampled(refused)
        return reply

    def _fix_replace(self, known: Resource, item: Item, body: Any, samples: ResourceSamples) -> None:
        """If PUT needs another body than POST: change the body as the refusals ask."""
        for _ in range(_FIXES):
            refused = samples.replaced
            if refused is None or refused.status not in (400, 422) or self.allowance.spare() <= 0:
                return
            changed = repaired(known, body, refused.value) if isinstance(body, dict) else None
            if changed is None:
                return
            body = changed
            samples.replaced = sampled(item.put(body))
            if samples.replaced.success:
                samples.update_body = body

    def _update(self, known: Resource, item: Item, samples: ResourceSamples) -> None:
        if known.patch and not known.partial:
            self._operate(known, item, known.patch[0], samples)
            return
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
            if not known.patch and "json-patch" in reply.headers.get("Accept-Patch", ""):
                # RFC 5789 section 3.1: the refusal says what is accepted.
                self._operate(known, item, JSON_PATCH, samples)
                return
        if samples.updated and _follow(item, samples.updated[-1][1], samples):
            return
        if samples.updated and samples.updated[-1][1].success and self._probed_patches < _PROBED:
            self._other_patches(known, item, samples)

    def _operate(self, known: Resource, item: Item, media: str, samples: ResourceSamples) -> None:
        """Where PATCH takes lists of operations only (RFC 6902): replace one member, or else the next."""
        for number, pointer in enumerate(payloads.changeable(known, item.sent)[:_FIXES]):
            body = payloads.changed(known.model_copy(update={"change": pointer}), item.sent)
            if body is None or self.allowance.spare() <= 0:
                continue
            place = known.representation + pointer
            operations = setting(place, at(body[0], place))
            reply = _patch(item, operations, media)
            if requires_condition(known, samples, reply):
                reply = _patch(item, operations, media)
            samples.updated.append((media, sampled(reply)))
            if reply.is_success and number:
                samples.changed = pointer
            if reply.status_code not in (400, 422):
                break
        if samples.updated:
            _follow(item, samples.updated[-1][1], samples)

    def _patch_one(self, known: Resource, item: Item, media: str, samples: ResourceSamples) -> None:
        """If PATCH does not accept all members of a create: try one member after another."""
        for pointer in payloads.changeable(known, item.sent)[:_FIXES]:
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
        """Which patch media types the server distinguishes: if it accepts any type, this shows nothing."""
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
    """Whether a write has moved the item, as renaming a file does; the item then gets its new id.

    Two reads must confirm it: the response to a write may have the id of something else, such as a revision.
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
    """Whether a write was refused because it was not conditional (RFC 6585 section 3); later writes then are."""
    found = reply.status_code == 428 and not known.locking.if_match
    if found:
        samples.unconditional = sampled(reply)
        # Other methods may not need a condition: only this one has asked for it.
        seen = {"if_match": True, "if_match_for": [exchange_of(reply).method]}
        known.locking = known.locking.model_copy(update=seen)
    return found


def worth_trying(known: Resource, name: str) -> bool:
    """Whether to send an operation: unless a document or the user says that it does not exist."""
    capability = known.capabilities.get(name)
    return capability is None or capability.there
