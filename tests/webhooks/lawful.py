"""Lawful senders of webhooks that a careless rule would accuse."""

from __future__ import annotations

import hashlib
import hmac

from harness.reference.authenticator import Authenticator, Principal
from harness.reference.call import Call
from harness.reference.errors import Problem
from harness.reference.webhook_sender import Sender, Subscription
from harness.reference.webhooks import Webhooks
from tests.matrix.declared import CLIENTS, WEBHOOKS
from tests.matrix.variant import Variant, variant
from tests.webhooks.documented import WithWebhooks

SECRET = "it is one secret for all"


class AtLeastOnce(Sender):
    """Signs as GitHub does, delivers twice, and never again; the content is thin."""

    delays = ()

    def deliver(self, subscription, event):
        for _ in range(2):
            if self.wanted(subscription) and self.attempt(subscription, event).status == 410:
                self.disable(subscription)

    def envelope(self, event):
        return {"created_at": event["timestamp"], "resource": f"/documents/{event['data']['id']}"}

    def fields(self, subscription, event, content):
        mac = hmac.new(SECRET.encode(), content, hashlib.sha256)
        return {
            "X-GitHub-Delivery": event["id"],
            "X-GitHub-Event": event["type"],
            "X-Hub-Signature-256": f"sha256={mac.hexdigest()}",
        }


class Inside(Webhooks):
    """Runs in a closed network, so that all receivers are internal; subscriptions show no secret."""

    def __init__(self) -> None:
        super().__init__(AtLeastOnce())

    def public(self, host: str, port: int) -> bool:
        return True

    def subscribe(self, call):
        reply = super().subscribe(call)
        return self.reply(call, self.shown(list(self.subscriptions.values())[-1]), reply.status)


class Patient(Sender):
    """Waits longer after silence than after an error, and sends what it does not document."""

    def pause(self, delay, answer):
        return 60.0 if answer.status == 0 else super().pause(delay, answer)

    def envelope(self, event):
        return {**event, "actor": {"name": "alice"}}


class Slowly(Webhooks):
    """Has PATCH for events only, and a subscription cannot be moved."""

    def __init__(self) -> None:
        super().__init__(Patient())

    def change(self, call):
        raise Problem("method_not_allowed", "A subscription cannot be changed.", {"Allow": "GET, DELETE"})


class OneTenant(Authenticator):
    """All clients belong to one tenant, and read its items."""

    def sees(self, principal: Principal, owner: str) -> bool:
        return True

    def owner_filter(self, principal: Principal) -> str | None:
        return None


class OfTenant(Webhooks):
    """A receiver gets the events of the whole tenant."""

    def owned(self, subscription: Subscription, call: Call) -> bool:
        return True


PROFILE = f"""
[webhooks]
subscribe = "/webhooks"
body = {{ url = "{{url}}", events = ["{{event}}"] }}
signature = "github"
shared_secret = "{SECRET}"
retries = false
timeout = 2
wait = 10
[webhooks.events]
"document.created" = "documents"
"document.deleted" = "delete documents"
"""
VARIANTS: tuple[Variant, ...] = (
    variant(
        "documented webhooks, retried later after silence, whose subscriptions cannot be changed",
        on=("documents",),
        webhooks=Slowly,
        description=WithWebhooks,
        # Its document lists no errors.
        warned=("URL-007",),
    ),
    variant(
        "a receiver gets the events of all clients, who share the items",
        on=("documents",),
        profile=CLIENTS + WEBHOOKS,
        webhooks=OfTenant,
        authenticator=OneTenant,
    ),
    variant(
        "webhooks in a closed network, at least once", on=("documents",), profile=PROFILE, webhooks=Inside
    ),
)
"""Put to every rule."""
