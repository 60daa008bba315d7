"""Samples: a target's responses to the survey's requests. Data only; inference reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from harness.client.client import exchange_of
from harness.http.content import MISSING, json_of
from harness.http.exchange import Exchange


@dataclass(frozen=True)
class Sample:
    """An exchange, and its JSON content: `MISSING` if it has none."""

    exchange: Exchange
    value: Any = MISSING

    @property
    def status(self) -> int:
        return self.exchange.status or 0

    @property
    def success(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class ResourceSamples:
    """The responses of one resource; None for requests that were not sent.

    Attributes:
        creates: bodies tried, with their responses; the last one is the accepted one, if any was.
        archived: member that a DELETE has set in an item that stays readable, by its pointer in the representation.
        archive: members by which the survey's item is archived where there is no DELETE, as far as anything names them.
        put_away: a read of the item after that.
        later: what the response to the accepted create has instead of its item, if that is created later.
        id: of the item created, or seen in the list.
        early: a read of the new item before it appeared.
        duplicate: refusal of a second create with the same body.
        unconditional: a write that was refused for lack of If-Match (428).
        version: location of the member that a PUT had to carry as it was read, inside the representation.
        versionless: the PUT that was refused without that.
        unchecked: location of a member that counts writes, inside the representation, and a PUT with an old value of it
            that was accepted.
        unique: member, by its pointer in the representation, with another value of which it was accepted.
        other_id: of a second item, with another text of the run.
        paged: the list with one item on a page.
        second: the page after that, by a guessed parameter.
        filtered: the list filtered by the first item's text, by a guessed parameter.
        following: style, parameter and response of a guess that showed the item after that of `paged`.
        first_page: page 1, if that guess is a page number.
        update_body: the body that PUT accepted, if it differs from that of a create.
        changed: the member, by its pointer in the representation, that PATCH accepted, if it did not accept all.
        envelope: location of the members in a create body, if a refusal asked for that envelope.
        bare: location of the members in responses, if create bodies do not have that envelope.
        within: location of the members in create bodies, if `bare` is another one.
        media_type: of create bodies, if plain JSON was refused.
        twin_id: of a second item with the same body.
        asked_again: whether the same body was sent twice.
        natural: member, by its pointer in the representation, with another value of which another item was created,
            if the same body twice returned the same item.
        unknown_patch: a PATCH with an invented media type.
        item: template of the item's path, if the response to its create gave it and it is not the expected one.
        moved: method of a write after which the item was at another URL.
        key_field: of the idempotency key that `unkeyed` asks for.
        unkeyed: refusal of a create for its lack of an idempotency key.
        keyed: responses to the create of the twin with an idempotency key, and to its repeat with the same key.
        keyed_ids: the ids in these responses.
        keyed_listed: ids of the items that the list then shows with its text.
        unmade: a read of an id of no item, if the new item does not show what was sent.
        foreign: why the item in the response to a create is not one of the run.
        failed: responses that show that a declared feature does not work, by the name of its capability.
        unlisted: a complete list without the new item.
        other_patches: media types besides the first whose PATCH took effect, if the invented one was refused (415).
    """

    listed: Sample | None = None
    creates: list[tuple[Any, Sample]] = field(default_factory=list)
    id: str | None = None
    later: str | None = None
    read: Sample | None = None
    reread: Sample | None = None
    early: Sample | None = None
    options: Sample | None = None
    replaced: Sample | None = None
    updated: list[tuple[str, Sample]] = field(default_factory=list)
    deleted: Sample | None = None
    after_delete: Sample | None = None
    duplicate: Sample | None = None
    unconditional: Sample | None = None
    version: str | None = None
    versionless: Sample | None = None
    unchecked: tuple[str, Sample] | None = None
    unique: str | None = None
    other_id: str | None = None
    paged: Sample | None = None
    second: Sample | None = None
    filtered: Sample | None = None
    following: tuple[str, str, Sample] | None = None
    first_page: Sample | None = None
    update_body: Any = None
    changed: str | None = None
    media_type: str | None = None
    archived: str | None = None
    archive: dict[str, Any] | None = None
    put_away: Sample | None = None
    envelope: str | None = None
    bare: str | None = None
    within: str = ""
    twin_id: str | None = None
    asked_again: bool = False
    natural: str | None = None
    unknown_patch: Sample | None = None
    other_patches: list[tuple[str, Sample]] = field(default_factory=list)
    item: str | None = None
    moved: str | None = None
    foreign: str = ""
    unmade: Sample | None = None
    key_field: str | None = None
    unkeyed: Sample | None = None
    keyed: list[Sample] = field(default_factory=list)
    keyed_ids: list[str | None] = field(default_factory=list)
    keyed_listed: list[str] | None = None
    failed: dict[str, Sample] = field(default_factory=dict)
    unlisted: Sample | None = None

    @property
    def created(self) -> tuple[Any, Sample] | None:
        """The accepted body and its response."""
        return self.creates[-1] if self.creates and self.creates[-1][1].success else None


def sampled(reply: httpx.Response) -> Sample:
    """A response as a sample."""
    return Sample(exchange_of(reply), json_of(reply))
