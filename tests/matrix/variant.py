"""Lawful APIs that a careless rule would accuse: variants of the reference that must break no rule."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.matrix.serving import served

WIRE = """
[wire]
malformed = true
smuggling = true
"""


@dataclass(frozen=True)
class Variant:
    """A lawful API.

    Attributes:
        name: what is unusual about it.
        serve: starts it and yields its base URL.
        races: whether the race rules are put to it as well, which takes half a minute.
        on: the resources that the rules are put to, unless the whole matrix is asked for.
        profile: what its owner declares of it.
        warned: codes of rules whose warning says itself that the RFC allows what is done.
        topic: the folder of tests that it is from.
    """

    name: str
    serve: Callable[[], AbstractContextManager[str]]
    races: bool = False
    on: tuple[str, ...] = ("orders",)
    profile: str = WIRE
    warned: frozenset[str] = frozenset()
    topic: str = ""


def variant(
    name: str,
    races: bool = False,
    on: tuple[str, ...] = ("orders",),
    profile: str = "",
    warned: tuple[str, ...] = (),
    **policies: Callable[[], Any],
) -> Variant:
    return Variant(name, partial(served, policies), races, on, WIRE + profile, frozenset(warned))
