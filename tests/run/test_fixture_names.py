"""Fixtures of the project around: they reach neither the shipped rules nor, unseen, a user's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness
from harness.rules.suites import suites_folder
from harness.run import fixtures
from harness.run.arguments import PREFIX, SHORT, collision
from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import here, run, write

pytest_plugins = ["pytester"]

# Of every shape of signature some: with a resource, with a quota, with another resource, passive.
SOME = ("-k", "METH-001 or METH-007 or ERR-001 or RATE-001 or METH-012 or LINT-001")
DEFINED = """
import pytest

{decorator}
def {name}():
    {body}
"""


def conftest(decorator: str = "@pytest.fixture", body: str = 'return "mine"') -> str:
    return "".join(DEFINED.format(decorator=decorator, name=name, body=body) for name in sorted(SHORT))


DJANGO = f"""
{conftest()}

@pytest.fixture(autouse=True)
def _marked(request):
    raise RuntimeError("no database here")
"""
OURS = {
    "in the function": conftest(),
    "for the session": conftest('@pytest.fixture(scope="session")'),
    "by themselves": conftest("@pytest.fixture(autouse=True)", 'raise RuntimeError("no database here")'),
    "by themselves for the session": conftest(
        '@pytest.fixture(scope="session", autouse=True)', 'raise RuntimeError("no database here")'
    ),
    "with parameters": conftest("@pytest.fixture(autouse=True, params=[1, 2])"),
}
RULE = """
from harness import MUST, expect, rule


def described(function):
    function.__doc__ = "Title\\n\\nWhy: it breaks.\\nFix: correct it.\\n"
    return function


@rule("ACME-001", MUST, refs=["our contract"], needs="{needs}")
@described
def test_own({arguments}):
    expect({expected}, "ours", "another")
"""


def own(arguments: str, expected: str = "True", needs: str = "") -> str:
    return RULE.format(arguments=arguments, expected=expected, needs=needs)


@pytest.fixture
def url() -> Iterator[str]:
    with servers.http(Crud()) as server:
        yield server.url


def found(done) -> dict[str, str]:
    return {finding["nodeid"].rpartition("::")[2]: finding["verdict"] for finding in done.report["findings"]}


def test_every_short_name_has_a_long_one() -> None:
    assert {name for name in SHORT if not hasattr(fixtures, name)} == set()
    assert {name for name in SHORT if not hasattr(fixtures, PREFIX + name)} == set()
    defined = {
        name for name in vars(fixtures) if type(getattr(fixtures, name)).__name__.startswith("Fixture")
    }
    assert defined == SHORT | {PREFIX + name for name in SHORT}


@pytest.mark.parametrize("way", OURS)
def test_shipped_rules_get_their_own_fixtures(pytester, url, way):
    files = {"conformance.toml": PROFILE}
    plain = here(pytester, "--target-url", url, *SOME, files=files)
    write(pytester.path, {"conftest.py": OURS[way]})
    beside = here(pytester, "--target-url", url, *SOME)
    assert found(beside) == found(plain)
    assert "error" not in found(plain).values()
    assert {"pass", "not applicable"} <= set(found(plain).values())


def test_fixtures_of_another_plugin_do_not_reach_shipped_rules(tmp_path, url):
    files = {"conformance.toml": PROFILE, "like_django.py": DJANGO, "conftest.py": conftest()}
    done = run(tmp_path, "-p", "like_django", "--target-url", url, *SOME, files=files)
    assert "error" not in found(done).values(), done.out
    assert "pass" in found(done).values()


def test_the_users_own_tests_keep_their_fixtures_beside_the_suites(pytester, url):
    files = {
        "conformance.toml": PROFILE,
        "conftest.py": conftest(),
        "test_app.py": 'def test_app(client, resource):\n    assert client == resource == "mine"\n',
    }
    done = here(
        pytester,
        "--target-url",
        url,
        "test_app.py",
        str(suites_folder()),
        "-k",
        "app or METH-001",
        files=files,
    )
    assert "error" not in found(done).values(), done.out
    assert "1 failed" not in done.out
    assert done.code == 0


@pytest.mark.parametrize("mode", ["prepend", "importlib"])
@pytest.mark.parametrize("where", [".venv/lib/python3/site-packages", "../site-packages"])
def test_the_suites_of_a_wheel_get_their_own_fixtures(tmp_path, url, mode, where):
    project = tmp_path / "project"
    project.mkdir()
    packages = (project / where).resolve()
    quiet = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(harness.__file__).parent, packages / "harness", ignore=quiet)
    shutil.copytree(suites_folder(), packages / "harness" / "suites", dirs_exist_ok=True, ignore=quiet)
    files = {"pytest.ini": "[pytest]\n", "conformance.toml": PROFILE, "conftest.py": DJANGO}
    done = run(
        project,
        *("--target-url", url, f"--import-mode={mode}", *SOME),
        files=files,
        env={"PYTHONPATH": str(packages)},
    )
    assert "error" not in found(done).values(), done.out
    assert "pass" in found(done).values()


def test_a_users_rule_has_short_and_long_names(pytester, url):
    expected = (
        "resource is conformance_resource and client is conformance_client and resource.name == 'things'"
    )
    rule = own("resource, client, conformance_resource, conformance_client", expected, "list")
    done = here(
        pytester, "--target-url", url, "test_own.py", files={"conformance.toml": PROFILE, "test_own.py": rule}
    )
    assert found(done) == {"test_own[things]": "pass"}, done.out


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_collision_in_a_users_rule_is_one_clear_line(tmp_path, url, workers):
    theirs = DEFINED.format(decorator="@pytest.fixture", name="client", body="return 1")
    files = {"conformance.toml": PROFILE, "conftest.py": theirs, "test_own.py": own("client")}
    done = run(tmp_path, "--target-url", url, "-n", workers, "test_own.py", files=files)
    said = (
        f"test_own.py::test_own: the argument `client` is the fixture `client` of {tmp_path / 'conftest.py'}, line 4; "
        "for that of the conformance run, name the argument conformance_client"
    )
    assert done.out.count(said) == 1, done.out
    assert done.code in (1, 2)
    assert "Traceback" not in done.out
    long = own("conformance_client", "conformance_client.get('/').is_success")
    assert run(tmp_path, "--target-url", url, "test_own.py", files={"test_own.py": long}).code == 0


def test_a_fixture_that_builds_on_ours_is_no_collision(pytester, url):
    files = {
        "conformance.toml": PROFILE,
        "conftest.py": "import pytest\n\n@pytest.fixture\ndef client(client):\n    return [client]\n",
        "test_own.py": own("client", "client[0].get('/').is_success"),
    }
    assert found(here(pytester, "--target-url", url, "test_own.py", files=files)) == {"test_own": "pass"}


def ours() -> None: ...


ours.__module__ = "harness.run.fixtures"


def theirs() -> None: ...


@pytest.mark.parametrize(
    ("name", "fixtures", "collides"),
    [
        ("client", [(ours, ("conformance_client",))], False),
        ("client", [(ours, ()), (theirs, ())], True),
        ("client", [(theirs, ()), (ours, ())], False),
        ("client", [(ours, ()), (theirs, ("client",))], False),
        ("client", [(ours, ()), (theirs, ()), (theirs, ("client",))], True),
        ("order", [(theirs, ())], False),
        ("client", [], False),
    ],
)
def test_what_collides(name, fixtures, collides):
    assert bool(collision(name, fixtures)) is collides
