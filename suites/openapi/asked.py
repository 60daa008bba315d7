"""DOC-001: the documented operations of one resource, requested one after the other."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import httpx

from harness import payloads
from harness.client.client import Throttled, exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, is_json
from harness.http.exchange import Exchange
from harness.http.intermediary import from_edge
from harness.resource.item import Item
from harness.resource.patch_documents import setting as operations_setting
from harness.resource.resource import LONGEST_LAG, ResourceUnderTest
from harness.rules.catalogue import shipped
from harness.rules.checks import Undecided
from harness.rules.verdict import Level
from harness.survey.ask.triggers import ABSENT_ITEM, UNKNOWN_ROUTE
from harness.survey.openapi.promises import of_path
from harness.survey.outcome import Survey

from .below import unserved
from .judge import absent_item
from .served import CRASH, OPERATIONS, Kind, Setting, classified, failure, may_pass, refused

PAUSE = 1.0
"""Seconds, at most, before a request is repeated that a gateway or an overload may have failed."""
_MOST_NAMED = 6


class Asked:
    """The documented operations of one resource, requested one after the other.

    Args:
        resource: the resource.
        survey: what the survey found.
        window: seconds after which a read must show a completed write.
    """

    def __init__(self, resource: ResourceUnderTest, survey: Survey, window: float) -> None:
        self.resource, self.survey, self.window = resource.showing_failures(), survey, window
        self.denied: list[str] = []
        self.open: list[str] = []
        self.there: list[str] = []
        self.failing: list[str] = []
        self.lost: list[str] = []
        """Capabilities whose operation is denied or fails."""
        self.level: Level | None = Level.MUST
        """Of operations that fail; None, for the level of the rule, where the request may be at fault."""
        unknown, absent = survey.triggered(UNKNOWN_ROUTE), survey.triggered(ABSENT_ITEM)
        self.setting = Setting(
            unknown[0][1] if unknown else None,
            absent[0][1] if absent else absent_item(survey.exchanges),
            survey.exchanges,
            resource.client.target.url,
            tuple(resource.known.patch or ()),
        )

    def documented(self, what: Literal["collection", "item"], url: str) -> set[str]:
        """Methods that the document certainly has for a URL."""
        path = url.removeprefix(self.resource.client.target.url) or "/"
        return set(self.resource.documented(what)) & of_path(self.survey.documented, path)

    def request(
        self, name: str, send: Callable[[], httpx.Response], found: Callable[[], bool] | None = None
    ) -> httpx.Response | None:
        """Request an operation, once more where the response may be one of the moment, and keep what it shows.

        Args:
            name: of the capability.
            send: sends the request and returns the response.
            found: tells, for a 404, whether the item exists; None for a collection.

        Returns:
            The response; None where there is none that says anything.
        """
        try:
            reply = send()
            answer, again = exchange_of(reply), None
            if may_pass(answer, self._edge(answer)):
                again = answer
                if answer.attempt == 1:
                    time.sleep(min(PAUSE, self.window))
                    again = exchange_of(send())
        except Throttled as problem:
            self.open.append(str(problem))
            return None
        there = found() if found is not None and answer.status == 404 else None
        self.keep(name, answer, there, again)
        return reply

    def keep(
        self, name: str, answer: Exchange, found: bool | None = None, again: Exchange | None = None
    ) -> None:
        """Keep what a response says of an operation."""
        edge = self._edge(answer)
        kind, text = classified(answer, self.setting, found=found, edge=edge, again=again)
        kept = {
            Kind.SERVED: self.there,
            Kind.DENIED: self.denied,
            Kind.FAILED: self.failing,
            Kind.OPEN: self.open,
        }
        kept[kind].append(text)
        if kind in (Kind.DENIED, Kind.FAILED):
            self.lost.append(name)

    def _edge(self, answer: Exchange) -> str | None:
        return from_edge(answer, self.survey.exchanges) if (answer.status or 0) >= 400 else None

    def collection(self, writes: bool) -> Item | None:
        """Request the operations of the collection; returns the created item, if any."""
        resource = self.resource
        documented = self.documented("collection", resource.url)
        if "GET" in documented:
            self.request("list", lambda: resource.client.get(resource.url))
        if not writes or "POST" not in documented or not self.wanted("create"):
            return None
        if not is_json(resource.known.media_type):
            return None
        accepted = [one.summary() for one in self._creates() if 200 <= (one.status or 0) < 300]
        if accepted and not resource.can("create"):
            # It works, but a created item could not be found and removed.
            self.there.append(accepted[0])
            self.always_failed("read")
            return None
        if self.doubtful("delete"):
            # Nothing more is created that could not be removed: what the survey saw is judged.
            for method, name in OPERATIONS.items():
                self.judge_seen(method, name)
            return None
        if not accepted and self._creates_failed():
            return None
        body = resource.body() if resource.known.body is not None else {}
        reply = self.request("create", lambda: resource.post(body))
        if reply is None or not reply.is_success or (id := resource.id_in(reply)) is None:
            return None
        item = Item(resource, id, body, reply)
        if resource.can("lag"):
            eventually(lambda: item.get().is_success, LONGEST_LAG)
        return item

    def _creates(self) -> list[Exchange]:
        """The creates of the survey."""
        url = self.resource.create_url
        return [one for one in self.survey.exchanges if (one.method, one.url) == ("POST", url)]

    def _creates_failed(self) -> bool:
        """Whether the survey's creates failed; then what they were answered is judged.

        Nothing more is created after a 500: what it made is unknown. Where the service was unavailable, the same create
        is sent once more.
        """
        failed = [one for one in self.doubtful("create") if failure(one)]
        if not failed:
            return False
        if any(400 <= (one.status or 0) < CRASH for one in self._creates()):
            # Other bodies were refused: this one may be at fault, too.
            self.level = None
        if failed[-1].status == CRASH:
            return self.always_failed("create")
        with suppress(ValueError, Undecided):
            # Undecided, too: no further create is allowed where it is unknown what the others made.
            self.resource.post(json.loads(failed[-1].request_body.text))
        first = next(one for one in self._creates() if failure(one))
        self.keep("create", first, again=self._later_create(first))
        return True

    def _later_create(self, failed: Exchange) -> Exchange | None:
        """A create after one that failed: one that did not fail, else the last one; None for none."""
        url = self.resource.create_url
        made = [*self.survey.exchanges, *self.resource.client.recorder.exchanges]
        later = [one for one in made if (one.method, one.url) == ("POST", url)]
        later = [one for one in later if one.id != failed.id and one.started > failed.started]
        return next((one for one in later if not failure(one)), later[-1] if later else None)

    def doubtful(self, name: str) -> list[Exchange]:
        """The exchanges of a capability that is declared and does not work; none for another one."""
        known = self.resource.known.capabilities.get(name)
        ids = known.exchanges if known is not None and known.doubtful else []
        return [one for one in self.survey.exchanges if one.id in ids]

    def judge_seen(self, method: str, name: str) -> None:
        """Keep what the survey's own requests for an operation that does not work show."""
        for answer in self.doubtful(name) if self.wanted(name) else ():
            if answer.method != method:
                continue
            later = self.survey.exchanges[self.survey.exchanges.index(answer) + 1 :]
            reads = [one.status for one in later if (one.method, one.url) == ("GET", answer.url)]
            repeats = [one for one in later if (one.method, one.url) == (method, answer.url)]
            if answer.attempt > 1:
                repeats.insert(0, answer)
            self.keep(name, answer, reads[:1] == [200], next(iter(repeats), None))

    def always_failed(self, name: str) -> bool:
        """Whether the survey's requests for a capability were answered 500; then they are judged."""
        failed = [one for one in self.doubtful(name) if one.status == CRASH]
        self.failing += [one.summary() for one in failed]
        self.lost += [name] * bool(failed)
        return bool(failed)

    def wanted(self, capability: str) -> bool:
        """Whether the profile does not exclude a capability."""
        state = self.resource.known.capabilities.get(capability)
        return state is None or not state.given

    def item(self, item: Item) -> None:
        """Request the operations of the run's item."""
        documented = self.documented("item", item.url)
        reply = item.get()
        if "GET" in documented and (reply.is_success or refused(exchange_of(reply)) is not None):
            self.keep("read", exchange_of(reply))
        if not reply.is_success:
            self.open.append(f"{exchange_of(reply).summary()}: no other method is tried for it")
            return
        self.denied += unserved(item, self.survey, self.setting.unknown, self.setting.absent)
        for method, name in OPERATIONS.items():
            if method in documented and self.wanted(name):
                self._write(item, method, name)

    def _write(self, item: Item, method: str, name: str) -> None:
        """Request a write to an item; a 404 may be one of the moment."""

        def send() -> httpx.Response:
            replies = [self._send(item, method)]
            if replies[0].status_code == 404:
                eventually(lambda: self._sent_again(item, method, replies).status_code != 404, self.window)
            return replies[-1]

        self.request(name, send, found=lambda: item.get().is_success)

    def _sent_again(self, item: Item, method: str, replies: list[httpx.Response]) -> httpx.Response:
        replies.append(self._send(item, method))
        return replies[-1]

    def _send(self, item: Item, method: str) -> httpx.Response:
        known = self.resource.known
        if method == "DELETE":
            return item.delete()
        if method == "PUT":
            return item.put(item.put_body())
        body = payloads.changed(known, item.sent)
        if known.patch and not known.partial and body:
            # Lists of operations only (RFC 6902).
            media, place = known.patch[0], known.representation + body[1]
            content = operations_setting(place, at(body[0], place))
        else:
            media = next(iter(known.partial), known.media_type)
            content = item.with_version(body[0] if body else item.sent)
        return item.client.patch(
            item.url, json=content, headers={**item.write_fields(), "Content-Type": media}
        )

    def consequence(self) -> str:
        """The rules that cannot be decided where the operations do not work; empty for none."""
        lost = set(self.lost)
        if not lost:
            return ""
        codes = [one.rule.code for one in shipped() if lost & (set(one.rule.needs) - set(one.rule.judges))]
        if not codes:
            return ""
        more = f" and {len(codes) - _MOST_NAMED} more" if len(codes) > _MOST_NAMED else ""
        return f"; without that, {', '.join(codes[:_MOST_NAMED])}{more} cannot be decided"
