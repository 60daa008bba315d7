"""Pages of a list: parameters, members, promises."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.profile.values import Model, Pointer


class Pagination(Model):
    """How a list is read page by page, and what the API promises for it."""

    style: Literal["cursor", "keyset", "page", "offset"] | None = Field(
        None,
        description="How the next page is requested: by a cursor that the API gives, by the id of the last item, by "
        "the number of the page, or by the number of items to skip.",
    )
    limit_param: str | None = Field(None, description="Query parameter for the page size.")
    cursor_param: str | None = Field(
        None, description="Query parameter for the cursor, or the last item's id."
    )
    page_param: str | None = Field(None, description="Query parameter for the number of the page.")
    offset_param: str | None = Field(None, description="Query parameter for the number of items to skip.")
    first_page: int | None = Field(
        None, ge=0, le=1, description="Number of the first page; 1 if omitted and not detected."
    )
    first_offset: int = Field(
        0, ge=0, le=1, description="Offset of the first item; 1 for `startIndex` (SCIM)."
    )
    next: Pointer | None = Field(
        None, description="Location of the next page in a list: a cursor, a page number, or a URL."
    )
    prev: Pointer | None = Field(None, description="Location of the URL of the previous page in a list.")
    first: Pointer | None = Field(None, description="Location of the URL of the first page in a list.")
    last: Pointer | None = Field(None, description="Location of the URL of the last page in a list.")
    next_field: str | None = Field(
        None, description="Header field with the URL of the next page, besides Link (RFC 8288)."
    )
    has_more: Pointer | None = Field(None, description="Location of the flag for more items in a list.")
    total: Pointer | None = Field(None, description="Location of the total number of items in a list.")
    total_field: str | None = Field(None, description="Header field with the total number of items.")
    total_pages: Pointer | None = Field(None, description="Location of the number of pages in a list.")
    page: Pointer | None = Field(None, description="Location of the number of the current page in a list.")
    estimates: bool = Field(False, description="Whether totals are estimates, by the API's documentation.")
    default: int | None = Field(None, ge=1, description="Page size if none is requested.")
    min: int | None = Field(None, ge=1, description="Smallest page size; 1 when omitted.")
    max: int | None = Field(None, ge=1, description="Largest page size.")
    stable: bool = Field(
        False,
        description="Whether the API promises that writes neither skip nor repeat items for a reader: a breach "
        "of that is then a failure.",
    )
    filter_param: str | None = Field(
        None, description="Query parameter that selects the items whose `filter_member` has a value."
    )
    filter_member: Pointer | None = Field(
        None, description="Member with free text that `filter_param` selects by, inside the representation."
    )
    sort_param: str | None = Field(None, description="Query parameter that says what the list is sorted by.")
    sort_value: str | None = Field(
        None, description="Its value that sorts by `sort_member`; the member's name when omitted."
    )
    sort_member: Pointer | None = Field(
        None, description="Member with a number that the list can be sorted by, inside the representation."
    )
    seed: int = Field(0, ge=0, description="Seed of the interleavings of reads and writes that are tried.")
