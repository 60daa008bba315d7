"""The OpenAPI document in a report: kept whole, without secrets, and read back from untrusted files."""

from __future__ import annotations

import base64
import json
import zlib

from harness.report import json_file
from harness.report.kept_document import LARGEST_UNPACKED, of_report, packed, unpacked
from tests.report.sample import build

DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Caf\u00e9", "version": "1"}, "paths": {}}


def test_what_is_kept_comes_back() -> None:
    text = packed(DOCUMENT)
    assert text is not None
    assert json.loads(unpacked(text) or b"") == DOCUMENT


def test_secrets_are_removed_before() -> None:
    text = packed(
        {**DOCUMENT, "x-token": "swordfish"}, lambda given: given.replace("swordfish", "[redacted]")
    )
    assert text is not None
    assert json.loads(unpacked(text) or b"")["x-token"] == "[redacted]"


def test_what_is_none() -> None:
    assert unpacked("no base64!") is None
    assert unpacked(base64.b64encode(b"not zlib").decode()) is None
    bomb = zlib.compress(b" " * (LARGEST_UNPACKED + 1))
    assert unpacked(base64.b64encode(bomb).decode()) is None


def test_the_document_of_a_report() -> None:
    report = build()
    assert of_report(json_file.dumps(report).encode()) is None
    report.document = packed(DOCUMENT)
    assert json.loads(of_report(json_file.dumps(report).encode()) or b"") == DOCUMENT
    assert of_report(json.dumps(DOCUMENT).encode()) is None
    assert of_report(b'{"format": "conformance/1", ') is None
