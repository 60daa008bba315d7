"""Reads the item of a survey: its URL, its media type, and the members that change by themselves."""

from __future__ import annotations

from urllib.parse import urljoin

import httpx

from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.client.ownership import GONE
from harness.http.content import MISSING, at, differences, is_json, json_of, media_type
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.survey.ask.allowance import Allowance
from harness.survey.infer import infer, places, pointers
from harness.survey.infer.accepting import types_to_name
from harness.survey.infer.samples import ResourceSamples, Sample, sampled

REDIRECTS = (301, 302, 307, 308)
_PLACES = 2
"""Other URLs that are tried for an item that is not at the expected one."""


class Reads:
    """Reads one item of each resource.

    Args:
        allowance: how many requests may be sent.
        window: seconds after which a read must show a new item.
        accept: media types that requests accept besides JSON.
    """

    def __init__(self, allowance: Allowance, window: float, accept: list[str]) -> None:
        self.allowance, self.window = allowance, window
        self.accept = list(accept)
        self.because = ""
        """What showed that `accept` is needed."""

    def explore(self, subject: ResourceUnderTest, samples: ResourceSamples, item: Item | None) -> None:
        """Read the item that `samples.id` names, a second time if that may show something."""
        url = subject.item_url(str(samples.id))
        samples.read = sampled(first := subject.client.get(url))
        if not samples.read.success and self._elsewhere(subject, samples, item):
            url = subject.item_url(str(samples.id))
        elif not samples.read.success:
            samples.read = self._by_name(subject, url, first) or samples.read
        if samples.read.status in GONE and item is not None:
            # Eventual consistency: the item may appear a little later.
            eventually(lambda: subject.client.get(url).is_success, self.window)
            samples.early, samples.read = samples.read, sampled(subject.client.get(url))
        created = samples.created
        same = (
            created is not None
            and created[1].value is not MISSING
            and not differences(created[1].value, samples.read.value)
        )
        if samples.read.success and (self.allowance.spare() >= 0 or not same):
            samples.reread = sampled(subject.client.get(url))

    def listed(self, subject: ResourceUnderTest, listed: httpx.Response) -> Sample:
        """The list, under its own media type if it is refused without."""
        refused = listed.status_code in (406, 415)
        named = self._by_name(subject, subject.url, listed) if refused else None
        return named or sampled(listed)

    def _by_name(self, subject: ResourceUnderTest, url: str, refusal: httpx.Response) -> Sample | None:
        """The response to a client that names the media type, if only such clients are served."""
        kinds = types_to_name(subject.known, refusal)
        if not kinds or self.accept or self.allowance.spare() < 1:
            return None
        subject.client.accept_also(kinds)
        reply = subject.client.get(url)
        if not reply.is_success or not is_json(media_type(reply)):
            subject.client.accept_also(())
            return None
        # All of them are kept: the next item may have another type.
        self.accept = kinds
        after = f"{reply.status_code} {media_type(reply)}"
        self.because = f"{exchange_of(refusal).summary()} without it, {after} with it"
        return sampled(reply)

    def _elsewhere(self, subject: ResourceUnderTest, samples: ResourceSamples, item: Item | None) -> bool:
        """Try the URLs that the item or a convention gives, since it is not at the expected one."""
        client, known = subject.client, infer.resource(subject.known, samples)
        first = pointers.first_listed(known, samples.listed)
        answer, location = first, None
        if item is not None:
            answer, location = json_of(item.created), item.created.headers.get("location")
        listed = samples.listed.value if samples.listed is not None else MISSING
        value = at(answer, known.id)
        shown = [
            *_slashed(known.item, samples.read, subject.item_url(str(samples.id))),
            *places.templates(
                str(samples.id),
                answer,
                location,
                client.target.url,
                lambda link: client.resolve(link, subject.url),
            ),
            *places.odata(known.collection, samples.id if value is MISSING else value, listed),
        ]
        for template in list(dict.fromkeys(one for one in shown if one != known.item))[:_PLACES]:
            if item is None and self.allowance.spare() < 1:
                return False
            known = known.model_copy(update={"item": template})
            reply = client.get(ResourceUnderTest(known, client, subject.ledger).item_url(str(samples.id)))
            if not reply.is_success:
                continue
            # It can be read, but not at the expected URL.
            there = {name: one for name, one in known.capabilities.items() if name != "read" or one.given}
            subject.known = known = known.model_copy(update={"capabilities": there})
            samples.item, samples.read = template, sampled(reply)
            if item is not None:
                # A URL and the same with a slash at its end are one place.
                subject.ledger.strike(item.url)
                subject.client.recorder.ownership.drop(item.url)
                subject.adopt(item.id, item.created, item.sent)
                item.url = subject.item_url(item.id)
            return True
        return False


def _slashed(item: str, read: Sample | None, url: str) -> list[str]:
    """The path of items with a slash at its end, if the URL without it redirects there."""
    location = read.exchange.field("location") if read is not None and read.status in REDIRECTS else None
    if location is None or item.endswith("/"):
        return []
    try:
        return [f"{item}/"] if urljoin(url, location) == f"{url}/" else []
    except ValueError:
        return []
