"""No false alarm: lawful APIs of unusual ways with browsers break no rule of this suite."""

from __future__ import annotations

import pytest

from tests.matrix.trials import check_variant, listed
from tests.matrix.variant import Variant
from tests.security.lawful import OWN_RULES

CODES = [
    code for code in listed() if code in ("SEC-005", "SEC-006", "SEC-007", "SEC-008", "SEC-009", "SEC-013")
]


@pytest.mark.slow
@pytest.mark.parametrize("variant", OWN_RULES, ids=lambda variant: variant.name)
def test_a_lawful_api_breaks_no_rule(variant: Variant) -> None:
    check_variant(variant, CODES)
