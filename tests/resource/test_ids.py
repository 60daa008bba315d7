"""Ids of the form of a sample, and of nothing that exists."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.resource.ids import unlike


class TestUnlike:
    @pytest.mark.parametrize(
        ("sample", "form"),
        [
            ("17", r"9\d{8}"),
            ("ord_3f9a2c", r"ord_[0-9a-f]{6}"),
            ("usr-prod-9Z8Y", r"usr-prod-\d[A-Z]\d[A-Z]"),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", r"[0-9A-Z]{26}"),
            ("a", r"aa"),
            ("SKU-000-1", "SKU-999-9"),
            ("INV-0012", "INV-9999"),
        ],
    )
    def test_form(self, sample: str, form: str) -> None:
        other = unlike(sample)
        assert other != sample
        assert re.fullmatch(form, other), other

    @pytest.mark.parametrize("spell", [str.lower, str.upper])
    def test_uuids_stay_uuids(self, spell: Any) -> None:
        sample = spell(str(uuid.uuid4()))
        other = unlike(sample)
        assert spell(str(uuid.UUID(other))) == other != sample

    @given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30))
    def test_another_id_of_the_same_characters(self, sample: str) -> None:
        other = unlike(sample)
        assert other != sample
        if not sample.isdigit():
            assert set(other) <= set(sample)

    @given(st.text(min_size=1, max_size=30))
    def test_any_sample_has_another(self, sample: str) -> None:
        assert unlike(sample) != sample
