"""`python -m harness`: everything beside a run.

Write a profile, render and compare reports, explain a rule, remove leftovers.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path

from harness.bad_input import BadInput
from harness.cli import check, cleanup, compare, demo, diff, explain, init, report, schema, suites
from harness.ledger.interrupt import INTERRUPTED, terminable

BAD_INPUT = 4
_COMMANDS = (
    ("init", init, "survey a target and write conformance.toml"),
    ("schema", schema, "print the JSON Schema of conformance.toml, or of a report"),
    ("report", report, "render a conformance.json in other formats"),
    ("compare", compare, "compare the reports of several targets, or of one over time"),
    ("diff", diff, "print what breaks clients between two OpenAPI documents"),
    ("check", check, "validate profiles offline"),
    ("explain", explain, "explain a rule: requirement, rationale, fix"),
    ("cleanup", cleanup, "remove leftovers of a killed run"),
    ("suites", suites, "print the folder of the suites, to run them together with your own"),
    ("demo", demo, "serve the reference API until Ctrl-C"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0; 1 where `cleanup` left something, or `diff` found a breaking change; 2 after an
        interruption; 4 on bad input.
    """
    given = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A character that the terminal cannot show must not end a command.
            stream.reconfigure(errors="replace")
    try:
        with terminable(lambda: _interrupted(given)):
            return int(given.run(given))
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe: the rest must not be flushed into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BadInput as problem:
        print(f"ERROR: {problem}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(_interrupted(given), file=sys.stderr)
        return INTERRUPTED


def _interrupted(given: argparse.Namespace) -> str:
    """The message for an interrupted command; it names the ledger where items may be left."""
    ledger = getattr(given, "ledger", None)
    if ledger is None or not Path(ledger).exists():
        return "interrupted"
    return f"interrupted; to remove what is left: python -m harness cleanup {ledger}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m harness", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command, summary in _COMMANDS:
        one = commands.add_parser(name, help=summary, description=command.__doc__)
        command.add(one)
        one.set_defaults(run=command.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
