"""`python -m harness report | compare | explain`: what they print and write, and bad input in one line."""

from __future__ import annotations

import json

import pytest

from harness.__main__ import main
from harness.report import json_file
from harness.report.views import VIEWS
from harness.rules.catalogue import shipped
from tests.report.sample import SECRET, build


@pytest.fixture
def report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    json_file.write(build(), tmp_path / "conformance.json")
    return tmp_path / "conformance.json"


def test_every_view_is_made_again(report, tmp_path, capsys):
    arguments = [part for name in VIEWS for part in (f"--{name}", f"again.{name}")]
    assert main(["report", "conformance.json", *arguments, "--waivers", "w.toml"]) == 0
    again = json_file.read(report)
    for name, view in VIEWS.items():
        assert (tmp_path / f"again.{name}").read_text(encoding="utf-8") == view.render(again)
    assert 'until = "TODO"' in (tmp_path / "w.toml").read_text()
    assert capsys.readouterr().out == ""
    assert all(SECRET not in path.read_text() for path in tmp_path.iterdir())


def test_without_a_format_the_summary_is_printed(report, capsys):
    assert main(["report", "conformance.json"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("https://staging.example.com/v1: 2 rules failed.")
    assert "FAIL COND-004 [orders]" in out
    assert "\x1b" not in out


def test_one_view_goes_to_standard_output(report, capsys):
    assert main(["report", "conformance.json", "--sarif", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == "2.1.0"
    assert main(["report", "conformance.json", "--sarif", "-", "--har", "-"]) == 4
    assert "only one format can go to standard output" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "none.json"], "none.json: cannot be read (No such file or directory)"),
        (["report", "bad.json"], "bad.json: is not JSON"),
        (["report", "foreign.json"], "foreign.json: is not a conformance report: it has no member `format`"),
        (
            ["report", "newer.json"],
            "its format is 'conformance/2', and this version reads 'conformance/1'; read it",
        ),
        (["report", "broken.json"], "broken.json: is no valid report: findings/0/verdict: "),
        (["report", "conformance.json", "--html", "none/x.html"], "none/x.html: cannot be written"),
        (["compare", "conformance.json"], "compare: only one report is given; name two or more"),
        (["compare", "conformance.json", "newer.json"], "newer.json: its format is 'conformance/2'"),
        (["explain", "METH-0001"], "explain: unknown rule METH-0001; did you mean METH-0"),
        (["explain", "quux"], "explain: unknown rule quux; `python -m harness explain --all` lists all"),
        (["explain"], "explain: no rule is named; name one, such as METH-001, or give --all"),
        (["explain", "METH", "--write", "x"], "--write writes the pages of all rules; give --all with it"),
        (["explain", "--all", "--write", "conformance.json/x"], "conformance.json/x: cannot be written to"),
    ],
)
def test_bad_input_is_one_line(report, tmp_path, capsys, arguments, said):
    data = json.loads(report.read_text())
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "foreign.json").write_text('{"runs": []}')
    (tmp_path / "newer.json").write_text(json.dumps(data | {"format": "conformance/2"}))
    data["findings"][0]["verdict"] = "maybe"
    (tmp_path / "broken.json").write_text(json.dumps(data))
    assert main(arguments) == 4
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("ERROR: ")
    assert shown.err.count("\n") == 1
    assert said in shown.err


def test_compare_prints_what_differs_and_writes_a_page(report, tmp_path, capsys):
    data = json.loads(report.read_text())
    data["target"]["url"] = "https://other.example"
    data["findings"] = [one for one in data["findings"] if one["rule"] != "COND-004"]
    (tmp_path / "b.json").write_text(json.dumps(data))
    assert main(["compare", "conformance.json", "b.json", "--html", "c.html"]) == 0
    out = capsys.readouterr().out
    assert "1 of 12 rules differ." in out
    assert "COND-004  fail" in out
    assert "METH-001" not in out
    assert (tmp_path / "c.html").read_text().startswith("<!DOCTYPE html>")
    assert main(["compare", "conformance.json", "b.json", "--all"]) == 0
    assert "METH-001" in capsys.readouterr().out


def test_explain_prints_a_rule_or_a_suite(capsys):
    assert main(["explain", "meth-001"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("METH-001 Support HEAD wherever GET succeeds\n")
    assert "Source:  RFC 9110 section" in out
    assert main(["explain", "IDEM", "CONC"]) == 0
    assert capsys.readouterr().out.count("\nWhy: ") == sum(
        one.rule.suite in ("IDEM", "CONC") for one in shipped()
    )


def test_explain_writes_the_pages_and_removes_those_of_suites_that_are_gone(tmp_path, capsys):
    (tmp_path / "GONE.md").write_text("old")
    (tmp_path / "notes.md").write_text("mine")
    assert main(["explain", "--all", "--write", str(tmp_path)]) == 0
    assert not (tmp_path / "GONE.md").exists()
    assert (tmp_path / "notes.md").read_text() == "mine"
    assert (tmp_path / "METH.md").is_file()
