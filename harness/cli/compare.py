"""`python -m harness compare a.json b.json`: compare reports rule by rule, of several targets or of one over time."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.bad_input import BadInput


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "reports", metavar="conformance.json", nargs="+", help="two reports or more, in order"
    )
    parser.add_argument("--all", action="store_true", help="list every rule, not only those that differ")
    parser.add_argument(
        "--html", metavar="FILE", help="write one self-contained page; `-` for standard output"
    )


def run(given: argparse.Namespace) -> int:
    """Print the comparison, or write its page.

    Raises:
        BadInput: a report cannot be read, or there are fewer than two.
    """
    from harness.atomic_files import write_text
    from harness.report import comparison, json_file

    if len(given.reports) < 2:
        raise BadInput("compare", "only one report is given", "name two or more")
    made = comparison.compare([json_file.read(Path(name)) for name in given.reports])
    if given.html == "-":
        print(comparison.page(made), end="")
        return 0
    if given.html is not None:
        write_text(Path(given.html), comparison.page(made))
    print("\n".join(comparison.lines(made, every=given.all)))
    return 0
