"""Collections that take no POST, and whose items PUT creates: an item that is not there says so by its Allow field."""

from __future__ import annotations

from harness.http.fields import methods
from harness.profile.models import Resource
from harness.resource.placing import PUT, chosen_id
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.survey.infer import infer, pointers
from harness.survey.infer.samples import ResourceSamples

_NO_POST = (404, 405, 501)
_SAYS_ALLOW = (200, 204, 405)


def instead(
    resource: Resource, subject: ResourceUnderTest, samples: ResourceSamples
) -> ResourceUnderTest | None:
    """The resource with creates by PUT, if POST is refused and OPTIONS of an absent item names PUT; else None.

    One request is sent, and only where nothing declares how items are created. Whether PUT creates is tested by who
    asks, on an id of the run's own that a GET shows to be absent.
    """
    if not _unknown(resource, samples):
        return None
    try:
        reply = subject.client.options(subject.item_url(chosen_id(resource.new_id)))
    except Undecided:
        return None
    allowed = methods(reply.headers.get("allow", ""))
    if reply.status_code not in _SAYS_ALLOW or PUT not in (allowed or ()):
        return None
    so_far = infer.resource(resource, samples)
    shown = pointers.listed_id(so_far, pointers.first_listed(so_far, samples.listed))
    place = resource.id if shown is None else shown[0]
    placed = resource.model_copy(update={"create_method": PUT, "put_creates": True, "id": place})
    return ResourceUnderTest(placed, subject.client, subject.ledger, subject.volatile)


def _unknown(resource: Resource, samples: ResourceSamples) -> bool:
    """Whether POST was refused for the path or the method, and nothing declares creates. Pure."""
    declared = resource.body is not None or resource.create_schema is not None or resource.create is not None
    if declared or resource.create_method == PUT or resource.capabilities.get("create") is not None:
        return False
    listed = samples.listed is not None and samples.listed.success
    return listed and bool(samples.creates) and samples.creates[-1][1].status in _NO_POST


def unlock(resource: Resource) -> str:
    """What to give where PUT is named, and no body was accepted."""
    item = resource.item.replace("{id}", "{key}")
    return (
        f"{resource.name}: POST is refused, and OPTIONS of an item names PUT: if that creates items, give a body that "
        f"it accepts: --resource 'PUT {item}' --body '{resource.name}={{...}}'"
    )
