"""How receivers are subscribed to what a document declares, and what causes an event. Pure.

What causes an event is guessed from its name, `order.created`: only a delivery that arrives confirms it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import tomlkit

from harness.lists.families import singular
from harness.profile.models import Resource
from harness.profile.webhooks import ITSELF, Webhooks
from harness.survey.openapi.hooks import Hooks, Taker, plain

WAIT = 15.0
RETRY_WAIT = 20.0
RETRY_AFTER = 3
"""Seconds, where nobody says how long the API takes: a run that declares nothing does not wait for minutes."""
_CREATED = frozenset({"created", "create", "new", "added", "add", "inserted", "posted"})
_DELETED = frozenset({"deleted", "delete", "removed", "remove", "destroyed"})
_EMPTY = frozenset(
    {"on", "event", "events", "webhook", "hook", "callback", "notification", "v1", "is", "was"}
)
MOST_NAMED = 3


def declared(found: Hooks, resources: Sequence[Resource]) -> Webhooks | None:
    """The table [webhooks] as far as the document gives it whole; None where something is missing."""
    for taker in found.takers:
        events = _events(found, taker, resources)
        if _usable(taker) and events:
            return _webhooks(taker, events)
    return None


def missing(found: Hooks, resources: Sequence[Resource]) -> str:
    """What the document declares and does not say enough about, with the line of the profile that says it.

    Args:
        found: declares something, of which `declared()` makes nothing.
    """
    names = list(dict.fromkeys(one.name for one in found.events))
    listed = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
    said = f"the OpenAPI document declares the {'callbacks' if found.events[0].of else 'webhooks'} {listed}, and "
    taker = found.takers[0] if found.takers else None
    if taker is None:
        where = f" ({found.other[0]})" if found.other else ""
        said += f"no operation that takes a receiver as a member of its content{where}"
    elif taker.body is None:
        said += f"no example of the content of POST {taker.path}"
    elif not taker.removable and not taker.apart:
        said += f"no DELETE for what POST {taker.path} creates"
    elif not taker.removable:
        said += f"no DELETE that ends a subscription of POST {taker.path}"
    else:
        said += "nothing tells what causes one"
    choices = _choices(found, taker) if taker is not None else names
    return f"{said}: declare it in the profile: {_line(taker, choices or names, resources)}"


def _line(taker: Taker | None, names: Sequence[str], resources: Sequence[Resource]) -> str:
    """The table [webhooks] in one line, with what is known of it."""
    usual = next((one.name for one in resources if one.missing("create") is None), "orders")
    causes = [(name, cause_of(name, resources)) for name in names]
    event, cause = next(((name, one) for name, one in causes if one is not None), (names[0], usual))
    if taker is not None and not taker.apart:
        event, cause = names[0], ITSELF
    body = (
        taker.body
        if taker is not None and taker.body is not None
        else {"url": "{url}", "events": ["{event}"]}
    )
    table = tomlkit.inline_table()
    table.update(
        {
            "subscribe": taker.path if taker is not None else "/webhooks",
            "body": body,
            "events": {event: cause},
        }
    )
    return f"webhooks = {table.as_string()}"


def _usable(taker: Taker) -> bool:
    """Whether the run may subscribe by itself: what it makes must be removable."""
    return taker.body is not None and taker.removable


def _webhooks(taker: Taker, events: dict[str, str]) -> Webhooks:
    more: dict[str, Any] = {"secret": taker.secret} if taker.secret else {}
    return Webhooks(
        subscribe=taker.path,
        body=taker.body,
        id=taker.id,
        events=events,
        wait=WAIT,
        retry_wait=RETRY_WAIT,
        retry_after=RETRY_AFTER,
        **more,
    )


def _choices(found: Hooks, taker: Taker) -> list[str]:
    """Names of the events that can be subscribed to."""
    return list(dict.fromkeys([*taker.choices, *(one.name for one in found.of(taker))]))


def _events(found: Hooks, taker: Taker, resources: Sequence[Resource]) -> dict[str, str]:
    """At most two events with their causes, one of a create first; empty where none is clear."""
    names = _choices(found, taker)
    if not taker.apart:
        wanted = [one for one in resources if one.collection.rstrip("/") == taker.path.rstrip("/")]
        works = any(one.missing("create") is None for one in wanted)
        return {names[0]: ITSELF} if names and works else {}
    if taker.choices:
        # What is subscribed to is one of these, whatever the payload is called.
        names = list(taker.choices)
    causes = [(name, cause) for name in names if (cause := cause_of(name, resources)) is not None]
    causes.sort(key=lambda one: one[1].startswith("delete "))
    if not causes or causes[0][1].startswith("delete "):
        return {}
    if "{event}" not in repr(taker.body):
        # Every receiver gets everything.
        return dict(causes[:1])
    return dict(causes[:2])


def cause_of(event: str, resources: Iterable[Resource]) -> str | None:
    """What causes an event, as the profile writes it: NAME, or `delete NAME`; None where none is clear."""
    found = [word for word in _words(event) if word not in _EMPTY]
    verbs = [word for word in found if word in _CREATED | _DELETED]
    if len(verbs) != 1:
        return None
    (verb,) = verbs
    about = plain("".join(word for word in found if word != verb))
    need = "create" if verb in _CREATED else "delete"
    for one in resources:
        if about in _spellings(one) and one.missing("create") is None and one.missing(need) is None:
            return one.name if need == "create" else f"delete {one.name}"
    return None


def _spellings(resource: Resource) -> set[str]:
    last = resource.collection.rstrip("/").rpartition("/")[2]
    return {plain(last), plain(singular(last)), plain(resource.name), plain(singular(resource.name))} - {""}


def _words(name: str) -> Iterator[str]:
    """The words of a name in any spelling: order.created, orderCreated, ORDER_CREATED."""
    for part in re.split(r"[^A-Za-z0-9]+", name):
        yield from (one.lower() for one in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", part))
