"""Writes that a page of another origin sends in the name of a user who is logged in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from harness.client.client import Client, exchange_of
from harness.http.content import at, json_of
from harness.http.foreign import FOREIGN
from harness.profile.models import Profile
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import control

from .browsers import SIMPLE_TYPES
from .cookies import SetCookie, identifies, set_by


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
    client.may_change("POST", how.login)
    content = client.target.private.get("cookie_login_body", "{}")
    reply = client.under(None).post(how.login, content=content, headers={"Content-Type": "application/json"})
    summary = exchange_of(reply).summary()
    control(reply.is_success, f"the login of [cookie] should succeed: {summary}")
    pairs = [one.partition(";")[0].partition("=") for one in reply.headers.get_list("set-cookie")]
    held = {name.strip(): value.strip() for name, _, value in pairs if value.strip()}
    control(held, f"the login of [cookie] should set a cookie: {summary}")
    for value in held.values():
        client.recorder.redactor.learn("SESSION_COOKIE", value)
    cookie = "; ".join(f"{name}={value}" for name, value in held.items())
    return Session(cookie, tuple(set_by([exchange_of(reply)])))


def carried(client: Client) -> Session | None:
    """The session whose cookie the run's own requests carry; None for another credential."""
    fields = {
        name.lower(): value
        for name, value in client.recorder.wallet.carried(client.credential).fields.items()
    }
    cookie = fields.pop("cookie", None)
    return None if cookie is None or "authorization" in fields else Session(cookie, (), fields)


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

        The content is that of a valid create, with a media type that needs no preflight, or with none.
        """
        usual = self.resource.known.media_type
        simple = usual.partition(";")[0].strip().lower() in SIMPLE_TYPES
        made: list[httpx.Response] = []
        for media in (usual,) if simple else ("text/plain;charset=UTF-8", None):
            fields = {**self.fields(FOREIGN), "Content-Type": media}
            if simple:
                reply = self.resource.post(headers=fields)
            else:
                content = json.dumps(self.resource.as_sent(self.resource.body())).encode()
                reply = self.resource.post(content=content, headers=fields)
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
