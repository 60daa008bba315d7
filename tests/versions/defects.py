"""Defects of deprecated operations, and of what has changed since clients were written."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.reference.call import Call, Reply
from harness.reference.deprecation import Deprecations, Totals
from harness.reference.errors import Problem
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.reference.representation import Representation
from harness.reference.resources import Purpose, ServedResource
from harness.reference.store import StoredItem
from harness.reference.validation import Validator
from harness.reference.versions import SecondVersion, Statement
from harness.survey.openapi.document import parse
from tests.matrix.declared import EARLIER, PATHS
from tests.matrix.defect import Defect
from tests.matrix.serving import defect

BASELINE = Path(__file__).with_name("baseline.yaml")
Document = dict[str, Any]


class Draft(Deprecations):
    """The filter is older than the RFC."""

    def notice(self, successor: str) -> dict[str, str]:
        return super().notice(successor) | {"Deprecation": "true"}


class WrongDay(Deprecations):
    """Somebody has written the date by hand: 2040-01-01 is a Sunday."""

    def notice(self, successor: str) -> dict[str, str]:
        return super().notice(successor) | {"Sunset": "Mon, 01 Jan 2040 00:00:00 GMT"}


class EndsBefore(Deprecations):
    """The deprecation was put off, the sunset was not."""

    def notice(self, successor: str) -> dict[str, str]:
        return super().notice(successor) | {"Deprecation": "@2240611200"}


class Silent(Deprecations):
    """It is only in the document."""

    def complete(self, call: Call, reply: Reply) -> None:
        pass


class LeadsNowhere(Deprecations):
    """The notice has moved."""

    def notice(self, successor: str) -> dict[str, str]:
        return super().notice(successor) | {"Link": '</v1/notice-of-2025>; rel="deprecation"'}


class Removed(Totals):
    """Somebody has tidied up early."""

    def get(self, call: Call) -> Reply:
        raise Problem("not_found", "There is no such resource.")


class TwoServers(Description):
    """The document names the next version before it is deployed."""

    def get(self, call: Call) -> Reply:
        document: dict[str, Any] = describe(call.policies.limiter, call.policies.resources)
        document["servers"] = [{"url": "/v1"}, {"url": "/v3"}]
        return call.policies.representation.selected(call, document)


class LatestForUnknown(Statement):
    """What is not in the table gets the last entry."""

    def version(self, call: Call, asked: str) -> str:
        return asked if asked in ("1", "2") else "2"

    def label(self, reply: Reply, version: str) -> None:
        reply.fields.add_vary_header("Api-Version")
        reply.fields["Content-Version"] = "current"


class SecondSwitchedOff(Statement):
    """The flag of the release was never set here."""

    def version(self, call: Call, asked: str) -> str:
        if asked == "2":
            raise Problem("not_found", "There is no such resource.")
        return super().version(call, asked)


class Unlisted(Statement):
    """The field is read by the handler, and the filter for Vary does not know of it."""

    def label(self, reply: Reply, version: str) -> None:
        super().label(reply, version)
        reply.fields["Vary"] = "Origin, Accept, Authorization"


class OwnCopy(SecondVersion):
    """The second version has a read model of its own, which is filled once."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def words(self, value: Any) -> Any:
        shown = super().words(value)
        if "id" not in shown:
            return shown
        return self.kept.setdefault(shown["id"], shown)


def by_path(name: str, second: Callable[[], SecondVersion]) -> Defect:
    """Two versions by path."""
    return replace(defect("VERS-010", name, on=("orders",), second=second), profile=lambda _: PATHS)


class Renamed(Representation):
    """A member got a better name, in this version too."""

    def of(self, resource: ServedResource, item: StoredItem) -> Document:
        shown = super().of(resource, item)
        return {"state" if name == "status" else name: value for name, value in shown.items()}


class MoreRequired(Validator):
    """A member that was optional is required from now on, and the form has it."""

    def failures(self, resource: ServedResource, document: Any, purpose: Purpose) -> list[dict[str, str]]:
        found = super().failures(resource, document, purpose)
        if isinstance(document, dict) and "email" not in document:
            found.append(self.failure(["email"], "required", "is required"))
        return found


def earlier(name: str, **policies: Callable[[], Any]) -> Defect:
    """The API of today, for clients of an earlier release."""
    return replace(
        defect("VERS-009", name, on=("orders",), **policies), profile=lambda _: f"[versions]{EARLIER}"
    )


def subtitles(document: Document) -> None:
    """Documents had a subtitle, always."""
    schema = document["components"]["schemas"]["Document"]
    schema["properties"]["subtitle"] = {"type": "string"}
    schema["required"].append("subtitle")


def notes(document: Document) -> None:
    """There were notes, of which no end was announced."""
    document["paths"]["/notes"] = {"get": {"responses": {"200": {"description": "Notes."}}}}


def since(code: str, name: str, change: Callable[[Document], None]) -> Defect:
    """The reference, for clients that were written for something else."""

    def profile(_: str) -> str:
        document = parse(BASELINE.read_bytes(), str(BASELINE))
        change(document)
        file = Path(tempfile.mkdtemp(prefix="baseline-")) / "baseline.json"
        file.write_text(json.dumps(document, default=str))
        return f'\n[versions]\nbaseline_schema = "{file}"\n'

    return replace(defect(code, name), profile=profile)


DEFECTS = (
    defect("VERS-003", "Deprecation is true", deprecations=Draft),
    defect("VERS-004", "Sunset names the wrong day", deprecations=WrongDay),
    defect("VERS-005", "Sunset is before Deprecation", deprecations=EndsBefore),
    defect("VERS-006", "a deprecated operation says nothing", deprecations=Silent),
    defect("VERS-006", "the link to the notice is dead", deprecations=LeadsNowhere),
    defect("VERS-007", "a deprecated operation is gone before its sunset", totals=Removed),
    defect("VERS-001", "a documented server is not there", description=TwoServers),
    defect("VERS-001", "an unknown version gets the last one", statement=LatestForUnknown),
    defect("VERS-001", "a declared version is not served", statement=SecondSwitchedOff),
    defect("VERS-002", "Vary does not list the field that chooses the version", statement=Unlisted),
    earlier("a member of responses has another name", representation=Renamed),
    earlier("an optional member of creates is required", validator=MoreRequired),
    by_path("the second version has a copy of its own", OwnCopy),
    since("VERS-008", "a member of responses is removed", subtitles),
    since("VERS-011", "an operation is removed without notice", notes),
)
