"""The recipes for CI servers: linted, and their shell steps run as the servers run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.rules.rule import Effect
from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
GITLAB = yaml.safe_load((ROOT / "docs/ci/gitlab-ci.yml").read_text())["conformance"]
JENKINS = (ROOT / "docs/ci/Jenkinsfile").read_text()
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
# Of the suites one rule: these are tests of the recipes.
ONE = "-k ERR-001 -p no:cacheprovider -p no:schemathesis -p no:faker"
SECRET = "s3cret-in-ci"
# pip builds with what is installed; "false" is how it is told not to isolate.
HERE = {"PIP_NO_BUILD_ISOLATION": "false", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    with servers.http(Crud()) as server:
        yield server.url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    profile = f'{PROFILE}\n[credentials.default]\nbearer = "${{TOKEN}}"\n'
    (tmp_path / "conformance.toml").write_text(profile)
    return tmp_path


def shell(command: list[str], folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Run a step where `python` is this one, and pip neither installs into it nor asks for what it has already."""
    pip = {"PIP_TARGET": str(folder / "installed"), "PIP_NO_DEPS": "1", **HERE}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=folder,
        env=environment({"PATH": path, **pip, "PYTEST_ADDOPTS": ONE, "TOKEN": SECRET, **given}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def lint(*command: str, text: str | None = None) -> None:
    done = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=ROOT, input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


# -- GitHub ------------------------------------------------------------------------------------------------


def step(name: str) -> dict[str, Any]:
    (found,) = [one for one in ACTION["runs"]["steps"] if one["name"] == name]
    return dict(found)


def filled(env: Mapping[str, str], inputs: Mapping[str, str]) -> dict[str, str]:
    """A step's variables with the inputs of the action in them, defaults where none is given."""
    known = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()} | dict(inputs)
    pattern = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
    return {name: pattern.sub(lambda found: known[found[1]], value) for name, value in env.items()}


def on_github(name: str, folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    given = step(name)
    script = folder / "step.sh"
    script.write_text(given["run"])
    env = filled(given.get("env", {}), {key.replace("_", "-"): value for key, value in inputs.items()})
    (folder / "output").write_text("")
    # https://docs.github.com/actions/reference/workflow-syntax-for-github-actions: `shell: bash`.
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return shell(
        command,
        folder,
        GITHUB_ACTION_PATH=str(ROOT),
        GITHUB_OUTPUT=str(folder / "output"),
        GITHUB_STEP_SUMMARY=str(folder / "summary.md"),
        GITHUB_ACTIONS="true",
        **env,
    )


def test_the_action_installs_what_it_lies_beside(folder: Path) -> None:
    done = on_github("Install", folder)
    assert done.returncode == 0, done.stdout
    assert (folder / "installed" / "harness" / "suites" / "errors" / "test_error_statuses.py").exists()


def test_the_action_runs_and_writes_what_it_promises(folder: Path, api: str) -> None:
    done = on_github("Ask the API", folder, target_url=api, arguments="-n\n0\n\n-m\nrule(suite='ERR')")
    assert done.returncode == 0, done.stdout
    assert "verified 1 of 1 rules" in done.stdout
    assert (folder / "output").read_text() == "exit-code=0\n"
    for name in ("conformance.json", "conformance.html", "junit.xml"):
        assert (folder / "reports" / name).exists()
    assert "Verified 1 of 1 rules" in (folder / "summary.md").read_text()
    assert SECRET not in done.stdout


def test_the_action_fails_with_what_it_was_given(folder: Path) -> None:
    done = on_github("Ask the API", folder, target_url="staging", effects="read")
    assert done.returncode == 4, done.stdout
    assert "staging' has no scheme" in done.stdout
    assert (folder / "output").read_text() == "exit-code=4\n"


def test_the_inputs_of_the_action_are_those_of_the_plugin() -> None:
    from harness.run.options import OPTIONS

    names = {option.name for option in OPTIONS}
    assert set(ACTION["inputs"]) - {"arguments", "python-version"} <= names
    env = step("Ask the API")["env"]
    given = {option.variable for option in OPTIONS} & set(env)
    assert given == set(env) - {"ARGUMENTS"}
    for name, value in env.items():
        if name != "ARGUMENTS":
            assert value == f"${{{{ inputs.{name.removeprefix('CONFORMANCE_').lower().replace('_', '-')} }}}}"


# -- GitLab, Jenkins and Docker -----------------------------------------------------------------------------


DOCKER = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
RUNS = re.findall(r"^RUN (.+)$", DOCKER, re.MULTILINE)
COPIED = [
    name for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKER, re.MULTILINE) for name in line.split()
]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first stage of the image makes, of nothing but what it copies and .dockerignore lets in."""
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    folder = tmp_path_factory.mktemp("image")
    source = folder / "source"
    source.mkdir()
    for name in COPIED:
        assert f"!{name}" in let_in
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source)
    done = shell(["sh", "-c", RUNS[0].replace("/wheels", str(folder / "wheels"))], source)
    assert done.returncode == 0, done.stdout
    return folder / "wheels"


@pytest.fixture(scope="module")
def package(wheels: Path) -> str:
    (wheel,) = wheels.glob("*.whl")
    return f"{wheel}[parallel]"


def test_the_image_installs_and_runs(folder: Path, api: str, wheels: Path) -> None:
    shutil.copytree(wheels, folder / "wheels")
    # The user is the image's own business.
    script = 'useradd() { echo "useradd $*"; }\n' + RUNS[1].replace("/wheels", str(folder / "wheels"))
    done = shell(["sh", "-c", script], folder)
    assert done.returncode == 0, done.stdout
    assert "useradd --uid 10001" in done.stdout
    assert (folder / "installed" / "harness" / "suites" / "errors" / "test_error_statuses.py").exists()
    assert not (folder / "wheels").exists()
    (entry,) = re.findall(r"^ENTRYPOINT (.+)$", DOCKER, re.MULTILINE)
    done = shell([*json.loads(entry), "--target-url", api], folder)
    assert done.returncode == 0, done.stdout
    assert "verified 1 of 1 rules" in done.stdout


def test_the_gitlab_job_runs(folder: Path, api: str, package: str) -> None:
    variables = {**GITLAB["variables"], "CONFORMANCE_TARGET_URL": api, "CONFORMANCE_PACKAGE": package}
    script = "\n".join([*GITLAB["before_script"], *GITLAB["script"]])
    done = shell(["bash", "-eo", "pipefail", "-c", script], folder, **variables)
    assert done.returncode == 0, done.stdout
    assert "verified 1 of 1 rules" in done.stdout
    assert (folder / "installed" / "harness").is_dir()
    assert (folder / GITLAB["artifacts"]["reports"]["junit"]).exists()
    (kept,) = GITLAB["artifacts"]["paths"]
    assert (folder / kept / "conformance.html").exists()


def test_the_jenkins_stage_runs(folder: Path, api: str, package: str) -> None:
    (script,) = re.findall(r"sh '''(.*?)'''", JENKINS, re.DOTALL)
    variables = dict(re.findall(r"^ +(CONFORMANCE_\w+) = '([^']*)'", JENKINS, re.MULTILINE))
    names = ("PACKAGE", "TARGET_URL", "EFFECTS", "REPORT_DIR")
    assert set(variables) == {f"CONFORMANCE_{name}" for name in names}
    variables |= {"CONFORMANCE_TARGET_URL": api, "CONFORMANCE_PACKAGE": package}
    # Jenkins runs `sh` steps so.
    done = shell(["sh", "-xe", "-c", script], folder, **variables)
    assert done.returncode == 0, done.stdout
    assert "verified 1 of 1 rules" in done.stdout
    (junit,) = re.findall(r"junit testResults: '([^']+)'", JENKINS)
    assert (folder / junit).exists()
    # `sh -x` shows every command.
    assert SECRET not in done.stdout


# -- pre-commit --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ('[credentials.default]\nbearer = "${NOT_SET_IN_CI}"\n', 0, ""),
        ("strikt = true\n", 4, "conformance.toml: unknown key strikt; did you mean strict?"),
    ],
)
def test_the_hook_checks_a_profile(tmp_path: Path, text: str, code: int, says: str) -> None:
    (hook,) = HOOKS
    (tmp_path / "conformance.toml").write_text(text)
    # A folder of the user's own that is called like the package.
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness" / "__main__.py").write_text("raise SystemExit(9)")
    assert re.search(hook["files"], "apis/conformance.toml")
    assert not re.search(hook["files"], "conformance.toml.md")
    done = shell(["bash", "-c", f"{hook['entry']} conformance.toml"], tmp_path)
    assert (done.returncode, says in done.stdout) == (code, True), done.stdout


# -- lint --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "file", "more"),
    [
        ("vendor.github-actions", "action.yml", ()),
        ("vendor.github-workflows", "docs/ci/github-workflow.yml", ()),
        ("custom.github-workflows-require-timeout", "docs/ci/github-workflow.yml", ()),
        ("vendor.gitlab-ci", "docs/ci/gitlab-ci.yml", ("--data-transform", "gitlab-ci")),
    ],
)
def test_files_are_what_the_servers_take(schema: str, file: str, more: tuple[str, ...]) -> None:
    lint("check-jsonschema", "--builtin-schema", schema, *more, file)


def test_every_recipe_says_what_may_be_done_to_the_target() -> None:
    workflow = yaml.safe_load((ROOT / "docs/ci/github-workflow.yml").read_text())
    (step,) = [one for one in workflow["jobs"]["conformance"]["steps"] if one.get("id") == "conformance"]
    effects = {name.lower() for name in Effect.__members__}
    assert step["with"]["effects"] in effects
    assert GITLAB["variables"]["CONFORMANCE_EFFECTS"] in effects
    (jenkins,) = re.findall(r"CONFORMANCE_EFFECTS = '(\w+)'", JENKINS)
    assert jenkins in effects
    for text in ((ROOT / "Dockerfile").read_text(), (ROOT / "README.md").read_text()):
        for command in re.findall(r"docker run [^\n`]*--target-url[^\n`]*", text):
            assert re.search(r"--effects (\w+)", command), command


def test_the_dockerfile_is_clean() -> None:
    lint("hadolint", "Dockerfile")


def test_shell_steps_are_clean() -> None:
    for given in ACTION["runs"]["steps"]:
        if "run" in given:
            lint("shellcheck", "--shell=bash", "-", text=given["run"])
    lint("shellcheck", "--shell=bash", "-", text="\n".join([*GITLAB["before_script"], *GITLAB["script"]]))
    lint("shellcheck", "--shell=sh", "-", text=re.findall(r"sh '''(.*?)'''", JENKINS, re.DOTALL)[0])
