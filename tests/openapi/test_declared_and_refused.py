"""Operations that a document declares and that are always refused, in one run as users start it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.rules.suites import suites_folder
from tests import servers
from tests.sessions import here
from tests.survey.surveying import Api, described

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.topic(name="openapi")

ALWAYS = {
    ("POST", "jobs"): (503, []),
    ("POST", "maintained"): (503, [("Retry-After", "3600")]),
    ("POST", "poor"): (422, []),
    ("GET", "lists"): (406, []),
    ("PUT", "forbidden"): (403, []),
}
"""What an operation of a collection, or of its items, is answered each time."""
FIELDS = [("Content-Type", "application/json")]
EXPECTED = {
    "jobs": ("fail", "POST /jobs -> 503, and again after a pause"),
    "maintained": ("inconclusive", "3600 s"),
    # The data of the run may be at fault.
    "poor": ("pass", ""),
    "lists": ("warn", "GET /lists -> 406, though Accept allows every type"),
    "forbidden": ("inconclusive", "`capabilities = { replace = false }`"),
}


def refusing(api: Api) -> Any:
    """The API, of which one operation of each collection is refused."""

    def answer(seen: servers.Seen) -> servers.Answer:
        _, name, *below = seen.path.partition("?")[0].split("/")
        found = ALWAYS.get((seen.method, name))
        if found is None or (below and seen.method == "GET"):
            return api(seen)
        status, more = found
        return servers.Answer(status, json.dumps({"error": "refused"}).encode(), [*FIELDS, *more])

    return answer


def test_what_is_declared_and_always_refused_is_judged(pytester: pytest.Pytester) -> None:
    paths = tuple(f"/{name}" for name in EXPECTED)
    api = Api(paths, described(*paths))
    suite = str(suites_folder() / "openapi/test_openapi.py")
    files = {"conformance.toml": "consistency_window = 0\n"}
    with servers.http(refusing(api)) as server:
        done = here(
            pytester, "--target-url", server.url, "--effects", "write", "-k", "DOC-001", suite, files=files
        )
    shown = {one["resource"]: one for one in done.report["findings"]}
    for name, (verdict, text) in EXPECTED.items():
        assert shown[name]["verdict"] == verdict, shown[name]["reason"]
        assert text in shown[name]["reason"]
    assert "CONC-001" in shown["jobs"]["reason"]
    suspected = {(one["resource"], one["capability"]) for one in done.report["suspicions"]}
    assert {("jobs", "create"), ("lists", "list"), ("forbidden", "replace")} <= suspected
    assert not {name for name, _ in suspected} & {"poor"}
    assert any("maintained" in line and "3600 s" in line for line in done.report["warnings"])
    assert not api.items


def test_a_body_of_the_profile_declares_creates(pytester: pytest.Pytester) -> None:
    profile = """
consistency_window = 0
openapi = false
[[resources]]
collection = "/jobs"
body = { name = "x" }
"""
    suite = str(suites_folder() / "openapi/test_openapi.py")
    with servers.http(refusing(Api(("/jobs",)))) as server:
        arguments = ("--target-url", server.url, "--effects", "write", "-k", "DOC-004", suite)
        done = here(pytester, *arguments, files={"conformance.toml": profile})
    (shown,) = done.report["findings"]
    assert shown["verdict"] == "fail"
    assert shown["reason"] == (
        "create is declared (the profile has a `body` that it accepts), and the answer is POST /jobs -> 503"
    )
