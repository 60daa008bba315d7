"""Hints can be pasted: each is a profile that loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.profile.hints import CAPABILITIES, KEYS, Hint
from harness.profile.read import load


@pytest.mark.parametrize("name", [*CAPABILITIES, *KEYS])
def test_every_hint_loads_as_a_profile(tmp_path: Path, name: str) -> None:
    hint = (CAPABILITIES | KEYS)[name]
    above = ['collection = "/orders"'] if hint.table == "[[resources]]" else []
    # The schema of a create is the user's to fill in.
    text = hint.block(*above).replace("'{ ... }'", "'{}'")
    (tmp_path / "conformance.toml").write_text(text)
    load(None, tmp_path, {"OTHER_TOKEN": "s3cret", "READONLY_TOKEN": "s3cret-too"})


def test_a_hint_in_one_line_and_as_a_block() -> None:
    hint = Hint("c", ("a = 1", "b = 2"), "the first", table="[t]", option="--a FILE")
    assert hint.line == "--a FILE, or [t] a = 1, b = 2"
    assert hint.block("x = 0") == "[t]\nx = 0\na = 1   # the first; or --a FILE\nb = 2"
    assert Hint("c", ("a = 1",)).block() == "[[resources]]\na = 1"
