"""By how much actions add to the members of an item, on literal states."""

from __future__ import annotations

import pytest

from harness.resource.adding import steps


@pytest.mark.parametrize(
    ("states", "added", "found"),
    [
        ([{"n": 1}, {"n": 2}, {"n": 3}], None, {"/n": 1}),
        ([{}, {"n": 5}, {"n": 10}], {"amount": 5}, {"/n": 5}),
        ([{"a": {"n": 9}}, {"a": {"n": 6}}, {"a": {"n": 3}}], {"by": 3}, {"/a/n": -3}),
        ([{}, {"lines": [1]}, {"lines": [1, 1]}], {"sku": "a", "quantity": 2}, {"/lines/#": 1}),
        ([{"tags": ["a"]}, {"tags": ["a"]}, {"tags": ["a"]}], None, {}),
        # A like counts once for each client, and a maximum is reached.
        ([{"n": 0}, {"n": 1}, {"n": 1}], None, {}),
        ([{"n": 1}, {"n": 6}, {"n": 8}], {"amount": 5}, {}),
        # These count writes, or other things.
        ([{"version": 1}, {"version": 2}, {"version": 3}], None, {}),
        ([{"__v": 1}, {"__v": 2}, {"__v": 3}], None, {}),
        ([{"n": 1, "calls": 1}, {"n": 6, "calls": 2}, {"n": 11, "calls": 3}], {"amount": 5}, {"/n": 5}),
        ([{"n": True}, {"n": True}, {"n": True}], None, {}),
    ],
)
def test_two_actions_that_add_the_same_show_what_one_adds(states, added, found):
    assert steps(states, added) == found
