"""`python -m harness check conformance.toml ...`: whether profiles can be used, without sending anything.

The variables that a profile names need not be set; what depends on their values is checked when it is used.
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
        "files", metavar="FILE", nargs="*", help="profiles; conformance.toml when none is named"
    )


def run(given: argparse.Namespace) -> int:
    """Check all; say of each that cannot be used why, in one line, and return 4 if there is one."""
    from harness.profile import read as profile_file
    from harness.rules.catalogue import codes
    from harness.run import waivers

    bad = 0
    for name in given.files or [profile_file.FILE]:
        try:
            profile = profile_file.load(Path(name), Path.cwd(), None).profile
            if profile.waivers:
                waivers.check(profile.waivers, codes(), name, own=False)
        except BadInput as problem:
            print(f"ERROR: {problem}", file=sys.stderr)
            bad = BAD_INPUT
    return bad
