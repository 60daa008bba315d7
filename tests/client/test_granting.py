"""Requests that name items of the run by their ids: allowed for a while, and recorded for the items."""

from __future__ import annotations

import pytest

from harness.client.ownership import Ownership

pytestmark = pytest.mark.topic(name="client")
URL = "http://api.example/orders"


def test_it_ends() -> None:
    ownership = Ownership()
    with ownership.granting("delete", URL):
        assert ownership.why_not("DELETE", f"{URL}?ids=5") is None
        assert ownership.why_not("PATCH", URL) is not None
    assert ownership.why_not("DELETE", URL) is not None


def test_what_the_user_has_written_stays_allowed() -> None:
    ownership = Ownership()
    ownership.grant("PATCH", URL)
    with pytest.raises(ZeroDivisionError), ownership.granting("PATCH", URL):
        raise ZeroDivisionError
    assert ownership.why_not("PATCH", URL) is None


def test_nothing_is_recorded_for_what_is_not_the_runs() -> None:
    ownership = Ownership()
    ownership.reaches(f"{URL}/5", b'{"note": "x"}')
    assert ownership.claims == {}
