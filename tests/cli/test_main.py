"""`python -m harness`: a profile that the next run can use, and bad input in one line."""

from __future__ import annotations

import pytest

from harness.__main__ import main
from harness.profile.read import load
from tests import servers
from tests.servers import PROFILE, Crud
from tests.target.echoing import Echo
from tests.target.encodings import finds

CANARY = "canary-init-5c1e"


@pytest.fixture
def api():
    crud = Crud()
    with servers.http(crud) as server:
        yield server
    assert crud.items == {}


def test_init_writes_a_profile_without_secrets(api, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "given.toml").write_text(PROFILE)
    given = ["init", api.url, "--profile", "given.toml", "--header", f"Authorization: Bearer {CANARY}"]
    assert main(given) == 0
    written = (tmp_path / "conformance.toml").read_text()
    assert 'collection = "/things"' in written
    assert CANARY not in written
    assert "${DEFAULT_AUTHORIZATION}" in written
    assert CANARY not in "".join(capsys.readouterr())

    # What was written is a profile; and it is not overwritten without being asked.
    monkeypatch.setenv("DEFAULT_AUTHORIZATION", CANARY)
    assert main(["init", api.url, "--output", "-"]) == 0
    assert main(given) == 4
    assert "pass --force to overwrite it" in capsys.readouterr().err


def test_init_writes_no_secret_of_a_target_that_repeats_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "given.toml").write_text(PROFILE)
    echo = Echo(echoes=True)
    with servers.http(echo) as server:
        given = ["init", server.url, "--profile", "given.toml", "--header", f"Authorization: Bearer {CANARY}"]
        assert main(given) == 0
    text = (tmp_path / "conformance.toml").read_text()
    assert not finds(CANARY, text, 2)
    assert not finds(CANARY, "".join(capsys.readouterr()), 2)
    assert load(None, tmp_path, {"DEFAULT_AUTHORIZATION": CANARY}).profile.resources[0].name == "things"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["init", "http://127.0.0.1:1"], "cannot be reached"),
        (["init", "nowhere"], "has no scheme"),
        (["init", "{url}", "--openapi", "none.json"], "the file none.json does not exist"),
        (["init", "{url}", "--output", "none/x.toml"], "none/x.toml: cannot be written"),
        (["init", "{url}", "--header", "x"], "--header: not of the form"),
    ],
)
def test_bad_input(api, tmp_path, monkeypatch, capsys, given, said):
    monkeypatch.chdir(tmp_path)
    assert main([one.format(url=api.url) for one in given]) == 4
    shown = capsys.readouterr()
    lines = [line for line in shown.err.splitlines() if line.startswith("ERROR: ")]
    assert len(lines) == 1
    assert said in lines[0]
    assert "Traceback" not in shown.err


def test_what_can_be_printed(capsys):
    for what in (["schema"], ["schema", "report"], ["suites"]):
        assert main(what) == 0
        assert capsys.readouterr().out.strip()
