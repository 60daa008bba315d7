"""What pytest shows of a run: tracebacks and captured output, without secrets.

A traceback shows arguments and, with `--showlocals`, all locals: requests, clients, credentials. A rule that
crashed shows its frames and the exception, as text; of everything else, known secrets are taken out.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Any

from harness.report.text import encodable, inert, visible
from harness.target.redact import Redactor

_PACKAGE = Path(__file__).resolve().parent
# The libraries below the recorder log header fields as they are sent.
_TALKATIVE = ("httpx", "httpcore", "hpack", "h2", "oauthlib")


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
    return visible("Traceback (most recent call last):\n" + "".join(told))


def clean_report(report: Any, redactor: Redactor) -> None:
    """Make what pytest shows and writes of one test fit to be shown.

    Out of it go known secrets, what no worker could hand on, and what a CI runner would take for a command.
    """

    def clean(text: str) -> str:
        # Each phase of a test shows the output of those before it.
        return inert(encodable(redactor.shown(text)))

    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        report.longrepr = path, line, clean(reason)
    elif report.longrepr is not None:
        told = str(report.longrepr)
        fit = clean(told)
        if fit != told:
            report.longrepr = fit
    report.sections = [(name, clean(text)) for name, text in report.sections]


def clean_crash(shown: Any, redactor: Redactor) -> None:
    """Take known secrets out of what pytest shows where it breaks itself."""
    told = redactor.text(str(shown))
    shown.toterminal = lambda writer: writer.line(told)
