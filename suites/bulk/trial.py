"""Sends batches: a valid one and one with a fault, once for all rules of a process."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx

from harness.client.client import Client, exchange_of
from harness.client.recorder import Recorder
from harness.http.content import at, json_of
from harness.profile.models import Profile
from harness.resource.batched import Batched, Part, post_batch
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided, control, inconclusive, not_applicable
from harness.survey.outcome import Survey

from . import multipart
from .finding import Mode, Operation, operations, unusable
from .invalid import FOR_OTHER_REASONS, Invalid, invalid
from .judge import claims, described, mode_of
from .results import Asked, Results, read
from .shapes import Request, Shape

SEVERAL = 5
"""Items of a valid batch."""
ABSENT = "the API has no batch: nothing declares one, and no collection takes an array; [[bulk]] of the profile does"
NOT_OFFERED = (404, 405, 406, 415, 501)


@dataclass(frozen=True)
class Sent:
    """A batch, its response, and what is there after it.

    Attributes:
        bodies: the items that were sent, in order.
        claimed: what the response says of each; see `judge.claims()`.
        there: whether each exists; None where that is unknown.
    """

    operation: Operation
    bodies: tuple[Any, ...]
    batch: Batched
    results: Results

    @property
    def reply(self) -> httpx.Response:
        return self.batch.reply

    @property
    def status(self) -> int:
        return self.reply.status_code

    @property
    def claimed(self) -> list[bool | None]:
        return claims(self.status, self.results, len(self.bodies))

    @property
    def there(self) -> list[bool | None]:
        return [None if url is None else bool(url) for url in self.batch.urls]

    @property
    def said(self) -> str:
        return exchange_of(self.reply).summary()

    @property
    def what(self) -> str:
        """The response and what became of each item, in words."""
        return f"{self.said}: {described(self.claimed, self.there)}"

    @property
    def succeeded(self) -> bool:
        """Whether the whole batch did: then it is a control for what comes after it."""
        return self.reply.is_success and False not in self.claimed and all(self.there)


def send(
    operation: Operation,
    bodies: Sequence[Any],
    window: float,
    *,
    keys: Sequence[str | None] = (),
    resource: ResourceUnderTest | None = None,
    sender: Client | None = None,
) -> Sent:
    """Send a batch of creates.

    Args:
        keys: idempotency key of each item.
        resource: the operation's, under another credential.
        sender: sends the batch, while what it creates is looked for as usual.

    Raises:
        Undecided: it was not sent, or not answered.
    """
    subject = resource or operation.resource
    shape = operation.shape
    requests = [creating(subject, body, keys[number] if keys else None) for number, body in enumerate(bodies)]
    asked = Asked(
        len(bodies), shape.correlation, identifiers(shape, keys, len(bodies)), members(subject, bodies)
    )
    results: list[Results] = []

    def parts(reply: httpx.Response) -> list[Part]:
        results[:] = [read(value_of(shape, reply, len(bodies)), asked)]
        return [
            Part() if one is None else Part(one.value, one.location, one.failed)
            for one in results[0].by_input
        ]

    batch = post_batch(
        subject,
        subject.client.url(operation.path),
        encoded(shape, requests),
        bodies,
        header_fields(operation),
        parts,
        window,
        sender,
    )
    found = results[0] if results else Results(by_input=(None,) * len(bodies))
    return Sent(operation, tuple(bodies), batch, found)


def encoded(shape: Shape, requests: Sequence[Request]) -> bytes:
    """A batch as it is sent."""
    if shape.multipart:
        paths = [shape.path(one.path) for one in requests]
        return multipart.content(requests, paths, atomic=bool(shape.each.get("atomicityGroup")))
    return written(shape.content([shape.element(number, one) for number, one in enumerate(requests)]))


def value_of(shape: Shape, reply: httpx.Response, count: int) -> Any:
    """The JSON of the response to a batch, or what a multipart response is in that form."""
    if not shape.multipart or "json" in reply.headers.get("content-type", ""):
        return json_of(reply)
    return multipart.responses(reply.headers.get("content-type", ""), reply.content, count)


def written(content: Any) -> bytes:
    """JSON as it is sent."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def header_fields(operation: Operation) -> dict[str, str | None]:
    """The header fields of a batch."""
    own = operation.resource.fields_for_create()
    if operation.shape.requests:
        own = {"Content-Type": "application/json"}
    if operation.shape.multipart:
        own = {"Content-Type": multipart.content_type(), "Accept": "multipart/mixed"}
    return {**own, **operation.fields}


def identifiers(shape: Shape, keys: Sequence[str | None], count: int) -> tuple[str | None, ...]:
    """What results may name their items by."""
    if shape.correlation:
        return tuple(str(number + 1) for number in range(count))
    return tuple(keys)


def members(resource: ResourceUnderTest, bodies: Sequence[Any]) -> frozenset[str]:
    """Names of the members that items have, inside their representation."""
    inside = [at(body, resource.known.representation) for body in bodies]
    return frozenset(name for one in inside[:1] if isinstance(one, dict) for name in one)


def creating(resource: ResourceUnderTest, body: Any, key: str | None = None) -> Request:
    """A create as a part of a batch."""
    fields = {
        name: value
        for name, value in resource.fields_for_create().items()
        if value is not None and name.lower() != "content-type"
    }
    path = urlsplit(resource.create_url).path
    return Request("POST", path, resource.as_sent(body), key, resource.known.media_type, fields)


class Trial:
    """The batches of one operation that several rules judge.

    Args:
        window: seconds within which a read must show what was created.
    """

    def __init__(self, operation: Operation, window: float) -> None:
        self.operation, self.window = operation, window
        self._sent: dict[str, Sent] = {}
        self._users: dict[str, set[str]] = {}
        self._invalid: Invalid | None = None

    @property
    def resource(self) -> ResourceUnderTest:
        return self.operation.resource

    def send(self, *bodies: Any, keys: Sequence[str | None] = ()) -> Sent:
        """Send one more batch."""
        return send(self.operation, bodies, self.window, keys=keys)

    def raw(self, content: bytes) -> httpx.Response:
        """Send content that is no batch; what it creates all the same is removed where it is an item."""
        operation, fields = self.operation, header_fields(self.operation)
        if operation.url == self.resource.create_url:
            return self.resource.post(content=content, headers=fields)
        return self.perform(content)

    def perform(self, content: bytes, client: Client | None = None) -> httpx.Response:
        """Send a batch that creates nothing."""
        sender = client or self.resource.client
        with sender.recorder.ownership.granting("POST", self.operation.url):
            return sender.post(self.operation.url, content=content, headers=header_fields(self.operation))

    def requests(self, *requests: Request, client: Client | None = None) -> tuple[httpx.Response, Results]:
        """Send a batch of requests that create nothing; what they change is the run's own."""
        shape = self.operation.shape
        reply = self.perform(encoded(shape, requests), client)
        asked = Asked(len(requests), shape.correlation, identifiers(shape, (), len(requests)))
        return reply, read(value_of(shape, reply, len(requests)), asked)

    def valid(self, user: str, *, fresh: bool = False) -> Sent:
        """A batch of valid items; sent again for a rule that has judged it already.

        Args:
            user: code of the rule.
            fresh: whether its items must still be there: those of other rules may be gone.
        """
        if fresh:
            self._sent.pop("valid", None)
        # More than the threshold would be processed later, and nothing would be shown at once.
        most = min(SEVERAL, self.operation.most or SEVERAL, max(self.operation.asynchronous or SEVERAL, 1))
        return self._once("valid", user, lambda: self.send(*(self.resource.body() for _ in range(most))))

    def mixed(self, user: str) -> Sent:
        """A batch of a valid item, an invalid one and a valid one."""
        bad = self.invalid()
        return self._once(
            "mixed", user, lambda: self.send(self.resource.body(), bad.make(), self.resource.body())
        )

    def _once(self, what: str, user: str, make: Callable[[], Sent]) -> Sent:
        users = self._users.setdefault(what, set())
        if what not in self._sent or user in users:
            self._sent[what] = make()
            users.clear()
        users.add(user)
        return self._sent[what]

    def working(self, user: str) -> Sent:
        """The batch of valid items, as a control.

        Raises:
            Undecided: it does not succeed.
        """
        sent = self.valid(user)
        control(sent.succeeded, f"a batch of valid items should succeed: {sent.what}")
        return sent

    def invalid(self) -> Invalid:
        """An item that the API refuses when it is sent alone.

        Raises:
            Undecided: none is known.
        """
        if self._invalid is None:
            self._invalid = invalid(self.resource)
        return self._invalid

    def mode(self, user: str) -> Mode | None:
        """Whether items fail one by one, or all together; asked once where nothing declares it.

        Returns:
            None where that cannot be told.
        """
        if self.operation.mode is not None:
            return self.operation.mode
        sent = self.mixed(f"{user}, for the mode")
        if sent.status in FOR_OTHER_REASONS:
            return None
        return mode_of(sent.claimed, sent.there)


def path_of(url: str) -> str:
    """The path of a URL, as a request in a batch names it."""
    return urlsplit(url).path


_trials: WeakKeyDictionary[Recorder, list[Trial]] = WeakKeyDictionary()


def trials(
    client: Client, survey: Survey, profile: Profile, make_resource: Callable[[str], ResourceUnderTest]
) -> list[Trial]:
    """The batches that the API has; found once in each process.

    Raises:
        NotApplicable: it has none.
        Undecided: those that are declared cannot be tested.
    """
    if client.recorder not in _trials:
        found = [
            Trial(one, profile.consistency_window)
            for one in operations(client, survey, profile, make_resource)
        ]
        kept = list(filter(None, (one if one.operation.declared else offered(one) for one in found)))
        _trials[client.recorder] = kept if found else asked(client, profile, make_resource)
    if not _trials[client.recorder]:
        why = unusable(survey, profile)
        if why:
            inconclusive(why)
        not_applicable(ABSENT)
    return _trials[client.recorder]


def offered(trial: Trial) -> Trial | None:
    """A batch that nothing declares, if it is there after all: where it may be multipart, in that form perhaps."""
    operation = trial.operation
    forms = [trial]
    if operation.shape.target == "url":
        in_parts = replace(operation, shape=replace(operation.shape, multipart=True))
        forms.append(Trial(in_parts, trial.window))
    for form in forms:
        try:
            sent = form.valid("")
        except Undecided:
            return None
        # OData 4.0 knows no batches in JSON.
        if sent.status not in (*NOT_OFFERED, *((400,) if form is not forms[-1] else ())):
            return form
    return None


def asked(client: Client, profile: Profile, make_resource: Callable[[str], ResourceUnderTest]) -> list[Trial]:
    """Collections that take an array in place of an item: one request each, where no document describes creates."""
    found = []
    for known in profile.resources:
        resource = make_resource(known.name)
        fit = resource.may_create and not resource.puts and "json" in known.media_type and resource.can("tag")
        if not fit or known.create_schema is not None or resource.staying:
            continue
        path = known.create or known.collection
        operation = Operation(path, "an array was accepted", Shape(), resource, declared=False)
        trial = Trial(operation, profile.consistency_window)
        try:
            sent = trial.send(resource.body(), resource.body())
        except Undecided:
            continue
        if sent.reply.is_success and sent.results.found is not None and all(sent.there):
            found.append(Trial(replace(operation, because=sent.said), profile.consistency_window))
        elif sent.reply.is_success:
            # An array that is stored as one item has no URL, and cannot be removed: the others are left alone.
            break
    return found
