"""A mock answers from the document and keeps nothing: what it ignores is no finding."""

from __future__ import annotations

import json
from typing import Any

from harness.rules.suites import suites_folder
from tests import servers
from tests.sessions import here
from tests.survey.surveying import described

pytest_plugins = ["pytester"]
EXAMPLE = {"id": "1", "name": "an example"}


def mock(document: dict[str, Any]) -> Any:
    """Answers every documented operation with an example, and creates under the same id each time."""

    def answer(seen: servers.Seen) -> servers.Answer:
        path = seen.path.partition("?")[0]
        kind = [("Content-Type", "application/json")]
        if path == "/openapi.json":
            return servers.Answer(200, json.dumps(document).encode(), kind)
        if path == "/things":
            listed: Any = EXAMPLE if seen.method == "POST" else [EXAMPLE, {**EXAMPLE, "id": "2"}]
            return servers.Answer(201 if seen.method == "POST" else 200, json.dumps(listed).encode(), kind)
        if path.startswith("/things/"):
            return servers.Answer(200, json.dumps(EXAMPLE).encode(), kind)
        return servers.Answer(404, b'{"error": "no such path"}', kind)

    return answer


def test_a_mock_is_not_accused(pytester: Any) -> None:
    document = described("/things")
    one = {
        "name": "name",
        "in": "query",
        "description": "Only things of this name",
        "schema": {"type": "string"},
    }
    document["paths"]["/things"]["get"] = {**document["paths"]["/things"]["get"], "parameters": [one]}
    suite = str(suites_folder() / "openapi/test_openapi.py")
    with servers.http(mock(document)) as server:
        files = {"conformance.toml": "consistency_window = 0\n"}
        done = here(pytester, "--target-url", server.url, "--effects", "write", suite, files=files)
    shown = {one["rule"]: (one["verdict"], one["reason"]) for one in done.report["findings"]}
    assert shown["DOC-001"][0] == "pass"
    assert shown["DOC-002"][0] == "not applicable"
    # Two items that nobody of the run created show nothing.
    assert shown["DOC-003"][0] == "inconclusive"
    assert shown["DOC-004"][0] in ("pass", "not applicable")
    (odd,) = done.report["suspicions"]
    assert odd["capability"] == "create"
    assert odd["text"].endswith("as a mock does")
