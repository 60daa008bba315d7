"""Deprecated operations of a document, and what their responses say. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from harness.http.exchange import Exchange
from harness.survey.openapi.document import Node
from harness.survey.openapi.operation_index import operations_of, sunset_of
from harness.survey.openapi.operations import relative, server_path


@dataclass(frozen=True)
class DeprecatedRead:
    """A deprecated GET that can be sent without values.

    Attributes:
        path: relative to the target's URL.
        sunset: the day that the document declares (`x-sunset`), or None.
        may_be_missing: whether the document has a 404, or a default, for it.
    """

    path: str
    sunset: date | None = None
    may_be_missing: bool = False


def deprecated_reads(document: Node, base_path: str) -> list[DeprecatedRead]:
    """The deprecated GET operations without parameters that must be given.

    Args:
        base_path: path of the target's URL; empty at the root.
    """
    found = []
    for one in operations_of(document).values():
        if one.method != "GET" or not one.deprecated or "{" in one.path or one.served_elsewhere:
            continue
        if any(parameter.get("required") is True for parameter in one.parameters.values()):
            continue
        path = relative(one.path, server_path(document), base_path.rstrip("/"))
        missing = bool({"404", "4XX", "4xx", "default"} & set(one.responses))
        found.append(DeprecatedRead(path, sunset_of(one.node), missing))
    return found


def broken(replies: Sequence[Exchange], read: DeprecatedRead, today: date) -> str | None:
    """What shows that a deprecated operation does not work any more, or None.

    Args:
        replies: to the same request, twice.
    """
    if read.sunset is not None and read.sunset <= today:
        return None
    statuses = [one.status or 0 for one in replies]
    gone = {405, 410, 501} | (set() if read.may_be_missing else {404})
    if all(status in gone or (status >= 500 and status != 503) for status in statuses):
        until = f"its sunset is {read.sunset}" if read.sunset else "the document has no sunset for it"
        return f"{replies[-1].summary()}, twice; {until}"
    return None
