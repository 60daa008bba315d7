"""Presigned URLs that the API hands out to the run, and the objects of the run behind them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from harness.client.claims import Claim
from harness.client.client import Client, exchange_of
from harness.client.marks import Marks
from harness.http.content import at, json_of
from harness.http.exchange import Exchange
from harness.http.fields import http_date
from harness.http.item_urls import is_below, key
from harness.http.presigned_urls import Signer
from harness.ledger.entries import Entry
from harness.ledger.ledger import Ledger
from harness.ledger.signed_removal import signer_of
from harness.profile.models import ObjectStore, Presigned, Profile
from harness.rules.checks import control
from harness.survey.outcome import Survey
from harness.target.target import Target

from .presigned_judge import filled, lifetime, places, signed_urls, without_query

KIND = "application/octet-stream"
HINT = re.compile(r"sig|hmac=|hash=|token=", re.IGNORECASE)
LIFETIME = 600
"""Seconds that are asked for where the API lets a client choose."""


@dataclass(frozen=True)
class Signed:
    """A URL.

    Attributes:
        name: of the file that it was asked for.
        here: whether it is on the target's origin.
        lifetime: seconds for which it is valid, and what says so; None where nothing does.
        summary: of the response that it was in.
    """

    url: str
    name: str
    here: bool
    lifetime: tuple[float, str] | None
    summary: str

    @property
    def host(self) -> str:
        """Host and port of the URL."""
        return urlsplit(self.url).netloc

    @property
    def place(self) -> str:
        """The object that it is for: the URL without what is signed."""
        return without_query(self.url)


Put = Callable[..., httpx.Response]


class Source:
    """What URLs are from.

    Args:
        client: sends.
        ledger: removes the objects.

    Attributes:
        method: that they are for.
        typed: whether they are for one type of content.
        timed: whether a client may choose how long they are valid.
        most: seconds for which they may be valid; None where clients make them.
    """

    method = "PUT"
    typed = timed = True
    most: int | None = None
    signed = False
    """Whether objects are removed under presigned URLs."""

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self.client, self.nobody, self.ledger = client, client.under(None), ledger
        self.asked: list[Signed] = []

    def new_name(self) -> str:
        """A name that nothing has."""
        return f"conformance-{self.client.recorder.ownership.token}-{secrets.token_hex(6)}"

    def ask(self, seconds: int = LIFETIME) -> Signed:
        """A URL for a new name.

        Args:
            seconds: for which it is to be valid.

        Raises:
            Undecided: there is none.
        """
        raise NotImplementedError

    def ours(self, url: str) -> bool:
        """Whether a URL is surely for an object of the run: it has a name that was asked for, or a new key."""
        places = [one.place for one in self.asked]
        named = any(one.name in url for one in self.asked)
        return named or (len(set(places)) == len(places) > 1 and without_query(url) in places)

    @contextmanager
    def objects(self) -> Iterator[Put]:
        """A function that uses a URL, under no credential; the objects that it makes are removed at the end."""
        made: dict[str, str] = {}
        kept: set[str] = set()

        def put(given: Signed, url: str | None = None, kind: str = KIND) -> httpx.Response:
            sent = url or given.url
            method = self.method
            if method == "GET":
                return self.bare(method, sent)
            control(self.ours(sent), f"{given.place} is for a name that was asked for, or for a new key")
            with self.client.recorder.ownership.granting(method, sent):
                if key(sent) not in made:
                    made[key(sent)] = self.recorded(without_query(sent))
                content = f"a file of {given.name}".encode()
                reply = self.nobody.request(method, sent, headers={"Content-Type": kind}, content=content)
                if 400 <= reply.status_code < 500 and key(sent) not in kept:
                    self.ledger.strike(made.pop(key(sent)))
                elif reply.is_success:
                    kept.add(key(sent))
                return reply

        try:
            yield put
        finally:
            for place in made.values():
                self.ledger.remove(place)

    def recorded(self, place: str) -> str:
        """The URL of an object of the run, which is in the ledger before anything is sent to it."""
        recorder = self.client.recorder
        recorder.budget.reserve()
        recorder.ownership.take(Claim(key(place), place, "", Marks(), proven=True))
        entry = Entry(place, self.client, readable=False, unseen=True, signed=self.signed)
        return self.ledger.add(entry).url

    def bare(self, method: str, url: str, *, own: bool = False) -> httpx.Response:
        """A request without content, under no credential.

        Args:
            own: whether the object was made by the run; needed by unsafe methods.
        """
        if not own:
            return self.nobody.request(method, url, headers={"Accept": "*/*"})
        control(self.ours(url), f"{without_query(url)} is the run's own")
        with self.client.recorder.ownership.granting(method, url):
            return self.nobody.request(method, url)


class Endpoint(Source):
    """An endpoint that hands them out.

    Args:
        client: asks for URLs.
        how: the profile.
    """

    def __init__(self, client: Client, how: Presigned, ledger: Ledger) -> None:
        super().__init__(client, ledger)
        self.how, self.method, self.most = how, how.method, how.lifetime
        self.typed = how.method != "GET" and places(how.body, "type")
        self.timed = places(how.body, "seconds")

    def ask(self, seconds: int = LIFETIME) -> Signed:
        """A URL for a new name.

        Args:
            seconds: for which it is to be valid, if the API lets a client choose.

        Raises:
            Undecided: there is none.
        """
        name = self.new_name()
        body = filled(self.how.body, {"name": name, "type": KIND, "seconds": seconds})
        with self.client.recorder.ownership.granting("POST", self.client.url(self.how.path)):
            reply = self.client.post(self.how.path, json=body)
        summary = exchange_of(reply).summary()
        document = json_of(reply)
        url = at(document, self.how.url)
        control(
            reply.is_success and isinstance(url, str) and bool(url),
            f"{summary} has a presigned URL at {self.how.url} (`url` in [files.presigned])",
        )
        url = self.client.resolve(url, self.how.path)
        here = url.startswith(self.client.target.origin + "/")
        # By the clock of the target: it is that which decides.
        now = http_date(reply.headers.get("date")) or datetime.now(UTC)
        made = Signed(url, name, here, lifetime(url, document, self.how.expires, now), summary)
        self.asked.append(made)
        return made


class Store(Source):
    """A store with the API of S3: the run signs URLs itself.

    Args:
        client: sends.
        how: the profile.
        signer: signs with the access key.
        ledger: removes the objects.
    """

    signed = True

    def __init__(self, client: Client, how: ObjectStore, signer: Signer, ledger: Ledger) -> None:
        super().__init__(client, ledger)
        self.how, self.signer = how, signer

    def ask(self, seconds: int = LIFETIME) -> Signed:
        """A URL that uploads an object with a new name."""
        name = self.new_name()
        url = self.url_for("PUT", name, seconds, fields={"Content-Type": KIND})
        left = lifetime(url, None, None, datetime.now(UTC))
        self.asked.append(Signed(url, name, True, left, "the run's own signature"))
        return self.asked[-1]

    def place(self, name: str) -> str:
        """The URL of an object, unsigned."""
        return self.client.url(self.how.path.replace("{name}", name))

    def begun(self, name: str) -> Entry:
        """An upload in parts of an object, which is about to begin."""
        self.client.recorder.budget.reserve()
        return Entry(self.place(name), self.client, readable=False, unseen=True, signed=True)

    def url_for(
        self,
        method: str,
        name: str,
        seconds: int = LIFETIME,
        fields: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> str:
        """A URL for an object; see `Signer.presigned()`."""
        return self.signer.presigned(method, self.place(name), datetime.now(UTC), seconds, fields, parameters)


def sources(client: Client, profile: Profile, target: Target, ledger: Ledger) -> list[Source]:
    """What presigned URLs are from, by the profile."""
    files = profile.files
    made: list[Source] = []
    if files is not None and files.presigned is not None:
        made.append(Endpoint(client, files.presigned, ledger))
    if (store := store_of(client, profile, target, ledger)) is not None:
        made.append(store)
    return made


def shown_by(survey: Survey, base: str) -> list[str]:
    """Names of the resources whose representations showed URLs with a signature and a lifetime.

    Args:
        base: the target URL.
    """
    showing = [one.url for one in survey.exchanges if _shows(one)]
    places = {one.name: base + one.collection for one in survey.profile.resources if one.collection}
    return [name for name, place in places.items() if any(is_below(url, place) for url in showing)]


def _shows(exchange: Exchange) -> bool:
    text = exchange.response_body.text
    # Most texts need not be parsed.
    if not 200 <= (exchange.status or 0) < 300 or "?" not in text or not HINT.search(text):
        return False
    with suppress(ValueError):
        return bool(signed_urls(exchange.json()))
    return False


def store_of(client: Client, profile: Profile, target: Target, ledger: Ledger) -> Store | None:
    """The store with the API of S3, if the profile names one."""
    how = profile.files.s3 if profile.files is not None else None
    signer = signer_of(target.private)
    return None if how is None or signer is None else Store(client, how, signer, ledger)
