"""`python -m harness schema`: the JSON Schema of conformance.toml, or of a report."""

from __future__ import annotations

import argparse
import json


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("what", choices=("profile", "report"), nargs="?", default="profile")


def run(given: argparse.Namespace) -> int:
    """Print the schema."""
    if given.what == "report":
        from harness.report import json_file

        schema = json_file.schema()
    else:
        from harness.profile import read as profile_file

        schema = profile_file.schema()
    print(json.dumps(schema, indent=2))
    return 0
