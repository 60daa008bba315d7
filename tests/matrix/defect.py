"""Seeded defects: bugs that real teams ship, each of which trips exactly one rule."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """A reference API with one bug in it.

    Attributes:
        rule: the code of the rule it must trip.
        name: the bug in a few words.
        serve: starts the defective server and yields its base URL.
        on: the resources that the rules are put to: the fewest on which the bug shows.
        also: codes of further rules that it cannot help tripping, each with a comment why.
        tries: runs of which one must find it, where a run finds it by chance.
        profile: what its owner declares of it, given its base URL.
        perhaps: codes of rules that it trips in some runs, with a comment why.
    """

    rule: str
    name: str
    serve: Callable[[], AbstractContextManager[str]]
    on: tuple[str, ...] = ("documents",)
    also: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()
    tries: int = 3
    profile: Callable[[str], str] = lambda url: ""
