"""Which fixtures a rule's arguments are, whatever the project around it calls its own.

`client` is a usual name for a fixture in the conftest.py of a Flask, Django or FastAPI project, and pytest lets a
conftest.py in the root folder override ours even in suites that lie outside of that folder. So the arguments of shipped
rules are fixtures with a prefix: `client` there is `conformance_client`. Rules of a user are pytest functions like any
other; where they would be given something else under one of our names, collection says so.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from harness.rules import rule as rules
from harness.rules.suites import suites_folder

PREFIX = "conformance_"
RESOURCE, QUOTA = f"{PREFIX}resource", f"{PREFIX}quota"
SHORT = frozenset(
    ("client", "target", "profile", "survey", "resource", "quota", "make_quota", "make_resource")
)
"""Names that each have a fixture of their own, and one with the prefix."""


def prefixed(function: Callable[..., object]) -> inspect.Signature:
    """The signature of a function, with the prefix where an argument is a fixture of ours."""
    given = inspect.signature(function)
    renamed = [
        one.replace(name=f"{PREFIX}{name}") if name in SHORT else one
        for name, one in given.parameters.items()
    ]
    return given.replace(parameters=renamed)


def passed(item: pytest.Function) -> dict[str, Any]:
    """What a rule's function is called with: the values of its fixtures, by the names of its own parameters."""
    values = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
    if not shipped(item):
        return values
    return {name.removeprefix(PREFIX): value for name, value in values.items()}


def shipped(node: pytest.Item | pytest.Collector) -> bool:
    """Whether a node lies in the suites of this package."""
    return _in_suites(node.path)


@cache
def _in_suites(path: Path) -> bool:
    return path.resolve().is_relative_to(suites_folder())


def collision(name: str, found: Sequence[tuple[Callable[..., object], Sequence[str]]]) -> str:
    """What is wrong with an argument of a user's rule; empty where it is ours, or builds on ours.

    Args:
        name: of the argument.
        found: the fixtures of that name, as pytest orders them: function, and what that asks for.
    """
    if name not in SHORT:
        return ""
    for function, asked in reversed(found):
        if function.__module__ == "harness.run.fixtures":
            return ""
        if name not in asked:
            code = function.__code__ if hasattr(function, "__code__") else None
            where = f"{code.co_filename}, line {code.co_firstlineno}" if code else function.__module__
            return (
                f"the argument `{name}` is the fixture `{name}` of {where}; for that of the conformance run, "
                f"name the argument {PREFIX}{name}"
            )
    return ""


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, obj: object) -> None:
    if shipped(collector) and rules.of(obj) is not None:
        # inspect.signature() honours it, and so does pytest.
        obj.__signature__ = prefixed(obj)  # type: ignore[arg-type, attr-defined]


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if rules.of(metafunc.function) is None:
        return
    known = metafunc._arg2fixturedefs
    if shipped(metafunc.definition):
        # An autouse fixture of the user that has parameters must not multiply our rules.
        for name in [name for name in known if not name.startswith(PREFIX)]:
            del known[name]
        return
    for name in inspect.signature(metafunc.function).parameters:
        problem = collision(name, [(one.func, one.argnames) for one in known.get(name, ())])
        if problem:
            raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {problem}")


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function) and rules.of(item.function) is not None and shipped(item):
        # Autouse fixtures of the project around are made for its own tests: they may want a database that is not there.
        item.fixturenames[:] = [name for name in item.fixturenames if name.startswith(PREFIX)]
