"""A client that may only read: which of its writes take effect although others are refused, on items of the run."""

from __future__ import annotations

from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.profile.models import Profile
from harness.resource.canary import creates
from harness.resource.resource import ResourceUnderTest

from .attempts import attempts, window

READER = "readonly"
FORBIDDEN = frozenset({401, 403})


def unequal(resource: ResourceUnderTest, profile: Profile) -> tuple[list[str], str | None]:
    """What a client with fewer rights changed although its creates are refused.

    Args:
        resource: under the credential of the run.

    Returns:
        A sentence for each change, and what was seen where there is none; None where nothing could be seen: items are
        not shown to that client, or it may create.

    Raises:
        Undecided: the run cannot create an item.
    """
    if not creates(resource):
        return [], None
    low = resource.under(READER)
    item = resource.create()
    if not low.client.get(item.url).is_success:
        # Whether it may write at all is not known for what it cannot see.
        return [], None
    refused = low.post()
    said = f"{READER}: {exchange_of(refused).summary()}"
    if refused.status_code not in FORBIDDEN:
        return [], None
    item.prove()
    tried = []
    for attempt in attempts(item):
        reply = attempt.send(low.client)
        tried.append(attempt.method)
        if eventually(lambda attempt=attempt: attempt.took(item.get()), window(reply, profile)):  # type: ignore[misc]
            summary = exchange_of(reply).summary()
            return [
                f"{READER} {attempt.did} item {item.id}: {summary}; a create is refused to it: {said}"
            ], said
    return [], f"{said}, and so were {', '.join(dict.fromkeys(tried))} of {resource.name}" if tried else None
