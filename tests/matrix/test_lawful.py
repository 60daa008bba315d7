"""No false alarm: lawful APIs of unusual kinds break no rule."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.rules.rule import Effect
from tests.matrix.choice import for_lawful
from tests.matrix.found import variants
from tests.matrix.topics import TOPICS
from tests.matrix.trials import TURN, check_variant, listed
from tests.matrix.variant import Variant

VARIANTS = variants()
AT_ONCE = 2
"""Runs at the same time: most of a run is waiting for answers."""

each_variant = pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)


@pytest.mark.own
@pytest.mark.parametrize("code", listed())
def test_rule_accuses_no_lawful_api(code: str) -> None:
    races = listed()[code].rule.effect > Effect.WRITE

    def check(variant: Variant) -> str | None:
        try:
            check_variant(variant, [code])
        except AssertionError as alarm:
            return f"{variant.name}: {alarm}"
        return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        alarms = list(pool.map(check, [one for one in VARIANTS if one.races or not races]))
    assert not any(alarms), "\n".join(filter(None, alarms))


@pytest.mark.share
@each_variant
def test_a_lawful_api_breaks_no_rule_of_a_share(variant: Variant) -> None:
    suite = next((code for code, topic in TOPICS.items() if topic == variant.topic), None)
    codes = for_lawful(variant.name, suite, list(listed().values()), TURN, races=variant.races)
    check_variant(variant, codes)


@pytest.mark.whole
@each_variant
def test_no_resource_of_a_lawful_api_breaks_a_rule(variant: Variant) -> None:
    check_variant(variant, whole=True)
