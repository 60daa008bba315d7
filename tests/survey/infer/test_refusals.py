"""Refusals of frameworks (`refusals.json`: recorded, or from their documentation), and bodies repaired by them."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from harness.http.content import MISSING, at
from harness.profile.models import Resource
from harness.survey.infer.refusal_shapes import SHAPES, shaped
from harness.survey.infer.repair import names_members, references, repaired

ROWS = json.loads((Path(__file__).parent / "refusals.json").read_text())


def fits(form: Any, value: Any, before: Any) -> bool:
    """Whether a repaired value is of a form."""
    if isinstance(form, list):
        return value in form
    if form == "absent" or value is MISSING:
        return form == "absent" and value is MISSING
    if form == "other":
        return isinstance(value, type(before)) and value != before
    if form in ("number", "boolean", "array"):
        kinds = {"number": (int, float), "boolean": bool, "array": list}
        return isinstance(value, kinds[form]) and (form == "boolean" or not isinstance(value, bool))
    if form.startswith(">="):
        return isinstance(value, int) and value >= int(form[2:])
    return isinstance(value, str) and _is_text(form, value)


def _is_text(form: str, value: str) -> bool:
    if form.startswith("text"):
        return len(value) >= int(form.partition(">=")[2] or 1)
    if form == "uuid":
        return str(uuid.UUID(value)) == value
    if form in ("date", "date-time"):
        return bool(dt.datetime.fromisoformat(value)) and ("T" in value) == (form == "date-time")
    patterns = {
        "email": r"[^@\s]+@[\w.]+",
        "uri": r"https://\S+",
        "phone": r"\+[0-9]{8,15}",
        "slug": r"[a-z0-9-]+",
    }
    return re.fullmatch(patterns[form], value) is not None


@pytest.mark.parametrize("row", ROWS, ids=[row["framework"] for row in ROWS])
def test_what_a_refusal_names_is_repaired(row: dict[str, Any]) -> None:
    body, envelope = row["body"], ""
    if "data" in body:
        envelope = "/data/attributes" if "attributes" in body["data"] else "/data"
    made = repaired(
        Resource(collection="/things", representation=envelope), copy.deepcopy(body), row["refusal"]
    )
    assert made is not None
    wrong = {}
    for name, form in row["after"].items():
        place = name if name.startswith("/") else "/" + name
        if not fits(form, at(made, place), at(body, place)):
            wrong[name] = at(made, place)
    assert not wrong, f"{wrong} in {made}"


def test_at_least_fifteen_frameworks_were_recorded() -> None:
    assert len({row["framework"].split(",")[0] for row in ROWS if row["source"] == "recorded"}) >= 15


@pytest.mark.parametrize(
    "refusal", [None, 3, "no", [], {}, {"errors": None}, {"errors": [None, 3]}, {"error": {"param": 3}}]
)
def test_no_shape_is_seen_in_other_content(refusal: Any) -> None:
    assert shaped(refusal) == []


def test_each_shape_has_a_name_and_a_place() -> None:
    for shape in SHAPES:
        assert shape.name
        assert shape.field or "{field}" in shape.each


def test_a_refusal_of_rights_names_no_members() -> None:
    assert not names_members({"detail": "You do not have permission to perform this action."}, {"name": "x"})
    assert not names_members(
        {"errors": [{"message": "Forbidden", "extensions": {"code": "FORBIDDEN"}}]}, {"name": "x"}
    )


def test_references_are_members_that_must_name_an_existing_item() -> None:
    refusal = {"author_id": ["This field is required."], "title": ["This field is required."]}
    assert references({}, refusal) == ["author_id"]
    key = {"message": "Foreign key constraint failed on the field: `authorId`"}
    assert references({"authorId": 1}, key) == ["authorId"]
    made = repaired(Resource(collection="/things"), {"authorId": 1}, key, {"authorId": 7})
    assert made == {"authorId": 7}
