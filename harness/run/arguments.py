"""The fixtures behind a rule's arguments, whatever fixtures the surrounding project has.

`client` is a common name for a fixture in the conftest.py of a Flask, Django or FastAPI project, and pytest lets a
conftest.py in the root folder override ours even in suites outside of that folder. So the arguments of shipped rules
are fixtures with a prefix: `client` there is `conformance_client`. Rules of a user are ordinary pytest functions; if
they would get another fixture under one of our names, collection fails with a message.
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
    (
        "client",
        "target",
        "profile",
        "survey",
        "resource",
        "quota",
        "make_quota",
        "make_resource",
        "subscriptions",
        "ledger",
    )
)
"""Names of fixtures that also exist with the prefix."""


def prefixed(function: Callable[..., object]) -> inspect.Signature:
    """The signature of a function, with the prefix on the arguments that are our fixtures."""
    given = inspect.signature(function)
    renamed = [
        one.replace(name=f"{PREFIX}{name}") if name in SHORT else one
        for name, one in given.parameters.items()
    ]
    return given.replace(parameters=renamed)


def passed(item: pytest.Function) -> dict[str, Any]:
    """The arguments of a rule's function: values of fixtures, by the names of its own parameters."""
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
    """The problem with an argument of a user's rule; empty if it is our fixture, or an override that requests ours.

    Args:
        name: of the argument.
        found: the fixtures of that name, in pytest's order: the function, and the arguments of that.
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
    fixtures = metafunc._arg2fixturedefs
    if shipped(metafunc.definition):
        # An autouse fixture of the user that has parameters must not multiply our rules.
        for name in [name for name in fixtures if not name.startswith(PREFIX)]:
            del fixtures[name]
        return
    for name in inspect.signature(metafunc.function).parameters:
        problem = collision(name, [(one.func, one.argnames) for one in fixtures.get(name, ())])
        if problem:
            raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {problem}")


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function) and rules.of(item.function) is not None and shipped(item):
        # Autouse fixtures of the surrounding project are for its own tests: they may need a database.
        item.fixturenames[:] = [name for name in item.fixturenames if name.startswith(PREFIX)]
