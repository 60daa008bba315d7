"""Sends the payloads of `injection.py` where an API takes text: parameters, ids, members, the login."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any
from urllib.parse import quote

import httpx

from harness import payloads
from harness.client.client import exchange_of
from harness.client.recorder import Unanswered
from harness.http.content import MISSING, at, id_text, json_of, replaced
from harness.http.path_templates import matches
from harness.lists.page import with_param
from harness.resource.canary import creates
from harness.resource.harm import Watch
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided, control
from harness.survey.openapi.promises import Promises

from . import injection

MOST_PARAMETERS = 6
HARMLESS = "7c1d0f"


@dataclass
class Probes:
    """Hostile input to one resource, and what came of it.

    Attributes:
        found: what was evaluated, by cause, a sentence each: the first one found.
        blocked: payloads that were refused as by a firewall.
        sent: places that were tried.
        harmless: the status for harmless text at the place that is tried now.
    """

    resource: ResourceUnderTest
    promises: Promises
    found: dict[str, str] = field(default_factory=dict)
    blocked: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    harmless: int = 200

    @cached_property
    def listed(self) -> list[Any]:
        """Items of the first page; one of the run is among them where it may create."""
        if creates(self.resource):
            control(self.id is not None, "an item should be there")
        return self.resource.members(pages=1).items

    @cached_property
    def id(self) -> str | None:
        """Of an item: one of the run where it may create."""
        if creates(self.resource):
            return self.resource.create().id
        return next((id for one in self.listed if (id := id_text(at(one, self.resource.listed_id)))), None)

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Parameters of the list that filter, each with a value that an item has."""
        known, how = self.resource.known, self.resource.known.pagination
        names = [
            one.name
            for one in self.promises.parameters
            if one.filters and matches(one.path, known.collection)
        ]
        if how is not None and how.filter_param is not None:
            names.insert(0, how.filter_param)
        for name in list(dict.fromkeys(names))[:MOST_PARAMETERS]:
            places = [f"/{name}", f"{known.representation}/{name}"]
            if how is not None and name == how.filter_param and how.filter_member is not None:
                places += [how.filter_member, known.representation + how.filter_member]
            values = (at(one, place) for one in self.listed for place in places)
            value = next((one for one in values if isinstance(one, str | int) and one != ""), None)
            if value is not None and not isinstance(value, bool):
                yield name, str(value)

    def get(self, url: str, usual: int) -> httpx.Response:
        """A GET with a payload.

        Args:
            usual: the status of the same request with harmless text that nothing has.
        """
        reply = self.resource.client.get(url)
        if injection.refused_by_firewall(reply.status_code, usual):
            self.blocked.append(exchange_of(reply).summary())
        return reply

    # -- queries -----------------------------------------------------------------------------------------

    def selected(self, reply: httpx.Response) -> object:
        """What a response selects: ids in a list, or an item; a refusal selects nothing."""
        if not reply.is_success:
            return ()
        items = at(json_of(reply), self.resource.known.items or "")
        if isinstance(items, list):
            return tuple(id_text(at(one, self.resource.listed_id)) for one in items)
        return (id_text(at(json_of(reply), self.resource.known.id)),)

    def queries(self) -> None:
        """Conditions after the value of each parameter, and after an id."""
        for name, value in self.parameters():
            self.query(f"the parameter {name}", partial(with_param, self.resource.url, name), value)
        if self.id is not None and self.resource.can("read"):
            item = self.resource.known.item
            url = self.resource.client.url
            self.query(
                "the id in the path", lambda text: url(item.replace("{id}", quote(text, safe=""))), self.id
            )

    def query(self, what: str, url: Any, value: str) -> None:
        usual = self.resource.client.get(url(value))
        if not usual.is_success or not self.selected(usual):
            return
        self.sent.append(what)
        self.harmless = self.resource.client.get(url(value + HARMLESS)).status_code
        for pair, confirming in injection.pairs(value):
            if "a condition in a query" not in self.found and self.differs(pair, url, value, 1):
                both = [self.differs(one, url, value, injection.TIMES) for one in (pair, confirming)]
                if all(both):
                    self.found["a condition in a query"] = (
                        f"{what}: {both[0]}, {injection.TIMES} times each, and the same with other constants"
                    )
                    return
        self.quoted(what, url, value)
        self.timed(what, url, value)

    def differs(self, pair: injection.Pair, url: Any, value: str, times: int) -> str | None:
        """How the two conditions of a pair differ, measured so many times in turn; None where they do not."""
        seen: dict[str, list[httpx.Response]] = {value: [], pair.true: [], pair.false: []}
        for _ in range(times):
            for text in seen:
                seen[text].append(self.get(url(text), self.harmless))
        shown = {text: [self.selected(one) for one in replies] for text, replies in seen.items()}
        if not injection.evaluated(shown[value], shown[pair.true], shown[pair.false], ()):
            return None
        one, other = (exchange_of(seen[text][0]).summary() for text in (pair.true, pair.false))
        return f"{one} selects what {value!r} alone does, {other} nothing"

    def timed(self, what: str, url: Any, value: str) -> None:
        """Calls that sleep after the value: where one seems to, it is measured three times for each time to sleep."""
        if "a condition in a query" in self.found:
            return
        for form in injection.sleeps(value):
            texts = [
                form.replace("{seconds}", str(one)) for one in (injection.DELAY, injection.DELAY // 2, 0)
            ]
            try:
                if self.seconds(url(texts[0])) < injection.DELAY:
                    continue
                turns = [[self.seconds(url(text)) for text in texts] for _ in range(injection.TIMES)]
            except Unanswered:
                continue
            long, half, none = ([turn[place] for turn in turns] for place in range(3))
            if injection.slept(long, half, none):
                self.found["a condition in a query"] = (
                    f"{what}: {texts[0]!r} took {min(long):.1f} s or more, {texts[1]!r} {min(half):.1f} s, "
                    f"{texts[2]!r} at most {max(none):.1f} s, {injection.TIMES} times each"
                )
                return

    def seconds(self, url: str) -> float:
        """How long a GET with a payload took."""
        exchange = exchange_of(self.get(url, self.harmless))
        return exchange.ended - exchange.started

    def quoted(self, what: str, url: Any, value: str) -> None:
        """One quote after the value, and two."""
        cause = "a quote in a query"
        if cause in self.found or self.get(url(value + "'"), self.harmless).status_code < 500:
            return
        texts = (value, value + "'", value + "''")
        replies = [[self.get(url(text), self.harmless) for text in texts] for _ in range(injection.TIMES)]
        statuses = [[turn[place].status_code for turn in replies] for place in range(3)]
        if injection.breaks_at_a_quote(*statuses):
            one, two = (exchange_of(replies[0][place]).summary() for place in (1, 2))
            self.found[cause] = f"{what}: {one} with one quote, {two} with two, {injection.TIMES} times each"

    # -- files and fields --------------------------------------------------------------------------------

    def files(self) -> None:
        """A path out of the folder, as an id and as the value of parameters that may name a file."""
        base = self.resource.url
        text = injection.PASSWD
        urls = [f"{base}/{quote(text, safe='')}", f"{base}/{quote(quote(text, safe=''), safe='')}"]
        urls += [
            with_param(base, name, text) for name, _ in self.parameters() if injection.names_a_file(name)
        ]
        self.sent.append("a path as an id")
        self.harmless = self.resource.client.get(f"{base}/{HARMLESS}").status_code
        for url in urls:
            reply = self.get(url, self.harmless)
            if reply.is_success and injection.shows_a_file(reply.text):
                self.found["a path to a file"] = f"{exchange_of(reply).summary()} shows a file of the server"
                return

    def fields(self) -> None:
        """A line break in the value of each parameter."""
        name = "X-Harness-Split"
        for parameter, value in self.parameters():
            reply = self.get(with_param(self.resource.url, parameter, f"{value}\r\n{name}: 1"), 200)
            if name.lower() in reply.headers:
                self.found["a line break in a header field"] = (
                    f"the parameter {parameter}: {exchange_of(reply).summary()} has the field {name} of the query"
                )
                return

    # -- content -----------------------------------------------------------------------------------------

    def templates(self) -> None:
        """An expression in a text that is stored; it is read back."""
        made = self.texts()
        if made is None:
            return
        body, place, text = made
        watch = Watch(self.resource)
        for languages in (None, ("{{%s}}",)):
            sum = injection.expression() if languages is None else injection.expression(languages)
            reply = self.resource.post(replaced(body, place, f"{text} {sum.text}"))
            if injection.refused_by_firewall(reply.status_code, 200):
                self.blocked.append(exchange_of(reply).summary())
            if watch.after("an expression in a text", reply) or not reply.is_success:
                continue
            self.sent.append(f"the member {place}")
            id = self.resource.id_in(reply)
            shown = reply.text + (self.resource.client.get(self.resource.item_url(id)).text if id else "")
            if sum.value in shown:
                self.found["an expression in a text"] = (
                    f"{exchange_of(reply).summary()} with {sum.text!r} at {place}: {sum.value} is stored"
                )
            return

    def texts(self) -> tuple[dict[str, Any], str, str] | None:
        """A valid create body, the place of a free text in it, and the text; None without any."""
        if not creates(self.resource):
            return None
        body = self.resource.body()
        changed = payloads.changed(self.resource.known, body)
        place = self.resource.known.representation + changed[1] if changed is not None else ""
        text = at(changed[0], place) if changed is not None else MISSING
        return (body, place, text) if isinstance(text, str) else None

    def login(self, path: str, content: str) -> None:
        """A condition in place of the password."""
        try:
            body = json.loads(content)
        except ValueError:
            return
        names = [name for name in body if "pass" in name.lower()] if isinstance(body, Mapping) else []
        client = self.resource.client
        for name in names[:1]:
            client.may_change("POST", path)
            wrong = client.under(None).post(path, json={**body, name: "wrong-7c1d0f3e"})
            if wrong.is_success:
                return
            self.sent.append("the password of the login")
            reply = client.under(None).post(path, json={**body, name: {"$gt": ""}})
            if reply.is_success:
                self.found["a condition in a query"] = (
                    f'{exchange_of(reply).summary()} with {{"$gt": ""}} as {name}; with a wrong one '
                    f"{wrong.status_code}"
                )


def run(resource: ResourceUnderTest, promises: Promises, login: tuple[str, str] | None) -> Probes:
    """All probes of a resource.

    Args:
        login: path and content of a login, if there is one.
    """
    probes = Probes(resource, promises)
    probes.queries()
    probes.files()
    probes.fields()
    try:
        probes.templates()
    except Undecided:
        if not probes.sent:
            raise
    if login is not None:
        probes.login(*login)
    return probes
