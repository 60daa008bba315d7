"""What is found in a place where secrets lie is not copied into the report."""

from __future__ import annotations

import pytest

from harness.client.exchange_log import WITHHELD
from harness.rules.verdict import Verdict
from tests.matrix.declared import CLIENTS, RESOURCES
from tests.matrix.serving import served
from tests.matrix.trials import run_of
from tests.security.defects_exposure import ServesMore


@pytest.mark.slow
def test_the_content_of_a_served_configuration_is_not_kept() -> None:
    profile = f'only = ["documents"]\n{CLIENTS}{RESOURCES["documents"]}'
    with served({"router": ServesMore}) as url:
        report = run_of(["SEC-015"], url, "--effects", "read", profile=profile)
    (finding,) = report.of_rule("SEC-015")
    assert finding.verdict is Verdict.FAIL
    shown = [one for one in report.exchanges if one.url.endswith("/actuator/env") and one.status == 200]
    assert {one.response_body.text for one in shown} == {WITHHELD}
    assert "systemProperties" not in report.model_dump_json()
