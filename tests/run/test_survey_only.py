"""`--survey-only`, `--survey-cache`, the progress line, and profiles that `init` writes and a run reads again."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest

from harness.__main__ import main
from harness.profile.models import Capability, Profile, Resource, State
from harness.rules.catalogue import ListedRule, shipped
from harness.run.survey_only import Progress
from harness.survey import table
from harness.survey.outcome import Survey
from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import Done, here
from tests.survey.surveying import Api, described
from tests.target.encodings import finds

pytest_plugins = ["pytester"]
NESTED = ("/shops", "/shops/{shop}/shelves")


@pytest.fixture
def run(pytester, monkeypatch):
    for name in ("CONFORMANCE_TARGET_URL", "CONFORMANCE_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    def start(*arguments: str, **files: str) -> Done:
        return here(
            pytester, *arguments, files={name.replace("_", "."): text for name, text in files.items()}
        )

    return start


def test_the_survey_alone_says_what_is_there_and_what_to_add(run) -> None:
    api = Api(NESTED, described(*NESTED, "/ghosts"))
    with servers.http(api) as server:
        done = run("--target-url", server.url, "--survey-only")
        evidence = run("--target-url", server.url, "--survey-only", "-v").out
    assert done.code == 0
    assert "declared" in evidence
    for said in (
        "/shops/{shop}/shelves/{",
        "Suspicion: ghosts: list is declared",
        "more rules with a rate limit",
        "[[rate_limits]]",
    ):
        assert said in done.out
    assert "OpenAPI: GET /shops" not in done.out
    assert 'idempotency = { field = "Idempotency-Key" }' in done.out
    assert "[credentials.other]" in done.out
    assert not (done.folder / "reports").exists()
    assert api.items == {}


def test_the_survey_alone_of_nothing_is_one_line(run) -> None:
    assert "--target-url" in run("--survey-only", "--target-url", "no-scheme").error


def test_a_survey_is_kept_until_something_changes(run) -> None:
    api = Api(document=described("/things"))
    with servers.http(api) as server:

        def sent() -> int:
            before = len(server.seen)
            done = run("--target-url", server.url, "--survey-only", "--survey-cache", "kept/survey.json")
            assert done.code == 0
            return len(server.seen) - before

        first, second = sent(), sent()
        assert first > 20
        assert second <= 2
        document = described("/things", "/more")
        api.document, api.collections = document, ("/things", "/more")
        assert sent() > 20
        done = run("--target-url", server.url, "--survey-cache", "kept/survey.json", "-k", "METH-001")
    assert done.code == 0
    assert any("the survey was read from" in warning for warning in done.report["warnings"])


def test_a_survey_that_is_kept_has_no_secret_in_it(run) -> None:
    secret = "canary+kept/7f=="
    api = Crud(echoes=True)
    given = ["--survey-only", "--survey-cache", "kept.json", "--header", f"Authorization: Bearer {secret}"]
    with servers.http(api) as server:
        done = run("--target-url", server.url, *given, conformance_toml=PROFILE)
    kept = (done.folder / "kept.json").read_text()
    assert not finds(secret, kept, 2)
    assert "$DEFAULT_AUTHORIZATION" in kept
    assert not finds(secret, done.out, 2)


def test_a_document_that_cannot_be_read_and_repeats_a_secret_is_one_line_without_it(run) -> None:
    secret = "canary-document-7f"
    body = f'{{"openapi": "{secret}", "paths": {{}}}}'.encode()
    with servers.http(servers.always(200, body)) as server:
        given = ["--openapi", "/openapi.json", "--header", f"X-Key: {secret}"]
        done = run("--target-url", server.url, "--survey-only", *given)
    assert "OpenAPI version '$DEFAULT_X_KEY' is not supported" in done.error


def test_a_resource_called_like_a_secret_is_shown_by_its_name(run) -> None:
    secret = "canary-things-7f"
    api = Api((f"/{secret}",), described(f"/{secret}"))
    with servers.http(api) as server:
        done = run("--target-url", server.url, "--header", f"X-Key: {secret}", "-k", "METH-001", "-v")
    assert "[$DEFAULT_X_KEY]" in done.out
    assert not any(finds(secret, text, 2) for text in done.artefacts.values())


def test_a_cache_that_cannot_be_read_is_one_line(run) -> None:
    with servers.http(Api()) as server:
        done = run("--target-url", server.url, "--survey-only", "--survey-cache", "c.json", c_json="{")
    assert "--survey-cache" in done.error


def test_what_init_writes_is_read_again(run, tmp_path, monkeypatch, capsys) -> None:
    api = Api(NESTED, described(*NESTED))
    with servers.http(api) as server:
        assert main(["init", server.url, "--output", "-", "--header", "X-Api-Key: sesame"]) == 0
        text = capsys.readouterr().out
        assert 'collection = "/shops/{shop}/shelves"' in text
        assert 'parent = "shops"' in text
        assert "# declared: OpenAPI: GET /shops; GET /shops -> 200" in text
        assert "sesame" not in text
        (variable,) = [line.split("${")[1].split("}")[0] for line in text.splitlines() if "${" in line]
        monkeypatch.setenv(variable, "sesame")
        done = run("--target-url", server.url, "-k", "METH-001 or METH-002", conformance_toml=text)
    assert done.code == 0
    assert {finding["resource"] for finding in done.report["findings"]} >= {"shops", "shelves"}
    assert api.items == {}


def listed(code: str) -> ListedRule:
    return next(one for one in shipped() if one.rule.code == code)


def test_a_rule_counts_for_the_one_capability_that_is_missing() -> None:
    there, absent = (
        Capability(state=State.DETECTED, because="seen"),
        Capability(state=State.ABSENT, because="GET -> 200"),
    )
    known = Resource(collection="/a", capabilities={"create": there, "read": there, "idempotency": absent})
    found = Survey(Profile(resources=[known]))
    rules = [one for one in shipped() if "idempotency" in one.rule.needs]
    plain = [one for one in rules if set(one.rule.needs) == {"create", "read", "idempotency"}]
    (one,) = table.suggestions(found, rules)
    assert (one.what, one.rules) == ("idempotency", len(plain))
    assert 'collection = "/a"' in one.lines
    known.capabilities["idempotency"] = there
    assert [one.what for one in table.suggestions(found, plain)] == []


def test_a_second_credential_and_a_rate_limit_unlock_rules() -> None:
    assert table.second_credential_rules() >= 3
    quota = [one for one in shipped() if "quota" in one.arguments]
    shown = {one.what: one.rules for one in table.suggestions(Survey(Profile()), quota, others=3)}
    assert shown == {"a rate limit": len(quota), "a second credential": 3}


def test_a_target_cannot_write_to_the_terminal() -> None:
    known = Resource(
        collection="/a", capabilities={"list": Capability(state=State.ABSENT, because="\x1b[2J[red]x[/red]")}
    )
    shown = table.show(Survey(Profile(resources=[known])), 3, width=200, evidence=True)
    assert "\x1b" not in shown
    assert "[red]x[/red]" in shown


@pytest.mark.parametrize("width", [60, 80, 120])
def test_one_line_for_each_resource_with_the_parameters_of_the_document(width) -> None:
    def able(*names: str) -> dict[str, Capability]:
        return {name: Capability(state=State.DETECTED, because="seen") for name in names}

    orders = Resource(
        collection="/orders",
        capabilities={
            **able("list", "create", "read", "replace", "delete", "etag", "conditional", "idempotency"),
            "update": Capability(state=State.CONTRADICTED, because="PATCH -> 500"),
        },
    )
    shelves = Resource(collection="/shops/17/shelves", name="shelves", capabilities=able("list", "read"))
    found = Survey(
        Profile(resources=[orders, shelves]),
        documented={"/orders/{orderNumber}": ["GET"], "/shops/{shop}/shelves/{shelf}": ["GET"]},
        templates={"shelves": {"collection": "/shops/{shop}/shelves", "item": "/shops/{shop}/shelves/{id}"}},
    )
    assert table.path_of(orders, found) == "/orders/{orderNumber}"
    assert table.path_of(shelves, found) == "/shops/{shop}/shelves/{shelf}"
    lines = table.show(found, 3, width=width).splitlines()[:3]
    assert [line.split()[0][:4] for line in lines] == ["reso", "/ord", "/sho"]
    assert all(len(line) <= width for line in lines)
    assert "patch!" in table.show(found, 3, width=200)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@dataclass
class Config:
    verbosity: int = 0

    def get_verbosity(self) -> int:
        return self.verbosity


@pytest.mark.parametrize(
    ("stream", "environ", "verbosity", "seen"),
    [
        (Terminal, {}, 0, True),
        (Terminal, {"CI": "true"}, 0, False),
        (Terminal, {}, -1, False),
        (io.StringIO, {}, 0, False),
    ],
)
def test_progress_is_shown_where_somebody_looks(stream, environ, verbosity, seen) -> None:
    out = stream()
    progress = Progress(Config(verbosity), out, environ)
    progress.show("survey: orders (1 of 9 resources)\x07")
    assert ("1 of 9" in out.getvalue()) is seen
    progress.close()
    assert out.getvalue().endswith("\r") is seen
    assert "\x07" not in out.getvalue()


def test_the_survey_alone_says_what_it_left_behind_and_when_it_found_nothing(run) -> None:
    api = Stubborn()
    with servers.http(api) as server:
        done = run("--target-url", f"{server.url}/things", "--survey-only")
        nothing = run("--target-url", f"{server.url}/nowhere", "--survey-only")
    assert f"could not be removed: {server.url}/things/" in done.out
    assert "no resource to test was found" in nothing.out
    assert "--resource /orders" in " ".join(nothing.out.split())


class Stubborn(Api):
    """Answers DELETE as if it did it."""

    def _answer(self, method, path, content):
        return (204, None) if method == "DELETE" else super()._answer(method, path, content)
