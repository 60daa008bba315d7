"""The rules that are shipped, read from the suites without running them."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from harness import rules
from harness.rules import Rule
from harness.suites_folder import suites_folder


@dataclass(frozen=True)
class Listed:
    """A rule and where it is from.

    Attributes:
        topic: the first line of its suite's docstring.
        module: file name of the suite.
        arguments: names of what the rule's function asks for, such as `resource`.
    """

    rule: Rule
    topic: str
    module: str
    arguments: tuple[str, ...]

    @property
    def passive(self) -> bool:
        """Whether it judges the survey's exchanges and sends nothing of its own."""
        return not {"resource", "client", "target"} & set(self.arguments)


@cache
def shipped() -> tuple[Listed, ...]:
    """Every rule of the suites, by code."""
    found = []
    for path in sorted(suites_folder().glob("test_*.py")):
        # A name of our own: pytest may import the same file under its own name, and rewrites its asserts.
        name = f"conformance_catalogue_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        finally:
            del sys.modules[name]
        found += _listed(module, path.name)
    return tuple(sorted(found, key=lambda listed: listed.rule.code))


def _listed(module: ModuleType, file: str) -> list[Listed]:
    topic = (module.__doc__ or "").strip().partition("\n")[0]
    return [
        Listed(rule, topic, file, tuple(inspect.signature(member).parameters))
        for member in vars(module).values()
        if inspect.isfunction(member)
        and member.__module__ == module.__name__
        and (rule := rules.of(member)) is not None
    ]


def codes() -> frozenset[str]:
    """The codes of all rules that are shipped."""
    return frozenset(listed.rule.code for listed in shipped())
