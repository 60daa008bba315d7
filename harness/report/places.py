"""Where a finding is: the operation of the OpenAPI document that its decisive request belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from harness.http.exchange import Exchange
from harness.report.decisive import decisive
from harness.report.model import OperationRecord, Report
from harness.rules.finding import Finding

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def decisive_exchange(finding: Finding, exchanges: Mapping[str, Exchange]) -> Exchange | None:
    """The decisive exchange: the last that the finding names, else the last write, else the last of all.

    A rule on writes ends with reads that look at the effect: the write is what broke it.
    """
    own = [exchanges[id] for id in finding.exchanges if id in exchanges]
    found = decisive(finding, own) or [one for one in own if one.method not in SAFE] or own
    return found[-1] if found else None


def operation_of(exchange: Exchange, report: Report) -> OperationRecord | None:
    """The documented operation that a request belongs to; of several templates the one with the fewest variables.

    Where the document has the path but not the method, the place is that of the path.
    """
    path = below(exchange.url, report.target.url)
    fitting = [operation for operation in report.target.operations if _fits(operation.path, path)]
    best = min(
        fitting, key=lambda one: (one.path.count("{"), one.path, one.method != exchange.method), default=None
    )
    if best is None or best.method == exchange.method:
        return best
    place = best.pointer.rpartition("/")[0]
    return OperationRecord(method=exchange.method, path=best.path, pointer=place)


def below(url: str, base: str) -> str:
    """The path of a URL below the target's, without its query."""
    path = urlsplit(url.partition("?")[0].partition("#")[0]).path
    root = urlsplit(base).path.rstrip("/")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def _fits(template: str, path: str) -> bool:
    parts = re.split(r"\{[^{}]*\}", template.rstrip("/"))
    pattern = "[^/]+".join(re.escape(part) for part in parts)
    return re.fullmatch(pattern, unquote(path.rstrip("/"))) is not None or (
        re.fullmatch(pattern, path.rstrip("/")) is not None
    )
