"""Which rules a defect is put to: its own, a share of all, or all; and a lawful API: a share or all. No I/O.

`make test` puts one defect of 18 to a share of the rules, and the others to their own rule. A share is: every rule
of the suites that the defect may trip, of those that race, flood or wait every sixth, and the rules in every 24th
file of the others: whole files, since each takes time to import. The defect's name decides which: not all defects
are put to the same ones. Another turn takes the next ones: 432 turns put all defects to all rules. A lawful API is put
to the rules of its topic and to those in every 16th file of the others, so that 16 turns put it to all; a few to
all that race.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from enum import Enum

from harness.rules.catalogue import ListedRule
from harness.rules.rule import Effect
from tests.matrix.defect import Defect

OTHERS = 24
LAWFUL = 16
COSTLY = 6
SHARED = 18
"""One of so many defects is put to a share of the rules by `make test`."""
RACES = ("IDEM", "CONC")
"""Suites whose rules are told apart by races; other defects show without, at a fraction of the cost."""
FLOODS = ("RATE", "IDEM-016", "SEC-011", "GQL-008")
"""Suites and rules that take floods, which take seconds; their defects show without races."""


LOADS = ("ISOL", "PERF")
"""Suites whose rules put load on the target; their defects show by waits of seconds."""


class Depth(Enum):
    """How many rules a defect is put to."""

    OWN = "own"
    SHARE = "share"
    WHOLE = "whole"


def effects(defect: Defect) -> frozenset[Effect]:
    """The effects of the rules that a defect is put to at most."""
    mild = {Effect.READ, Effect.WRITE}
    if defect.rule.startswith(FLOODS):
        return frozenset({*mild, Effect.FLOOD})
    if defect.rule.startswith(LOADS):
        return frozenset({*mild, Effect.LOAD})
    return frozenset({*mild, Effect.BURST}) if defect.rule.startswith(RACES) else frozenset(mild)


def by_chance(defect: Defect) -> bool:
    """Whether a run may miss the defect: races and floods may not overlap on a busy machine."""
    return defect.rule.startswith((*RACES, *FLOODS, *LOADS))


def shared(defects: Sequence[Defect], turn: int) -> frozenset[tuple[str, str]]:
    """Rule and name of the defects that `make test` puts to a share of the rules: every 18th of each suite.

    Args:
        defects: all that there are.
        turn: which share is taken.
    """
    suites: dict[str, list[Defect]] = {}
    for one in defects:
        suites.setdefault(one.rule.partition("-")[0], []).append(one)
    return frozenset(
        (one.rule, one.name) for some in suites.values() for one in some[turn % SHARED :: SHARED]
    )


def chosen(defect: Defect, depth: Depth, rules: Sequence[ListedRule], turn: int) -> list[str]:
    """Codes of the rules that a defect is put to, its own among them.

    Args:
        rules: all that there are, in the order of their codes.
        turn: which share is taken.
    """
    own = {defect.rule, *defect.also}
    if depth is Depth.OWN:
        return sorted(own)
    suites = {code.partition("-")[0] for code in (*own, *defect.perhaps)}
    allowed = effects(defect)
    roughest = max(allowed)
    files = sorted({one.module for one in rules})
    start = turn // SHARED + zlib.crc32(defect.name.encode())

    def taken(place: int, one: ListedRule) -> bool:
        if one.rule.code in own or depth is Depth.WHOLE:
            return True
        if one.rule.suite not in suites:
            return (files.index(one.module) + start) % OTHERS == 0
        costly = one.rule.within(roughest) > Effect.WRITE or one.rule.waits
        return not costly or (place + start) % COSTLY == 0

    return [
        one.rule.code
        for place, one in enumerate(rules)
        if one.rule.code in own or (one.rule.effect in allowed and taken(place, one))
    ]


def for_lawful(
    name: str, suite: str | None, rules: Sequence[ListedRule], turn: int, *, races: bool = False
) -> list[str]:
    """Codes of the rules that `make test` puts a lawful API to.

    Args:
        name: of the lawful API.
        suite: letters of the codes of its topic's rules; None for an API of no topic.
        rules: all that there are.
        turn: which share is taken.
        races: whether it is put to all rules that race, besides.
    """
    files = sorted({one.module for one in rules})
    start = turn + zlib.crc32(name.encode())
    return [
        one.rule.code
        for one in rules
        if one.rule.suite == suite
        or (files.index(one.module) + start) % LAWFUL == 0
        or (races and (one.rule.rougher or one.rule.effect) is Effect.BURST)
    ]
