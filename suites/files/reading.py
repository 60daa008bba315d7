"""Reads representations and ranges of them. Content is hashed as it comes, and not kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import httpx

from harness.client.client import Client, exchange_of
from harness.client.recorder import Recorder
from harness.client.streams import Incoming, Window
from harness.http.exchange import Exchange
from harness.http.fields import entity_tag
from harness.profile.models import Profile
from harness.rules.checks import NotApplicable, Undecided, applies, inconclusive, not_applicable
from harness.survey.outcome import Survey

from .parts import accepts_bytes, body_parts, boundary_of, counts_bytes
from .places import Place, places
from .ranges import Answer, Whole

ABSENT = "a response has Accept-Ranges: bytes, or a request with Range is answered 206"
MOST_KEPT = 1024 * 1024
"""Bytes of a response to several ranges that are kept, to read its parts."""


@dataclass(frozen=True)
class Ranged:
    """A URL that says it has ranges, or was seen to.

    Attributes:
        seen: the exchange with a 206; None where there was none.
        said: what says that there are ranges.
    """

    url: str
    said: str
    seen: Exchange | None = None


_FOUND: WeakKeyDictionary[Recorder, list[Ranged]] = WeakKeyDictionary()
"""By recorder: a process tries once."""


def ranged(client: Client, survey: Survey, profile: Profile) -> list[Ranged]:
    """The URLs with ranges; the rule does not apply where there are none."""
    if client.recorder not in _FOUND:
        _FOUND[client.recorder] = [
            one for place in _places(client, survey, profile) if (one := tried(client, place)) is not None
        ]
    found = _FOUND[client.recorder]
    applies(found, ABSENT)
    return found


def working(client: Client, survey: Survey, profile: Profile) -> list[Ranged]:
    """Those of them at which a 206 was seen; FILE-004 reports where Range is ignored although it is announced."""
    found = ranged(client, survey, profile)
    seen = [one for one in found if one.seen is not None]
    if not seen:
        not_applicable(f"{found[0].said}, but no request with Range was answered 206: see FILE-004")
    return seen


def _places(client: Client, survey: Survey, profile: Profile) -> list[Place]:
    samples = profile.files.samples if profile.files is not None else []
    collections = [client.url(one.collection) for one in profile.resources]
    # A user who names collections means these, and nothing else.
    plain = [path for path in survey.promises.downloads if "{" not in path and not profile.only]
    return places(
        [client.url(one) for one in samples],
        [client.url(one) for one in plain],
        survey.exchanges,
        collections,
        client.target.url,
    )


def tried(client: Client, place: Place) -> Ranged | None:
    """What a request for the first byte shows; None where the URL has no ranges, or nothing to read."""
    reply, exchange = None, None
    with suppress(Undecided):
        reply = client.get(place.url, headers={"Range": "bytes=0-0"}, sink=Incoming())
        exchange = exchange_of(reply)
    if exchange is None or reply is None or reply.status_code in (401, 403, 404, 410):
        return None
    said = exchange.summary()
    if reply.status_code == 206:
        return Ranged(place.url, said, exchange) if counts_bytes(exchange.field("content-range")) else None
    told = accepts_bytes(exchange.field("accept-ranges"))
    if told:
        return Ranged(place.url, f"{said} with Accept-Ranges: bytes")
    if told is False or reply.status_code == 200:
        return None
    # A request without Range is not refused: what fails is the range, where ranges are announced.
    if place.announced or place.declared:
        return Ranged(place.url, place.because)
    plain = exchange_of(client.head(place.url))
    announced = plain.status == 200 and accepts_bytes(plain.field("accept-ranges"))
    return Ranged(place.url, f"{plain.summary()} with Accept-Ranges: bytes") if announced else None


def whole(client: Client, url: str, windows: Iterable[Window] = ()) -> Whole:
    """The whole representation.

    Args:
        windows: parts of which the hash is wanted.

    Raises:
        Undecided: it is not answered 200, is empty, or comes in a content coding that was not asked for.
    """
    sink = Incoming(list(dict.fromkeys(windows)))
    reply = client.get(url, sink=sink)
    shown = exchange_of(reply).summary()
    if reply.status_code != 200:
        inconclusive(f"{shown}, where 200 was expected")
    if coded(reply):
        inconclusive(f"{shown} with Content-Encoding, although none was asked for")
    if not sink.size:
        inconclusive(f"{shown} without content: there is nothing to take a part of")
    hashes = {window: sink.part(window) for window in sink.windows}
    return Whole(sink.size, sink.sha256, hashes.get, fields_of(reply))


def coded(reply: httpx.Response) -> bool:
    """Whether a response has a content coding."""
    return reply.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")


def fields_of(reply: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in reply.headers.items()}


def asked(client: Client, url: str, value: str, more: Mapping[str, str] | None = None) -> Answer:
    """The response to a request with Range.

    Args:
        value: of Range.
        more: further fields.
    """
    sink = Incoming(keep=MOST_KEPT)
    reply = client.get(url, headers={"Range": value, **(more or {})}, sink=sink)
    fields = fields_of(reply)
    boundary = boundary_of(fields.get("content-type"))
    parts = None
    if reply.status_code == 206 and boundary is not None and sink.whole:
        parts = body_parts(bytes(sink.kept), boundary)
    return Answer(
        value, exchange_of(reply).summary(), reply.status_code, sink.size, sink.sha256, fields, parts
    )


class Comparison:
    """Responses to requests for ranges, between two reads of the whole representation.

    Attributes:
        before: the first read.
        after: the second, with the parts that the responses say they have; None until `settle()`.
    """

    def __init__(self, client: Client, url: str) -> None:
        self.client, self.url = client, url
        self.before = whole(client, url)
        self.after: Whole | None = None
        self.answers: list[Answer] = []

    @property
    def tag(self) -> str | None:
        """The strong ETag of the representation, if it has one."""
        value = self.before.fields.get("etag")
        found = entity_tag(value)
        return value if found is not None and not found.weak else None

    def ask(self, value: str, more: Mapping[str, str] | None = None) -> Answer:
        """Send a request with Range."""
        answer = asked(self.client, self.url, value, more)
        if coded(httpx.Response(200, headers=dict(answer.fields))):
            inconclusive(f"{answer.shown}, with Content-Encoding, although none was asked for")
        self.answers.append(answer)
        return answer

    def settle(self) -> Whole:
        """Read the whole representation again.

        Raises:
            Undecided: it has changed meanwhile: nothing can be compared.
        """
        windows = [window for one in self.answers for window in one.windows]
        self.after = whole(self.client, self.url, windows)
        if self.after.sha256 != self.before.sha256:
            inconclusive(
                f"{self.url}: the representation changes by itself, so parts of it cannot be compared"
            )
        return self.after


def each(places: Iterable[Ranged], judge: Any) -> None:
    """Judge each URL; the rule is undecided only where none could be judged.

    Args:
        judge: given a `Ranged`; raises as rules do.
    """
    open_: list[Undecided | NotApplicable] = []
    done = 0
    for place in places:
        try:
            judge(place)
            done += 1
        except (Undecided, NotApplicable) as problem:
            open_.append(problem)
    if open_ and not done:
        raise next((one for one in open_ if isinstance(one, Undecided)), open_[0])
