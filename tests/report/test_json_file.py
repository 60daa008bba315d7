"""conformance.json: round trip, strict schema, refusal of what is no report."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.bad_input import BadInput
from harness.report import json_file
from tests.report.sample import SECRET, build


@pytest.fixture
def data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json_file.dumps(build()))
    return loaded


def test_reading_gives_back_what_was_written(tmp_path: Path) -> None:
    written = json_file.write(build(), tmp_path / "conformance.json")
    read = json_file.read(written)
    assert json_file.dumps(read) == written.read_text(encoding="utf-8")
    assert [finding.key for finding in read.findings] == [finding.key for finding in build().findings]
    assert read.exchange("e1") == build().exchange("e1")
    assert read.summary == build().summary


def test_a_report_without_secrets_or_broken_text_comes_back_equal(tmp_path: Path) -> None:
    report = build()
    plain = report.model_copy(
        update={
            "profile": report.profile.model_copy(update={"credentials": {}, "resources": []}),
            "findings": [f for f in report.findings if f.rule != "ERR-002"],
            "exchanges": [exchange for exchange in report.exchanges if exchange.id != "h2"],
        }
    )
    assert json_file.read(json_file.write(plain, tmp_path / "plain.json")) == plain


def test_text_that_utf8_cannot_hold_is_replaced(data: dict[str, Any]) -> None:
    body = next(exchange for exchange in data["exchanges"] if exchange["id"] == "h2")["response_body"]
    assert "\ud800" in build().exchange("h2").response_body.text
    assert "\ud800" not in body["text"]
    assert "\x1b[31mred" in body["text"]


def test_values_of_credentials_are_never_written(data: dict[str, Any]) -> None:
    assert SECRET not in json.dumps(data)
    assert data["profile"]["credentials"]["default"]["headers"] == {"Authorization": "[redacted]"}


def test_the_schema_is_valid_and_the_report_satisfies_it(data: dict[str, Any]) -> None:
    schema = json_file.schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(data)


def test_the_schema_describes_every_member() -> None:
    schema = json_file.schema()
    silent = [
        f"{name}.{member}"
        for name, definition in [("Report", schema), *schema["$defs"].items()]
        for member, described in definition.get("properties", {}).items()
        if not described.get("description")
    ]
    assert silent == []


def _unknown_in_report(data: dict[str, Any]) -> None:
    data["extra"] = 1


def _unknown_in_finding(data: dict[str, Any]) -> None:
    data["findings"][0]["extra"] = 1


def _unknown_in_exchange(data: dict[str, Any]) -> None:
    data["exchanges"][0]["extra"] = 1


def _unknown_in_body(data: dict[str, Any]) -> None:
    data["exchanges"][0]["response_body"]["extra"] = 1


def _unknown_in_capability(data: dict[str, Any]) -> None:
    data["profile"]["resources"][0]["capabilities"]["etag"]["extra"] = 1


def _unknown_verdict(data: dict[str, Any]) -> None:
    data["findings"][0]["verdict"] = "maybe"


def _unknown_verdict_counted(data: dict[str, Any]) -> None:
    data["summary"]["counts"]["maybe"] = 1


def _field_of_three_parts(data: dict[str, Any]) -> None:
    data["exchanges"][0]["request_fields"][0] = ["a", "b", "c"]


SPOILS = [
    _unknown_in_report,
    _unknown_in_finding,
    _unknown_in_exchange,
    _unknown_in_body,
    _unknown_in_capability,
    _unknown_verdict,
    _unknown_verdict_counted,
    _field_of_three_parts,
]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_schema_and_reader_refuse(
    spoil: Callable[[dict[str, Any]], None], data: dict[str, Any], tmp_path: Path
) -> None:
    spoiled = copy.deepcopy(data)
    spoil(spoiled)
    assert not jsonschema.Draft202012Validator(json_file.schema()).is_valid(spoiled)
    path = tmp_path / "spoiled.json"
    path.write_text(json.dumps(spoiled), encoding="utf-8")
    with pytest.raises(BadInput, match="is no valid report"):
        json_file.read(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff\xfe", "is not a text in UTF-8"),
        (b"[]", "no member `format`"),
        (b'{"summary": {}}', "no member `format`"),
        (b'{"format": "conformance/2"}', "its format is 'conformance/2'"),
        (b'{"format": "conformance/1"}', "is no valid report: run: Field required"),
    ],
)
def test_what_is_no_report_is_named_in_one_line(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        json_file.read(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        json_file.read(tmp_path / "none.json")
