"""Creates by PUT at a URL that the client chooses (RFC 9110 section 9.3.4)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from secrets import randbelow
from typing import TYPE_CHECKING, Any, Literal

import httpx

from harness.client.budget import CutShort
from harness.client.client import Client, Unreadable, content_of, exchange_of
from harness.client.recorder import Refused, Unanswered
from harness.http.content import MISSING, at, id_text, replaced
from harness.http.item_urls import id_at, key
from harness.ledger.entries import Entry
from harness.ledger.interrupt import uninterrupted
from harness.ledger.ledger import Ledger
from harness.payloads import run_token
from harness.profile import models as profile
from harness.resource import proving
from harness.rules.checks import Undecided, not_applicable

if TYPE_CHECKING:
    from harness.client.marks import Marker
    from harness.resource.resource import ResourceUnderTest

PUT = "PUT"
FORMS = ("uuid", "word", "number")
"""Forms of ids, as `new_id` names them."""
_TEXT = b"plain text of a conformance run"
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FIRST_NUMBER, _NUMBERS = 100_000_000, 900_000_000


def chosen_id(form: Literal["uuid", "word", "number"]) -> str:
    """An id that nothing has, for an item whose URL the client chooses.

    Args:
        form: `word` begins with a letter, and has letters and digits only, which most patterns for names allow.
    """
    if form == "number":
        return str(_FIRST_NUMBER + randbelow(_NUMBERS))
    return str(uuid.uuid4()) if form == "uuid" else f"t{run_token.mark()}"


class Placing:
    """The part of a resource under test that creates items at URLs of its own choice."""

    known: profile.Resource
    client: Client
    ledger: Ledger

    @property
    def subject(self) -> ResourceUnderTest:
        raise NotImplementedError

    @property
    def url(self) -> str:
        raise NotImplementedError

    def item_url(self, id: str) -> str:
        raise NotImplementedError

    def marker(self, body: Any) -> Marker | None:
        raise NotImplementedError

    def enter(self, entry: Entry) -> None:
        raise NotImplementedError

    def _entry(self, url: str, body: Any = MISSING) -> Entry:
        raise NotImplementedError

    @property
    def puts(self) -> bool:
        """Whether items are created by PUT at their own URL, since the collection takes no POST."""
        return self.known.create_method == PUT

    def by_post(self) -> None:
        """For rules about POST, which creates nothing where PUT does.

        Raises:
            NotApplicable: items are created by PUT.
        """
        if self.puts:
            not_applicable(f"items are created by PUT at {self.known.item}")

    def parses_content(self) -> None:
        """For rules about content that an API must understand: a store keeps any, and returns what was sent.

        Raises:
            NotApplicable: items are created by PUT with any content.
        """
        if self.stores_any():
            not_applicable(f"PUT {self.known.item} stores any content, and GET returns it as it was sent")

    def stores_any(self) -> bool:
        """Whether a new item of plain text is returned as it was sent: nothing looks into the content."""
        if not self.puts:
            return False
        fields = {"Content-Type": "text/plain"}
        reply = self.put_as_new(None, {"content": _TEXT, "headers": fields})
        if not reply.is_success:
            return False
        return content_of(self.client.get(str(reply.request.url))) == _TEXT

    def with_id(self, body: dict[str, Any]) -> dict[str, Any]:
        """A create body that, where it has the id of the item that it makes, has a new one."""
        if not self.puts or id_text(before := at(body, self.known.id)) is None:
            return body
        id = chosen_id(self.known.new_id)
        made: dict[str, Any] = replaced(body, self.known.id, int(id) if isinstance(before, int) else id)
        return made

    def put_as_new(self, body: Any, options: Mapping[str, Any]) -> httpx.Response:
        """PUT to a URL of no item: the one of the id in the body, else a new one.

        Args:
            body: what is sent, by which the item is recognised.
            options: of the request.
        """
        own = id_text(at(body, self.known.id)) if isinstance(body, Mapping) else None
        id = own if own is not None and _PLAIN.fullmatch(own) else chosen_id(self.known.new_id)
        url = self.item_url(id)
        return self.making(url, lambda: self.client.put(url, **options), body)

    def put_new(self, id: str, body: Any, headers: Mapping[str, str | None] | None = None) -> httpx.Response:
        """PUT to an id of the client's choice; whatever it creates is removed at the end."""
        fields = {"Content-Type": self.known.media_type, **(headers or {})}
        url = self.item_url(id)
        return self.making(url, lambda: self.client.put(url, json=body, headers=fields), body)

    def making(self, url: str, send: Callable[[], httpx.Response], body: Any = MISSING) -> httpx.Response:
        """Send what may create an item at a URL of our choice; it is removed at the end.

        Args:
            url: absolute; there is nothing at it.
            send: sends the request.
            body: what it sends, by which the item is recognised.

        Raises:
            Undecided: the URL has an item that does not belong to the run.
        """
        self.free(url)
        entry = self._entry(url, body)
        with uninterrupted():
            self.enter(entry)
            try:
                reply = send()
            except BaseException as problem:
                if not left(problem):
                    self._strike(url)
                else:
                    self.own(url, None, body)
                raise
            if reply.is_success:
                self.own(url, reply, body)
            else:
                self._strike(url)
        return reply

    def _strike(self, url: str) -> None:
        """Nothing was created at a URL of the run's choice."""
        self.ledger.strike(url)
        self.client.recorder.budget.count_create(key(self.url), -1)

    def free(self, url: str) -> None:
        """Make sure that a URL has no item, or one of the run.

        Raises:
            Undecided: it may belong to another client.
        """
        registry = self.client.recorder.ownership
        if registry.claim(url) is None and not registry.is_absent(url):
            reply = self.client.get(url)
            if not registry.is_absent(url):
                raise Refused(
                    f"nothing is PUT to {url}: {exchange_of(reply).summary()}, so the URL may be in use"
                )

    def own(self, url: str, reply: httpx.Response | None, body: Any) -> None:
        """Claim what a PUT has created at a URL that the run chose."""
        id = id_at(url, self.client.url(self.known.item))
        if id is not None:
            proving.claim(self.subject, id, reply, body, self.marker(body), put=True)


def left(problem: BaseException) -> bool:
    """Whether a request without a usable answer may have reached the target."""
    if isinstance(problem, Unanswered | CutShort):
        return problem.sent
    return isinstance(problem, Unreadable) or not isinstance(problem, Undecided)
