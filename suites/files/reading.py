"""Reads representations and ranges of them. Content is hashed as it comes, and not kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import httpx

from harness.client.client import Client, exchange_of
from harness.client.recorder import Recorder, Unanswered
from harness.client.streams import Incoming, Window
from harness.http.exchange import Exchange
from harness.http.fields import entity_tag
from harness.ledger.ledger import Ledger
from harness.profile.models import Profile
from harness.rules.checks import Broken, NotApplicable, Undecided, applies, inconclusive, not_applicable
from harness.rules.rule import Effect
from harness.survey.outcome import Survey

from .digests import FIELDS
from .parts import accepts_bytes, body_parts, boundary_of, counts_bytes
from .places import MOST, Place, kind, places
from .ranges import Answer, Whole
from .uploading import uploads

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


OWN = 4096
"""Bytes of a file that is uploaded to read ranges of it."""
_NO_OWN: WeakKeyDictionary[Recorder, bool] = WeakKeyDictionary()
"""By recorder: that files of the run's own have no ranges, or cannot be uploaded."""
_FOUND: WeakKeyDictionary[Recorder, list[Ranged]] = WeakKeyDictionary()
"""By recorder: a process tries once."""


def ranged(client: Client, survey: Survey, profile: Profile, ledger: Ledger) -> list[Ranged]:
    """The URLs with ranges, first that of a file of the run's own; the rule does not apply where there are none."""
    own = _own(client, survey, profile, ledger)
    found = [*([own] if own is not None else []), *_all(client, survey, profile)]
    applies(found, ABSENT)
    return found


def _own(client: Client, survey: Survey, profile: Profile, ledger: Ledger) -> Ranged | None:
    """A file that is uploaded for the rule, where the run may do that, and its downloads have ranges."""
    recorder = client.recorder
    if client.target.limits.effects < Effect.WRITE or recorder in _NO_OWN:
        return None
    _NO_OWN[recorder] = True
    with suppress(Undecided, NotApplicable, Broken):
        store = uploads(client, ledger, profile, survey)
        _, stored = store.send(os.urandom(OWN))
        if stored is not None and (url := store.read(stored).exchange.url):
            own = tried(client, Place(url, f"GET {url}"))
            if own is not None:
                del _NO_OWN[recorder]
            return own
    return None


def _all(client: Client, survey: Survey, profile: Profile) -> list[Ranged]:
    if client.recorder not in _FOUND:
        _FOUND[client.recorder] = [
            one for place in _places(client, survey, profile) if (one := tried(client, place)) is not None
        ]
    return _FOUND[client.recorder]


def working(client: Client, survey: Survey, profile: Profile, ledger: Ledger) -> list[Ranged]:
    """Those of them at which a 206 was seen; FILE-004 reports where Range is ignored although it is announced."""
    found = ranged(client, survey, profile, ledger)
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
    """What a request for the first two bytes shows; None where the URL has no ranges, or nothing to read."""
    declared = Ranged(place.url, place.because) if place.declared else None
    try:
        reply = client.get(place.url, headers={"Range": "bytes=0-1"}, sink=Incoming())
        exchange = exchange_of(reply)
        if reply.status_code in (401, 403, 404, 410):
            return declared
        said = exchange.summary()
        if reply.status_code == 206:
            return (
                Ranged(place.url, said, exchange) if counts_bytes(exchange.field("content-range")) else None
            )
        told = accepts_bytes(exchange.field("accept-ranges"))
        if told:
            return Ranged(place.url, f"{said} with Accept-Ranges: bytes")
        if told is False or reply.status_code == 200:
            return None
        # A request without Range is not refused: what fails is the range, where ranges are announced.
        if place.announced or declared is not None:
            return Ranged(place.url, place.because)
        plain = exchange_of(client.head(place.url))
        announced = plain.status == 200 and accepts_bytes(plain.field("accept-ranges"))
        return Ranged(place.url, f"{plain.summary()} with Accept-Ranges: bytes") if announced else None
    except Undecided:
        # What is declared is not absent because it does not answer.
        return declared


def digested(client: Client, survey: Survey, profile: Profile) -> list[str]:
    """URLs whose responses have integrity fields: those that the survey saw, and those of files."""
    seen = {kind(one): one.url for one in survey.exchanges if _digested(one) and one.method == "GET"}
    if client.recorder not in _FOUND and not seen and profile.files is None:
        return []
    found = [one.seen for one in _all(client, survey, profile) if one.seen is not None]
    files = [one.url for one in found if _digested(one)]
    return list(dict.fromkeys([*seen.values(), *files]))[:MOST]


def _digested(exchange: Exchange) -> bool:
    return exchange.status in (200, 206) and any(exchange.field(name) for name in FIELDS)


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
    try:
        reply = client.get(url, headers={"Range": value, **(more or {})}, sink=sink)
    except Unanswered as problem:
        seen = problem.exchange
        if seen.status is None:
            raise
        named = {name.lower(): one for name, one in seen.response_fields}
        return Answer(
            value,
            seen.summary(),
            seen.status,
            sink.size,
            sink.sha256,
            named,
            problem=seen.error or "it ended",
        )
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
