"""What pytest shows of a run: tracebacks and captured output, without secrets.

A traceback shows arguments and, with `--showlocals`, all locals: requests, clients, credentials. A rule that
crashed shows its frames and the exception, as text; of everything else, known secrets are taken out.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Any

from harness.redact import Redactor

_PACKAGE = Path(__file__).resolve().parent
# The libraries below the recorder log header fields as they are sent.
_TALKATIVE = ("httpx", "httpcore", "hpack", "h2")


def quiet_transport() -> None:
    """Keep the HTTP libraries from logging what has not been redacted."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def crash_text(crash: BaseException) -> str:
    """A traceback from the first frame outside the engine, without arguments and locals."""
    frames = traceback.extract_tb(crash.__traceback__)
    while len(frames) > 1 and Path(frames[0].filename).parent == _PACKAGE:
        del frames[0]
    told = traceback.format_list(frames) + traceback.format_exception_only(crash)
    cause = crash.__cause__
    if cause is not None:
        told += ["caused by ", *traceback.format_exception_only(cause)]
    return "Traceback (most recent call last):\n" + "".join(told)


def clean_report(report: Any, redactor: Redactor) -> None:
    """Take known secrets out of what pytest shows and writes of one test."""
    if report.longrepr is not None and not isinstance(report.longrepr, tuple):
        told = str(report.longrepr)
        clean = redactor.text(told)
        if clean != told:
            report.longrepr = clean
    elif report.longrepr is not None:
        path, line, reason = report.longrepr
        report.longrepr = path, line, redactor.text(reason)
    report.sections = [(name, redactor.text(text)) for name, text in report.sections]
