"""`--resource`, `--body` and `--credential` in whole runs, and in the profile that `init` writes."""

from __future__ import annotations

import pytest

from harness.__main__ import main
from harness.profile.read import load
from tests import servers
from tests.servers import Answer, Seen
from tests.sessions import here
from tests.survey.surveying import Api

pytest_plugins = ["pytester"]
CANARY = "canary-of-the-other-client"
RULES = "METH-001 or METH-006 or METH-007"


class CreatedElsewhere(Api):
    """Things are created by POST to /things/new; /things refuses POST."""

    def __call__(self, seen: Seen) -> Answer:
        if seen.method == "POST":
            if seen.path != "/things/new":
                return Answer(405, b"{}", [("Content-Type", "application/json"), ("Allow", "GET")])
            seen = Seen(seen.method, "/things", seen.fields, seen.body)
        return super().__call__(seen)


@pytest.fixture
def run(pytester, monkeypatch):
    for name in ("CONFORMANCE_TARGET_URL", "CONFORMANCE_PROFILE", "OTHER_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: here(pytester, *arguments)


def test_a_resource_and_its_body_without_a_profile(run) -> None:
    api = Api(("/things", "/others"), strict={"customer": "text"})
    with servers.http(api) as server:
        given = ["--resource", "/things", "--body", 'things={"customer": "Ada"}']
        done = run("--target-url", server.url, *given, "-k", RULES)
        sent = [one.body for one in server.seen if one.method == "POST"]
    assert done.code in (0, 1)
    assert {one["resource"] for one in done.report["findings"]} - {None} == {"things"}
    assert any(b'"customer":"Ada' in one for one in sent)
    assert api.items == {}


def test_creates_go_where_the_option_says(run) -> None:
    api = CreatedElsewhere()
    with servers.http(api) as server:
        done = run(
            "--target-url", server.url, "--resource", "POST /things/new -> /things/{id}", "-k", "METH-012"
        )
        posted = {one.path for one in server.seen if one.method == "POST"}
    assert done.verdicts["METH-012"] in ("pass", "warn", "fail")
    assert "/things/new" in posted
    assert api.made > 0
    assert api.items == {}


def test_a_credential_from_the_environment_is_in_no_report(run, monkeypatch) -> None:
    monkeypatch.setenv("OTHER_TOKEN", CANARY)
    api = Api()
    with servers.http(api) as server:
        given = ["--resource", "/things", "--credential", "default=env:OTHER_TOKEN"]
        done = run("--target-url", server.url, *given, "--report-formats", "all", "-k", RULES)
        carried = {one.field("Authorization") for one in server.seen}
    assert f"Bearer {CANARY}" in carried
    assert not [name for name, text in done.artefacts.items() if CANARY in text]


def test_init_writes_them_down(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTHER_TOKEN", CANARY)
    api = CreatedElsewhere(strict={"customer": "text"})
    with servers.http(api) as server:
        given = [
            *("--resource", "POST /things/new -> /things/{id}", "--body", 'things={"customer": "Ada"}'),
            *("--credential", "other=env:OTHER_TOKEN", "--credential", f"admin=X-Key: {CANARY}-admin"),
        ]
        assert main(["init", server.url, *given]) == 0
    text = (tmp_path / "conformance.toml").read_text()
    assert CANARY not in text + "".join(capsys.readouterr())
    assert 'bearer = "${OTHER_TOKEN}"' in text
    environ = {"OTHER_TOKEN": CANARY, "ADMIN_X_KEY": f"{CANARY}-admin"}
    profile = load(None, tmp_path, environ).profile
    assert profile.credentials["other"].bearer == CANARY
    assert profile.credentials["admin"].headers == {"X-Key": f"{CANARY}-admin"}
    (resource,) = profile.resources
    assert (resource.collection, resource.create, resource.item) == ("/things", "/things/new", "/things/{id}")
    assert resource.body is not None
    assert resource.body["customer"].startswith("Ada")
    assert api.items == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--resource", "things"], "--resource: 'things' names no collection; write a path such as /orders"),
        (["--body", "things={"], "--body: the body of things is not JSON"),
        (
            ["--resource", "/things", "--body", "nothings={}"],
            "--body: no resource is called 'nothings'; there are: things",
        ),
        (["--credential", CANARY], "--credential: the value is not NAME=VALUE"),
        (["--credential", "other=env:NO_SUCH_VARIABLE"], "NO_SUCH_VARIABLE, which is not set"),
        (["--credential", f"other=X-Key: {CANARY}\x01"], "control character"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_line(run, given, said) -> None:
    with servers.http(Api()) as server:
        done = run("--target-url", server.url, *given)
    assert done.code == 4
    assert said in done.error
    assert CANARY not in done.out


@pytest.mark.parametrize("path", ["no-such-file.json", "{folder}/no-such-file.yaml", "{folder}"])
def test_a_document_that_is_not_there_is_one_line_before_any_request(run, tmp_path, path) -> None:
    with servers.http(Api()) as server:
        given = path.format(folder=tmp_path)
        done = run("--target-url", server.url, "--openapi", given)
        assert server.seen == []
    assert done.code == 4
    assert done.error.startswith("--openapi: ")
    assert given in done.error
