"""The facts that rules take from the survey, read from the source of the suites."""

from __future__ import annotations

import ast

import pytest

from harness.rules import facts
from harness.rules.catalogue import codes

SOURCE = """
def used(item):
    return item.state()

class Tried:
    def go(self):
        return used(self.item)

@rule("AAA-001", MUST)
def test_one(resource):
    Tried().go()

@rule("AAA-002", MUST)
def test_two(resource):
    resource.state = resource.known.unique
"""


def test_every_rule_is_listed():
    assert set(facts.used()) == codes()


def test_what_a_rule_judges_it_also_uses():
    for code, judged in facts.JUDGED.items():
        assert judged.keys() <= set(facts.used()[code]), code


def test_facts_are_found_through_the_functions_of_a_suite():
    tree = ast.parse(SOURCE)
    calls = dict(facts._definitions(tree))
    found = {code: facts._closure(name, calls) for code, name in facts._rules(tree)}
    assert "state()" in found["AAA-001"]
    assert "state()" not in found["AAA-002"]
    assert {"state", "unique"} <= found["AAA-002"]


@pytest.mark.parametrize(("code", "fact"), [("METH-005", "volatile"), ("ERR-013", "unique")])
def test_what_is_known_of_some_rules(code, fact):
    assert fact in facts.used()[code]
