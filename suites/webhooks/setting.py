"""What a rule about webhooks works with: what is declared, the receiver, subscriptions."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.client.client import Client
from harness.http.content import at, json_of
from harness.http.path_templates import matches
from harness.payloads import run_token
from harness.profile.webhooks import ITSELF, Webhooks
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import applies, inconclusive, not_applicable
from harness.survey.infer import hooks
from harness.survey.openapi.hooks import Hooks
from harness.survey.outcome import Survey

from .receiver import Endpoint, Receiver, receiving
from .signatures import fresh_secret

PATIENCE = 60.0


@dataclass(frozen=True)
class Setting:
    """What a rule has to work with.

    Attributes:
        declared: what the document says of deliveries.
        statuses: the values that the document lists for the status of a subscription.
        alone: whether each request that takes a receiver causes the event for it, and for no other.
    """

    how: Webhooks
    client: Client
    subscriptions: ResourceUnderTest | None
    make_resource: Callable[[str], ResourceUnderTest]
    declared: Hooks
    statuses: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        return next(iter(self.how.events.values())) == ITSELF

    def needs_receivers(self) -> None:
        """End a rule that takes several receivers where there is one, which is registered by hand.

        Raises:
            NotApplicable: that is so.
        """
        applies(self.subscriptions is not None, "receivers can be subscribed (`subscribe` in [webhooks])")

    def needs_subscriptions(self) -> None:
        """End a rule about subscriptions where there are none.

        Raises:
            NotApplicable: the receiver is registered by hand, or each belongs to a single request.
        """
        self.needs_receivers()
        if self.alone:
            not_applicable(
                f"does not apply: each POST {self.how.subscribe} has a receiver of its own, and nothing is subscribed"
            )


def setting(client: Client, survey: Survey, subscriptions: Any, make_resource: Any) -> Setting:
    """What the profile, or else the document, says of webhooks.

    Raises:
        NotApplicable: nothing.
        Undecided: the document declares them without all that a subscription takes; the target cannot reach this
            machine.
    """
    how, declared = survey.profile.webhooks, survey.promises.hooks
    if how is None and declared.events:
        inconclusive(hooks.missing(declared, survey.profile.resources))
    if how is None:
        not_applicable(
            "does not apply: the profile declares webhooks ([webhooks]), or the OpenAPI document does"
        )
    host = how.listen.rpartition(":")[0].strip("[]")
    if how.receiver is None and not client.target.loopback and host in ("127.0.0.1", "::1", "localhost"):
        inconclusive(
            "the target cannot reach this machine at a loopback address: set `receiver` and `listen` in [webhooks]"
        )
    below = f"{(how.subscribe or '').rstrip('/')}/x"
    listed = next((words for path, words in survey.promises.statuses if matches(path, below)), ())
    return Setting(how, client, subscriptions, make_resource, declared, listed)


def filled(value: Any, texts: dict[str, str]) -> Any:
    """A body with its placeholders replaced. Pure."""
    if isinstance(value, str):
        for name, text in texts.items():
            value = value.replace(f"{{{name}}}", text)
        return value
    if isinstance(value, dict):
        return {name: filled(inner, texts) for name, inner in value.items()}
    return [filled(inner, texts) for inner in value] if isinstance(value, list) else value


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def subscribed(given: Setting, base: str, endpoint: Endpoint, event: str) -> tuple[Item, str | None]:
    """A subscription of a receiver to an event, and its secret.

    Args:
        base: URL of the receiver, without its path.

    Raises:
        Undecided: the API does not take it.
    """
    resource, secret = given.subscriptions, fresh_secret()
    assert resource is not None
    url = f"{base}{endpoint.path}"
    item = resource.create(filled(given.how.body, {"url": url, "event": event, "secret": secret}))
    shown = at(json_of(item.created), given.how.secret)
    if isinstance(shown, str) and shown:
        return item, shown
    sent = "{secret}" in repr(given.how.body)
    return item, secret if sent else given.client.target.private.get("webhooks_secret")


def prepared(given: Setting, receiver: Receiver) -> None:
    """Let the first subscription, and the one that proves that creates are new, have a receiver of their own."""
    spare = receiver.add(Endpoint("spare", f"/{run_token.current()}/spare"))
    resource = given.subscriptions
    assert resource is not None
    texts = {
        "url": receiver.url + spare.path,
        "event": next(iter(given.how.events)),
        "secret": fresh_secret(),
    }
    resource.known = resource.known.model_copy(update={"body": filled(given.how.body, texts)})


def opened(given: Setting) -> Any:
    """The receiver, as a context."""
    how = given.how
    patience = 0.0 if how.listen.endswith(":0") else PATIENCE
    return receiving(how.listen, how.receiver, whole=how.subscribe is None, patience=patience)
