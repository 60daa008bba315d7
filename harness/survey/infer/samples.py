"""Samples: what a target answered to the survey's polite requests. Data only; inference reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from harness.client.client import exchange_of
from harness.http.content import MISSING, json_of
from harness.http.exchange import Exchange


@dataclass(frozen=True)
class Sample:
    """An exchange, and the JSON it carried: `MISSING` where it was none."""

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
    """What one resource answered; None for what was not asked.

    Attributes:
        creates: bodies tried, with their answers; the last one is the accepted one, if any was.
        later: what the accepted create was answered with instead of its item, where that is made later.
        id: of the item created, or seen in the list.
        early: a read of the new item that came before it showed.
        duplicate: refusal of a second create with the same body.
        unconditional: a write without If-Match, where it was refused for that (428).
        unique: member, by its pointer in the representation, with another value of which it was accepted.
        other_id: of a second item, with another text of ours.
        paged: the list with one item on a page.
        second: the page after that, by a guess at how it is asked for.
        filtered: the list of those with the first item's text, by a guess at how it is asked for.
        following: style, parameter and answer of a guess that showed the item after that of `paged`.
        first_page: page 1, where that guess is a page's number.
        update_body: what PUT accepted, where that is not what a create takes.
        changed: the member, by its pointer in the representation, that PATCH took, where it did not take all.
        media_type: of create bodies, where JSON as such was refused.
        twin_id: of a second item with the same body.
        asked_again: whether the same body was sent twice.
        natural: member, by its pointer in the representation, with another value of which another item was created,
            where the same body twice gave the same item.
        unknown_patch: a PATCH under a media type that nobody knows.
        item: template of the item's path, where the answer to its create told it and it is not the expected one.
        moved: method of a write after which the item stood at another URL.
        key_field: of the idempotency key that `unkeyed` asks for.
        unkeyed: refusal of a create for its lack of an idempotency key.
        keyed: answers to the create of the twin under an idempotency key, and to the same under the same key.
        keyed_ids: what each of them says was created.
        keyed_listed: ids of the items that the list then shows with its text.
        unmade: a read of an id that names nothing, where the new item does not show what was sent.
        foreign: why what creates are answered with is not the run's own.
        other_patches: media types beside the first whose PATCH took effect, where the unknown one was refused (415).
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

    @property
    def created(self) -> tuple[Any, Sample] | None:
        """The accepted body and its answer."""
        return self.creates[-1] if self.creates and self.creates[-1][1].success else None


def sampled(reply: httpx.Response) -> Sample:
    """What an answer is to inference."""
    return Sample(exchange_of(reply), json_of(reply))
