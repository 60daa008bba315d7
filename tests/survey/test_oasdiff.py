"""An installed oasdiff compares documents; without one, or where it fails, the harness does."""

from __future__ import annotations

import json
import os
import stat
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harness.__main__ import main
from harness.survey.oasdiff import OWN, PROGRAM, compared, read
from harness.survey.openapi.changes import Change

TODAY = date(2026, 11, 30)
OLD: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "a", "version": "1"},
    "paths": {"/a": {"get": {"responses": {}}}},
}
NEW: dict[str, Any] = {**OLD, "paths": {"/b": {"get": {"responses": {}}}}}
FOUND = [
    {"id": "response-media-type-removed", "text": "a warning", "level": 2, "operation": "GET", "path": "/a"},
    {
        "id": "api-removed-without-deprecation",
        "text": "api removed\n without deprecation",
        "level": 3,
        "operation": "GET",
        "path": "/a",
    },
]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name, which prints what a file beside it has, after its arguments."""
    program = tmp_path / PROGRAM
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib, sys\n"
        "here = pathlib.Path(__file__).parent\n"
        "files = [json.load(open(one)) for one in sys.argv[-2:]]\n"
        "(here / 'asked').write_text(json.dumps([sys.argv[1:-2], files]))\n"
        "print((here / 'answer').read_text())\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "answer").write_text(json.dumps(FOUND))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_what_is_installed_is_used(installed: Path) -> None:
    found, by = compared(OLD, NEW, TODAY)
    assert by == PROGRAM
    assert found == [
        Change("api-removed-without-deprecation", "GET /a", "api removed without deprecation"),
        Change("response-media-type-removed", "GET /a", "a warning", breaks=False),
    ]
    assert json.loads((installed / "asked").read_text()) == [["breaking", "--format", "json"], [OLD, NEW]]


def test_where_it_fails_the_harness_compares(installed: Path) -> None:
    (installed / "answer").write_text("Error: failed to load")
    assert compared(OLD, NEW, TODAY)[1] == OWN
    (installed / "answer").unlink()
    assert compared(OLD, NEW, TODAY)[1] == OWN


def test_it_reads_only_version_3(installed: Path) -> None:
    swagger = {**OLD, "swagger": "2.0"}
    assert compared(swagger, NEW, TODAY)[1] == OWN
    assert compared(OLD, NEW, TODAY, own=True)[1] == OWN


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("null", []),
        ('[{"id": "x", "level": 3}]', [Change("x", "the document", "")]),
        ('{"id": "x"}', None),
        ('[{"level": 3}]', None),
        ("[7]", None),
    ],
)
def test_output(text: str, found: list[Change] | None) -> None:
    assert read(text) == found


def test_the_command_names_what_compared(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, document in (("old.json", OLD), ("new.json", NEW)):
        (installed / name).write_text(json.dumps(document))
    files = [str(installed / "old.json"), str(installed / "new.json")]
    assert main(["diff", *files]) == 1
    assert capsys.readouterr().out.endswith("1 breaking, 1 for strict clients (oasdiff)\n")
    assert main(["diff", "--own", *files]) == 1
    assert "1 breaking, 0 for strict clients\n" in capsys.readouterr().out
