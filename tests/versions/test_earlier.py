"""Pact files with provider states, and files that cannot be used."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from harness.bad_input import BadInput
from harness.profile.models import Pact, Versions
from harness.reference.server import demo
from harness.run.prepare import check_versions
from tests.matrix.running import run
from tests.matrix.trials import SUITES

STATES = """
import json, sys
state = json.load(sys.stdin)
open(sys.argv[1], "a").write(state["state"] + json.dumps(state["params"]) + chr(10))
sys.exit(state["state"] == "broken")
"""


def pact_file(folder: Path, state: str) -> Path:
    one = {
        "description": "totals",
        "providerStates": [{"name": state, "params": {"n": 1}}],
        "request": {"method": "GET", "path": "/totals"},
        "response": {"status": 200, "body": {"currency": "EUR"}},
    }
    file = folder / f"{state}.json"
    file.write_text(json.dumps({"interactions": [one]}))
    return file


@pytest.mark.slow
@pytest.mark.parametrize(("state", "verdict"), [("orders", "pass"), ("broken", "inconclusive")])
def test_a_program_brings_about_the_states(tmp_path: Path, state: str, verdict: str) -> None:
    program, log = tmp_path / "states.py", tmp_path / "log"
    program.write_text(STATES)
    command = json.dumps([sys.executable, str(program), str(log)])
    profile = (
        f'only = []\n[versions.pact]\nfiles = ["{pact_file(tmp_path, state)}"]\nstate_command = {command}\n'
    )
    with demo() as (url, _):
        suites = [one for one in SUITES if one.name == "test_earlier.py"]
        report = run(url, "--effects", "read", suites=suites, profile=profile)
    assert [one.verdict.value for one in report.of_rule("VERS-009")] == [verdict]
    assert log.read_text().splitlines() == [f'{state}{{"n": 1}}']


def test_what_cannot_be_used(tmp_path: Path) -> None:
    check_versions(None)
    check_versions(Versions(pact=Pact(files=[str(pact_file(tmp_path, "a"))])))
    with pytest.raises(BadInput, match=r"versions\.pact\.files: .*none.*; give a Pact file"):
        check_versions(Versions(pact=Pact(files=[str(tmp_path / "none")])))
    with pytest.raises(BadInput, match=r"versions\.recorded .*a\.json: it is no report"):
        check_versions(Versions(recorded=str(tmp_path / "a.json")))
    given = Pact(files=[str(tmp_path / "a.json")], state_command=["no-such-program-anywhere"])
    with pytest.raises(BadInput, match=r"state_command: no-such-program-anywhere: program not found"):
        check_versions(Versions(pact=given))
