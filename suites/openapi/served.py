"""Whether a response shows that a documented operation is served. Pure; no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from harness.http.availability import available
from harness.http.exchange import Exchange
from harness.http.fields import methods

from .judge import no_route, served_before

CRASH = 500
UNSERVED = 501
GATES = (401, 403, 407)
OPERATIONS = {"PUT": "replace", "PATCH": "update", "DELETE": "delete"}
"""Capabilities by the method that an item is changed with."""


class Kind(Enum):
    """What a response says of its operation."""

    SERVED = "served"
    DENIED = "denied"
    """Refused as something that does not exist."""
    FAILED = "failed"
    """Answered with a server error each time."""
    OPEN = "open"
    """Not decided: the request, the credential or the moment may be the reason."""


@dataclass(frozen=True)
class Setting:
    """What responses are compared with.

    Attributes:
        unknown: the response for a path that certainly does not exist.
        absent: the response for an absent item of an existing collection.
        earlier: exchanges of the survey.
        base: the target's URL.
        patches: media types of PATCH that are documented.
    """

    unknown: Exchange | None = None
    absent: Exchange | None = None
    earlier: Sequence[Exchange] = ()
    base: str = ""
    patches: Sequence[str] = ()


def refused(answer: Exchange) -> str | None:
    """Why a response shows that the operation is not served, or None where that is not certain.

    405 counts unless its Allow field has the method (RFC 9110 section 15.5.6): then something else in the request is
    not allowed.
    """
    if answer.status == UNSERVED:
        return answer.summary()
    if answer.status != 405:
        return None
    allow = answer.field("allow")
    if allow is None:
        return f"{answer.summary()} without Allow"
    listed = methods(allow)
    if listed is None or answer.method in listed:
        return None
    return f"{answer.summary()} with Allow: {allow or '(empty)'}"


def failure(answer: Exchange) -> bool:
    """Whether a response is a server error; 501 is none: it says that there is no such operation."""
    return (answer.status or 0) >= CRASH and answer.status != UNSERVED


def may_pass(answer: Exchange, edge: str | None) -> bool:
    """Whether a server error may be one of the moment: it is unavailable, or something in front of the API answers."""
    return failure(answer) and (answer.status != CRASH or edge is not None)


def classified(
    answer: Exchange,
    setting: Setting,
    *,
    found: bool | None = None,
    edge: str | None = None,
    again: Exchange | None = None,
) -> tuple[Kind, str]:
    """What a response to a request that is valid by the document says of its operation, and the sentence for it.

    Args:
        found: for a 404, whether GET finds the item; None for a collection.
        edge: why something in front of the API seems to have answered.
        again: the response to the same request after a pause, where the first one may pass.
    """
    shown = answer.summary()
    if failure(answer):
        return _failed(answer, setting, edge, again)
    why = refused(answer) or _missing(answer, setting, found)
    if answer.status == 415 and answer.method == "PATCH" and setting.patches:
        why = f"{shown} for {answer.request_field('content-type')}, which is documented"
    if edge is not None and answer.status is not None and answer.status >= 400:
        return Kind.OPEN, f"{shown}: {edge}"
    if why is None and answer.method == "GET" and answer.status == 406 and "*/*" in _accept(answer):
        why = f"{shown}, though Accept allows every type ({_accept(answer)})"
    if why is not None:
        return Kind.DENIED, why
    if answer.status in GATES:
        name = OPERATIONS.get(answer.method)
        way = f", or write `capabilities = {{ {name} = false }}`" if name else ""
        return Kind.OPEN, f"{shown}: give a credential that may (`[credentials.default]`){way}"
    if answer.status in (404, 405, None):
        return Kind.OPEN, shown
    return Kind.SERVED, shown


def _missing(answer: Exchange, setting: Setting, found: bool | None) -> str | None:
    if answer.status != 404:
        return None
    if found:
        return f"{answer.summary()}, though GET finds the item"
    return no_route(answer, setting.unknown, setting.absent)


def _failed(answer: Exchange, setting: Setting, edge: str | None, again: Exchange | None) -> tuple[Kind, str]:
    shown = answer.summary()
    if (wait := answer.field("retry-after")) is not None:
        return Kind.OPEN, f"{shown}, and to be tried again (Retry-After: {wait})"
    if served_before(answer, setting.earlier):
        return Kind.OPEN, f"{shown}, though it was served before"
    if not may_pass(answer, edge):
        return Kind.FAILED, shown
    by = f": {edge}" if edge is not None else ""
    if again is None or not failure(again) or again.field("retry-after") is not None:
        after = f", then {again.summary()}" if again is not None else ""
        return Kind.OPEN, f"{shown}{after}{by}"
    if not available(setting.earlier, setting.base):
        return Kind.OPEN, f"{shown}, as everything else{by}: is the target in maintenance?"
    return Kind.FAILED, f"{shown}, and again after a pause{by}"


def _accept(answer: Exchange) -> str:
    return answer.request_field("accept") or ""
