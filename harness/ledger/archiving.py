"""Puts one item away by PATCH, where the API archives items and has no DELETE for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.client.client import exchange_of
from harness.client.ownership import GONE
from harness.http.content import at, json_of

if TYPE_CHECKING:
    from harness.ledger.entries import Entry

NO_DELETE = frozenset({403, 404, 405, 501})
"""Refusals of the DELETE of an item that can be read: there is none, or this client may not use it."""
_UNSET = (None, False, "", 0)


@dataclass(frozen=True)
class Archive:
    """How an item is put away.

    Attributes:
        content: JSON of the PATCH.
        media_type: of that content.
        shown: members that a GET of an archived item shows, by their pointers: a text or number as it is, or true for
            any value that is set.
    """

    content: Any
    media_type: str
    shown: dict[str, Any]


def archive(entry: Entry, how: Archive, tag: str | None, **hints: bool) -> str | None:
    """Put an item away that was just seen to be the run's; why it could not be, or None.

    A read afterwards decides, not the answer to the PATCH.

    Args:
        hints: of the requests; see `Client.request`.

    Raises:
        Undecided: a request could not be sent, or was not answered.
    """
    fields = {"Content-Type": how.media_type, **({"If-Match": tag} if tag is not None else {})}
    reply = entry.client.patch(entry.url, json=how.content, headers=fields, **hints)
    after = entry.client.get(entry.url, **hints)
    if after.status_code in GONE or is_archived(how, json_of(after)):
        return None
    return f"it is not archived: {exchange_of(reply).summary()}, then {exchange_of(after).summary()}"


def is_archived(how: Archive, value: Any) -> bool:
    """Whether what a GET shows is an archived item. Pure.

    Args:
        value: its JSON; `MISSING` for none.
    """
    return bool(how.shown) and all(_took(at(value, place), wanted) for place, wanted in how.shown.items())


def _took(shown: Any, wanted: Any) -> bool:
    if wanted is True:
        return isinstance(shown, str | int | float) and shown not in _UNSET
    return bool(shown == wanted)
