"""The layers of `docs/architecture.md`: who imports whom, read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ARCHITECTURE = ROOT / "docs" / "architecture.md"
# From bottom to top. A package imports only from lines above its own, and from itself.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("harness", "harness.bad_input"),
    ("harness.atomic_files",),
    ("harness.http",),
    ("harness.rules",),
    ("harness.target",),
    ("harness.profile",),
    ("harness.payloads",),
    ("harness.client",),
    ("harness.ledger", "harness.lists", "harness.load", "harness.quota", "harness.race"),
    ("harness.resource", "harness.reference"),
    ("harness.cleanup",),
    ("harness.survey",),
    ("harness.report",),
    ("harness.run",),
    ("harness.cli",),
    ("harness.plugin", "harness.__main__"),
)
SUITES_MAY_NOT = ("harness.run", "harness.cli", "harness.plugin", "harness.__main__")
pytestmark = pytest.mark.skipif(
    not (ROOT / "harness" / "http").is_dir(), reason="the files are not yet in their new places"
)
# (file, module that it imports): why. This list only shrinks.
EXCEPTIONS: dict[tuple[str, str], str] = {}


@cache
def modules() -> dict[str, Path]:
    """All modules of the engine and of the suites, by name."""
    found = {}
    for root in ("harness", "suites"):
        for path in sorted((ROOT / root).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(module: str) -> tuple[tuple[str, bool], ...]:
    """The modules of this project that one imports, wherever the statement is, and whether it is for types only."""
    path = modules()[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found: list[tuple[str, bool]] = []
    rest: list[tuple[ast.AST, bool]] = [(ast.parse(path.read_text(encoding="utf-8")), False)]
    while rest:
        node, types = rest.pop()
        if isinstance(node, ast.Import):
            found += [(alias.name, types) for alias in node.names if alias.name in modules()]
        elif isinstance(node, ast.ImportFrom):
            found += [(one, types) for one in _from(node, package)]
        elif not isinstance(node, ast.expr):
            # No expression holds a statement.
            types = types or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
            rest += [(one, types) for one in ast.iter_child_nodes(node)]
    return tuple(found)


def _from(node: ast.ImportFrom, package: str) -> Iterator[str]:
    base = node.module or ""
    if node.level:
        above = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*above, *([base] if base else [])])
    for alias in node.names:
        full = f"{base}.{alias.name}"
        if full in modules():
            yield full
        elif base in modules():
            yield base


def imported(module: str, types: bool = True) -> Iterator[str]:
    """The modules of this project that one imports; without those for types only, where types are not wanted."""
    return (other for other, for_types in imports(module) if types or not for_types)


def home(module: str) -> str:
    """The package, or module at the top, that a module belongs to in the table."""
    named = {name for layer in LAYERS for name in layer}
    return module if module in named else ".".join(module.split(".")[:2])


def level(module: str) -> int:
    return next(place for place, layer in enumerate(LAYERS) if home(module) in layer)


def upward() -> Iterator[tuple[str, str]]:
    for module in modules():
        for other in imported(module):
            if module.startswith("suites"):
                if home(other) in SUITES_MAY_NOT:
                    yield module, other
            elif other.startswith("suites") or (
                home(other) != home(module) and level(other) >= level(module)
            ):
                yield module, other


def test_every_package_has_a_layer() -> None:
    named = {name for layer in LAYERS for name in layer}
    homes = {home(module) for module in modules() if module.startswith("harness")}
    assert homes == named
    at_the_top = [module for module in homes if modules()[module].parent == ROOT / "harness"]
    assert len(at_the_top) < 8, at_the_top


def test_the_documentation_has_the_same_table() -> None:
    section = ARCHITECTURE.read_text(encoding="utf-8").partition("\n## Layers\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.+?) \|", section, re.M)
    names = [tuple(re.findall(r"`([^`]+)`", cell)) for cell in cells]
    documented = [{name if name == "harness" else f"harness.{name}" for name in row} for row in names]
    assert documented == [set(layer) for layer in LAYERS]


def test_the_documentation_names_files_that_exist() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:harness|suites|tests|docs)/[^`<>]*)`", text))
    assert len(paths) > 20
    assert not {path for path in paths if not (ROOT / path).exists()}


def test_the_documentation_names_modules_that_exist() -> None:
    # A bare name, such as `recorder.py`, is a module of the package that its section is about.
    text = ARCHITECTURE.read_text(encoding="utf-8")
    existing = {path.name for root in ("harness", "suites", "tests") for path in (ROOT / root).rglob("*.py")}
    assert not set(re.findall(r"`(\w+\.py)`", text)) - existing


def test_imports_go_down() -> None:
    found = {(modules()[module].relative_to(ROOT).as_posix(), other) for module, other in upward()}
    assert not found - set(EXCEPTIONS), "\n".join(f"{one} -> {other}" for one, other in sorted(found))
    assert not set(EXCEPTIONS) - found, "these exceptions are no longer needed"


def test_no_suite_imports_another() -> None:
    crossing = [
        (module, other)
        for module in modules()
        for other in imported(module)
        if module.startswith("suites.")
        and other.startswith("suites.")
        and module.split(".")[1] != other.split(".")[1]
    ]
    assert not crossing


def test_no_circle_of_imports_between_files() -> None:
    # Imports for type checkers only are left out: a call of the reference API holds the policies that act on calls.
    arrows = {
        module: {other for other in imported(module, types=False) if other != module} for module in modules()
    }
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(reversed(circle.args[1])))


@pytest.mark.parametrize("package", ["harness"])
def test_the_engine_names_no_suite_by_its_code(package: str) -> None:
    codes = {code for path in (ROOT / "suites").glob("*/__init__.py") if (code := _code(path))}
    assert codes
    naming = []
    for module, path in modules().items():
        if not module.startswith(package):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            # PATCH is a method, URL and FILE what options take.
            if isinstance(node, ast.Constant) and node.value in codes - {"PATCH", "URL", "FILE"}:
                naming.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}")
    assert not naming, "\n".join(naming)


def _code(path: Path) -> str | None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == "CODE"
        ):
            return str(ast.literal_eval(node.value))
    return None
