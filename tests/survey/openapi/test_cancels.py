"""Documented cancellations by DELETE and PATCH, on literal documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.cancels import Cancel, cancels

pytestmark = pytest.mark.topic(name="survey")
PATH = "/jobs/{id}"


def found(method: str, operation: dict[str, Any], path: str = PATH) -> tuple[Cancel, ...]:
    return cancels({"openapi": "3.1.0", "paths": {path: {method: operation}}}, "")


@pytest.mark.parametrize(
    ("words", "cancels_it"),
    [
        ({"summary": "Cancel a job"}, True),
        ({"operationId": "cancelJob"}, True),
        ({"operationId": "jobs_cancel"}, True),
        ({"description": "Aborts the job if it is running."}, True),
        ({"summary": "Delete a job"}, False),
        ({"description": "Removes the record. It does not cancel the operation."}, False),
        ({"summary": "Delete a cancelled job"}, False),
        ({}, False),
    ],
)
def test_a_delete_cancels_where_its_words_say_so(words: dict[str, str], cancels_it: bool) -> None:
    assert found("delete", words) == ((Cancel("DELETE", PATH),) if cancels_it else ())


def patch(media: str, **members: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {media: {"schema": {"type": "object", "properties": members}}}}}


def test_a_patch_cancels_where_its_status_may_be_cancelled() -> None:
    status = {"type": "string", "enum": ["running", "cancelled"]}
    assert found("patch", patch("application/json", status=status)) == (
        Cancel("PATCH", PATH, {"status": "cancelled"}, "application/json"),
    )
    state = {"enum": ["cancel"]}
    assert found("patch", patch("application/merge-patch+json", state=state)) == (
        Cancel("PATCH", PATH, {"state": "cancel"}, "application/merge-patch+json"),
    )
    assert found("patch", patch("application/json", status={"enum": ["open", "closed"]})) == ()
    assert found("patch", patch("application/xml", status=status)) == ()
    assert found("delete", {"summary": "Cancel all"}, "/jobs") == ()
