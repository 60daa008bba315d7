"""Sends webhooks: signs each attempt, retries with growing delays, keeps a log (Standard Webhooks)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import ssl
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from harness.reference import times
from harness.reference.call import Document


@dataclass
class Subscription:
    """A receiver, and what it wants.

    Attributes:
        secrets: with which deliveries are signed; the first is the current one.
        log: one entry for each attempt.
    """

    id: str
    owner: str
    url: str
    events: list[str]
    secrets: list[str] = field(default_factory=list)
    disabled: bool = False
    gone: bool = False
    log: list[Document] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What a receiver answered: 0 for nothing."""

    status: int
    location: str = ""
    retry_after: float = 0.0


def fresh_secret() -> str:
    """A new secret, as the specification writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


class Sender:
    """How events are delivered; every decision may be replaced."""

    delays: tuple[float, ...] = (0.1, 0.25, 0.6)
    """Seconds before each retry. Real ones are minutes and hours."""
    timeout = 0.8
    """Seconds for which a receiver may be silent."""

    def publish(self, subscription: Subscription, event: Document) -> None:
        """Deliver an event to a receiver, beside everything else."""
        self.start(subscription, event)

    def start(self, subscription: Subscription, event: Document) -> None:
        """Deliver in a thread of its own: a slow receiver delays no other."""
        threading.Thread(target=self.deliver, args=(subscription, event), daemon=True).start()

    def deliver(self, subscription: Subscription, event: Document) -> None:
        """Attempts until one succeeds, none is left, or the subscription has ended."""
        for delay in (*self.delays, None):
            if not self.wanted(subscription):
                return
            answer = self.attempt(subscription, event)
            if self.success(answer):
                return
            if answer.status == 410:
                self.disable(subscription)
            if delay is None:
                return
            time.sleep(self.pause(delay, answer))

    def wanted(self, subscription: Subscription) -> bool:
        """Whether the receiver still wants deliveries."""
        return not (subscription.disabled or subscription.gone)

    def success(self, answer: Answer) -> bool:
        """Whether the receiver has the event: 2xx only."""
        return 200 <= answer.status < 300

    def disable(self, subscription: Subscription) -> None:
        """410: the receiver wants nothing any more."""
        subscription.disabled = True

    def pause(self, delay: float, answer: Answer) -> float:
        """Seconds before the next attempt: at least what Retry-After asks for."""
        return max(delay, answer.retry_after)

    def attempt(self, subscription: Subscription, event: Document) -> Answer:
        """One attempt, with an entry in the log."""
        content = json.dumps(self.envelope(event), ensure_ascii=False).encode()
        fields = {
            "Content-Type": "application/json",
            "User-Agent": "demo-webhooks/1",
            **self.fields(subscription, event, content),
        }
        answer = self.send(subscription.url, content, fields)
        self.record(subscription, event, answer)
        return answer

    def record(self, subscription: Subscription, event: Document, answer: Answer) -> None:
        """Add an attempt to the log."""
        entry = {"id": event["id"], "at": times.rfc3339(times.now()), "status": answer.status or None}
        subscription.log.append(entry)

    def envelope(self, event: Document) -> Document:
        """The content of a delivery; the same in each attempt."""
        return event

    def fields(self, subscription: Subscription, event: Document, content: bytes) -> dict[str, str]:
        """Id, time of the attempt and signatures."""
        id, instant = self.message_id(event), self.instant()
        return {
            "webhook-id": id,
            "webhook-timestamp": str(instant),
            "webhook-signature": self.signatures(subscription, id, instant, content),
        }

    def message_id(self, event: Document) -> str:
        """The id of the event, the same in each attempt."""
        return str(event["id"])

    def instant(self) -> int:
        """The time of the attempt, in seconds since the epoch."""
        return int(time.time())

    def signatures(self, subscription: Subscription, id: str, instant: int, content: bytes) -> str:
        """One signature for each secret, separated by spaces."""
        return " ".join(self.sign(secret, id, instant, content) for secret in self.keys(subscription))

    def keys(self, subscription: Subscription) -> list[str]:
        """The secrets to sign with: two while one is rotated."""
        return subscription.secrets

    def sign(self, secret: str, id: str, instant: int, content: bytes) -> str:
        """HMAC-SHA256 over id, time and content."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        mac = hmac.new(key, f"{id}.{instant}.".encode() + content, hashlib.sha256)
        return "v1," + base64.b64encode(mac.digest()).decode()

    def send(self, url: str, content: bytes, fields: dict[str, str]) -> Answer:
        """POST to a receiver; redirects are not followed."""
        parts = urlsplit(url)
        kind: Any = http.client.HTTPConnection
        options: dict[str, Any] = {"timeout": self.timeout}
        if parts.scheme == "https":
            kind, options["context"] = http.client.HTTPSConnection, self.trust()
        connection = kind(parts.hostname, parts.port, **options)
        try:
            connection.request("POST", parts.path or "/", content, fields)
            reply = connection.getresponse()
            after = reply.headers.get("Retry-After", "")
            return Answer(
                reply.status, reply.headers.get("Location", ""), float(after) if after.isdigit() else 0.0
            )
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            connection.close()

    def trust(self) -> ssl.SSLContext:
        """The authorities that sign certificates of receivers."""
        return _usual_trust()


@cache
def _usual_trust() -> ssl.SSLContext:
    # Reading the authorities of the machine takes 30 ms of a processor: too much for each attempt.
    return ssl.create_default_context()
