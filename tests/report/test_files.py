"""All files of a report, the lines on the terminal, and the text they are made of."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from harness.bad_input import BadInput
from harness.report import json_file
from harness.report.console import terminal
from harness.report.files import write_all
from harness.report.text import indented, one_line, visible
from harness.report.views import VIEWS
from harness.rules.verdict import Verdict
from tests.report.sample import CONTROLS, build

FAILING = {Verdict.FAIL, Verdict.ERROR}


def test_all_files_are_written_and_nothing_else(tmp_path: Path) -> None:
    where = tmp_path / "new" / "reports"
    written = write_all(build(), where)
    assert written == {
        "json": where / "conformance.json",
        "junit": where / "junit.xml",
        "html": where / "conformance.html",
    }
    assert sorted(path.name for path in where.iterdir()) == [
        "conformance.html",
        "conformance.json",
        "junit.xml",
    ]
    assert json_file.read(written["json"]).run.id == "c7f3a9"


def test_further_formats_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    written = write_all(build(), tmp_path, tuple(VIEWS))
    assert sorted(path.name for path in written.values()) == [
        "badge.svg",
        "conformance.har",
        "conformance.html",
        "conformance.json",
        "conformance.md",
        "conformance.sarif",
        "junit.xml",
    ]
    assert sorted(written) == sorted(["json", *VIEWS])


@pytest.mark.parametrize("name", VIEWS)
def test_every_format_made_again_from_the_json_is_that_of_the_run(name: str, tmp_path: Path) -> None:
    report = build()
    failing = [Verdict.ERROR, Verdict.FAIL, Verdict.WARN]
    report = report.model_copy(update={"run": report.run.model_copy(update={"failing": failing})})
    written = write_all(report, tmp_path, [name])
    again = VIEWS[name].render(json_file.read(written["json"]))
    assert again == written[name].read_text(encoding="utf-8")


def test_files_are_replaced_and_readable_by_others(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text("old")
    written = write_all(build(), tmp_path)
    assert written["junit"].read_text().startswith("<?xml")
    mask = os.umask(0)
    os.umask(mask)
    assert written["html"].stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be made a directory"):
        write_all(build(), tmp_path / "file")


def test_a_file_that_cannot_be_written_is_named_and_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "conformance.json").mkdir()
    with pytest.raises(BadInput, match=r"conformance\.json: cannot be written"):
        write_all(build(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["conformance.json"]


def test_the_terminal_shows_counts_warnings_and_the_worst() -> None:
    lines = terminal.lines(build(), FAILING)
    assert lines[0] == (
        "https://staging.example.com/v1: 2 rules failed. "
        "1 rule could not be judged because the harness itself broke."
    )
    assert lines[1] == (
        "verified 7 of 12 rules, 1,843 requests: 1 error, 2 fail, 1 waived, 1 inconclusive, 1 note, 3 pass, "
        "3 not applicable"
    )
    assert [line.split(" ")[0] for line in lines[2:] if not line.startswith(" ")] == [
        "WARNING", "WARNING", "LEFT", "ERROR", "FAIL", "FAIL", "WARN",
    ]  # fmt: skip
    place = lines.index(
        "FAIL COND-004 [orders] A write with a stale If-Match is refused with 412 and changes nothing"
    )
    assert lines[place + 1].startswith("    expected 412 for a write")


def test_lines_are_bounded_and_safe() -> None:
    for line in terminal.lines(build(), FAILING):
        assert len(line) <= terminal.WIDTH
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202e\ud800-\udfff]", line)


def test_at_most_ten_findings_and_those_that_fail_the_run_first() -> None:
    report = build()
    warned = next(finding for finding in report.findings if finding.verdict is Verdict.WARN)
    undecided = next(finding for finding in report.findings if finding.verdict is Verdict.INCONCLUSIVE)
    many = [warned.model_copy(update={"rule": f"ERR-1{number:02}"}) for number in range(20)]
    report = report.model_copy(update={"findings": [*many, undecided], "leftovers": [], "warnings": []})
    lines = terminal.lines(report, FAILING | {Verdict.INCONCLUSIVE})
    assert lines[2].startswith("INCONCLUSIVE IDEM-004 [orders]")
    assert len(lines) == 2 + 2 * terminal.WORST + 1
    assert lines[-1] == "... and 11 more in the report"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ('{"a":1.0,"a":12345678901234567890}', '{\n  "a": 1.0,\n  "a": 12345678901234567890\n}'),
        ('[1,{"b":[]}, {}]', '[\n  1,\n  {\n    "b": []\n  },\n  {}\n]'),
        ('{"s":"{a,b:c} \\" [","cut":"so fa', '{\n  "s": "{a,b:c} \\" [",\n  "cut": "so fa'),
        ("<html>{}</html>", "<html>{}</html>"),
        ("", ""),
        ("[" * 5_000, "[" * 5_000),
    ],
)
def test_json_is_indented_without_change(given: str, shown: str) -> None:
    assert indented(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ('["[", "]"]', '[\n  "[",\n  "]"\n]'),
        ('{"a": "x  y"}', '{\n  "a": "x  y"\n}'),
        ('{"a": "{ }", "b": "[  ]"}', '{\n  "a": "{ }",\n  "b": "[  ]"\n}'),
    ],
)
def test_strings_keep_their_white_space(given: str, shown: str) -> None:
    assert indented(given) == shown


def test_text_is_shown_harmlessly() -> None:
    assert visible("a\r\nb\tc") == "a\nb\tc"
    assert visible("\x1b[2J\u202e\ud800é") == "⟨U+001B⟩[2J⟨U+202E⟩\ufffdé"
    assert one_line(f"a\n b {CONTROLS}", 12) == "a b ⟨U+0000⟩…"[:11] + "…"
