"""Defects of webhooks: for each rule a bug that real teams ship."""

from __future__ import annotations

import json
import secrets
import ssl
import threading
import time

from harness.reference.call import Call, Document, Reply
from harness.reference.reader import JSON
from harness.reference.webhook_sender import Answer, Sender, Subscription
from harness.reference.webhooks import TRUSTED, Webhooks
from tests.matrix.defect import Defect
from tests.matrix.serving import defect
from tests.webhooks.documented import WithWebhooks


def sends(sender: type[Sender]) -> type[Webhooks]:
    """The subscriptions of the reference with another sender."""

    class Sending(Webhooks):
        def __init__(self) -> None:
            super().__init__(sender())

    return Sending


# -- HOOK-001, HOOK-002: subscriptions ---------------------------------------------------------------------


class ShowsSecret(Webhooks):
    """The row of the database is what is read."""

    def shown(self, subscription):
        return {**super().shown(subscription), "secret": subscription.secrets[0]}


class SubscribeCrashes(Webhooks):
    """The table of subscriptions was never created."""

    def subscribe(self, call: Call) -> Reply:
        raise RuntimeError("no table subscriptions")


class AnyEvent(Webhooks):
    """Events are text; a typing error is a subscription to nothing."""

    def exist(self, events) -> bool:
        return True


class ByPrefix(Webhooks):
    """`url.startswith(...)` for what is internal."""

    def public(self, host: str, port: int) -> bool:
        internal = ("localhost", "127.", "10.", "192.168.", "169.254.", "0.")
        return host in TRUSTED or not host.startswith(internal)


class ChangesUnchecked(Webhooks):
    """What is checked is the create; PATCH merges what it gets."""

    def change(self, call: Call) -> Reply:
        found = self.own(call)
        _, sent = call.policies.reader.read(call, "application/merge-patch+json", JSON)
        found.url = sent.get("url", found.url)
        return self.reply(call, self.shown(found))


# -- HOOK-003: who gets what -------------------------------------------------------------------------------


class Everything(Webhooks):
    """The list of events is stored, and looked at nowhere."""

    def wants(self, subscription: Subscription, kind: str) -> bool:
        return True


class SoftDeleted(Webhooks):
    """DELETE hides the subscription; the sender has a list of its own."""

    def __init__(self) -> None:
        super().__init__(Unaware())
        self.hidden: list[Subscription] = []

    def end(self, subscription: Subscription) -> None:
        super().end(subscription)
        self.hidden.append(subscription)

    def answered(self, call: Call, reply: Reply) -> None:
        kept = dict(self.subscriptions)
        self.subscriptions = {**kept, **{one.id: one for one in self.hidden}}
        try:
            super().answered(call, reply)
        finally:
            self.subscriptions = kept


class SwitchUnused(Webhooks):
    """The switch of the page is stored; the sender was written before it."""

    def __init__(self) -> None:
        super().__init__()
        self.off: set[str] = set()

    def change(self, call: Call) -> Reply:
        found = self.own(call)
        _, sent = call.policies.reader.read(call, "application/merge-patch+json", JSON)
        if "disabled" not in sent:
            return super().change(call)
        self.off.add(found.id)
        return self.reply(call, self.shown(found))

    def shown(self, subscription):
        return {**super().shown(subscription), "disabled": subscription.id in self.off}


class Unaware(Sender):
    def wanted(self, subscription: Subscription) -> bool:
        return not subscription.disabled


class ForAll(Webhooks):
    """Receivers are chosen by the kind of event alone."""

    def owned(self, subscription: Subscription, call: Call) -> bool:
        return True


class LooksOnce(Sender):
    """Whether a receiver wants an event is looked up when that is queued, and not before each attempt."""

    delays = (0.1, 1.5)

    def deliver(self, subscription: Subscription, event: Document) -> None:
        if subscription.gone or subscription.disabled:
            return
        super().deliver(subscription, event)

    def wanted(self, subscription: Subscription) -> bool:
        return not subscription.disabled


# -- HOOK-004, HOOK-005: signatures ------------------------------------------------------------------------


class Unsigned(Sender):
    """The secret was never put to use."""

    def fields(self, subscription, event, content):
        fields = super().fields(subscription, event, content)
        del fields["webhook-signature"]
        return fields


class SignsOther(Sender):
    """What is signed is made again from the event, with another layout than what is sent."""

    def signatures(self, subscription, id, instant, content):
        again = json.dumps(json.loads(content), separators=(",", ":")).encode()
        return super().signatures(subscription, id, instant, again)


class RetrySignsText(Sender):
    """A retry takes its content from the queue, and signs it as the queue has it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: set[tuple[str, str]] = set()

    def signatures(self, subscription, id, instant, content):
        again = (subscription.id, id) in self.sent
        self.sent.add((subscription.id, id))
        return super().signatures(
            subscription, id, instant, json.dumps(content.decode()).encode() if again else content
        )


class Milliseconds(Sender):
    """`Date.now()`."""

    def instant(self) -> int:
        return int(time.time() * 1000)


# -- HOOK-006, HOOK-007, HOOK-008: receivers that fail -----------------------------------------------------


class Once(Sender):
    """Sent and forgotten."""

    delays = ()


class SilenceIsSuccess(Sender):
    """Whoever took the connection has the event: a timeout and a reset are no failures."""

    def success(self, answer: Answer) -> bool:
        return answer.status == 0 or super().success(answer)


class NewId(Sender):
    """The id is that of the job, and each retry is a new job."""

    def fields(self, subscription, event, content):
        return super().fields(subscription, {**event, "id": f"evt_{secrets.token_hex(8)}"}, content)


class Hurried(Sender):
    """Delays shrink: the remaining number of attempts is the factor."""

    delays = (2.5, 0.05)


class Follows(Sender):
    """The HTTP client follows redirects, as is its default."""

    def send(self, url, content, fields):
        answer = super().send(url, content, fields)
        if answer.status in (301, 302, 307, 308) and answer.location:
            return super().send(answer.location, content, fields)
        return answer


class NeverDisables(Sender):
    """410 is a failure like any other."""

    def disable(self, subscription: Subscription) -> None:
        pass


class Impatient(Sender):
    """Retry-After is not read."""

    def pause(self, delay: float, answer: Answer) -> float:
        return delay


class NoTimeout(Sender):
    """The HTTP client waits for ever, as is its default."""

    timeout = 30.0


class OneByOne(Sender):
    """One worker for all receivers."""

    def __init__(self) -> None:
        self.turn = threading.local()
        self.last = threading.Event()
        self.last.set()

    def start(self, subscription: Subscription, event: Document) -> None:
        before, self.last = self.last, threading.Event()
        threading.Thread(target=self.run, args=(subscription, event, before, self.last), daemon=True).start()

    def run(self, subscription, event, before: threading.Event, done: threading.Event) -> None:
        self.turn.before, self.turn.done = before, done
        try:
            self.deliver(subscription, event)
        finally:
            done.set()

    def attempt(self, subscription, event):
        self.turn.before.wait(5)
        try:
            return super().attempt(subscription, event)
        finally:
            # The retries are jobs of their own.
            self.turn.done.set()


class Trusting(Sender):
    """Verification is off, since a customer's certificate had expired."""

    def trust(self) -> ssl.SSLContext:
        return ssl._create_unverified_context()


# -- HOOK-009, HOOK-010, HOOK-012 --------------------------------------------------------------------------


class Anonymous(Sender):
    """Only the data is sent; the id is in nobody's mind."""

    def envelope(self, event):
        return {name: value for name, value in event.items() if name not in ("id", "type")}


class SameId(Sender):
    """The id is that of the subscription."""

    def attempt(self, subscription, event):
        return super().attempt(subscription, {**event, "id": subscription.id})


class LastOnly(Sender):
    """The log has a row for each event, which the last attempt overwrites."""

    def record(self, subscription, event, answer) -> None:
        subscription.log[:] = [one for one in subscription.log if one["id"] != event["id"]]
        super().record(subscription, event, answer)


class NewOnly(Sender):
    """The old secret is overwritten at once."""

    def keys(self, subscription):
        return subscription.secrets[:1]


class TextNumbers(Sender):
    """Numbers are texts, since one receiver rounds them; the document was not changed."""

    def envelope(self, event):
        return {**event, "sequence": str(event["sequence"])}


DEFECTS: tuple[Defect, ...] = (
    defect("HOOK-001", "secrets are shown by every read", webhooks=ShowsSecret),
    defect("HOOK-001", "unknown events are accepted", webhooks=AnyEvent),
    defect("HOOK-001", "declared subscriptions always fail", webhooks=SubscribeCrashes),
    defect("HOOK-001", "PATCH is not validated", webhooks=ChangesUnchecked),
    defect("HOOK-002", "internal addresses are recognised by their text", webhooks=ByPrefix),
    defect("HOOK-003", "all events go to all receivers", webhooks=Everything),
    defect("HOOK-003", "deleted subscriptions get events", webhooks=SoftDeleted),
    defect("HOOK-003", "a subscription that is switched off gets events", webhooks=SwitchUnused),
    defect("HOOK-003", "events of all clients go to all receivers", webhooks=ForAll),
    defect("HOOK-003", "retries go on after the subscription was deleted", webhooks=sends(LooksOnce)),
    defect("HOOK-004", "deliveries are not signed", webhooks=sends(Unsigned)),
    defect("HOOK-004", "other bytes are signed than are sent", webhooks=sends(SignsOther)),
    defect("HOOK-004", "retries are signed over other bytes", webhooks=sends(RetrySignsText)),
    defect("HOOK-005", "timestamps are in milliseconds", webhooks=sends(Milliseconds)),
    defect("HOOK-006", "nothing is retried", webhooks=sends(Once)),
    defect("HOOK-006", "timeouts and resets are not retried", webhooks=sends(SilenceIsSuccess)),
    defect("HOOK-006", "each retry has a new id", webhooks=sends(NewId)),
    defect("HOOK-006", "retries come faster and faster", webhooks=sends(Hurried)),
    # They lead to internal addresses, too.
    defect(
        "HOOK-007",
        "redirects of receivers are followed",
        perhaps=frozenset({"HOOK-002"}),
        webhooks=sends(Follows),
    ),
    defect("HOOK-007", "410 does not end deliveries", webhooks=sends(NeverDisables)),
    defect("HOOK-007", "Retry-After of receivers is ignored", webhooks=sends(Impatient)),
    defect("HOOK-008", "a receiver may be silent for ever", webhooks=sends(NoTimeout)),
    defect("HOOK-008", "one worker delivers to all receivers", webhooks=sends(OneByOne)),
    defect("HOOK-009", "events have no id and no type", webhooks=sends(Anonymous)),
    defect("HOOK-009", "the id is that of the subscription", webhooks=sends(SameId)),
    defect("HOOK-010", "the log has the last attempt only", webhooks=sends(LastOnly)),
    defect("HOOK-011", "certificates of receivers are not verified", webhooks=sends(Trusting)),
    defect("HOOK-012", "the old secret stops at once", webhooks=sends(NewOnly)),
    defect(
        "HOOK-013",
        "payloads are not what the document says",
        # That document says less of the other operations.
        perhaps=frozenset({"SCH-001", "URL-007"}),
        webhooks=sends(TextNumbers),
        description=WithWebhooks,
    ),
)
