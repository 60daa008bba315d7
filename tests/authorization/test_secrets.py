"""Secrets in what is there already: by name and form, and what is no secret, or one that is masked."""

from __future__ import annotations

from typing import Any

import pytest

from suites.authorization.judge import looks_hashed, shown_secrets, write_only_members

pytestmark = pytest.mark.topic(name="authorization")
BCRYPT = "$2b$12$KIXIDkzO3e3y0eWqvQ8eEuW8T1Yh6xj0o0oN3mC2r1b0aZ9yXwVuS"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def found(value: Any, write_only: tuple[str, ...] = ()) -> list[tuple[str, bool]]:
    return [(one.place, one.sure) for one in shown_secrets(value, write_only)]


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ({"password": BCRYPT}, [("/password", True)]),
        ([{"user": {"password_hash": SHA256}}], [("/user/password_hash", True)]),
        ({"data": [{"api_key": SHA256}]}, [("/data/api_key", True)]),
        ({"password": "correct horse"}, [("/password", False)]),
    ],
)
def test_hashes_are_sure_and_passwords_may_be_meant(value: Any, places: list[tuple[str, bool]]) -> None:
    assert found(value) == places


@pytest.mark.parametrize(
    "value",
    [
        {"password": None},
        {"password": ""},
        {"password": True},
        {"password": "********"},
        {"password": "[redacted]"},
        {"api_key": "sk_live_***8812"},
        {"secret": "the plot of a novel"},
        {"checksum": SHA256, "etag": SHA256},
        {"password_changed_at": "2026-11-30"},
        {"passwords": 3},
        ["password"],
        "password",
    ],
)
def test_what_is_no_secret_or_masked(value: Any) -> None:
    assert found(value) == []


def test_what_the_document_marks_write_only() -> None:
    schema = {"properties": {"pin": {"type": "string", "writeOnly": True}, "name": {"type": "string"}}}
    assert write_only_members(schema) == ["pin"]
    assert found({"pin": "1234", "name": "Ada"}, ("pin",)) == [("/pin", True)]
    assert found({"pin": None}, ("pin",)) == []
    assert write_only_members(None) == []


def test_forms_of_hashes() -> None:
    assert looks_hashed(BCRYPT)
    assert looks_hashed(SHA256)
    assert not looks_hashed("deadbeef")
    assert not looks_hashed(7)
