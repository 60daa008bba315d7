"""`python -m harness suites`: the folder of the shipped suites, to run them together with your own rules."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """The command has no arguments."""


def run(given: argparse.Namespace) -> int:
    """Print the folder."""
    from harness.rules.suites import suites_folder

    print(suites_folder())
    return 0
