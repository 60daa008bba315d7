"""The suites: a folder each, with the rules of one topic.

They lie beside the package in a checkout, inside it in a wheel. Only this module knows.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import harness


@dataclass(frozen=True)
class Suite:
    """The rules of one topic, as the `__init__.py` of its folder describes them.

    Attributes:
        code: what the codes of its rules begin with.
        title: a word or two, for headings and tables.
        about: a paragraph: the docstring.
        order: its place among the suites, from 1.
        folder: the name of its folder.
    """

    code: str
    title: str
    about: str
    order: int
    folder: str


@cache
def suites_folder() -> Path:
    """The folder of the conformance suites."""
    package = Path(harness.__file__).resolve().parent
    inside = package / "suites"
    return inside if inside.is_dir() else package.parent / "suites"


def rule_files(pattern: str = "test_*.py") -> list[Path]:
    """The files of the shipped suites that hold rules, in alphabetical order."""
    return sorted(suites_folder().rglob(pattern))


@cache
def suites() -> tuple[Suite, ...]:
    """The shipped suites in their order, read without importing them."""
    found = [_read(path) for path in suites_folder().glob("*/__init__.py")]
    return tuple(sorted(found, key=lambda one: (one.order, one.code)))


def title(code: str) -> str:
    """The title of a suite; empty for one that is not shipped."""
    return next((one.title for one in suites() if one.code == code), "")


def order(code: str) -> tuple[int, str]:
    """A key that sorts suites by code: the shipped ones in their order, then others by name."""
    last = suites()[-1].order
    return next((one.order for one in suites() if one.code == code), last + 1), code


def _read(path: Path) -> Suite:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    given: dict[str, Any] = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    about = ast.get_docstring(tree) or ""
    return Suite(given["CODE"], given["TITLE"], about, given["ORDER"], path.parent.name)
