"""Removes one item: looks whether it is still the run's own, then deletes it; archives it where there is no DELETE."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from enum import Enum
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from harness.client.claims import Claim, foreseeable, insufficient
from harness.client.client import exchange_of
from harness.client.marks import Marks
from harness.client.ownership import GONE
from harness.http.content import MISSING, json_of
from harness.http.fields import FRESH, entity_tag
from harness.http.item_urls import key
from harness.ledger.archiving import NO_DELETE, archive
from harness.ledger.entries import Entry
from harness.ledger.removal_by_calls import remove_by_calls
from harness.ledger.signed_removal import delete_signed
from harness.rules.checks import Undecided

PASSING = frozenset({408, 409, 412, 423, 425, 428, 429})
"""Refusals that may end: a conflict with something else that is to be removed, a lock, a limit."""

REQUIRED = 428
HIDDEN = 403
"""Answer of some APIs to a read of what does not exist."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
CONDITION_AT_FAULT = frozenset({400, 412, REQUIRED})
"""Refusals of a DELETE that may be due to its If-Match, or to the lack of it."""


class Look(Enum):
    """What a look at an item shows, and why it is not removed."""

    OURS = "it is what the run created"
    GONE = "there is nothing"
    FOREIGN = "not removed: the item there now is not the one that the run created"
    UNKNOWN = "not removed: nothing shows that the run created the item"
    FAILED = "not removed: reads of the item are answered with a server error"
    UNSURE = "not removed: there is no evidence that the item did not exist before the run"


def remove(entry: Entry) -> tuple[str | None, bool]:
    """Remove something; why it could not be, or None, and whether that is the target's last word."""
    if entry.calls is not None:
        return remove_by_calls(entry, entry.calls)
    if not entry.removable and (entry.archive is None or not entry.readable):
        entry.client.recorder.budget.release(entry.requests)
        return "the resource has no DELETE", True
    try:
        look, tag = _look(entry, cleanup=True)
        if look is Look.GONE:
            entry.client.recorder.budget.release(max(1, entry.requests - 1))
            return None, True
        if look is not Look.OURS:
            entry.client.recorder.budget.release(max(1, entry.requests - 1))
            return look.value, False
        if not entry.removable:
            return _archived(entry, tag, cleanup=True)
        reply = _delete(entry, tag, cleanup=True)
        if reply.status_code in CONDITION_AT_FAULT:
            reply, why = _delete_again(entry, tag, reply)
            if why is not None:
                return why, False
        if reply.status_code >= 500 and _gone_all_the_same(entry):
            entry.client.recorder.ownership.removed(entry.url)
            return None, True
        if reply.status_code in NO_DELETE and entry.archive is not None:
            look, tag = _look(entry, removal=True)
            if look is Look.OURS:
                return _archived(entry, tag, removal=True)
    except Undecided as problem:
        return str(problem), False
    if reply.status_code < 400 or reply.status_code in GONE:
        entry.client.recorder.ownership.removed(entry.url)
        return None, True
    return exchange_of(reply).summary(), reply.status_code < 500 and reply.status_code not in PASSING


SOME = 3
"""Items of a collection of which none could be shown to be the run's own: then the next ones cannot, either."""


def unprovable(entry: Entry, why: str) -> bool:
    """Whether an item stays because nothing shows whose it is, as with all others of its collection so far."""
    claim = entry.client.recorder.ownership.claim(entry.url)
    if why != Look.UNKNOWN.value or claim is None or claim.home is None:
        return False
    made = claim.home.made
    return len(made) >= SOME and not any(one.proven or one.gone for one in made)


def _archived(entry: Entry, tag: str | None, **hints: bool) -> tuple[str | None, bool]:
    """Put an item away that was just seen to be the run's."""
    if entry.archive is None:
        return "the resource has no DELETE", True
    why = archive(entry, entry.archive, tag, **hints)
    if why is None:
        entry.client.recorder.ownership.removed(entry.url)
    return why, True


def _delete_again(entry: Entry, tag: str | None, reply: httpx.Response) -> tuple[httpx.Response, str | None]:
    """After a refusal of a DELETE for its condition: look once more, and go with another one, or with none.

    Returns:
        The answer, and why nothing more was sent.
    """
    needed = entry.if_match or reply.status_code == REQUIRED
    look, now = _look(replace(entry, if_match=needed), removal=True)
    if look not in (Look.OURS, Look.GONE):
        return reply, look.value
    if look is Look.GONE or (now == tag and needed):
        return reply, None
    return _delete(entry, now if now != tag else None, removal=True), None


def _gone_all_the_same(entry: Entry) -> bool:
    """Whether a DELETE that was answered 5xx has removed the item: a read is answered as for an id that nobody made.

    Some APIs answer 403 for both.
    """
    if not entry.readable or entry.unseen:
        return False
    after = entry.client.get(entry.url, headers=FRESH, removal=True).status_code
    above, _, last = entry.url.rstrip("/").rpartition("/")
    if after in GONE:
        return True
    return (
        after == HIDDEN
        and _UUID.fullmatch(last) is not None
        and entry.client.get(f"{above}/{uuid.uuid4()}", removal=True).status_code == after
    )


def _delete(entry: Entry, tag: str | None, **hints: bool) -> httpx.Response:
    headers = {**dict(entry.fields), **({"If-Match": tag} if tag is not None else {})}
    if entry.signed:
        return delete_signed(entry, **hints)
    return entry.client.delete(entry.url, headers=headers, **hints)


def _look(entry: Entry, **hints: bool) -> tuple[Look, str | None]:
    """What is at an entry's URL, and the entity tag for a DELETE of that."""
    registry = entry.client.recorder.ownership
    claim = registry.claim(entry.url)
    if claim is not None and claim.refused:
        return Look.FOREIGN, None
    shown, tag, other, failed, overwritten = None, None, False, False, False
    seen_before = claim.as_last_seen() if claim is not None else None
    if entry.readable and not entry.unseen:
        reply = entry.client.get(entry.url, headers=FRESH, **hints)
        if reply.status_code in GONE:
            return Look.GONE, None
        tag, failed = _tag(reply, needed=entry.if_match), reply.status_code >= 500
        value = json_of(reply) if reply.status_code == 200 else MISSING
        if value is not MISSING:
            shown = claim.shows(value) if claim is not None else (entry.marks or Marks()).shown_by(value)
            other = seen_before is not None and not seen_before(value)
            overwritten = _overwritten(entry, value)
    if shown is False and claim is not None and claim.proven and claim.changed and not (claim.gone or other):
        # A write of the run has removed the text.
        shown = True
    if shown is False:
        return Look.FOREIGN, None
    if shown is None and not overwritten and (claim is None or not _proven(claim)):
        return Look.FAILED if failed else Look.UNKNOWN, None
    if shown is None and other and claim is not None and foreseeable(claim.id):
        # Another client may have got the id since.
        return Look.UNKNOWN, None
    if not entry.sure and not (claim is not None and _shown_since(claim)):
        return Look.UNSURE, None
    if claim is None:
        claim = Claim(key(entry.url), entry.url, "", entry.marks or Marks())
        registry.take(claim)
    claim.looked, claim.gone, claim.prove = True, False, None
    return Look.OURS, tag


def _overwritten(entry: Entry, value: Any) -> bool:
    """Whether an item lacks its text because the run has written over it: nobody else can have got its id."""
    id = unquote(urlsplit(entry.url).path.rstrip("/").rpartition("/")[2])
    return (
        entry.sure and entry.marks is not None and entry.marks.overwritten_in(value) and not foreseeable(id)
    )


def _shown_since(claim: Claim) -> bool:
    """Whether it was shown after its create that an item was not there before, or can be shown without another one."""
    if claim.proven:
        return True
    try:
        return claim.prove is not None and claim.prove(claim, False) is None
    except Undecided:
        return False


def _proven(claim: Claim) -> bool:
    """Whether an item belongs to the run although it shows none of its marks now."""
    if claim.put or claim.proven or (claim.looked and not claim.gone):
        return True
    return claim.home is not None and insufficient(claim, claim.home, None) is None


def _tag(reply: httpx.Response, *, needed: bool) -> str | None:
    """The entity tag of an answer: a strong one, or any where a condition is needed (RFC 9110 section 13.1.1)."""
    written = reply.headers.get("etag")
    tag = entity_tag(written)
    return written if written and (needed or (tag is not None and not tag.weak)) else None
