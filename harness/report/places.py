"""Where a finding is: the operation of the OpenAPI document that the telling request belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from harness.exchange import Exchange
from harness.report.model import Finding, OperationRecord, Report
from harness.report.telling import telling


def telling_exchange(finding: Finding, exchanges: Mapping[str, Exchange]) -> Exchange | None:
    """The last exchange that the finding names; the last of its exchanges where it names none."""
    own = [exchanges[id] for id in finding.exchanges if id in exchanges]
    found = telling(finding, own) or own
    return found[-1] if found else None


def operation_of(exchange: Exchange, report: Report) -> OperationRecord | None:
    """The documented operation that a request belongs to; of several templates the one with the fewest variables."""
    path = below(exchange.url, report.target.url)
    fitting = [
        operation
        for operation in report.target.operations
        if operation.method == exchange.method and _fits(operation.path, path)
    ]
    return min(fitting, key=lambda one: (one.path.count("{"), one.path), default=None)


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
