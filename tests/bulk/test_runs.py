"""Whole runs of the suite: what a profile declares and is not there, batches of nobody, and APIs without batches."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.reference.authenticator import ALICE, Authenticator, Principal
from harness.reference.call import Call, Reply
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.reader import JSON
from harness.reference.server import demo
from harness.rules.verdict import Verdict
from tests import servers
from tests.matrix.serving import served
from tests.matrix.trials import listed, run_of
from tests.servers import PROFILE, Answer, Crud, Seen

BULK = [code for code in listed() if code.startswith("BULK-")]
DECLARED = """
only = ["documents"]
[[bulk]]
path = "/documents/batch"
async_threshold = 2
[[bulk]]
path = "/documents/import"
array = "/items"
"""


def test_what_the_profile_declares_is_not_absent_because_it_does_not_work():
    with demo() as (url, _):
        report = run_of(["BULK-001", "BULK-007"], url, "--effects", "write", profile=DECLARED)
    first, seventh = report.findings
    assert first.verdict is Verdict.WARN
    assert "the profile declares POST /documents/import" in first.breaches[0].expected
    assert "-> 405" in first.breaches[0].observed
    assert seventh.verdict is Verdict.WARN
    assert "202 for more than 2 items" in seventh.breaches[0].expected


class TrustsBatches(Authenticator):
    """Batches come from the internal network, which is trusted."""

    def caller(self, call: Call, token: str | None) -> Principal | None:
        trusted = token is None and call.path.endswith("/batch")
        return super().caller(call, ALICE if trusted else token)


def test_a_batch_without_credentials_that_is_processed_is_a_failure():
    with served({"authenticator": TrustsBatches}) as url:
        report = run_of(["BULK-007"], url, "--effects", "write", profile='only = ["documents"]\n')
    (found,) = report.findings
    assert found.verdict is Verdict.FAIL
    assert found.breaches[0].expected == "401 for a batch without credentials"


def test_where_nothing_declares_batches_one_question_is_asked():
    with demo() as (url, _):
        report = run_of(BULK, url, "--effects", "write", profile='openapi = false\nonly = ["contracts"]\n')
    assert {one.verdict for one in report.findings} == {Verdict.NOT_APPLICABLE}
    arrays = [
        one
        for one in report.exchanges
        if one.method == "POST"
        and one.request_body.text.startswith("[")
        and json.loads(one.request_body.text)
    ]
    assert len(arrays) == 1
    assert not report.leftovers


class OneOfMany(CollectionEndpoint):
    """Takes an array as if it were an item, and says so: no list has it."""

    def post(self, call: Call) -> Reply:
        _, document = call.policies.reader.read(call, JSON)
        if isinstance(document, list):
            return call.policies.representation.reply(call, 201, document)
        return super().post(call)


def test_an_array_that_is_stored_as_one_item_is_named_and_not_sent_again():
    with served({"collection": OneOfMany}) as url:
        report = run_of(
            ["BULK-001"],
            url,
            "--effects",
            "write",
            profile='openapi = false\nonly = ["contracts", "orders"]\n',
        )
    assert {one.verdict for one in report.findings} == {Verdict.NOT_APPLICABLE}
    assert (
        len([one for one in report.exchanges if one.method == "POST" and one.request_body.text[:2] == "[{"])
        == 1
    )
    assert len(report.leftovers) == 2
    assert all("the list has no such item" in one for one in report.leftovers)


@dataclass
class Batching(Crud):
    """A batch has one key, and more than two items are created after the response.

    Attributes:
        sound: whether the key is honoured, and the items are created.
    """

    sound: bool = True
    answers: dict[str, Answer] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def __call__(self, seen: Seen) -> Answer | None:
        path = seen.path.partition("?")[0]
        if path in self.states:
            return self.shown(200, {"status": self.states[path]})
        if path != "/things/batch":
            return super().__call__(seen)
        try:
            items = json.loads(seen.body)
        except ValueError:
            return self.shown(400, {"error": "no JSON"})
        if not isinstance(items, list) or not items:
            return self.shown(422, {"error": "an array is needed"})
        key = seen.field("idempotency-key")
        if key in self.answers and self.sound:
            return self.answers[key]
        answer = self.accepted(items) if len(items) > 2 else self.created(items)
        if key is not None:
            self.answers[key] = answer
        return answer

    def created(self, items: list[Any]) -> Answer:
        results = []
        for item in items:
            made = super().__call__(Seen("POST", "/things", [], json.dumps(item).encode()))
            assert made is not None
            results.append({"status": made.status, "item": json.loads(made.body)})
        return self.shown(207, {"results": results})

    def accepted(self, items: list[Any]) -> Answer:
        monitor = f"/jobs/{len(self.states) + 1}"
        self.states[monitor] = "succeeded"
        if self.sound:
            self.created(items)
        return self.shown(202, {"status": "queued"}, ("Location", monitor))

    def shown(self, status: int, value: Any, *fields: tuple[str, str]) -> Answer:
        return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json"), *fields])


KEYED = f"""{PROFILE}
[[bulk]]
path = "/things/batch"
mode = "partial"
batch_key = "Idempotency-Key"
async_threshold = 2
"""


@pytest.mark.parametrize("sound", [True, False], ids=["as it should be", "keys and items are forgotten"])
def test_a_batch_is_executed_once_for_its_key_and_completely_when_it_was_accepted(sound):
    api = Batching(sound=sound)
    with servers.http(api) as server:
        report = run_of(["BULK-006", "BULK-007"], server.url, "--effects", "write", profile=KEYED)
    found = {one.rule: one for one in report.findings}
    right = {"BULK-006": Verdict.PASS, "BULK-007": Verdict.PASS}
    wrong = {"BULK-006": Verdict.FAIL, "BULK-007": Verdict.WARN}
    for code, verdict in (right if sound else wrong).items():
        assert found[code].verdict is verdict, found[code].reason
    assert not api.items
