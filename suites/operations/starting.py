"""The long-running operations of an API that a run may start, and how."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from harness.client.client import Client
from harness.http.content import MISSING
from harness.http.path_templates import matches
from harness.profile.models import LongRunningOperation, Profile, State
from harness.resource.resource import ResourceUnderTest
from harness.resource.tags import tagged
from harness.survey.openapi.cancels import MERGE_PATCH, Cancel
from harness.survey.openapi.operations import JSON
from harness.survey.openapi.starts import Start
from harness.survey.outcome import Survey

DOCUMENT = "the OpenAPI document"
MOST = 4
"""Operations that a run starts, each a few times."""


@dataclass(frozen=True)
class Operation:
    """A request that starts a long-running operation.

    Attributes:
        name: such as `POST /exports`.
        because: what says that it is long-running.
        body: JSON that starts it; None for no content.
        invalid: JSON that must be refused; None where none is known.
        declared: whether the profile or the document has it.
        settings: what the profile says of it, or what the document does.
        resource: the collection whose create it is; None for another operation.
        statuses: the listed values of the status of what is at a path, by its template, as the document has them.
        reads: templates of the documented GETs.
        fields: header fields that the start needs.
    """

    name: str
    because: str
    path: str
    body: Any = None
    invalid: Any = None
    declared: bool = True
    settings: LongRunningOperation = field(default_factory=lambda: LongRunningOperation(path="/"))
    resource: ResourceUnderTest | None = None
    statuses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    reads: tuple[str, ...] = ()
    fields: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def chosen(self) -> bool:
        """Whether it was chosen from the document, since it makes something new out of what is there."""
        return self.because == DOCUMENT and self.resource is None

    def start(
        self, client: Client, body: Any = MISSING, headers: Mapping[str, str | None] | None = None
    ) -> httpx.Response:
        """Send the request; what a create makes goes into the ledger."""
        headers = {**self.fields, **(headers or {})}
        if self.resource is not None:
            # No response has shown that the API keeps the text by which the item is found at the end; it may, though.
            sent = tagged(self.resource.known, self.resource.body()) if body is MISSING else body
            return self.resource.post(sent, headers=headers)
        sent = self.body if body is MISSING else body
        with client.recorder.ownership.granting("POST", client.url(self.path)):
            return client.post(self.path, json=sent, headers=headers)


def operations(
    survey: Survey, profile: Profile, make_resource: Callable[[str], ResourceUnderTest]
) -> list[Operation]:
    """The operations of the profile, of the document, and the collections whose creates were accepted with 202."""
    collections = {one.collection.rstrip("/"): one.name for one in profile.resources}
    declared = [one.path.rstrip("/") for one in profile.operations]
    found = [_declared(one, collections, make_resource) for one in profile.operations]
    # A user who names collections means these, and nothing else.
    for start in () if profile.only else survey.promises.starts:
        if start.path.rstrip("/") not in (*declared, *collections):
            found.append(_documented(start, survey.documented))
    for known in profile.resources:
        capability = known.capabilities.get("long_running")
        if capability is None or not capability.there or known.collection.rstrip("/") in declared:
            continue
        resource = make_resource(known.name)
        # To other rules, a create whose item comes later is none.
        works = resource.can("create") or capability.state is State.DETECTED
        if works and resource.has_room() and known.body is not None:
            path = known.create or known.collection
            found.append(
                Operation(f"POST {path}", capability.because, path, declared=False, resource=resource)
            )
    found += preferring(survey, profile, make_resource, [one.path.rstrip("/") for one in found])
    reads = tuple(template for template, methods in survey.documented.items() if "GET" in methods)
    statuses = survey.promises.statuses if survey.promises.doubt is None else ()
    return [replace(one, statuses=statuses, reads=reads) for one in found[:MOST]]


def preferring(
    survey: Survey,
    profile: Profile,
    make_resource: Callable[[str], ResourceUnderTest],
    given: Collection[str],
) -> list[Operation]:
    """Creates that may go on when the client prefers it: documented ones, and one of a service that speaks OData 4."""
    odata = any((one.field("odata-version") or "").startswith("4") for one in survey.exchanges)
    found: list[Operation] = []
    for known in profile.resources:
        path = known.create or known.collection
        documented = any(matches(template, path) for template in survey.promises.asynchronous)
        resource = make_resource(known.name)
        fit = resource.can("create") and resource.has_room() and not resource.puts and known.body is not None
        if path.rstrip("/") in given or not fit or not (documented or (odata and not found)):
            continue
        because = DOCUMENT if documented else "responses with OData-Version"
        prefer = {"Prefer": "respond-async"}
        found.append(
            Operation(f"POST {path}", because, path, declared=False, resource=resource, fields=prefer)
        )
    return found


def _declared(
    one: LongRunningOperation,
    collections: Mapping[str, str],
    make_resource: Callable[[str], ResourceUnderTest],
) -> Operation:
    name = collections.get(one.path.rstrip("/"))
    resource = make_resource(name) if name is not None and one.body is None else None
    return Operation(
        f"POST {one.path}",
        "the profile",
        one.path,
        one.body,
        one.invalid_body,
        settings=one,
        resource=resource,
    )


def _documented(start: Start, documented: Mapping[str, Iterable[str]]) -> Operation:
    settings = LongRunningOperation(path=start.path, body=start.body, keyed=start.keyed)
    invalid = without(start.body, start.needed)
    return Operation(f"POST {start.path}", DOCUMENT, start.path, start.body, invalid, settings=settings)


def without(body: Any, needed: tuple[str, ...]) -> Any:
    """The body without a member that is required; None where none is."""
    name = next((one for one in needed if isinstance(body, dict) and one in body), None)
    return None if name is None else {key: value for key, value in body.items() if key != name}


@dataclass(frozen=True)
class Cancellation:
    """The request that cancels an operation.

    Attributes:
        path: relative to the target URL.
        declared: whether the profile has it.
        body: JSON to send; None for no content.
        media_type: of that content.
    """

    method: str
    path: str
    declared: bool = False
    body: Any = None
    media_type: str = JSON


def cancellation(
    operation: Operation, path: str, documented: Mapping[str, Iterable[str]], cancels: Iterable[Cancel] = ()
) -> Cancellation | None:
    """The request that cancels an operation; None without one.

    Args:
        path: of its monitor, relative to the target URL.
        documented: methods by path template.
        cancels: what the document says cancels something by its URL.
    """
    id, body = path.rstrip("/").rpartition("/")[2], operation.settings.cancel_body
    given = operation.settings.cancel
    if given in ("DELETE", "PATCH"):
        return Cancellation(given, path, True, body, MERGE_PATCH if given == "PATCH" else JSON)
    if given is not None:
        method, _, template = given.partition(" ")
        media = MERGE_PATCH if method == "PATCH" else JSON
        return Cancellation(method, template.replace("{id}", id), True, body, media)
    for word in ("/cancel", ":cancel", "/abort", "/cancellation"):
        if any(
            matches(template, path + word) and "POST" in offered for template, offered in documented.items()
        ):
            return Cancellation("POST", path + word)
    for one in cancels:
        if matches(one.path, path):
            return Cancellation(one.method, path, False, one.body, one.media_type)
    return None
