"""Judging concurrent creates, on literal results."""

from __future__ import annotations

from harness.http.content import MISSING
from suites.concurrency.judge import Created, lasting, own_items


def test_each_create_has_its_own_item() -> None:
    both = [Created("a", 201, "1", 200, "a"), Created("b", 201, "2", 200, "b")]
    assert own_items(both) == own_items([*both, Created("c", 429)])
    assert own_items(both).breach is None
    # A content that the server changes is not that of another create.
    assert own_items([Created("a", 201, "1", 200, "A"), both[1]]).breach is None
    # An item that shows nothing, or that cannot be read for another reason than its absence.
    assert own_items([Created("a", 201, "1", 200, MISSING), Created("b", 201, "2", 503)]).breach is None


def test_one_id_for_several_creates() -> None:
    found = own_items([Created("a", 201, "1", 200, "b"), Created("b", 201, "1", 200, "b")]).breach
    assert found is not None
    assert found.startswith("1 ids, such as 1, were given to several creates")


def test_a_create_that_is_lost() -> None:
    found = own_items([Created("a", 201, "1", 404), Created("b", 201, "2", 200, "b")]).breach
    assert found == "1 items that were created cannot be read, such as 1 (2 x 201)"


def test_the_content_of_another_create() -> None:
    found = own_items([Created("a", 201, "1", 200, "b"), Created("b", 201, "2", 200, "b")]).breach
    assert found == "item 1 has the content of another create (2 x 201)"


def test_nothing_is_decided_without_a_success() -> None:
    assert own_items([Created("a", 503), Created("b", None)]).undecided is not None


def test_a_lag_is_lasting_where_each_write_has_it() -> None:
    assert lasting([0.8, 0.61, 0.79])
    assert not lasting([0.8, 0.0, 0.8])
    assert not lasting([0.1, 0.15, 0.1])
    assert not lasting([0.8])
    assert not lasting([])
