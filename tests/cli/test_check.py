"""`python -m harness check`: profiles without their variables, and without a target."""

from __future__ import annotations

import pytest

from harness.__main__ import main

GOOD = """
openapi = "${SPEC}"
[credentials.default]
bearer = "${TOKEN}"
[credentials.other]
oauth2 = { token_url = "${IDP}/token", client_id = "${ID}", client_secret = "${SECRET}" }
[[resources]]
collection = "${BASE}/orders"
body = { name = "$$5 ${NAME}" }
[[waivers]]
rule = "ACME-001"
reason = "r"
owner = "o"
until = 2020-01-01
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("SPEC", "TOKEN", "IDP", "ID", "SECRET", "BASE", "NAME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_a_good_profile_says_nothing_and_needs_no_variables(folder, capsys):
    (folder / "conformance.toml").write_text(GOOD)
    assert main(["check"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "strikt = 1\n", "unknown key waivers[0].strikt"),
        (GOOD.replace("client_id", "client"), "oauth2.client; did you mean client_id?"),
        (GOOD.replace('bearer = "${TOKEN}"', 'bearer = ""'), "credentials.default.bearer: "),
        (GOOD.replace("${NAME}", "${}"), "resources[0].body.name: ${} names no environment variable"),
        (GOOD.replace("ACME-001", "ERR-999"), "waivers[0].rule: unknown rule ERR-999"),
        (GOOD.replace("[[resources]]", "[[resource]]"), "unknown key resource; did you mean resources?"),
        ("a = [", "not TOML"),
    ],
)
def test_a_bad_one_is_one_line_and_exit_code_4(folder, capsys, text, says):
    (folder / "conformance.toml").write_text(text)
    assert main(["check", "conformance.toml"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("ERROR: conformance.toml: ")
    assert says in err


def test_every_file_is_checked(folder, capsys):
    for name in ("a.toml", "b.toml", "c.toml"):
        (folder / name).write_text("" if name == "b.toml" else "strikt = 1")
    assert main(["check", "a.toml", "b.toml", "c.toml", "gone.toml"]) == 4
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].strip() for line in lines] == ["a.toml", "c.toml", "gone.toml"]
