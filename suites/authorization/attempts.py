"""What client B tries on an item of client A, and whether it took effect, as client A sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from harness import payloads
from harness.client.client import Client
from harness.http.content import MISSING, at, differences, json_of, replaced
from harness.profile.models import Profile, Transition
from harness.resource.contested import patch_type
from harness.resource.item import Item
from harness.resource.patch_documents import merging
from harness.resource.soft_delete import looks_deleted
from harness.survey.openapi.actions import Action


@dataclass(frozen=True)
class Attempt:
    """An unsafe request to an item of client A.

    Attributes:
        did: what it does, as words that follow "client B", where it takes effect.
        send: sends it under a client's credential.
        took: whether a read by client A shows its effect.
        content: JSON that it sends.
        fields: header fields that it sends.
        mild: whether it changes nothing beside the item: only then client A may be asked to do it.
    """

    did: str
    method: str
    send: Callable[[Client], httpx.Response]
    took: Callable[[httpx.Response], bool]
    content: Any = None
    fields: Mapping[str, str | None] = field(default_factory=dict)
    mild: bool = True


def attempts(item: Item, actions: Sequence[Action] = ()) -> Iterator[Attempt]:
    """Everything that changes an item, the removal last.

    Args:
        actions: that the document has, of any item.
    """
    yield from _changes(item)
    yield from _transitions(item)
    yield from _actions(item, actions)
    if item.resource.can("delete"):
        fields = {name: value for name, value in item.write_fields().items() if name != "Content-Type"}
        before = json_of(item.get())
        yield Attempt(
            "deleted",
            "DELETE",
            lambda client: client.delete(item.url, headers=fields),
            lambda seen: seen.status_code in (404, 410) or looks_deleted(before, json_of(seen)) is not None,
        )


def _changes(item: Item) -> Iterator[Attempt]:
    """PUT and PATCH of a member with a value of their own."""
    known = item.resource.known
    if item.resource.can("replace") and (made := payloads.changed(known, item.put_body())) is not None:
        yield _change(item, "replaced", "PUT", made[0], known.representation + made[1], made[0], {})
    if (
        item.resource.can("update")
        and known.patch
        and (made := payloads.changed(known, item.sent)) is not None
    ):
        place, media = known.representation + made[1], patch_type(known)
        patch = _patch(item, media, place, at(made[0], place))
        yield _change(item, "changed", "PATCH", made[0], place, patch, {"Content-Type": media})


def _change(
    item: Item, did: str, method: str, body: Any, place: str, content: Any, more: Mapping[str, str]
) -> Attempt:
    fields = {**item.write_fields(), **more}
    value = at(body, place)
    return Attempt(
        did,
        method,
        lambda client: client.request(method, item.url, json=content, headers=fields),
        lambda seen: seen.is_success and at(json_of(seen), place) == value,
        content,
        fields,
    )


def _patch(item: Item, media: str, place: str, value: Any) -> Any:
    version = item.resource.known.locking.version
    where = None if version is None else item.resource.known.representation + version
    current = MISSING if where is None else at(json_of(item.get()), where)
    if "json-patch" in media:
        guard = [] if current is MISSING else [{"op": "test", "path": where, "value": current}]
        return [*guard, {"op": "replace", "path": place, "value": value}]
    patch = merging(place, value)
    return patch if current is MISSING or where is None else replaced(patch, where, current)


def _transitions(item: Item) -> Iterator[Attempt]:
    known = item.resource.known
    place = known.representation + known.state
    for change in known.transitions:
        yield _transition(item, change, place)


def _transition(item: Item, change: Transition, place: str) -> Attempt:
    url = item.client.url(change.path.replace("{id}", item.id))
    return Attempt(
        f"performed {change.name} on",
        change.method,
        lambda client: client.request(change.method, url, json=change.body),
        lambda seen: at(json_of(seen), place) == change.after,
    )


def _actions(item: Item, actions: Sequence[Action]) -> Iterator[Attempt]:
    """Documented actions that take no content and are not declared as transitions."""
    known = {change.path for change in item.resource.known.transitions}
    for action in actions:
        path = action.of(item.resource.known.item)
        if path is not None and path not in known:
            yield _action(item, action, path)


def _action(item: Item, action: Action, path: str) -> Attempt:
    url = item.client.url(path.replace("{id}", item.id))
    before = item.normalised(json_of(item.get()))

    def took(seen: httpx.Response) -> bool:
        return seen.is_success and bool(differences(before, item.normalised(json_of(seen))))

    word = action.path.rsplit("/", 1)[-1]
    return Attempt(
        f"performed {word} on",
        action.method,
        lambda client: client.request(action.method, url),
        took,
        mild=action.mild,
    )


def disguised(item: Item, own: Item) -> Iterator[Attempt]:
    """Requests of client B to its own URLs whose content names the item of client A.

    Args:
        own: an item of client B.
    """
    known = item.resource.known
    word = known.id.rsplit("/", 1)[-1]
    wanted = at(json_of(item.created), known.id)
    if not word or wanted is MISSING:
        return
    for attempt in _changes(own):
        if isinstance(attempt.content, Mapping):
            named = replaced(attempt.content, f"{known.representation}/{word}", wanted)
            yield _naming(attempt, own.url, named)


def _naming(attempt: Attempt, url: str, content: Any) -> Attempt:
    return replace(
        attempt,
        did=f"{attempt.did}, by the id in the content of {attempt.method},",
        send=lambda client: client.request(attempt.method, url, json=content, headers=attempt.fields),
    )


def refused_for_itself(reply: httpx.Response) -> bool:
    """Whether a request was refused for what it is, not for who sent it: that shows nothing about access."""
    return reply.status_code in (400, 405, 406, 409, 412, 415, 422, 428, 501)


def window(reply: httpx.Response, profile: Profile) -> float:
    """Seconds for which to look for an effect: a refusal without one needs one look."""
    return profile.consistency_window if reply.is_success else 0.0
