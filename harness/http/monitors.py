"""Status monitors of long-running operations: where a response points to one, and what it shows. Pure.

Styles: Location or Operation-Location beside 202 (RFC 9110 section 15.3.3), links (RFC 8288), `name` and `done` of
AIP-151, `provisioningState` of Azure, members such as `status_url`, `task` or `job`, and jobs created with 201.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.http.links import target

Phase = Literal["running", "succeeded", "failed", "cancelled"]
ENDED = ("succeeded", "failed", "cancelled")
_PHASES: Mapping[Phase, frozenset[str]] = {
    "running": frozenset(
        [
            "pending",
            "queued",
            "waiting",
            "scheduled",
            "accepted",
            "submitted",
            "created",
            "new",
            "notstarted",
            "notrunning",
            "received",
            "running",
            "inprogress",
            "progress",
            "processing",
            "started",
            "starting",
            "working",
            "executing",
            "active",
            "cancelling",
            "canceling",
            "stopping",
            "retrying",
            "retry",
            "paused",
            "late",
            "validating",
            "preparing",
            "updating",
            "creating",
            "deleting",
            "enqueued",
            "inqueue",
            "initializing",
            "planned",
            "ongoing",
        ]
    ),
    "succeeded": frozenset(
        [
            "succeeded",
            "success",
            "successful",
            "successfully",
            "completed",
            "complete",
            "done",
            "finished",
            "ok",
            "completedwithwarnings",
        ]
    ),
    "failed": frozenset(
        ["failed", "failure", "error", "errored", "timedout", "timeout", "crashed", "rejected", "faulted"]
    ),
    "cancelled": frozenset(["cancelled", "canceled", "aborted", "stopped", "terminated", "revoked"]),
}
_WAITING = frozenset(
    [
        "pending",
        "queued",
        "accepted",
        "submitted",
        "created",
        "new",
        "notstarted",
        "received",
        "enqueued",
        "inqueue",
        "planned",
    ]
)
"""Words for work that has not begun."""
_WORKING = frozenset(["running", "inprogress", "processing", "started", "working", "executing", "active"])
_ENDED_AT = re.compile(r"(completed|finished|ended|completion|finish|end)_?(at|time|date|on)", re.IGNORECASE)
_ATTEMPTS = re.compile(
    r"(attempts?|retries|tries|runs?|restarts?)(_?(number|count))?|(retry|run|attempt)_?(number|count)|restarted_?at",
    re.IGNORECASE,
)
_STATUS = ("status", "state", "provisioningState", "phase", "job_status", "jobStatus", "operationStatus")
_INSIDE = ("type", "phase", "status", "state", "name", "value", "code")
_ENVELOPES = ("operation", "job", "task", "data", "attributes", "metadata", "properties", "result")
_URL_MEMBERS = re.compile(
    r"(status|monitor|operation|job|task|poll|tracking|progress)[_-]?(url|uri|href|link|location)|task|operation|job|monitor",
    re.IGNORECASE,
)
_RELATIONS = ("monitor", "status", "operation", "job", "task")
_RESULT = re.compile(
    r"(result|output|download|file|resource|target)[_-]?(url|uri|href|link|location)|result", re.I
)
_RESULT_RELATIONS = ("result", "results", "output", "download", "resource")
_INLINE = ("response", "result", "results", "output", "outputs", "created_resources")
_PROGRESS = (
    "progress",
    "percent",
    "percentage",
    "percent_complete",
    "percentComplete",
    "progressPercent",
    "progress_percent",
)
_ERROR = (
    "error",
    "errors",
    "failure",
    "exception",
    "problem",
    "error_message",
    "errorMessage",
    "failureReason",
)
_ERROR_WORDS = ("message", "reason", "statusMessage", "status_message", "detail", "details", "title")


@dataclass(frozen=True)
class MonitorLink:
    """Where a response points to the status monitor.

    Attributes:
        reference: a URI reference.
        how: what shows it, such as `Operation-Location`.
    """

    reference: str
    how: str


@dataclass(frozen=True)
class OperationState:
    """What a representation of an operation shows.

    Attributes:
        status: as it is written; None where none is found.
        phase: what it means; None where that is not clear.
        id: of the operation; None where it has none.
        progress: as it is written; None where there is none.
        result: URI reference of the result; None where there is none.
        inline: whether the result is in the representation.
        error: what failed, where something says so.
        percent: whether the progress is named as one in per cent.
        attempt: what counts the attempts, as text; empty where nothing does.
    """

    status: str | None
    phase: Phase | None
    id: str | None = None
    progress: float | None = None
    result: str | None = None
    inline: bool = False
    error: Any = None
    percent: bool = False
    attempt: str = ""

    @property
    def ended(self) -> bool:
        return self.phase in ENDED


def phase_of(status: str) -> Phase | None:
    """What a word for a status means; None where that is not clear."""
    plain = re.sub(r"[^a-z]", "", status.lower())
    return next((phase for phase, words in _PHASES.items() if plain in words), None)


def stage_of(status: str) -> int | None:
    """0 for a word that says that work has not begun, 1 for one that says that it has; None for any other."""
    plain = re.sub(r"[^a-z]", "", status.lower())
    return 0 if plain in _WAITING else 1 if plain in _WORKING else None


def monitor_in(status: int, field: Callable[[str], str | None], value: Any) -> MonitorLink | None:
    """Where a successful response to the start of an operation points to its monitor.

    Args:
        field: gives the value of a response field.
        value: JSON of the content.
    """
    for name in ("Operation-Location", "Azure-AsyncOperation"):
        if text := field(name):
            return MonitorLink(text, name)
    for relation in _RELATIONS:
        if found := target(field("Link"), relation):
            return MonitorLink(found, f'Link with rel="{relation}"')
    location = field("Location")
    if status == 202 and location:
        return MonitorLink(location, "Location")
    return _in_content(value) or (MonitorLink(location, "Location") if status == 201 and location else None)


def _in_content(value: Any) -> MonitorLink | None:
    for one in _objects(value):
        for name, member in one.items():
            if isinstance(member, str) and _URL_MEMBERS.fullmatch(name) and _is_reference(member):
                return MonitorLink(member, f"member {name}")
        for word in ("links", "_links"):
            found = _linked(one.get(word), (*_RELATIONS, "self"))
            if found is not None:
                return MonitorLink(found, f"member {word}")
        called = one.get("name")
        if isinstance(called, str) and "operations/" in called and isinstance(one.get("done", False), bool):
            return MonitorLink(
                called if _is_reference(called) else f"/{called}", "name of an operation (AIP-151)"
            )
    return None


def state_in(value: Any) -> OperationState | None:
    """What JSON of a monitor shows of the operation; None where it is no object."""
    if not isinstance(value, Mapping):
        return None
    objects = list(_objects(value))
    status = next((text for one in objects if (text := _status(one)) is not None), None)
    error = next((found for one in objects if (found := _error(one)) is not None), None)
    phase = phase_of(status) if status is not None else None
    done = next((one["done"] for one in objects if isinstance(one.get("done"), bool)), None)
    if done is not None and (status is None or phase is None):
        phase = "running" if not done else "failed" if error is not None else "succeeded"
        status = status or f"done: {str(done).lower()}"
    if status is not None and phase is None and any(map(_has_ended, objects)):
        # A word of the API's own; the time of its end says what it means.
        phase = "failed" if error is not None else "succeeded"
    if phase == "failed" and error is None:
        error = next((one[word] for one in objects for word in _ERROR_WORDS if one.get(word)), None)
    result = next((found for one in objects if (found := _result(one)) is not None), None)
    return OperationState(
        status,
        phase,
        next((text for one in objects if (text := _id(one)) is not None), None),
        next((found[1] for one in objects if (found := _number(one)) is not None), None),
        result,
        any(one.get(word) not in (None, [], "") for one in objects for word in _INLINE),
        error,
        next(
            ("percent" in found[0].lower() for one in objects if (found := _number(one)) is not None), False
        ),
        " ".join(f"{name}={one[name]}" for one in objects for name in one if _ATTEMPTS.fullmatch(name)),
    )


def _has_ended(one: Mapping[str, Any]) -> bool:
    return any(
        _ENDED_AT.fullmatch(name) and isinstance(value, str | int) and value for name, value in one.items()
    )


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The object of an operation, and those in it that may hold its members."""
    if not isinstance(value, Mapping):
        return
    yield value
    for word in _ENVELOPES:
        if isinstance(inner := value.get(word), Mapping):
            yield inner


def _status(one: Mapping[str, Any]) -> str | None:
    for name in _STATUS:
        value = one.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, Mapping):
            for inner in _INSIDE:
                text = value.get(inner)
                if isinstance(text, str) and text:
                    return text
    return None


def _error(one: Mapping[str, Any]) -> Any:
    return next((one[name] for name in _ERROR if one.get(name) not in (None, "", [], {}, False)), None)


def _id(one: Mapping[str, Any]) -> str | None:
    for name in ("id", "operation_id", "operationId", "task_id", "job_id", "jobId", "uuid", "name"):
        value = one.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
    return None


def _number(one: Mapping[str, Any]) -> tuple[str, float] | None:
    """The name of the progress, and its value."""
    for name in _PROGRESS:
        value = one.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return name, float(value)
    return None


def _result(one: Mapping[str, Any]) -> str | None:
    for name, member in one.items():
        if isinstance(member, str) and _RESULT.fullmatch(name) and _is_reference(member):
            return member
    return _linked(one.get("links"), _RESULT_RELATIONS) or _linked(one.get("_links"), _RESULT_RELATIONS)


def _linked(links: Any, relations: tuple[str, ...]) -> str | None:
    """The target of the first link with one of the relations: of an object by relation, or an array of links."""
    if isinstance(links, Mapping):
        named = {
            name: link.get("href") if isinstance(link, Mapping) else link for name, link in links.items()
        }
    elif isinstance(links, list):
        found = [one for one in links if isinstance(one, Mapping)]
        named = {str(one.get("rel")): one.get("href") for one in found}
    else:
        return None
    targets = (named.get(relation) for relation in relations)
    return next((text for text in targets if isinstance(text, str) and text), None)


def _is_reference(text: str) -> bool:
    return text.startswith(("/", "http://", "https://"))
