"""Surveys that are kept for the next run."""

from __future__ import annotations

from pathlib import Path

from harness.profile.models import Profile, Resource
from harness.survey.cache import Cache
from harness.survey.outcome import Survey
from harness.target.target import Target

SECRET = "canary-7f"


def test_a_survey_that_holds_a_credential_is_not_stored(tmp_path: Path) -> None:
    target = Target("http://127.0.0.1:9")
    cache = Cache(
        tmp_path / "survey.json", target, Profile(), lambda text: text.replace(SECRET, "[redacted]")
    )
    found = Survey(Profile(resources=[Resource(collection="/things", body={"token": SECRET})]))
    cache.keep(None, found)
    assert not (tmp_path / "survey.json").exists()
    assert found.warnings == [
        f"the survey is not stored in {tmp_path / 'survey.json'}: it contains a credential"
    ]

    found = Survey(Profile(resources=[Resource(collection="/things", body={"name": "Ada"})]))
    cache.keep(None, found)
    assert (tmp_path / "survey.json").exists()
    assert not found.warnings
