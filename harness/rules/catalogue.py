"""The rules that are shipped, read from the suites without running them."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from harness.rules import rule as rules
from harness.rules.passive import Judge
from harness.rules.rule import Rule
from harness.rules.suites import rule_files, suites_folder


@dataclass(frozen=True)
class ListedRule:
    """A rule and where it is from.

    Attributes:
        topic: the first line of its suite's docstring.
        module: file name of the suite.
        arguments: names of what the rule's function asks for, such as `resource`.
        source: the file and the name of that function; None where it is not read.
    """

    rule: Rule
    topic: str
    module: str
    arguments: tuple[str, ...]
    source: tuple[Path, str] | None = None

    @property
    def controls(self) -> tuple[str, ...]:
        """What must hold before the rule judges, in its own words; a value known at run time only is `…`."""
        return self._texts("control")

    @property
    def expectations(self) -> tuple[str, ...]:
        """What it expects then, likewise."""
        return self._texts("expect")

    def _texts(self, name: str) -> tuple[str, ...]:
        return () if self.source is None else texts(functions(self.source[0])[self.source[1]], name)

    @property
    def passive(self) -> bool:
        """Whether it judges the survey's exchanges and sends nothing of its own."""
        return not {"resource", "make_resource", "quota", "client", "target"} & set(self.arguments)


@cache
def shipped() -> tuple[ListedRule, ...]:
    """Every rule of the suites, by code."""
    found = [listed for module, path in _modules() for listed in _listed(module, path)]
    return tuple(sorted(found, key=lambda listed: listed.rule.code))


@cache
def judges() -> tuple[Judge, ...]:
    """What the suites look for in all exchanges of a run, by the code of the rule."""
    found = [judge for module, _ in _modules("passive.py") for judge in module.JUDGES]
    return tuple(sorted(found, key=lambda judge: judge.code))


@cache
def watched() -> frozenset[str]:
    """The codes of the rules that look for something in all exchanges of a run."""
    return frozenset(judge.code for judge in judges())


def _modules(pattern: str = "test_*.py") -> Iterator[tuple[ModuleType, Path]]:
    # A package of our own: pytest may import the same files under their own names, and rewrites their asserts.
    package = ModuleType("conformance_catalogue")
    package.__path__ = [str(suites_folder())]
    sys.modules[package.__name__] = package
    try:
        for path in rule_files(pattern):
            place = path.relative_to(suites_folder()).with_suffix("").parts
            yield importlib.import_module(".".join([package.__name__, *place])), path
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == package.__name__]:
            del sys.modules[name]


def _listed(module: ModuleType, path: Path) -> list[ListedRule]:
    topic = (module.__doc__ or "").strip().partition("\n")[0]
    found = []
    for member in vars(module).values():
        if not inspect.isfunction(member) or member.__module__ != module.__name__:
            continue
        rule = rules.of(member)
        if rule is not None:
            arguments = tuple(inspect.signature(member).parameters)
            found.append(ListedRule(rule, topic, path.name, arguments, (path, member.__name__)))
    return found


@cache
def functions(path: Path) -> dict[str, ast.AST]:
    """The functions of a file by name, as written; only pages of rules need them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def texts(written: ast.AST, name: str) -> tuple[str, ...]:
    """The second arguments of the calls of a function, where they are written out, in order."""
    calls = [
        node
        for node in ast.walk(written)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    found = [_text(call.args[1]) for call in calls if len(call.args) > 1]
    return tuple(dict.fromkeys(text for text in found if text))


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""


def codes() -> frozenset[str]:
    """The codes of all rules that are shipped."""
    return frozenset(listed.rule.code for listed in shipped())
