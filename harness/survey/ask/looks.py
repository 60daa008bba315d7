"""Light looks at the collections of a large API that are not explored: do they behave like those that are?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.ledger.ledger import Ledger
from harness.profile.models import Resource
from harness.resource.ids import unlike
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.survey.ask import remaining
from harness.survey.ask.allowance import LOOK
from harness.survey.ask.explore import Explorer
from harness.survey.infer import pointers
from harness.survey.infer.alike import Look, difference, signature
from harness.survey.infer.samples import Sample, sampled
from harness.survey.outcome import Unsurveyed
from harness.survey.suspicion import Suspicion


def at_siblings(
    explorer: Explorer,
    chosen: Sequence[Resource],
    explored: Sequence[Resource],
    left: Sequence[Unsurveyed],
    tell: Callable[[str], object],
) -> tuple[list[Unsurveyed], list[Suspicion]]:
    """What was left, with what a light look at each shows: it behaves like an explored one, or how it differs.

    Args:
        chosen: resources as the document describes them.
        explored: those of them that were explored.
        left: those that were not.
        tell: receives one line of progress at a time.

    Returns:
        What was left; and of these what a look has broken.
    """
    written = {resource.name: resource for resource in chosen}
    models: dict[object, Resource] = {}
    for one in explored:
        # A collection that cannot be listed shows nothing in a look.
        if one.name in written and one.missing("list") is None:
            models.setdefault(signature(written[one.name]), one)
    explorer.allowance.aside = 0
    seen: dict[str, Look] = {}
    found, odd = [], []
    for place, rest in enumerate(left):
        resource = written.get(rest.name)
        model = models.get(signature(resource)) if resource is not None else None
        looks = rest.because == remaining.LATER and "{" not in rest.collection
        if resource is None or model is None or not looks or explorer.allowance.spare() < 2 * LOOK:
            found.append(rest)
            continue
        tell(f"survey: a look at {rest.name} ({place + 1} of {len(left)})")
        try:
            if model.name not in seen:
                seen[model.name] = look(explorer, model, model)
            own = look(explorer, resource, model)
        except Undecided:
            # The budget is spent, or the target does not answer.
            found.append(rest)
            continue
        because = difference(own, seen[model.name])
        because = (
            f"{remaining.LIKE}{model.name}"
            if because is None
            else f"{remaining.UNLIKE}{model.name}: {because}"
        )
        found.append(remaining.unsurveyed(resource, because))
        odd += [broken(resource, sample) for sample in own.responses if sample.status >= 500]
    return found, odd


def broken(resource: Resource, sample: Sample) -> Suspicion:
    """A server error in answer to a plain read: what is broken is not absent. Pure."""
    text = f"{sample.exchange.summary()}: a plain read fails; {resource.name} was not explored, and no rule ran on it"
    return Suspicion(text, (sample.exchange.id,), resource.name)


def look(explorer: Explorer, resource: Resource, model: Resource) -> Look:
    """Look at a collection with at most `LOOK` requests that are safe.

    Args:
        model: an explored resource of the same family, which says where ids are.

    Raises:
        Undecided: the target does not answer, or the budget is spent.
    """
    client = explorer.admission.client(resource)
    listed = sampled(client.get(resource.collection))
    if not listed.success:
        return Look(listed)
    known = model.model_copy(update={"collection": resource.collection, "item": resource.item})
    subject = ResourceUnderTest(known, client, Ledger(), explorer.written.volatile)
    shown = pointers.listed_id(known, pointers.first_listed(known, listed))
    if shown is None:
        return Look(listed)
    item = sampled(client.get(subject.item_url(shown[1])))
    return Look(listed, item, sampled(client.get(subject.item_url(unlike(shown[1])))))
