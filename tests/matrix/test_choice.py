"""Which rules a defect is put to."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from harness.rules.catalogue import shipped
from harness.rules.rule import Effect
from tests.matrix.choice import COSTLY, LAWFUL, OTHERS, SHARED, Depth, chosen, for_lawful, shared
from tests.matrix.defect import Defect
from tests.matrix.estimates import updated
from tests.matrix.found import defects
from tests.matrix.topics import topic_of_file, topic_of_rule

RULES = shipped()
EFFECTS = {one.rule.code: one.rule.effect for one in RULES}
FILES = {one.rule.code: one.module for one in RULES}
QUICK = {
    rule.code
    for rule in (one.rule for one in RULES)
    if (rule.rougher or rule.effect) <= Effect.WRITE and not rule.waits
}


def defect(rule: str, also: frozenset[str] = frozenset(), perhaps: frozenset[str] = frozenset()) -> Defect:
    return Defect(rule, "a bug", None, also=also, perhaps=perhaps)  # type: ignore[arg-type]


def test_own_rules_are_those_that_it_must_trip() -> None:
    one = defect("PAGE-016", also=frozenset({"LINT-001"}), perhaps=frozenset({"LINT-002"}))
    assert chosen(one, Depth.OWN, RULES, 0) == ["LINT-001", "PAGE-016"]


@pytest.mark.parametrize("code", ["PAGE-016", "CONC-001", "IDEM-006", "RATE-011", "METH-001"])
@pytest.mark.parametrize("turn", range(0, OTHERS * SHARED, SHARED))
def test_a_share_has_the_suite_and_a_few_others(code: str, turn: int) -> None:
    share = chosen(defect(code), Depth.SHARE, RULES, turn)
    suite = code.partition("-")[0]
    assert code in share
    assert {one for one in QUICK if one.startswith(suite)} <= set(share)
    others = [one for one in share if not one.startswith(suite)]
    assert len({FILES[one] for one in others}) <= len(set(FILES.values())) / OTHERS + 1


@pytest.mark.parametrize("code", ["PAGE-016", "CONC-001", "IDEM-006", "RATE-011", "METH-001"])
def test_the_turns_take_all_together(code: str) -> None:
    whole = set(chosen(defect(code), Depth.WHOLE, RULES, 0))
    shares = [set(chosen(defect(code), Depth.SHARE, RULES, turn * SHARED)) for turn in range(OTHERS)]
    assert set().union(*shares) == whole
    races = {one for one in whole if one.startswith(code[:4]) and EFFECTS[one] > Effect.WRITE}
    assert races <= set().union(*shares[:COSTLY])


def test_every_suite_has_a_defect_that_is_put_to_a_share() -> None:
    assert {rule.partition("-")[0] for rule, _ in shared(defects(), 0)} == {
        code.partition("-")[0] for code in EFFECTS
    }


def test_each_defect_is_put_to_a_share_in_one_of_the_turns() -> None:
    every = [(one.rule, one.name) for one in defects()]
    assert sorted(one for turn in range(SHARED) for one in shared(defects(), turn)) == sorted(every)


def test_races_are_for_defects_that_only_races_show() -> None:
    assert all(EFFECTS[code] <= Effect.WRITE for code in chosen(defect("METH-001"), Depth.WHOLE, RULES, 0))
    assert set(chosen(defect("CONC-001"), Depth.WHOLE, RULES, 0)) == {
        code for code, effect in EFFECTS.items() if effect < Effect.FLOOD
    }


@pytest.mark.parametrize("suite", ["PAGE", "DOC", None])
def test_a_lawful_api_is_put_to_its_topic_and_in_a_few_turns_to_all(suite: str | None) -> None:
    shares = [set(for_lawful("an API", suite, RULES, turn)) for turn in range(LAWFUL)]
    assert set().union(*shares) == set(EFFECTS)
    own = {code for code in EFFECTS if code.partition("-")[0] == suite}
    assert all(own <= share and len(share - own) < len(EFFECTS) / 2 for share in shares)


def test_some_lawful_apis_are_put_to_all_races() -> None:
    racing = {one.rule.code for one in RULES if (one.rule.rougher or one.rule.effect) is Effect.BURST}
    plain = set(for_lawful("an API", None, RULES, 0))
    assert set(for_lawful("an API", None, RULES, 0, races=True)) == plain | racing
    assert racing - plain


def test_every_rule_has_a_topic() -> None:
    assert all(topic_of_rule(code) for code in EFFECTS)


@pytest.mark.parametrize(
    ("path", "topic"),
    [
        ("pagination/test_judge.py", "pagination"),
        ("openapi/test_judge.py", "openapi"),
        ("reference/test_rate_limits.py", "rate_limits"),
        ("reference/test_server.py", None),
        ("report/html/test_html.py", None),
        ("matrix/test_kill_matrix.py", None),
    ],
)
def test_topic_of_a_file(path: str, topic: str | None) -> None:
    assert topic_of_file(PurePath(path)) == topic


def test_estimates_are_medians_and_stay_where_they_are_near() -> None:
    before = {"ERR-001": 100, "ERR-002": 100, "GONE-001": 3}
    runs = [{"ERR-001": 109, "ERR-002": 120, "ERR-003": 4}, {"ERR-001": 91, "ERR-002": 130}, {"ERR-001": 109}]
    assert updated(before, runs) == {"ERR-001": 100, "ERR-002": 125, "ERR-003": 4}
