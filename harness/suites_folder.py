"""Where the suites are: beside the package in a checkout, inside it in a wheel. Only this function knows."""

from __future__ import annotations

from pathlib import Path


def suites_folder() -> Path:
    """The folder of the conformance suites."""
    package = Path(__file__).resolve().parent
    inside = package / "suites"
    return inside if inside.is_dir() else package.parent / "suites"
