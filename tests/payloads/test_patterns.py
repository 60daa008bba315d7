"""Texts made from simple regular expressions."""

from __future__ import annotations

import re

import pytest

from harness.payloads import unique
from harness.payloads.patterns import text


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{3}-[0-9]{4}$",
        r"^\d{5}(-\d{4})?$",
        "^[a-z][a-z0-9-]{2,62}$",
        "^(red|green)[0-9]+$",
        "^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$",
        r"^\+?[1-9]\d{1,14}$",
        r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$",
        "^#[0-9A-Fa-f]{6}$",
        r"^v\d+\.\d+\.\d+$",
        "^[^/]+$",
        r"^[\w.-]+$",
        "ab*c?",
    ],
)
def test_simple_expressions(pattern: str) -> None:
    made = text(pattern)
    assert made is not None
    assert re.search(pattern, made)
    assert made == text(pattern)


@pytest.mark.parametrize(
    "pattern", [r"^(?=.*\d)\w{8}$", r"^\p{L}+$", "(", "[a", r"(a)\1", "^[a-z]{900}$", "(" * 99]
)
def test_others_are_left_to_a_generator(pattern: str) -> None:
    assert text(pattern) is None


@pytest.mark.parametrize("old", ["978-1-77631-706-6", "AB-123456", "+491234567890"])
def test_codes_keep_their_form_and_length_without_a_schema(old: str) -> None:
    made = unique.value(old, {}, "code")
    assert isinstance(made, str)
    assert made != old
    assert [_form(char) for char in made] == [_form(char) for char in old]


def _form(char: str) -> str:
    return "9" if char.isdigit() else "A" if char.isalpha() else char
