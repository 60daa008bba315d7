"""`python -m harness explain COND-004`: explain a rule: requirement, rationale, fix, and how it is tested."""

from __future__ import annotations

import argparse
import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from harness.bad_input import BadInput

if TYPE_CHECKING:
    from harness.rules.catalogue import ListedRule


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "codes",
        metavar="CODE",
        nargs="*",
        help="code of a rule, such as METH-001, or of a suite, such as METH",
    )
    parser.add_argument("--all", action="store_true", help="all shipped rules")
    parser.add_argument(
        "--write", metavar="DIR", help="write one Markdown page per suite instead of printing"
    )


def run(given: argparse.Namespace) -> int:
    """Print the rules, or write their pages.

    Raises:
        BadInput: a code is unknown, or the pages cannot be written.
    """
    from harness.rules.catalogue import shipped
    from harness.rules.pages import explain

    listed = shipped()
    chosen: list[ListedRule] = list(listed) if given.all else []
    for code in [] if given.all else given.codes:
        found = [one for one in listed if code.upper() in (one.rule.code, one.rule.suite)]
        if not found:
            raise BadInput("explain", f"unknown rule {code}", _near(code, [one.rule.code for one in listed]))
        chosen += found
    if not chosen:
        raise BadInput("explain", "no rule is named", "name one, such as METH-001, or give --all")
    if given.write is not None:
        return _write(chosen, Path(given.write), whole=given.all)
    print("\n".join(explain(one) for one in chosen), end="")
    return 0


def _near(code: str, codes: list[str]) -> str:
    near = difflib.get_close_matches(code.upper(), codes, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else "`python -m harness explain --all` lists all"


def _write(chosen: list[ListedRule], folder: Path, *, whole: bool) -> int:
    from harness.atomic_files import write_text
    from harness.rules.pages import pages

    if not whole:
        raise BadInput("explain", "--write writes the pages of all rules", "give --all with it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Pages of suites that no longer exist go; other files stay.
        for stale in folder.glob("*.md"):
            if re.fullmatch(r"[A-Z]{2,6}\.md", stale.name):
                stale.unlink()
    except OSError as error:
        raise BadInput(
            str(folder), f"cannot be written to ({error.strerror})", "give a directory you may write to"
        ) from None
    made = pages(chosen)
    for name, text in made.items():
        write_text(folder / name, text)
    print(f"{folder}: {len(made)} pages")
    return 0
