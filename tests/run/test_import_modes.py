"""A user's own rules in their own repository, beside the shipped ones, in each of pytest's import modes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness
from harness.rules.suites import suites_folder
from tests.servers import PROFILE, Crud, http
from tests.sessions import run

OWN = '''
from harness import MUST, rule

from .judge import named

@rule("ACME-001", MUST, refs=["Acme API guidelines 1"])
def test_own(client, target):
    """Serve the target's root.

    Why: so.
    Fix: so.
    """
    assert named(client.get(target.url).status_code)
'''
JUDGE = "def named(status):\n    return status < 500\n"
# Folders of the user's that are called as some of ours.
FILES = {
    "suites/__init__.py": "",
    "suites/errors/__init__.py": "",
    "suites/errors/judge.py": JUDGE,
    "suites/errors/test_error_statuses.py": OWN,
    "conformance.toml": PROFILE,
    "pytest.ini": "[pytest]\nnorecursedirs = methods lint venv\n",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the package as an installed wheel does: the suites are inside it."""
    packages = tmp_path_factory.mktemp("site-packages")
    quiet = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(harness.__file__).parent, packages / "harness", ignore=quiet)
    shutil.copytree(suites_folder(), packages / "harness" / "suites", dirs_exist_ok=True, ignore=quiet)
    return packages


@pytest.fixture
def crud_url() -> Iterator[str]:
    with http(Crud()) as server:
        yield server.url


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_own_rules_beside_the_shipped_ones(tmp_path: Path, crud_url: str, installed: Path, mode: str) -> None:
    done = run(
        tmp_path,
        *("--target-url", crud_url, "--effects", "read", f"--import-mode={mode}"),
        *("-k", "ACME or METH-001 or LINT", "suites", str(installed / "harness" / "suites")),
        files=FILES,
        env={"PYTHONPATH": str(installed)},
    )
    assert set(done.verdicts) == {"ACME-001", "METH-001", "LINT-001", "LINT-002"}, done.out
    assert "error" not in done.verdicts.values(), done.out
    assert done.verdicts["ACME-001"] == "pass"


@pytest.mark.parametrize("mode", ["prepend", "importlib"])
def test_own_rules_alone(tmp_path: Path, crud_url: str, installed: Path, mode: str) -> None:
    done = run(
        tmp_path,
        *("--target-url", crud_url, "--effects", "read", f"--import-mode={mode}", "suites"),
        files=FILES,
        env={"PYTHONPATH": str(installed)},
    )
    assert done.verdicts == {"ACME-001": "pass"}, done.out
