"""The first create in a resource: bodies are tried until one is accepted."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx

from harness import payloads
from harness.client.client import Client, Unanswered
from harness.client.ownership import GONE
from harness.http import links
from harness.http.content import MISSING, at, json_of
from harness.ledger.ledger import Ledger
from harness.lists.families import family_of
from harness.profile.models import Idempotency
from harness.profile.resource import enveloped, in_envelope, in_other_envelope
from harness.resource import list_comparison
from harness.resource.item import Item
from harness.resource.json_api import ATTRIBUTES, JSON_API
from harness.resource.placing import FORMS
from harness.resource.resource import ResourceUnderTest
from harness.resource.tags import tagged
from harness.rules.checks import Undecided
from harness.survey.ask import services
from harness.survey.ask.allowance import Allowance
from harness.survey.ask.keys import needed
from harness.survey.ask.parents import Parents
from harness.survey.infer import bodies, copies, infer, paging, pointers
from harness.survey.infer.attempts import UNREACHED, doubts_the_id, final, learning
from harness.survey.infer.bodies import json_schema
from harness.survey.infer.repair import names_members, references, repaired, unknown
from harness.survey.infer.samples import ResourceSamples, sampled
from harness.survey.infer.templates import settings

MOST_BODIES = 16
"""Bodies that are tried while each refusal says something new: many servers name one fault at a time."""
PAUSE = 1.0
"""Seconds before another body is sent after a response of a gateway."""
SURE_BODIES = 4
"""Bodies that are tried in any case: without an item, little can be learned about a resource."""


class Creates:
    """Creates one item in each resource.

    Args:
        parents: gives ids of items that others belong or refer to.
        ledger: records what is created.
        allowance: how many requests may be sent.
        warnings: takes a line for each resource that cannot be used fully.
    """

    def __init__(self, parents: Parents, ledger: Ledger, allowance: Allowance, warnings: list[str]) -> None:
        self.parents, self.ledger, self.allowance, self.warnings = parents, ledger, allowance, warnings
        self._guessed = ""
        """Location of an envelope of bodies that only the form of the list suggests."""

    def create(self, subject: ResourceUnderTest, samples: ResourceSamples, seed: int) -> Item | None:
        """The item that was created; None if no body was accepted, or the item cannot be found or is not ours.

        Args:
            samples: takes the bodies with their responses, and what they show.
            seed: chooses among generated bodies.
        """
        listed = samples.listed
        if subject.known.capabilities.get("create") is not None and not subject.can("create"):
            return None
        unlisted = listed is not None and listed.status in GONE
        known = subject.known
        described = known.body is not None or known.create_schema is not None or subject.puts
        if not described and (unlisted or settings(known.collection)):
            return None
        self._guessed = ""
        self._begin(subject, samples)
        reply = self._try_bodies(subject, samples, seed)
        if samples.created is None or samples.id is None or reply is None or samples.foreign:
            samples.duplicate = samples.unique = None
            return None
        return Item(subject, samples.id, samples.created[0], reply)

    def seek_at_the_end(self, subject: ResourceUnderTest, body: Any, samples: ResourceSamples) -> None:
        """Leave an item that was only promised to the end of the run, which looks for it and removes it."""
        subject.known = infer.resource(subject.known, samples)
        subject.reserve(bodies=[body])
        self.parents.ledger.lost.append(self.ledger.plans.pop())

    def _try_bodies(
        self, subject: ResourceUnderTest, samples: ResourceSamples, seed: int
    ) -> httpx.Response | None:
        """Send bodies until one is accepted or the refusals say that none will be; the last response."""
        reply: httpx.Response | None = None
        waiting = self._candidates(subject, samples, seed)
        following: dict[str, Any] | None = None
        forms = self._forms(subject)
        for tries in range(MOST_BODIES):
            body = following if following is not None else next(waiting, None)
            if body is None and tries == 0 and subject.known.create_schema is not None:
                self.warnings.append(
                    f"{subject.name}: no body could be generated from the schema of {_request(subject)}: "
                    "give `body` in its [[resources]] table"
                )
            if body is None or (tries >= SURE_BODIES and self.allowance.spare() <= 0):
                break
            if tries > SURE_BODIES and not learning(samples):
                break
            reply = subject.post(body)
            samples.creates.append((body, sampled(reply)))
            if reply.is_success:
                self._accepted(subject, samples, reply, body)
                break
            samples.duplicate = samples.unique = None
            if forms and doubts_the_id(reply, body):
                subject.known = subject.known.model_copy(update={"new_id": forms.pop(0)})
                following = subject.with_id(body)
                continue
            if self._adapted(subject, samples, reply):
                following = body
                continue
            if final(reply, None if subject.puts else samples.listed) and not names_members(
                json_of(reply), body
            ):
                break
            if reply.status_code in UNREACHED and tries == 0:
                # The next one shows whether that passes.
                time.sleep(PAUSE)
            if reply.status_code >= 500:
                # Many servers close the connection after that; a request that may be lost finds out.
                with suppress(Undecided):
                    get_again(subject.client, subject.url)
            if not samples.creates[1:] and self._schema_from_options(subject, samples):
                waiting = self._candidates(subject, samples, seed)
                continue
            following = self._unwrapped(subject, samples) or self._repaired(subject, samples, reply, body)
        return reply

    def _accepted(
        self, subject: ResourceUnderTest, samples: ResourceSamples, reply: httpx.Response, body: Any
    ) -> None:
        """Find the id of the new item, and whether the item is ours or is made later."""
        samples.envelope = self._guessed or samples.envelope
        body = self._in_envelope(subject, samples, reply, body)
        subject.known = infer.resource(subject.known, samples)
        samples.id, samples.later = subject.id_in(reply), subject.later(reply)
        if samples.id is None and samples.later is None:
            samples.foreign = "the response has no id by which the item could be found again: set `id`"
        elif samples.id is not None and samples.later is None:
            samples.foreign = self._account(subject, samples.id, reply, body)
        if samples.later is not None and self.ledger.lost:
            before = self.ledger.lost.pop()
            self.seek_at_the_end(subject, body, samples)
            self.ledger.plans.append(before)
            self.ledger.drop(before)

    def _in_envelope(
        self, subject: ResourceUnderTest, samples: ResourceSamples, reply: httpx.Response, body: Any
    ) -> Any:
        """The body in the shape of the response, if only responses have an envelope; it is handled so from now on."""
        known = subject.known
        sent = infer.resource(known, samples).representation
        shown = self._representation(subject, reply) if sent and not known.bare else MISSING
        if (other := pointers.other_envelope(body, shown, sent)) is not None:
            subject.known = in_other_envelope(known, other, sent)
            samples.bare, samples.within, samples.envelope = other, sent, None
            self._drop(subject, reply)
            whole = enveloped(at(body, sent), other)
            samples.creates[-1] = (whole, samples.creates[-1][1])
            self._correct(subject, body, whole)
            return whole
        place = pointers.bare_envelope(body, json_of(reply))
        if place is None or known.representation or known.bare:
            return body
        self._drop(subject, reply)
        subject.known = in_envelope(known, place)
        whole = enveloped(body, place)
        samples.bare, samples.creates[-1] = place, (whole, samples.creates[-1][1])
        self._correct(subject, body, whole)
        return whole

    def _drop(self, subject: ResourceUnderTest, reply: httpx.Response) -> None:
        """Forget the claim on a new item, which was by what it shows at the wrong place."""
        if (id := subject.id_in(reply)) is not None:
            url = subject.item_url(id)
            subject.client.recorder.ownership.drop(url)
            self.ledger.strike(url)

    @staticmethod
    def _representation(subject: ResourceUnderTest, reply: httpx.Response) -> Any:
        """The representation of a new item: the content of the response, else of a read."""
        value = json_of(reply)
        if value is MISSING and (id := subject.id_in(reply)) is not None:
            with suppress(Undecided):
                return json_of(subject.client.get(subject.item_url(id)))
        return value

    def _correct(self, subject: ResourceUnderTest, body: Any, whole: Any) -> None:
        """What a create that found no item is looked for by, now that the shape of responses is clear."""
        lost = self.ledger.lost
        if lost and lost[-1].body == body:
            lost[-1] = replace(lost[-1], marker=subject.marker(whole), body=whole)

    def _adapted(self, subject: ResourceUnderTest, samples: ResourceSamples, reply: httpx.Response) -> bool:
        """Take the media type or the idempotency key that a refusal asks for; whether it asked for one."""
        if reply.status_code == 415 and self._other_media(subject, samples):
            return True
        asked = needed(subject.known, reply)
        if asked is None:
            return False
        samples.key_field, samples.unkeyed = asked, sampled(reply)
        key = Idempotency(field=asked, required=True)
        subject.known = subject.known.model_copy(update={"idempotency": key})
        return True

    @staticmethod
    def _forms(subject: ResourceUnderTest) -> list[str]:
        """Other forms of ids to try, if nothing says which one the client may choose."""
        if not subject.puts or "new_id" in subject.known.model_fields_set:
            return []
        return [form for form in FORMS if form != subject.known.new_id]

    def _begin(self, subject: ResourceUnderTest, samples: ResourceSamples) -> None:
        """Record the list as it was before the first create, without reading it twice."""
        if subject.puts:
            # Before each PUT, a read shows that nothing is there.
            return
        known = infer.resource(subject.known, samples)
        listed = samples.listed
        before = ResourceUnderTest(known, subject.client, subject.ledger, subject.volatile)
        items = at(listed.value, known.items) if listed is not None and known.items is not None else None
        whole = (
            isinstance(items, list) and listed is not None and listed.success and paging.alone(known, listed)
        )
        list_comparison.begin(before, items if whole else None)

    def _account(self, subject: ResourceUnderTest, id: str, reply: httpx.Response, body: Any) -> str:
        """Make sure that the created item will be removed, now that the location of its id is inferred.

        Returns:
            Why the item is not one of the run; empty if it is.
        """
        registry, url = subject.client.recorder.ownership, subject.item_url(id)
        if registry.claim(url) is None and not registry.collection(subject.url).doubt:
            if self.ledger.lost:
                subject.take(id, reply, self.ledger.lost[-1])
            else:
                # The ledger has it with the value of another member as its id.
                subject.adopt(id, reply, body)
        claim = registry.claim(url)
        if claim is not None and not claim.refused:
            return ""
        return registry.collection(subject.url).doubt or f"{url} is not proven to be created by this run"

    def _candidates(
        self, subject: ResourceUnderTest, samples: ResourceSamples, seed: int
    ) -> Iterator[dict[str, Any]]:
        """Bodies to try, tagged ones first: rules can count copies only if the server accepts the tag."""
        known, listed = subject.known, samples.listed
        items = pointers.all_listed(infer.resource(known, samples), listed)
        media = listed.exchange.media_type if listed is not None else ""
        if media == JSON_API and known.create_schema is None and known.body is None:
            samples.media_type = JSON_API
            subject.known = known = known.model_copy(
                update={"media_type": JSON_API, "representation": ATTRIBUTES}
            )
        frame: Mapping[str, Any] = {}
        if known.create_schema is None and known.body is None and not known.representation:
            value = listed.value if listed is not None and listed.success else None
            word = known.collection.strip("/") or known.name
            family = family_of(value, word)
            place = pointers.write_pointer(family, value, word)
            frame = family.frame if family is not None else {}
            self._guessed = place
            subject.known = known = known.model_copy(update={"representation": place})
        ids = self.parents.referred(known)
        plain = []
        for body in bodies.candidates(known, seed, items, media, frame):
            whole = bodies.linked(known, bodies.ours(known, body), ids)
            carrying = subject.with_id(tagged(known, whole))
            yield carrying
            if carrying is not whole:
                plain.append(payloads.fresh(known, whole))
        yield from plain

    def _unwrapped(self, subject: ResourceUnderTest, samples: ResourceSamples) -> dict[str, Any] | None:
        """The last body without its envelope, if that was guessed, and is refused or a repair changed nothing."""
        if not self._guessed:
            return None
        body, last = samples.creates[-1]
        inside = at(body, self._guessed)
        same = [
            one for _, one in samples.creates[-2:-1] if (one.status, one.value) == (last.status, last.value)
        ]
        if not isinstance(inside, dict) or not (same or unknown(self._guessed, last.value, body)):
            return None
        self._guessed = ""
        subject.known = subject.known.model_copy(update={"representation": ""})
        return inside

    def _repaired(
        self,
        subject: ResourceUnderTest,
        samples: ResourceSamples,
        reply: httpx.Response,
        body: dict[str, Any],
    ) -> dict[str, Any] | None:
        """The body changed as its refusal asks; None if nothing new follows from that."""
        refusal, known = json_of(reply), subject.known
        first = pointers.first_listed(infer.resource(known, samples), samples.listed)
        changed = copies.referring(known, body, first, refusal)
        if changed is None:
            ids = {name: self.parents.named(known, name) for name in references(body, refusal)}
            changed = repaired(known, body, refusal, ids)
            if (place := pointers.wrapper(body, changed)) is not None:
                samples.envelope, self._guessed = place, ""
                subject.known = known = known.model_copy(update={"representation": place})
                body = changed if changed is not None else body
            changed = bodies.marked(known, body, changed) if changed is not None else None
        member = bodies.only_change(known, body, changed) if reply.status_code == 409 else None
        if member is not None:
            samples.duplicate, samples.unique = samples.creates[-1][1], member
        if changed is not None and any(changed == tried for tried, _ in samples.creates):
            return None
        return changed

    def _schema_from_options(self, subject: ResourceUnderTest, samples: ResourceSamples) -> bool:
        """Use the schema that OPTIONS gives, or that a response links to, if nothing else gives one."""
        if subject.known.create_schema is not None or subject.known.body is not None:
            return False
        try:
            reply = subject.client.options(subject.create_url)
        except Undecided:
            return False
        schema = services.options_schema(json_of(reply)) or json_schema(json_of(reply))
        if schema is None:
            schema = self._described(subject, [reply.headers.get("link"), _link(samples)])
        if schema is not None and subject.known.media_type == JSON_API:
            schema = services.within_json_api(schema, subject.name)
        if schema is not None:
            subject.known = subject.known.model_copy(update={"create_schema": schema})
        return schema is not None

    def _described(self, subject: ResourceUnderTest, fields: list[str | None]) -> dict[str, Any] | None:
        """The JSON Schema that a Link field with rel=describedby leads to (JSON Schema 2020-12 section 9.5.1.1)."""
        origin = subject.client.target.origin + "/"
        for field in fields:
            reference = links.target(field, "describedby")
            if reference is None:
                continue
            with suppress(Undecided):
                url = subject.client.resolve(reference, subject.url)
                if (
                    url.startswith(origin)
                    and (found := json_schema(json_of(subject.client.get(url)))) is not None
                ):
                    return found
        return None

    def _other_media(self, subject: ResourceUnderTest, samples: ResourceSamples) -> bool:
        """Use the media type of the list for bodies, since plain JSON was refused."""
        listed = samples.listed
        media = listed.exchange.media_type if listed is not None else ""
        if not media.endswith("+json") or media == subject.known.media_type:
            return False
        subject.known = subject.known.model_copy(update={"media_type": media})
        samples.media_type = media
        return True


def _link(samples: ResourceSamples) -> str | None:
    return samples.listed.exchange.field("link") if samples.listed is not None else None


def get_again(client: Client, url: str) -> httpx.Response:
    """GET; once more if the server has closed the connection without a response (RFC 9110 section 9.2.2)."""
    try:
        return client.get(url)
    except Unanswered:
        return client.get(url)


def _request(subject: ResourceUnderTest) -> str:
    """The request that creates, for messages."""
    known = subject.known
    return f"PUT {known.item}" if subject.puts else f"POST {known.collection}"
