"""Tables [[resources]] that contradict each other or themselves are one line that names file, key and fix."""

from __future__ import annotations

import pytest

from harness.bad_input import BadInput
from harness.profile.additions import credential
from harness.profile.clashes import check
from harness.profile.resource import Resource


@pytest.mark.parametrize(
    ("resources", "line"),
    [
        (
            [Resource(collection="/orders"), Resource(collection="/orders/", item="/orders/{id}")],
            "x.toml: resources[1].collection: /orders/ is that of resources[0]; make them one table, or give the "
            "second another `credential` or `name`",
        ),
        (
            [Resource(collection="/orders", parent="shops")],
            "x.toml: resources[0].parent: /orders has no place for the id of an item of shops; write collection = "
            "'/shops/{id}/orders', or leave `parent` out",
        ),
    ],
)
def test_clashes(resources: list[Resource], line: str) -> None:
    with pytest.raises(BadInput) as raised:
        check(resources, "x.toml")
    assert str(raised.value) == line


def test_what_is_no_clash() -> None:
    check(
        [
            Resource(collection="/orders"),
            Resource(collection="/orders", credential="other"),
            Resource(collection="/orders", name="old orders"),
            Resource(collection="/shops/{id}/orders", parent="shops"),
            Resource(collection="/orders", create_method="PUT"),
        ],
        "x.toml",
    )


@pytest.mark.parametrize("value", ["Bearer", "basic", " Bearer "])
def test_a_scheme_without_a_token_is_no_credential(value: str) -> None:
    with pytest.raises(BadInput, match="has no token after it; write --credential other=env:OTHER_TOKEN"):
        credential(f"other={value}")
