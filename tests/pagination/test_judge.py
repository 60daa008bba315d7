"""The pure functions behind the PAGE rules, on literal inputs: each is seen to accept and to refuse."""

from __future__ import annotations

import base64
import json

import pytest

from harness.lists.order import ordered
from harness.lists.page import PageInfo
from suites.pagination import cursors, read_only
from suites.pagination.judge import (
    TotalsRound,
    contradictions,
    deletions_uncounted,
    drift,
    ends_early,
    in_use,
    named,
    not_once,
    others_than,
    says_end,
    unlike,
    wrong_counts,
)


def test_each_item_once() -> None:
    assert not_once(["a", "x", "b", "x"], ["a", "b"]) == []
    assert not_once(["a"], ["a", "b", "c"]) == ["2 of 3 items missed: b, c"]
    assert not_once(["a", "b", "a"], ["a", "b"]) == ["1 items shown more than once: a"]


def test_many_ids_are_not_all_named() -> None:
    assert named("abcdefg") == "a, b, c, d, e and 2 more"
    assert named("ab") == "a, b"


def test_sequences() -> None:
    assert unlike("abc", "abc") is None
    assert unlike("abc", "acb") == "item 2 is b in one and c in the other"
    assert unlike("abc", "ab") == "one shows 3 items, the other 2"


def test_signals_contradict_each_other() -> None:
    last = PageInfo(signals={"/next": False, "/more": True})
    full = PageInfo(signals={"/next": True, "/more": True})
    used = in_use([full, last])
    assert contradictions(full, used) is None
    assert contradictions(last, used) == "/next says no more, /more says more"
    # A flag that is there counts, though it never signals more items.
    never = PageInfo(signals={"/next": True, "/more": False})
    assert contradictions(never, in_use([never])) is not None


def test_what_says_that_a_page_is_the_last() -> None:
    full = PageInfo(signals={"/more": True, "Link rel=next": True})
    last = PageInfo(signals={"/more": False, "Link rel=next": False})
    used = in_use([full])
    assert says_end(last, used) == ["/more", "Link rel=next"]
    assert says_end(full, used) == []
    # One signal that says more is enough for a client to go on.
    assert says_end(PageInfo(signals={"/more": False, "Link rel=next": True}), used) == []
    assert says_end(last, set()) == []


def test_a_page_that_is_said_to_be_the_last_too_early() -> None:
    more, last = {"Link rel=next": True}, {"Link rel=next": False}
    used = {"Link rel=next"}
    pages = [
        ("1", PageInfo(signals=more), "ab"),
        ("2", PageInfo(signals=last), "cd"),
        ("3", PageInfo(signals=last), "e"),
    ]
    assert "says that no more follow, and the pages after it show e" in ends_early(pages, used, "abcde")
    # What others have created meanwhile, and what moved from one page to the next, proves nothing.
    assert ends_early(pages, used, "abcd") == ""
    assert ends_early([*pages[:2], ("3", PageInfo(signals=last), "d")], used, "abcd") == ""
    assert ends_early(pages[:2], used, "abcd") == ""
    # An API that never sends Link says nothing by its absence.
    assert ends_early(pages, set(), "abcde") == ""


def test_values_that_were_not_asked_for() -> None:
    items = [{"status": "open"}, {"status": "done"}, {}, "x"]
    assert others_than(items, "/status", "open") == ["done"]
    assert others_than(None, "/status", "open") == []


def test_link_is_not_held_against_the_content() -> None:
    page = PageInfo(signals={"/next": True, "Link rel=next": False})
    assert contradictions(page, in_use([page])) is None


def test_fields_that_are_never_sent_say_nothing() -> None:
    pages = [PageInfo(signals={"Link rel=next": False}), PageInfo(signals={"Link rel=next": False})]
    assert in_use(pages) == set()
    assert in_use([*pages, PageInfo(signals={"Link rel=next": True})]) == {"Link rel=next"}


@pytest.mark.parametrize(
    ("page", "size", "expected"),
    [
        (PageInfo(total=7, total_pages=3, page=2), 3, []),
        (PageInfo(total=9), 3, ["the total is 9, but a traversal shows 7 items"]),
        (PageInfo(total_pages=2), 3, ["the page count is 2 for 7 items in pages of 3"]),
        (PageInfo(total_pages=2), None, []),
        (PageInfo(page=1), 3, ["page 2 is labelled as page 1"]),
        (PageInfo(), 3, []),
    ],
)
def test_counts(page: PageInfo, size: int | None, expected: list[str]) -> None:
    assert wrong_counts(page, number=2, size=size, count=7, estimates=False) == expected


def test_estimates_and_empty_lists() -> None:
    assert wrong_counts(PageInfo(total=10, total_pages=4), number=None, size=3, count=7, estimates=True) == []
    for pages in (0, 1):
        assert wrong_counts(PageInfo(total_pages=pages), number=1, size=3, count=0, estimates=False) == []
    assert wrong_counts(PageInfo(total_pages=2), number=1, size=3, count=0, estimates=False)


def test_drift() -> None:
    assert drift(["a", "b", "b", "x", "x"], ["a", "b", "c"]) == (1, 1)
    assert drift(["a"], ["a"]) == (0, 0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1, 2, 2, 3], True), ([3, 1, 1], True), ([1, 3, 2], False), ([2, 2], False), ([], False)],
)
def test_order(values: list[float], expected: bool) -> None:
    assert ordered(values) is expected


# -- cursors -------------------------------------------------------------------------------------------


def test_spoilt_cursors_differ_from_the_genuine_one_and_each_other() -> None:
    for genuine in ("eyJpZCI6MTJ9", "5", "ab", "zzzzZZZZ9999----"):
        made = cursors.spoilt(genuine)
        values = [value for _, value in made]
        assert len(made) >= 8
        assert genuine not in values
        assert len(set(values)) == len(values)


@pytest.mark.parametrize(
    ("status", "ids", "keyset", "expected"),
    [
        (400, None, False, None),
        (410, None, False, None),
        (422, None, False, None),
        (404, None, False, None),
        (401, None, False, None),
        (500, None, False, "a server error"),
        (503, None, True, "a server error"),
        (302, None, False, "status 302"),
        (200, ["a", "b"], False, "the list silently restarts"),
        (200, ["c", "d"], False, None),
        (200, ["e"], False, "it is accepted as a cursor"),
        (200, [], False, "it is accepted as a cursor, and shows no items"),
        (200, ["a", "b"], True, None),
        (200, [], True, None),
    ],
)
def test_answers_to_spoilt_cursors(
    status: int, ids: list[str] | None, keyset: bool, expected: str | None
) -> None:
    assert cursors.accepted(status, ids, ["a", "b"], ["c", "d"], keyset=keyset) == expected


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


IDS = ["ord_7f3a9c", "5"]


@pytest.mark.parametrize(
    "cursor",
    [
        "ord_7f3a9c",
        encoded({"id": "ord_7f3a9c"}),
        encoded(["2026-01-01", "ord_7f3a9c"]) + ".5e884898da28047151d0e56f8dc62927",
        encoded(encoded({"last": "ord_7f3a9c"})),
        base64.b64encode(b"order:ord_7f3a9c").decode(),
        base64.b64encode(b"SELECT id FROM orders WHERE id > 5").decode(),
        base64.b64encode(b"com.example.orders.Cursor(5)").decode(),
    ],
)
def test_what_shows_through_a_cursor(cursor: str) -> None:
    assert cursors.showing(cursor, IDS) is not None


@pytest.mark.parametrize(
    "cursor",
    [
        # Short ids stand in a cursor by chance: an offset is not an id.
        encoded({"offset": 5}),
        "5",
        encoded({"last_modified": 1795291362217, "nonce": "pagination-token-5559c598"}),
        "ord_7f3a9cd",
        "9Zk2-_Q8wB7yT1sVnM4xLpRc",
    ],
)
def test_what_does_not_show(cursor: str) -> None:
    assert cursors.showing(cursor, IDS) is None


def test_characters_that_a_query_loses() -> None:
    assert cursors.plain("aZ09-._~")
    assert not cursors.plain("a+b/c==")
    assert cursors.lost("a+b/c==") == ""
    assert cursors.lost('{"a": 1}') == ' "{}'
    assert cursors.lost("a&b#c%d") == "#%&"
    assert cursors.lost("é") == "é"


@pytest.mark.parametrize(
    ("seen", "whole", "faults", "in_order"),
    [
        ("abcdef", True, [], True),
        ("abcdefgh", False, [], True),
        ("abd", True, ["3 of 6 items missed: c, e, f"], True),
        # In a longer list what was not reached yet is not missed, and in another order it may follow.
        ("abd", False, ["1 of 4 items missed: c"], True),
        ("abc", False, [], True),
        ("bad", False, [], False),
        ("bacdef", True, [], False),
        ("abbcdef", True, ["1 items shown more than once: b"], True),
        ("", False, [], True),
    ],
)
def test_once_on_existing_items(seen: str, whole: bool, faults: list[str], in_order: bool) -> None:
    assert read_only.once(seen, "abcdef", whole=whole) == (faults, in_order)


NEVER = (TotalsRound(7, 7, 8, 8), TotalsRound(8, 8, 9, 9), TotalsRound(9, 9, 10, 10))


def test_a_total_that_no_deletion_lowers() -> None:
    assert deletions_uncounted(NEVER, 3) == (
        "the total before a create, after it, and after the delete of the same item: "
        "7, 8 and 8; 8, 9 and 9; 9, 10 and 10"
    )


@pytest.mark.parametrize(
    "last",
    [
        TotalsRound(9, 9, 10, 9),
        # A total that is cached, or cut off at some number.
        TotalsRound(9, 9, 9, 9),
        # Another client wrote: between two reads, between two rounds, or beside the create.
        TotalsRound(9, 10, 11, 11),
        TotalsRound(10, 10, 11, 11),
        TotalsRound(9, 9, 11, 11),
    ],
)
def test_a_total_that_may_be_right(last: TotalsRound) -> None:
    assert deletions_uncounted([*NEVER[:2], last], 3) is None
    assert deletions_uncounted(NEVER[:2], 3) is None
