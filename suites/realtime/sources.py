"""The event streams that a run may follow: of the profile, of the document, and what the survey came across."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from harness.client.client import Client
from harness.http.event_stream import MEDIA_TYPE
from harness.profile.models import LongPoll, Profile, Stream, WebSocket
from harness.resource.causing import Cause, cause_of
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import not_applicable
from harness.rules.rule import Effect
from harness.survey.outcome import Survey

MOST = 4
"""Streams that a run follows."""


@dataclass(frozen=True)
class Given:
    """What a rule has to work with."""

    client: Client
    profile: Profile
    survey: Survey
    make_resource: Callable[[str], ResourceUnderTest]

    def cause(self, source: Any, where: str) -> Cause:
        """What causes an event of a source.

        Raises:
            Undecided: nothing that is tested does.
        """
        return cause_of(source.trigger, self.client, self.make_resource, where, source.trigger_body)


@dataclass(frozen=True)
class Found:
    """An event stream.

    Attributes:
        because: what says that it is one.
        declared: whether the profile has it.
        only: whether nothing but an event stream is promised there.
        supposed: whether its trigger is only supposed: it is about a collection by its path, or the API has only one.
    """

    how: Stream
    because: str
    declared: bool = False
    only: bool = True
    supposed: bool = False

    @property
    def path(self) -> str:
        return self.how.path


def streams(given: Given) -> list[Found]:
    """The event streams that the run follows.

    Raises:
        NotApplicable: there are none.
    """
    found = [Found(one, "the profile ([[streams]])", declared=True) for one in given.profile.streams]
    known = {one.path.partition("?")[0] for one in found}
    if not given.profile.only:
        # A user who names collections means these, and what the profile says.
        for path, only in given.survey.promises.streams:
            if path not in known:
                known.add(path)
                found.append(Found(Stream(path=path), "the OpenAPI document", only=only))
        for path in came_across(given):
            if path not in known:
                known.add(path)
                found.append(Found(Stream(path=path), "a response of the survey"))
    if not found:
        not_applicable("does not apply: no event stream is documented or declared ([[streams]])")
    return [supposed(given, one) for one in found[:MOST]]


def supposed(given: Given, found: Found) -> Found:
    """The stream with the creates that may cause its events, where nothing says what does."""
    name = supposed_trigger(given, found.path) if found.how.trigger is None else None
    if name is None:
        return found
    # Nothing says how often an event may come: a snapshot shows what was there before, too.
    how = found.how.model_copy(update={"trigger": name, "at_least_once": True})
    return replace(found, how=how, supposed=True)


def supposed_trigger(given: Given, path: str) -> str | None:
    """The name of the resource whose creates may cause the events at a path; None for none, or in a run that reads."""
    if given.client.target.limits.effects < Effect.WRITE:
        return None
    able = [one for one in given.profile.resources if given.make_resource(one.name).can("create")]
    return about(path, {one.name: one.collection for one in able})


def polled(given: Given) -> tuple[LongPoll, bool]:
    """What is polled, and whether its trigger is only supposed.

    Raises:
        NotApplicable: nothing is.
    """
    how = given.profile.longpoll
    if how is not None:
        return how, False
    found = () if given.profile.only else given.survey.promises.polls
    if not found:
        not_applicable("does not apply: no long polling is documented or declared ([longpoll])")
    one = found[0]
    trigger = supposed_trigger(given, one.path)
    made = LongPoll(
        path=one.path,
        trigger=trigger,
        timeout=one.timeout,
        cursor=one.cursor,
        next=one.next,
        at_least_once=True,
    )
    return made, True


def about(path: str, collections: Mapping[str, str]) -> str | None:
    """The name of the collection that a stream is about: it is in its path, or the only one; None for none. Pure.

    Args:
        collections: their paths by name.
    """
    words = path.partition("?")[0].strip("/").split("/")
    named = [name for name, one in collections.items() if one.strip("/").split("/")[-1] in words]
    if len(named) == 1:
        return named[0]
    return next(iter(collections)) if len(collections) == 1 else None


def came_across(given: Given) -> list[str]:
    """Paths of GETs that the survey was answered with an event stream."""
    base = given.client.target.url
    found = []
    for exchange in given.survey.exchanges:
        url = urlsplit(exchange.url)
        if exchange.method == "GET" and exchange.status == 200 and exchange.media_type == MEDIA_TYPE:
            path = url.path.removeprefix(urlsplit(base).path.rstrip("/")) or "/"
            found.append(path + (f"?{url.query}" if url.query else ""))
    return list(dict.fromkeys(found))


def socket_of(given: Given) -> tuple[WebSocket, str]:
    """The WebSocket that the run connects to, and what says that there is one.

    Raises:
        NotApplicable: there is none.
    """
    if given.profile.websocket is not None:
        return given.profile.websocket, "the profile ([websocket])"
    paths = () if given.profile.only else given.survey.promises.websockets
    if not paths:
        not_applicable("does not apply: no WebSocket is documented or declared ([websocket])")
    return WebSocket(path=paths[0], trigger=supposed_trigger(given, paths[0])), "the OpenAPI document"
