"""Presigned URLs that the API hands out to the run, and the objects of the run behind them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from harness.client.client import Client, exchange_of
from harness.http.content import at, json_of
from harness.http.fields import http_date
from harness.http.item_urls import key
from harness.profile.models import Presigned, Profile
from harness.rules.checks import Undecided, applies, control, note

from .presigned_judge import filled, lifetime, places, without_query

KIND = "application/octet-stream"
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
    """What hands out URLs.

    Args:
        client: asks for URLs.
        how: the profile.
    """

    def __init__(self, client: Client, how: Presigned) -> None:
        self.client, self.how = client, how
        self.nobody = client.under(None)
        self.asked: list[Signed] = []

    @property
    def typed(self) -> bool:
        """Whether the API is told the type of the content."""
        return self.how.method != "GET" and places(self.how.body, "type")

    @property
    def timed(self) -> bool:
        """Whether a client may choose how long a URL is valid."""
        return places(self.how.body, "seconds")

    def ask(self, seconds: int = LIFETIME) -> Signed:
        """A URL for a new name.

        Args:
            seconds: for which it is to be valid, if the API lets a client choose.

        Raises:
            Undecided: there is none.
        """
        name = f"conformance-{self.client.recorder.ownership.token}-{secrets.token_hex(6)}"
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

    def ours(self, url: str) -> bool:
        """Whether a URL is surely for an object of the run: it has a name that was asked for, or a new key."""
        places = [one.place for one in self.asked]
        named = any(one.name in url for one in self.asked)
        return named or (len(set(places)) == len(places) > 1 and without_query(url) in places)

    @contextmanager
    def objects(self) -> Iterator[Put]:
        """A function that uses a URL, under no credential; the objects that it makes are removed at the end."""
        made: dict[str, str] = {}

        def put(given: Signed, url: str | None = None, kind: str = KIND) -> httpx.Response:
            sent = url or given.url
            method = self.how.method
            if method == "GET":
                return self.bare(method, sent)
            control(self.ours(sent), f"{given.place} is for a name that was asked for, or for a new key")
            with self.client.recorder.ownership.granting(method, sent):
                made[key(sent)] = without_query(sent)
                content = f"a file of {given.name}".encode()
                return self.nobody.request(method, sent, headers={"Content-Type": kind}, content=content)

        try:
            yield put
        finally:
            for place in made.values():
                self._remove(place)

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

    def _remove(self, place: str) -> None:
        """Remove an object; what stays is told."""
        with suppress(Undecided), self.client.recorder.ownership.granting("DELETE", place):
            reply = self.client.delete(place, removal=True)
            if reply.is_success or reply.status_code in (404, 410):
                return
            note(f"left over: {place}: {exchange_of(reply).summary()}")


def of(profile: Profile) -> Presigned:
    """How URLs are handed out; the rule does not apply where the profile does not say.

    Raises:
        NotApplicable: it does not say.
    """
    how = profile.files.presigned if profile.files is not None else None
    applies(how is not None, "the API hands out presigned URLs: set [files.presigned] if it does")
    assert how is not None
    return how
