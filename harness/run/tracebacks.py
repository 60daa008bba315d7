"""Tracebacks and captured output as pytest shows them, without secrets.

A traceback shows arguments and, with `--showlocals`, all locals: requests, clients, credentials. So a rule that
crashed shows only its frames and the exception, as text; in everything else the secrets of the run are redacted.
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
    lines = traceback.format_list(frames) + traceback.format_exception_only(crash)
    cause = crash.__cause__
    if cause is not None:
        lines += ["caused by ", *traceback.format_exception_only(cause)]
    return visible("Traceback (most recent call last):\n" + "".join(lines))


def clean_report(report: Any, redactor: Redactor) -> None:
    """Make the report of one test safe to show and write.

    Removed are the secrets of the run, characters that no worker can send, and what a CI runner would run as a command.
    """

    def clean(text: str) -> str:
        # Each phase of a test shows the output of the earlier ones.
        return inert(encodable(redactor.shown(text)))

    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        report.longrepr = path, line, clean(reason)
    elif report.longrepr is not None:
        text = str(report.longrepr)
        cleaned = clean(text)
        if cleaned != text:
            report.longrepr = cleaned
    report.sections = [(name, clean(text)) for name, text in report.sections]


def clean_crash(shown: Any, redactor: Redactor) -> None:
    """Redact the secrets of the run in the text of an internal error of pytest."""
    text = redactor.text(str(shown))
    shown.toterminal = lambda writer: writer.line(text)
