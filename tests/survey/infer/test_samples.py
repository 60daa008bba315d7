"""Samples in, Profile out: what inference makes of the answers of real servers, one file for each resource."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.profile.models import Resource
from harness.survey.infer import infer
from tests.survey.recording import SAMPLES, read

FILES = sorted(SAMPLES.glob("*.json"))
FAMILIES = 12


def inferred(kept: dict[str, Any]) -> Resource:
    declared = Resource.model_validate(kept["declared"])
    return infer.resource(declared, read(kept["samples"], kept["base"]))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_profile_is_inferred_from_samples(file: Path) -> None:
    kept = json.loads(file.read_text(encoding="utf-8"))
    known = inferred(kept)
    shown = known.model_dump(mode="json")
    for name, value in kept["expected"].items():
        if name == "pagination":
            assert known.pagination is not None
            shown[name] = known.pagination.model_dump(mode="json", exclude_defaults=True)
        if name == "locking":
            shown[name] = known.locking.model_dump(mode="json", exclude_defaults=True)
        if name == "idempotency" and known.idempotency is not None:
            shown[name] = known.idempotency.model_dump(mode="json", exclude_defaults=True)
        if name == "capabilities":
            shown[name] = {one: known.capabilities[one].state.value for one in value}
        if name == "hides_absence":
            continue
        assert shown[name] == value, name


def test_there_are_samples_of_many_families() -> None:
    servers = {json.loads(file.read_text(encoding="utf-8"))["server"] for file in FILES}
    assert len(servers) >= FAMILIES


def test_no_sample_holds_a_secret() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in FILES)
    assert not any(secret in text for secret in ("secret123", "rest1", "dTpw", "Authorization", "Bearer"))
