"""Which credential is that of another client."""

from __future__ import annotations

import pytest

from harness.target.credentials.resolved import Credential
from harness.target.target import Target


def held(**values: str) -> Target:
    fields = {name: Credential({"Authorization": value}) for name, value in values.items()}
    return Target("http://127.0.0.1/v1", credentials=fields)


@pytest.mark.parametrize(
    ("target", "own", "name"),
    [
        (held(default="a", other="b"), "default", "other"),
        (held(default="a", other="b"), "other", "default"),
        (held(default="a", other="a"), "default", None),
        (held(default="a"), "default", None),
        (held(), None, None),
    ],
)
def test_another_client_has_another_credential(target: Target, own: str | None, name: str | None) -> None:
    assert target.another(own) == name
