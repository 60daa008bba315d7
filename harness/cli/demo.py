"""`python -m harness demo`: serve the reference API on a loopback address until Ctrl-C."""

from __future__ import annotations

import argparse
import time


def add(parser: argparse.ArgumentParser) -> None:
    """The command has no arguments."""


def run(given: argparse.Namespace) -> int:
    """Serve the API; its URL and a credential are printed.

    Raises:
        BadInput: the packages that serve it are not installed.
    """
    from harness.run.prepare import demo

    with demo() as (url, token, _):
        print(f"{url}\nAuthorization: Bearer {token}", flush=True)
        while True:
            time.sleep(3600)
