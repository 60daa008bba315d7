"""HAR 1.2: valid by its schema, every exchange in the order sent, and nothing added to what was recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource

from harness.report.formats import har
from harness.report.model import Report
from tests.report.sample import URL, build

SCHEMAS = Path(__file__).parent / "schemas"


def har_log(report: Report) -> dict[str, Any]:
    archive = json.loads(har.render(report))
    schemas = {
        path.name: json.loads(path.read_text(encoding="utf-8")) for path in (SCHEMAS / "har").glob("*.json")
    }
    registry: Registry[Any] = Registry().with_resources(
        [(f"{name}#", Resource.from_contents(schema)) for name, schema in schemas.items()]
        + [(name, Resource.from_contents(schema)) for name, schema in schemas.items()]
    )
    checker = jsonschema.FormatChecker()
    jsonschema.Draft6Validator(schemas["har.json"], registry=registry, format_checker=checker).validate(
        archive
    )
    log: dict[str, Any] = archive["log"]
    return log


def test_har_is_valid_and_has_every_exchange_in_the_order_sent() -> None:
    report = build()
    order = report.exchanges
    log = har_log(report)
    assert log["version"] == "1.2"
    assert sorted(entry["_id"] for entry in log["entries"]) == sorted(exchange.id for exchange in order)
    late = [replace(exchange, started=-float(number)) for number, exchange in enumerate(order)]
    turned = har_log(report.model_copy(update={"exchanges": late}))
    assert [entry["_id"] for entry in turned["entries"]] == [exchange.id for exchange in reversed(order)]
    assert turned["entries"][0]["startedDateTime"] == "2026-11-21T16:14:05.000+00:00"
    assert turned["entries"][-1]["startedDateTime"] == "2026-11-21T16:14:16.000+00:00"


def test_har_entries_have_all_of_the_exchange() -> None:
    entries = {entry["_id"]: entry for entry in har_log(build())["entries"]}
    put = entries["e2"]
    assert put["request"]["method"] == "PUT"
    assert put["request"]["url"] == f"{URL}/orders/81"
    assert put["request"]["postData"]["mimeType"] == "application/json"
    assert json.loads(put["request"]["postData"]["text"])["quantity"] == 3
    assert {"name": "Authorization", "value": "$TARGET_TOKEN"} in put["request"]["headers"]
    assert put["response"]["status"] == 200
    assert put["time"] == 12.3
    assert entries["s2"]["request"]["queryString"] == [
        {"name": "limit", "value": "2"},
        {"name": "filter[state]", "value": "open"},
    ]
    assert entries["s1"]["response"]["content"]["size"] == 812_345
    assert "were recorded" in entries["s1"]["response"]["content"]["comment"]
    dead = entries["t1"]["response"]
    assert (dead["status"], dead["_error"]) == (0, "timeout: no answer within 10 s")


def test_a_run_without_exchanges_is_an_archive() -> None:
    assert har_log(build().model_copy(update={"exchanges": []}))["entries"] == []
