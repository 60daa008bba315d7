"""Where the suites are: beside the package in a checkout, inside it in a wheel. Only this module knows."""

from __future__ import annotations

from pathlib import Path

import harness


def suites_folder() -> Path:
    """The folder of the conformance suites."""
    package = Path(harness.__file__).resolve().parent
    inside = package / "suites"
    return inside if inside.is_dir() else package.parent / "suites"


def rule_files(pattern: str = "test_*.py") -> list[Path]:
    """The files of the shipped suites that hold rules, at any depth, in alphabetical order."""
    return sorted(suites_folder().rglob(pattern))
