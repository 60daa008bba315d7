"""The credential of each resource: `default`, unless that is refused and another fits better."""

from __future__ import annotations

from harness.client.client import Client
from harness.client.credentials_in_use import NAMES
from harness.http.exchange import Exchange
from harness.profile.models import Capability, Resource, State
from harness.survey.infer.samples import Sample, sampled
from harness.survey.openapi import security

HIDDEN = (401, 403)


class Admission:
    """Chooses credentials, and records refusals.

    Args:
        client: sends requests with the default credential.
    """

    def __init__(self, client: Client) -> None:
        self._default = client
        self.demanded: security.Demands = {}
        self.refused: list[security.Refusal] = []
        self.warnings: list[str] = []

    def client(self, resource: Resource) -> Client:
        """The client with the credential of a resource."""
        own = resource.credential
        return self._default if own is None else self._default.under(own)

    def seek(self, resource: Resource, refused: Sample) -> tuple[Resource, Sample]:
        """The resource with a credential for which its list is not refused, and that list; else both unchanged."""
        exchange = refused.exchange
        wanted, by = self._wanted(resource, exchange)
        sent = resource.credential or self._default.credential
        other = self._better(resource, wanted)
        if other is not None:
            again = sampled(self._default.under(other).get(exchange.url))
            if again.status not in HIDDEN:
                why = f"{exchange.summary()} with {sent}, {again.status} with {other}, which {by} asks for"
                found = Capability(state=State.DETECTED, because=why)
                capabilities = {**resource.capabilities, "credential": found}
                return resource.model_copy(update={"credential": other, "capabilities": capabilities}), again
        self.note(resource, refused)
        return resource, refused

    def note(self, resource: Resource, refused: Sample) -> None:
        """Record a refusal, and what would prevent it."""
        held, exchange = self._default.target.credentials, refused.exchange
        wanted, by = self._wanted(resource, exchange)
        sent = resource.credential or self._default.credential
        other = self._better(resource, wanted) if exchange.method != "GET" else None
        fits = security.met(wanted, held.get(sent))
        problem = f"{resource.name}: {exchange.summary()}"
        if other is not None:
            self.warnings.append(
                f'{problem}, and {by} requires a credential such as {other!r}: write `credential = "{other}"` in its '
                "[[resources]]"
            )
        elif fits and refused.status == 401:
            self.warnings.append(
                f"{problem}, although the credential {sent!r} is of the kind that {by} requires: is its value valid?"
            )
        elif wanted and not fits:
            self.refused.append(security.Refusal(resource.name, f"{exchange.summary()}, and {by}", wanted))

    def _wanted(self, resource: Resource, exchange: Exchange) -> tuple[security.Alternatives, str]:
        """The credentials that a refused request should have carried, and the source of that."""
        wanted = security.of_request(self.demanded, exchange.method, resource.collection or "/")
        if wanted:
            return wanted, "the OpenAPI document"
        return security.challenged(exchange.field("www-authenticate")), "WWW-Authenticate"

    def _better(self, resource: Resource, wanted: security.Alternatives) -> str | None:
        held = self._default.target.credentials
        sent = self._default.credential
        return None if resource.credential else security.better(wanted, held, sent, NAMES)
