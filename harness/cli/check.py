"""`python -m harness check conformance.toml ...`: validate profiles offline.

The environment variables that a profile names need not be set. What depends on their values is checked in a run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from harness.bad_input import BadInput

BAD_INPUT = 4


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "files", metavar="FILE", nargs="*", help="profiles to validate (default: conformance.toml)"
    )


def run(given: argparse.Namespace) -> int:
    """Validate all files; print one line for each invalid one.

    Returns:
        0, or 4 if a file is invalid.
    """
    from harness.profile import read as profile_file
    from harness.rules.catalogue import codes
    from harness.run import waivers
    from harness.run.named_schema import schema_text

    bad = 0
    for name in given.files or [profile_file.FILE]:
        try:
            profile = profile_file.load(Path(name), Path.cwd(), None).profile
            schema_text(profile.graphql, name, Path(name).parent)
            if profile.waivers:
                waivers.check(profile.waivers, codes(), name, own=False)
        except BadInput as problem:
            print(f"ERROR: {problem}", file=sys.stderr)
            bad = BAD_INPUT
    return bad
