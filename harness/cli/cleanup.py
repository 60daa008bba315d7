"""`python -m harness cleanup LEDGER`: remove leftovers of a killed run from the target."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.bad_input import BadInput

LEFT = 1
"""Exit code if something could not be removed."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("ledger", metavar="LEDGER", help="ledger-*.jsonl of the run's report directory")
    parser.add_argument("--header", action="append", default=[], metavar="'NAME: VALUE'")
    parser.add_argument("--profile", metavar="FILE", help="profile with the run's credentials")
    parser.add_argument("--rps", type=float, metavar="N", help="requests per second (default: no limit)")
    parser.add_argument("--insecure", action="store_true", help="do not verify TLS certificates")
    parser.add_argument("--list", action="store_true", help="print what would be removed; send nothing")
    parser.add_argument(
        "--pages",
        type=int,
        default=1000,
        metavar="N",
        help="pages of a list to search for a create whose response was lost (default: 1000)",
    )


def run(given: argparse.Namespace) -> int:
    """Remove what is left.

    Returns:
        0, or 1 if something could not be removed.

    Raises:
        BadInput: the ledger cannot be used, or needs a credential that is not given.
    """
    from harness.cleanup.recovery import recover
    from harness.client.budget import Budget
    from harness.client.client import Client
    from harness.client.recorder import Recorder
    from harness.ledger.journal import read
    from harness.run.prepare import prepare

    path = Path(given.ledger)
    listing = read(path)
    if given.list:
        for one in reversed(listing.open):
            print(one.url or f"{one.shown}: outcome unknown")
        return 0
    target, _ = prepare(
        listing.target,
        directory=Path.cwd(),
        profile=given.profile,
        headers=given.header,
        insecure=given.insecure,
    )
    if given.rps is not None and not 0 < given.rps < float("inf"):
        raise BadInput("--rps", f"{given.rps} is not a number above 0")
    client = Client.open(target, Recorder(target, Budget(target.limits.max_requests, given.rps), "c"))
    try:
        done = recover(path, client, every=True, pages=given.pages)
    finally:
        client.close()
    for touched in done.touched:
        print(f"{touched.message}: its owner should look at it")
    for one in done.left:
        print(client.recorder.redactor.text(f"left: {one.url or one.shown}: {one.why}"))
    print(f"{path}: {done.removed} removed or gone, {len(done.left)} left")
    return LEFT if done.left else 0
