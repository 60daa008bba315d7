"""`python -m harness diff old.yaml new.yaml`: print what breaks clients between two OpenAPI documents.

Exit code 0: nothing breaks. 1: a breaking change (with `--strict`, also what breaks strict clients). 4: a document
cannot be read.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from harness.bad_input import BadInput


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "old", help="the document that clients were written for: a file, or a conformance.json that has it"
    )
    parser.add_argument("new", help="the document of today: a file")
    parser.add_argument("--own", action="store_true", help="use no oasdiff, also where one is installed")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="also fail on what breaks clients that read or send strictly, such as a new value of an enum in responses",
    )


def run(given: argparse.Namespace) -> int:
    """Print the changes, a line for each.

    Returns:
        0, or 1 if one breaks clients.

    Raises:
        BadInput: a document cannot be read.
    """
    from harness.report.kept_document import is_report, of_report
    from harness.survey.oasdiff import PROGRAM, compared
    from harness.survey.openapi.document import parse

    documents = []
    for name in (given.old, given.new):
        try:
            content = Path(name).read_bytes()
            kept = of_report(content)
            if kept is None and is_report(content):
                raise BadInput(
                    name, "a report that keeps no OpenAPI document", "give a document, or a newer report"
                )
            documents.append(parse(kept or content, name))
        except OSError as problem:
            raise BadInput(name, problem.strerror or "cannot be read", "name a file") from None
    found, by = compared(documents[0], documents[1], datetime.now(UTC).date(), own=given.own)
    if given.json:
        print(
            json.dumps(
                [
                    {"kind": one.kind, "operation": one.operation, "text": one.text, "breaking": one.breaks}
                    for one in found
                ],
                indent=2,
            )
        )
    else:
        for one in found:
            print(f"{'breaking' if one.breaks else 'warning'}: {one}")
        breaking = sum(one.breaks for one in found)
        by = f" ({by})" if by == PROGRAM else ""
        print(f"{breaking} breaking, {len(found) - breaking} for strict clients{by}")
    return int(any(one.breaks or given.strict for one in found))
