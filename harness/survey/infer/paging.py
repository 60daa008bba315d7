"""How a list is paged: from what the survey saw, and what the profile or the document declares. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonpointer

from harness.http.content import at, id_text, key_parts
from harness.lists import conventions
from harness.lists.page import PageInfo, complete, is_url, page_info
from harness.profile.models import Capability, Pagination, Resource, State
from harness.resource.matching import places
from harness.resource.tags import tag_pointer
from harness.survey.infer.page_parameters import CURSORS_IN_LINKS, KEYSETS, OFFSETS, PAGES, first_of
from harness.survey.infer.samples import ResourceSamples, Sample

_ASKED = {
    "next_cursor": "cursor",
    "nextCursor": "cursor",
    "cursor": "cursor",
    "next": "cursor",
    "after": "after",
    "endCursor": "after",
    "end_cursor": "after",
    "next_page_token": "page_token",
    "nextPageToken": "pageToken",
    "next_token": "next_token",
    "nextToken": "nextToken",
    "continuation": "continuation",
    "continuation_token": "continuation_token",
    "continuationToken": "continuationToken",
}
"""The parameter that takes the value of a member of a page, by the name of the member."""
_KEYS = ("next", "prev", "first", "last", "has_more", "total", "total_pages", "page")


def one_item(known: Resource, paged: Sample) -> bool:
    """Whether a list of page size 1 shows one item."""
    items = at(paged.value, known.items or "") if paged.success else None
    return isinstance(items, list) and len(items) == 1


def cursor_guess(how: Pagination, paged: Sample, known: Resource | None = None) -> tuple[str, str] | None:
    """A parameter and its value that may request the page after the one seen; None if nothing needs guessing."""
    if how.cursor_param is not None or how.style in ("page", "offset"):
        return None
    found = conventions.pointers(paged.value, 1)
    place = found.get("next")
    if place is None and known is not None and at(paged.value, found.get("has_more") or "/") is True:
        ids = _ids(known, paged)
        return ("starting_after", ids[-1]) if ids else None
    value = at(paged.value, place) if place is not None else None
    name = _ASKED.get(place.rsplit("/", 1)[-1]) if place is not None else None
    if name is None or not isinstance(value, str) or is_url(value):
        return None
    return name, value


def inferred(known: Resource, samples: ResourceSamples) -> Pagination | None:
    """How the list is paged, by the profile, the document, and what a list of one item per page showed."""
    how = (known.pagination or Pagination()).model_copy()
    if samples.paged is not None and samples.paged.success:
        _from_page(how, known, samples)
    if samples.filtered is not None and how.filter_param is None and _selects(known, samples):
        pointer = tag_pointer(known, samples.created[0]) if samples.created else None
        if pointer is not None:
            how.filter_member = pointer.removeprefix(known.representation)
            how.filter_param = jsonpointer.unescape(how.filter_member.rsplit("/", 1)[-1])
    if how.filter_member in known.unique:
        # Only one item can have that value.
        how.filter_param = how.filter_member = None
    if how.sort_param is not None and how.sort_member is None and known.body is not None:
        how.sort_member = _number_member(known)
    return how if how != Pagination() else None


def _from_page(how: Pagination, known: Resource, samples: ResourceSamples) -> None:
    paged = samples.paged
    assert paged is not None
    items = at(paged.value, known.items or "")
    if not isinstance(items, list) or len(items) != 1:
        return
    fields = dict(paged.exchange.response_fields)
    asked = query_of(paged.exchange.url)
    limit = next((name for name, value in asked.items() if value == "1" and name != how.page_param), None)
    how.limit_param = how.limit_param or limit
    found = conventions.pointers(paged.value, len(items))
    for key in _KEYS:
        if getattr(how, key) is None and key in found:
            setattr(how, key, found[key])
    how.next_field = how.next_field or conventions.next_field(fields)
    how.total_field = how.total_field or (None if how.total else conventions.total_field(fields))
    says = page_info(how, fields, paged.value)
    if how.style is None:
        _style(how, says, asked)
    if how.style == "page" and how.first_page is None:
        following = says.number if says.number is not None else query_of(says.url).get(how.page_param or "")
        first_given = {"1": 0, "2": 1}.get(str(following))
        how.first_page = says.page if first_given is None and says.page in (0, 1) else first_given
    if (
        how.style is None
        and isinstance(paged.value, dict)
        and {"startIndex", "Resources"} <= paged.value.keys()
    ):
        # RFC 7644 section 3.4.2.4.
        how.style, how.offset_param, how.first_offset = "offset", "startIndex", 1
    if how.style is None and samples.following is not None:
        style, name, _ = samples.following
        how.style = style  # type: ignore[assignment]
        setattr(how, "page_param" if style == "page" else "offset_param", name)
        if style == "page" and samples.first_page is not None:
            how.first_page = 1 if not _differs(known, items, samples.first_page) else 0
    guess = cursor_guess(how, paged, known)
    if guess is not None and samples.second is not None and _differs(known, items, samples.second):
        how.style = how.style or ("keyset" if guess[0] in KEYSETS else "cursor")
        how.cursor_param = guess[0]


def _style(how: Pagination, says: PageInfo, asked: Mapping[str, str]) -> None:
    """The style of the URL of the next page, by the parameter that is new or changed in it."""
    new = {name: value for name, value in query_of(says.url).items() if asked.get(name) != value}
    for style, key, names in (
        ("page", "page_param", PAGES),
        ("offset", "offset_param", OFFSETS),
        ("cursor", "cursor_param", (*KEYSETS, *CURSORS_IN_LINKS)),
    ):
        name = first_of(names, new)
        if name is not None:
            how.style = style  # type: ignore[assignment]
            setattr(how, key, name)
            return
    if says.url is not None:
        how.style = "cursor"
        how.cursor_param = how.cursor_param or (next(iter(new)) if len(new) == 1 else None)


def capabilities(known: Resource, declared: Pagination | None) -> dict[str, Capability]:
    """What the list can do, with the evidence.

    Args:
        known: with `pagination` as it was inferred.
        declared: the profile's and the document's part of it.
    """
    how, said = known.pagination or Pagination(), declared or Pagination()
    named = {
        "pages": ("style", "how the next page is requested"),
        "limit": ("limit_param", "a parameter for the page size"),
        "sort": ("sort_member", "a parameter that sorts by a number"),
        "filter": ("filter_param", "a parameter that filters by free text"),
    }
    found = {}
    for name, (key, what) in named.items():
        value = getattr(how, key) if name != "sort" or how.sort_param else None
        found[name] = _capability(value, getattr(said, key) is not None, f"{key} = {value}", what)
    cursor = how.style in ("cursor", "keyset")
    for name, there in (("cursor", cursor), ("offset", how.style in ("page", "offset"))):
        because = f"style = {how.style}"
        found[name] = _capability(
            how.style if there else None, said.style is not None, because, f"a style by {name}"
        )
    keys = [key for key in ("total", "total_field", "total_pages") if getattr(how, key) is not None]
    found["totals"] = _capability(
        keys,
        any(getattr(said, key) is not None for key in keys),
        ", ".join(f"{key} = {getattr(how, key)}" for key in keys),
        "how many items or pages there are",
    )
    return found


def _capability(value: Any, declared: bool, because: str, what: str) -> Capability:
    if not value:
        return Capability(state=State.ABSENT, because=f"nothing declares or shows {what}")
    text = f"pagination: {because}"
    if declared:
        return Capability(state=State.DECLARED, because=text, declaration=text)
    return Capability(state=State.DETECTED, because=text)


def _selects(known: Resource, samples: ResourceSamples) -> bool:
    """Whether the list filtered by one item's text shows that item, and not the other one of the run."""
    # If the twin is the second item, the first one was given another text before.
    wanted, other = (
        (samples.id, samples.other_id) if samples.twin_id is None else (samples.twin_id, samples.id)
    )
    if samples.filtered is None or wanted is None or other is None:
        return False
    ids = _ids(known, samples.filtered)
    return wanted in ids and other not in ids


def shows_another(known: Resource, paged: Sample, second: Sample) -> bool:
    """Whether a page of one item shows another item than the page before."""
    if not (one_item(known, paged) and one_item(known, second)):
        return False
    return bool(at(paged.value, known.items or "") != at(second.value, known.items or ""))


def _differs(known: Resource, items: list[Any], second: Sample) -> bool:
    listed = at(second.value, known.items or "") if second.success else None
    return isinstance(listed, list) and bool(listed) and listed != items


def _ids(known: Resource, sample: Sample) -> list[str]:
    listed = at(sample.value, known.items or "") if sample.success else None
    where = places(known, known.id)[::-1]
    found = [
        next((id for place in where if (id := id_text(at(item, place)))), None)
        for item in (listed if isinstance(listed, list) else [])
    ]
    return [id for id in found if id is not None]


def _number_member(known: Resource) -> str | None:
    inside = at(known.body, known.representation)
    for name, value in inside.items() if isinstance(inside, dict) else ():
        pointer = "/" + jsonpointer.escape(name)
        kept = pointer in known.unique or pointer == known.locking.version or name in known.read_only
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and not kept
            and pointer not in key_parts(known.id)
        ):
            return pointer
    return None


def query_of(url: str | None) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) if url else {}


def alone(known: Resource, listed: Sample) -> bool:
    """Whether a page announces no other page, and shows as many items as it says there are."""
    items = at(listed.value, known.items or "")
    shown = len(items) if isinstance(items, list) else 0
    how = complete(known.pagination, listed.value, shown)
    says = page_info(how, dict(listed.exchange.response_fields), listed.value)
    return not says.more and says.url is None and (says.total is None or says.total <= shown)
