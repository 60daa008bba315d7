"""Runs beside earlier ones: baseline, rerun, waivers, and what a CI runner is told; alike with and without workers."""

from __future__ import annotations

import json
import re

import pytest

from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import here, run

pytest_plugins = ["pytester"]

RULES = '''
import pathlib
import pytest
from harness import MUST, SHOULD, expect, inconclusive, rule, warn

DOC = """Title of it

Why: it breaks.
Fix: mend it.
"""


def how(code):
    return json_of().get(code, "holds")


def json_of():
    import json
    return json.loads(pathlib.Path(__file__).with_name("how.json").read_text())


def judged(code):
    verdict = how(code)
    if verdict == "fails":
        expect(False, "it holds", "it does not")
    if verdict == "warns":
        warn("it holds", "it hardly does")
    if verdict == "open":
        inconclusive("who knows")
    if verdict == "crashes":
        raise KeyError(code)


def made(code, **options):
    def mark(function):
        function.__doc__ = DOC
        return rule(code, MUST, refs=["our contract"], **options)(function)
    return mark


@made("ACME-001", needs="create read")
def test_one(resource, client):
    client.get("/")
    judged("ACME-001")


@made("ACME-002")
def test_two(client):
    client.get("/")
    judged("ACME-002")


@made("ACME-003")
def test_three(client):
    client.get("/")
    judged("ACME-003")


def test_no_rule():
    pass
'''
WAIVER = """
[[waivers]]
rule = "{rule}"
reason = "the gateway goes in May"
owner = "Team Shop"
until = {until}
"""


@pytest.fixture
def server():
    api = Crud()
    with servers.http(api) as running:
        yield running
    assert api.items == {}


def files(how, profile=""):
    return {"test_own.py": RULES, "conformance.toml": PROFILE + profile, "how.json": json.dumps(how)}


def put(pytester, server, workers, *more, **content):
    """A run of our rules; in this process where there are no workers, which is sooner."""
    given = ("--target-url", server.url, "test_own.py", *more)
    if workers:
        return run(pytester.path, *given, "-n", str(workers), **content)
    return here(pytester, *given, **content)


def keep(done, name="old.json"):
    (done.folder / name).write_text((done.folder / "reports" / "conformance.json").read_text())


@pytest.mark.parametrize("workers", [0, 2])
def test_only_what_is_new_fails_and_what_was_fixed_is_reported(pytester, server, workers):
    first = put(pytester, server, 0, files=files({"ACME-001": "fails", "ACME-002": "fails"}))
    assert first.code == 1
    keep(first)
    # The same findings: nothing fails, and the report says that they are still there.
    same = put(pytester, server, workers, "--baseline", "old.json")
    assert same.code == 0, same.out
    assert same.verdicts["ACME-001"] == "fail"
    assert same.finding("ACME-001")["known"] is True
    assert "0 rules newly failed, 2 as before, 0 findings fixed" in same.out
    assert re.search(r"\b2 known\b", same.out)
    assert "<failure" not in same.artefacts["junit.xml"]
    # One of them is fixed, another one breaks.
    files_ = files({"ACME-001": "fails", "ACME-003": "fails"})
    other = put(pytester, server, workers, "--baseline", "old.json", files=files_)
    assert other.code == 1
    assert [f["known"] for f in other.report["findings"]] == [True, False, False]
    assert other.report["baseline"]["fixed"] == [{"rule": "ACME-002", "resource": None, "verdict": "fail"}]
    assert "1 rule newly failed, 1 as before, 1 finding fixed (ACME-002)" in other.out


@pytest.mark.parametrize("workers", [0, 2])
def test_what_changed_since_the_run_before_is_reported(pytester, server, workers):
    first = put(pytester, server, 0, files=files({"ACME-001": "fails", "ACME-002": "fails"}))
    assert first.report["previous"] is None
    before = first.report["run"]["id"]
    second = put(pytester, server, workers, files=files({"ACME-001": "fails", "ACME-003": "fails"}))
    shown = second.report["previous"]
    assert shown["run"] == before
    assert [[one["rule"] for one in shown[name]] for name in ("new", "still", "fixed")] == [
        ["ACME-003"],
        ["ACME-001"],
        ["ACME-002"],
    ]
    # It is told only: what was there before fails as ever.
    assert second.code == 1
    assert "What changed" in second.artefacts["conformance.html"]
    third = put(pytester, server, workers, "--baseline", "reports/conformance.json")
    assert third.report["previous"] is None


def test_an_error_of_the_harness_is_never_known(pytester, server):
    given = ("--target-url", server.url, "test_own.py")
    first = here(pytester, *given, files=files({"ACME-002": "crashes"}))
    keep(first)
    assert here(pytester, *given, "--baseline", "old.json").code == 1


@pytest.mark.parametrize("workers", [0, 2])
def test_only_what_was_not_good_is_run_again(pytester, server, workers):
    first = put(pytester, server, 0, files=files({"ACME-001": "fails", "ACME-002": "open"}))
    keep(first)
    id = first.report["run"]["id"]
    again = put(pytester, server, workers, "--rerun", "old.json", files=files({"ACME-003": "fails"}))
    assert again.code == 0, again.out
    assert again.verdicts == {"ACME-001": "pass", "ACME-002": "pass"}
    text = f"was not decided in run {id}: 2 of its 3 rules."
    assert text in again.report["warnings"][0]
    # Workers deselect on their own, and pytest-xdist does not tell how much.
    assert ("1 deselected" in again.out) == (workers == 0)


@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("--baseline", None, "cannot be read"),
        ("--baseline", "{", "is not JSON"),
        ("--baseline", "{}", "no member `format`"),
        ("--rerun", '{"format": "conformance/2"}', "its format is 'conformance/2', and this version reads"),
        ("--rerun", '{"format": "conformance/1"}', "is no valid report"),
        ("--rerun", "good", "nothing in it failed, warned or was left undecided"),
    ],
)
def test_a_report_that_cannot_be_used_is_one_line_and_nothing_is_sent(
    pytester, server, option, content, said
):
    given = ("--target-url", server.url, "test_own.py")
    more = {} if content is None else {"old.json": content}
    if content == "good":
        first = here(pytester, *given, files=files({}))
        more["old.json"] = (first.folder / "reports" / "conformance.json").read_text()
        server.seen.clear()
    done = here(pytester, *given, option, "old.json", files=files({}) | more)
    assert done.code == 4
    assert said in done.error
    assert "old.json" in done.error
    assert server.seen == []


@pytest.mark.parametrize(
    ("how", "until", "code", "verdict", "said"),
    [
        (
            "fails",
            "2999-12-31",
            0,
            "waived",
            "the gateway goes in May (waived by Team Shop until 2999-12-31)",
        ),
        ("fails", "2020-01-01", 1, "fail", "the waiver by Team Shop ended on 2020-01-01"),
        ("holds", "2999-12-31", 1, "fail", "stale waiver: the rule holds now"),
        ("open", "2999-12-31", 0, "inconclusive", "who knows"),
        ("open", "2020-01-01", 0, "inconclusive", "who knows"),
    ],
)
@pytest.mark.parametrize("rule", ["ACME-001", "ACME-002"])
def test_waivers_from_the_profile_to_the_exit_code(pytester, server, how, until, code, verdict, said, rule):
    done = here(
        pytester,
        *("--target-url", server.url, "test_own.py"),
        files=files({rule: how}, WAIVER.format(rule=rule, until=until)),
    )
    assert (done.code, done.verdicts[rule]) == (code, verdict), done.out
    assert said in done.finding(rule)["reason"]
    ended = f"The waiver by Team Shop for {rule} ended on 2020-01-01, and the rule could not be decided"
    assert (how == "open" and until < "2026") == any(ended in text for text in done.report["warnings"])


@pytest.mark.parametrize("until", ["2999-12-31", "2020-01-01"])
def test_a_waiver_of_a_rule_that_did_not_apply_fails_nothing(pytester, server, until):
    profile = WAIVER.format(rule="IDEM-001", until=until)
    chosen = ("-k", "METH-001 or IDEM-001", "--effects", "read")
    done = here(pytester, "--target-url", server.url, *chosen, files=files({}, profile))
    assert (done.code, done.verdicts) == (0, {"METH-001": "pass", "IDEM-001": "not applicable"})
    ended = [text for text in done.report["warnings"] if "ended on 2020-01-01" in text]
    assert len(ended) == (until < "2026")


@pytest.mark.parametrize(
    ("rule", "arguments", "said"),
    [
        ("METH-999", (), "waivers[0].rule: unknown rule METH-999; did you mean METH-0"),
        ("MEHT-001", (), "waivers[0].rule: unknown rule MEHT-001; did you mean METH-001?"),
        (
            "meth-1",
            ("test_own.py",),
            "waivers[0].rule: 'meth-1' is not the code of a rule; did you mean METH-0",
        ),
    ],
)
def test_a_waiver_for_a_rule_that_there_is_not_is_one_line(pytester, server, rule, arguments, said):
    profile = WAIVER.format(rule=rule, until="2999-12-31")
    done = here(pytester, "--target-url", server.url, *arguments, files=files({}, profile))
    assert done.code == 4
    assert done.error.startswith("conformance.toml: ")
    assert said in done.error
    assert server.seen == []


def test_waivers_are_drafted_and_refused_until_they_are_signed(pytester, server):
    given = ("--target-url", server.url, "test_own.py")
    how = {"ACME-001": "fails", "ACME-002": "warns", "ACME-003": "open"}
    first = here(pytester, *given, "--write-waivers", "--fail-on", "should", files=files(how))
    assert first.code == 1
    drafted = (first.folder / "reports" / "waivers.toml").read_text()
    assert f"waivers to sign: {first.folder / 'reports' / 'waivers.toml'}" in first.out
    assert drafted.count("[[waivers]]") == 2
    assert 'rule = "ACME-001"\nresource = "things"\n' in drafted
    # As drafted they are refused, by name.
    unsigned = here(pytester, *given, files=files(how, drafted))
    assert unsigned.code == 4
    assert "conformance.toml: waivers[0].reason: is not filled in" in unsigned.error
    # Signed, they are taken.
    signed = drafted.replace('until = "TODO"', "until = 2999-12-31").replace("TODO", "Team Shop")
    assert here(pytester, *given, "--fail-on", "should", files=files(how, signed)).code == 0


def test_what_is_no_file_for_waivers_is_refused(pytester, server):
    done = here(pytester, "--target-url", server.url, "--write-waivers", "test_own.py", files=files({}))
    assert done.code == 4
    assert "--write-waivers: 'test_own.py' does not end in .toml" in done.error
    done = here(
        pytester, "--target-url", server.url, "test_own.py", "--write-waivers=none/x.toml", files=files({})
    )
    assert done.code == 4
    assert "none/x.toml: cannot be written" in done.out


def test_formats_are_chosen(pytester, server):
    given = ("--target-url", server.url, "test_own.py")
    done = here(pytester, *given, "--report-formats", "sarif,badge", files=files({}))
    assert {path.name for path in (done.folder / "reports").iterdir()} == {
        "conformance.json",
        "conformance.sarif",
        "badge.svg",
    }
    wrong = here(pytester, *given, "--report-formats", "pdf", files=files({}))
    assert wrong.code == 4
    assert "--report-formats: 'pdf' is not a format; use html, junit" in wrong.error


def test_a_workflow_is_reported(tmp_path, server):
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    given = ("--target-url", server.url, "test_own.py")
    done = run(tmp_path, *given, files=files({"ACME-002": "fails"}), env=env)
    text = summary.read_text()
    assert text.startswith("before\n## ❌ 1 rule failed.")
    commands = [line for line in done.out.splitlines() if line.lstrip().startswith("::")]
    assert commands == ["::error title=ACME-002 Title of it::expected it holds; observed it does not"]
    # A summary that cannot be written is told, and changes nothing.
    env["GITHUB_STEP_SUMMARY"] = str(tmp_path / "none" / "x.md")
    done = run(tmp_path, *given, files=files({}), env=env)
    assert done.code == 0
    assert "the step's summary cannot be written (No such file or directory)" in done.out
