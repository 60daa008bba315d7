"""Under which credential a resource is reached: `default`, unless that is refused and another fits better."""

from __future__ import annotations

from harness.client import Client
from harness.credentials.wallet import NAMES
from harness.profile import Capability, Resource, State
from harness.survey import security
from harness.survey.samples import Sample, sampled

HIDDEN = (401, 403)


class Admission:
    """Chooses credentials, and keeps account of what was refused.

    Args:
        client: sends, under the default credential.
    """

    def __init__(self, client: Client) -> None:
        self._default = client
        self.demanded: dict[str, security.Alternatives] = {}
        """What the document wants of requests, by path template."""
        self.refused: list[security.Refusal] = []
        self.warnings: list[str] = []

    def client(self, resource: Resource) -> Client:
        """Under the credential of a resource."""
        own = resource.credential
        return self._default if own is None else self._default.under(own)

    def seek(self, resource: Resource, refused: Sample) -> tuple[Resource, Sample]:
        """The resource with the credential that its refused list is shown to, and that list; else both as they are."""
        held, exchange = self._default.target.credentials, refused.exchange
        wanted, by = security.of_path(self.demanded, resource.collection or "/"), "the OpenAPI document"
        if not wanted:
            wanted, by = security.challenged(exchange.field("www-authenticate")), "WWW-Authenticate"
        sent = resource.credential or self._default.credential
        other = None if resource.credential else security.better(wanted, held, sent, NAMES)
        if other is not None:
            again = sampled(self._default.under(other).get(exchange.url))
            if again.status not in HIDDEN:
                why = f"{exchange.summary()} under {sent}, {again.status} under {other}, which {by} asks for"
                found = Capability(state=State.DETECTED, because=why)
                told = {**resource.capabilities, "credential": found}
                return resource.model_copy(update={"credential": other, "capabilities": told}), again
        fits = security.met(wanted, held.get(sent))
        if fits and refused.status == 401:
            self.warnings.append(
                f"{resource.name}: {exchange.summary()}, although the credential {sent!r} is of the kind that {by} "
                "wants: is its value good?"
            )
        if wanted and not fits:
            self.refused.append(security.Refusal(resource.name, f"{exchange.summary()}, and {by}", wanted))
        return resource, refused
