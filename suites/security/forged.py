"""Writes that a page of another origin sends in the name of a user who is logged in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from harness.client.client import Client, exchange_of
from harness.http.content import at, json_of
from harness.http.foreign import FOREIGN
from harness.profile.models import Profile
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import control

from .browsers import SIMPLE_TYPES
from .cookies import SetCookie, identifies, set_by
from .cors import NULL

FORM = "application/x-www-form-urlencoded"
PLAIN = "text/plain;charset=UTF-8"


@dataclass(frozen=True)
class Session:
    """A client's session as a browser holds it.

    Attributes:
        cookie: value of Cookie.
        set: how the cookies were set, where that was seen.
        more: fields that the client's own pages send besides, such as one against forged writes.
    """

    cookie: str
    set: tuple[SetCookie, ...] = ()
    more: Mapping[str, str] | None = None


def login(client: Client, profile: Profile) -> Session | None:
    """The session that the declared login begins; None where none is declared.

    Raises:
        Undecided: it begins none.
    """
    how = profile.cookie
    if how is None or how.login is None:
        return None
    reply = logged_in(client, how.login)
    summary = exchange_of(reply).summary()
    control(reply.is_success, f"the login of [cookie] should succeed: {summary}")
    pairs = [one.partition(";")[0].partition("=") for one in reply.headers.get_list("set-cookie")]
    held = {name.strip(): value.strip() for name, _, value in pairs if value.strip()}
    control(held, f"the login of [cookie] should set a cookie: {summary}")
    for value in held.values():
        client.recorder.redactor.learn("SESSION_COOKIE", value)
    cookie = "; ".join(f"{name}={value}" for name, value in held.items())
    return Session(cookie, tuple(set_by([exchange_of(reply)])))


def logged_in(client: Client, path: str, cookie: str | None = None) -> httpx.Response:
    """The response to the declared login.

    Args:
        cookie: value of Cookie that the browser has already.
    """
    client.may_change("POST", path)
    content = client.target.private.get("cookie_login_body", "{}")
    fields = {"Content-Type": "application/json", **({} if cookie is None else {"Cookie": cookie})}
    return client.under(None).post(path, content=content, headers=fields)


def kept_by_login(client: Client, path: str, name: str, url: str) -> tuple[httpx.Response, ...] | None:
    """Whether the login keeps a session that was there before it, which somebody else may have chosen.

    Args:
        path: of the login.
        name: of the session cookie.
        url: of a GET that is refused without a session.

    Returns:
        The GET before, the login, and the GET after it with the same cookie, where that is served; else None.
    """
    bare = client.under(None)
    fresh = bare.get(url)
    value = (
        next(
            (
                one.partition(";")[0].partition("=")[2]
                for one in fresh.headers.get_list("set-cookie")
                if one.partition("=")[0].strip() == name
            ),
            "",
        )
        or uuid.uuid4().hex
    )
    client.recorder.redactor.learn("SESSION_COOKIE", value)
    cookie = f"{name}={value}"
    before = bare.get(url, headers={"Cookie": cookie})
    if before.is_success:
        return None
    reply = logged_in(client, path, cookie)
    after = bare.get(url, headers={"Cookie": cookie})
    return (before, reply, after) if reply.is_success and after.is_success else None


def carried(client: Client) -> Session | None:
    """The session whose cookie the run's own requests carry; None for another credential."""
    fields = {
        name.lower(): value
        for name, value in client.recorder.wallet.carried(client.credential).fields.items()
    }
    cookie = fields.pop("cookie", None)
    return None if cookie is None or "authorization" in fields else Session(cookie, (), fields)


def as_form(body: object) -> bytes | None:
    """The texts, numbers and truth values of a JSON object as the content of a form; None without any."""
    if not isinstance(body, Mapping):
        return None
    plain = {name: value for name, value in body.items() if isinstance(value, str | int | float)}
    pairs = {name: str(value).lower() if isinstance(value, bool) else value for name, value in plain.items()}
    return urlencode(pairs).encode() if pairs else None


class Page:
    """A page in a browser that has the session: what its requests to a resource come to.

    Args:
        resource: under the credential of the same client, which removes what is created.
    """

    def __init__(self, resource: ResourceUnderTest, session: Session) -> None:
        self.resource, self.session = resource, session
        held = resource.client.recorder.wallet.carried(resource.client.credential)
        self._without: dict[str, str | None] = dict.fromkeys(held.carriers)

    def fields(self, origin: str, *, own: bool = False) -> dict[str, str | None]:
        """The fields of a request.

        Args:
            own: whether the page is the API's own, which also sends what protects it.
        """
        more = dict(self.session.more or {}) if own else {}
        return {**self._without, "Cookie": self.session.cookie, "Origin": origin, **more}

    def matters(self) -> bool:
        """Whether the API asks for the cookie, or another credential: without it a read, or a create, is refused."""
        client, url = self.resource.client, self.resource.url
        if client.under(None).get(url).is_success:
            return not self.resource.post(headers=self._without).is_success
        return client.get(url, headers=self.fields(client.target.origin)).is_success

    def creates(self) -> httpx.Response:
        """A create by a page of the API's own origin."""
        return self.resource.post(headers=self.fields(self.resource.client.target.origin, own=True))

    def forged(self) -> list[httpx.Response]:
        """Creates by a page of a foreign origin, as browsers send them without a preflight; the first that works ends.

        The content is that of a valid create, with a media type that needs no preflight, or with none; then as a form;
        then from a sandboxed frame, whose origin is `null`.
        """
        usual = self.resource.known.media_type
        if usual.partition(";")[0].strip().lower() in SIMPLE_TYPES:
            sent: list[tuple[str, str | None, bytes | None]] = [(FOREIGN, usual, None), (NULL, usual, None)]
        else:
            body = self.resource.as_sent(self.resource.body())
            content = json.dumps(body).encode()
            form = as_form(body)
            sent = [(FOREIGN, PLAIN, content), (FOREIGN, None, content)]
            sent += [(FOREIGN, FORM, form)] if form is not None else []
            sent += [(NULL, PLAIN, content)]
        made: list[httpx.Response] = []
        for origin, media, written in sent:
            reply = self.resource.post(
                content=written, headers={**self.fields(origin), "Content-Type": media}
            )
            made.append(reply)
            if reply.is_success:
                break
        return made

    def took(self, reply: httpx.Response) -> bool:
        """Whether a create took effect, as the client that has the session reads it."""
        id = self.resource.id_in(reply) if reply.is_success else None
        return id is not None and self.resource.client.get(self.resource.item_url(id)).is_success

    def acts(self) -> tuple[httpx.Response, str] | None:
        """A transition without content by a page of a foreign origin; None where none is declared.

        Returns:
            The response, and what it did; empty for nothing.
        """
        known = self.resource.known
        place = known.representation + known.state
        for change in known.transitions:
            if change.method != "POST" or change.body is not None:
                continue
            item = self.resource.create()
            if at(json_of(item.get()), place) != change.before:
                continue
            item.prove()
            url = self.resource.client.url(change.path.replace("{id}", item.id))
            reply = self.resource.client.post(url, headers=self.fields(FOREIGN))
            after = at(json_of(item.get()), place)
            return reply, f"{place} is now {after!r}" if after == change.after else ""
        return None


def session_of(client: Client, profile: Profile) -> Session | None:
    """The session to try: that of the declared login, else the one that the run uses."""
    return login(client, profile) or carried(client)


def named(session: Session, profile: Profile) -> list[SetCookie]:
    """The cookies of a login that identify the client: those that are declared or look so, else all."""
    declared = profile.cookie.names if profile.cookie is not None else []
    found = [one for one in session.set if identifies(one.name, declared)]
    return found or list(session.set)
