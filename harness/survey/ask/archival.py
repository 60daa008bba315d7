"""Whether items are archived by PATCH where there is no DELETE: tried on the survey's own item."""

from __future__ import annotations

from contextlib import suppress

from harness.client.ownership import GONE
from harness.http.content import at, id_text
from harness.profile.models import Capability, Resource, State
from harness.resource.archived_items import archive_of, members, named
from harness.resource.creating import ARCHIVE
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.survey.ask.writes import worth_trying
from harness.survey.infer import infer
from harness.survey.infer.samples import ResourceSamples, Sample, sampled


def expect(
    declared: Resource, subject: ResourceUnderTest, samples: ResourceSamples, item: Item | None
) -> None:
    """Note by what the survey's items might be archived, before more of them are created.

    Args:
        declared: the resource as the profile and the document describe it.
    """
    read = samples.read
    if item is None or read is None or not read.success or not worth_trying(declared, "update"):
        return
    known = infer.resource(declared, samples)
    schema = at(known.create_schema, known.representation.replace("/", "/properties/"))
    described = schema.get("properties") if isinstance(schema, dict) else None
    if known.archive is None:
        shown = at(read.value, known.representation)
        samples.archive = members(shown, described if isinstance(described, dict) else None)
    _tell(infer.resource(declared, samples), item)


def put_away(known: Resource, item: Item, samples: ResourceSamples, refused: Sample | None = None) -> bool:
    """Archive the survey's item, since it has no DELETE; whether that was tried: a failure is in the ledger.

    Args:
        known: the resource; changed in place.
        samples: of the exploration; takes what the item shows afterwards.
        refused: the answer to its DELETE, where one was sent.
    """
    if known.archive is None and refused is not None and worth_trying(known, "update"):
        known.archive = samples.archive = named(refused.exchange.response_body.text)
    if known.archive is None or not item.resource.ledger.holds(item.url):
        return False
    ledger, before = item.resource.ledger, len(item.resource.ledger.leftovers)
    _tell(known, item)
    ledger.remove(item.url)
    with suppress(Undecided):
        samples.put_away = sampled(item.get())
    if len(ledger.leftovers) > before or samples.put_away is None:
        known.archive = samples.archive = None
        _tell(known, item)
        return len(ledger.leftovers) > before
    if (how := archive_of(known)) is not None:
        ledger.again(item.resource.url, how)
    hidden = samples.put_away.status in GONE or _unlisted(item)
    known.capabilities[ARCHIVE] = Capability(
        state=State.DETECTED if hidden else State.ABSENT,
        because=f"{samples.put_away.exchange.summary()} after PATCH of {', '.join(known.archive)}"
        + ("" if hidden else ", and the list still shows the item"),
        exchanges=[samples.put_away.exchange.id],
    )
    return True


def _tell(known: Resource, item: Item) -> None:
    """Tell the ledger how items that exist are put away; those that are created later know it from the resource."""
    item.resource.known = item.resource.known.model_copy(update={"archive": known.archive})
    item.resource.ledger.archive(item.resource.url, archive_of(known))


def _unlisted(item: Item) -> bool:
    """Whether the list surely does not show an item."""
    subject = item.resource
    if not subject.can("list") or not subject.client.recorder.ownership.collection(subject.url).complete:
        return False
    with suppress(Undecided):
        found = subject.members(pages=1)
        return found.complete and not any(
            id_text(at(one, subject.listed_id)) == item.id for one in found.items
        )
    return False
