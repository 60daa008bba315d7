"""Subscriptions to webhooks: their endpoints, and which events they get."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

from harness.reference import times
from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.reader import JSON
from harness.reference.routing import Route, route
from harness.reference.webhook_sender import Sender, Subscription, fresh_secret

EVENTS = ("document.created", "document.deleted")
CAUSES = {("POST", 201): "created", ("DELETE", 204): "deleted"}
TRUSTED = frozenset({"127.0.0.1"})
"""Internal hosts that receivers may have all the same: here they run beside the API."""


class Webhooks:
    """The endpoints of subscriptions; every decision may be replaced."""

    def __init__(self, sender: Sender | None = None) -> None:
        self.sender = sender or Sender()
        self.subscriptions: dict[str, Subscription] = {}
        self._sequence = 0
        self._lock = threading.Lock()

    def routes(self) -> list[Route]:
        """Their paths."""
        return [
            Route(route("/v1/webhooks", self, []).pattern, {"GET": self.listed, "POST": self.subscribe}),
            Route(
                route("/v1/webhooks/{id}", self, []).pattern,
                {"GET": self.read, "PATCH": self.change, "DELETE": self.unsubscribe},
            ),
            Route(route("/v1/webhooks/{id}/rotate", self, []).pattern, {"POST": self.rotate}),
            Route(route("/v1/webhooks/{id}/deliveries", self, []).pattern, {"GET": self.log}),
        ]

    # -- endpoints -------------------------------------------------------------------------------------

    def listed(self, call: Call) -> Reply:
        """The caller's own."""
        owned = [one for one in self.subscriptions.values() if one.owner == call.principal.name]
        return self.reply(call, {"items": [self.shown(one) for one in owned]})

    def subscribe(self, call: Call) -> Reply:
        """201 with the secret, which is shown only now."""
        _, sent = call.policies.reader.read(call, JSON)
        url, events = self.checked(sent)
        made = Subscription(f"wh_{secrets.token_hex(8)}", call.principal.name, url, events, [fresh_secret()])
        with self._lock:
            self.subscriptions[made.id] = made
        reply = self.reply(call, {**self.shown(made), "secret": made.secrets[0]}, 201)
        reply.fields["Location"] = f"/v1/webhooks/{made.id}"
        return reply

    def read(self, call: Call) -> Reply:
        """Without the secret."""
        return self.reply(call, self.shown(self.own(call)))

    def change(self, call: Call) -> Reply:
        """Other events, another URL, or none for a while."""
        found = self.own(call)
        _, sent = call.policies.reader.read(call, "application/merge-patch+json", JSON)
        merged = {"url": found.url, "events": found.events, **(sent if isinstance(sent, dict) else {})}
        found.url, found.events = self.checked(merged)
        found.disabled = merged.get("disabled", found.disabled) is True
        return self.reply(call, self.shown(found))

    def unsubscribe(self, call: Call) -> Reply:
        """204, and nothing is delivered any more."""
        found = self.own(call)
        self.end(found)
        return Reply(204)

    def rotate(self, call: Call) -> Reply:
        """A new secret; deliveries are signed with the old one, too, for a while."""
        found = self.own(call)
        found.secrets = [fresh_secret(), *found.secrets[:1]]
        return self.reply(call, {"id": found.id, "secret": found.secrets[0]})

    def log(self, call: Call) -> Reply:
        """Every attempt."""
        return self.reply(call, {"items": self.own(call).log})

    # -- decisions -------------------------------------------------------------------------------------

    def own(self, call: Call) -> Subscription:
        """The subscription of the path, or 404."""
        found = self.subscriptions.get(call.parameters["id"])
        if found is None or found.owner != call.principal.name:
            raise Problem("not_found", "There is no subscription with this identifier.")
        return found

    def end(self, subscription: Subscription) -> None:
        """Remove a subscription."""
        subscription.gone = True
        with self._lock:
            self.subscriptions.pop(subscription.id, None)

    def checked(self, sent: Any) -> tuple[str, list[str]]:
        """URL and events, or 422."""
        given = sent if isinstance(sent, dict) else {}
        url, events = given.get("url"), given.get("events")
        failures = []
        if not isinstance(url, str) or not self.acceptable(url):
            failures.append({"field": "/url", "message": "A public http or https URL."})
        if not isinstance(events, list) or not events or not self.exist(events):
            failures.append({"field": "/events", "message": f"Some of {', '.join(EVENTS)}."})
        if failures:
            raise Problem("validation_failed", "The subscription is not valid.", errors=failures)
        return str(url), [str(one) for one in events or ()]

    def exist(self, events: Any) -> bool:
        """Whether all events exist."""
        return all(one in EVENTS for one in events)

    def acceptable(self, url: str) -> bool:
        """Whether a receiver may have that URL: no credentials in it, and no internal address behind it."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            return False
        return self.public(host, port or 443)

    def public(self, host: str, port: int) -> bool:
        """Whether a host has public addresses only, however it is written."""
        if host in TRUSTED:
            return True
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            return False
        return all(ipaddress.ip_address(one[4][0]).is_global for one in found)

    def shown(self, subscription: Subscription) -> Document:
        """A subscription as it is read."""
        return {
            "id": subscription.id,
            "url": subscription.url,
            "events": subscription.events,
            "disabled": subscription.disabled,
        }

    def reply(self, call: Call, value: Document, status: int = 200) -> Reply:
        """A representation."""
        reply = call.policies.representation.selected(call, value)
        if reply.status == 200:
            reply.status = status
        reply.fields["Cache-Control"] = "no-store"
        return reply

    # -- events ----------------------------------------------------------------------------------------

    def answered(self, call: Call, reply: Reply) -> None:
        """Publish the event that a successful request caused."""
        if not self.subscriptions or not hasattr(call, "resource") or call.resource.name != "documents":
            return
        what = CAUSES.get((call.method, reply.status))
        if what is None:
            return
        with self._lock:
            self._sequence += 1
            event = self.event(f"document.{what}", self._sequence, call, reply)
            receivers = [
                one
                for one in self.subscriptions.values()
                if self.owned(one, call) and self.wants(one, event["type"])
            ]
        for one in receivers:
            self.sender.publish(one, event)

    def owned(self, subscription: Subscription, call: Call) -> bool:
        """Whether the client that caused an event has subscribed the receiver."""
        return subscription.owner == call.principal.name

    def wants(self, subscription: Subscription, kind: str) -> bool:
        """Whether a receiver asked for events of that kind."""
        return kind in subscription.events

    def event(self, kind: str, sequence: int, call: Call, reply: Reply) -> Document:
        """What is delivered."""
        id = call.parameters.get("id") or reply.fields.get("location", "").rpartition("/")[2]
        return {
            "id": f"evt_{secrets.token_hex(10)}",
            "type": kind,
            "timestamp": times.rfc3339(times.now()),
            "sequence": sequence,
            "data": {"id": id},
        }
