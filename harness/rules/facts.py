"""What each shipped rule takes from the survey as a fact, read from the source of its suite.

A rule must not rely on a fact that the target's own misbehaviour can produce and that the rule is there to judge. The
table in `docs/rules/facts.md` shows which facts each rule uses, and `JUDGED` which of them a rule judges itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from harness.rules.suites import rule_files

FACTS: Mapping[str, tuple[str, frozenset[str]]] = {
    "volatile": (
        "members that differed between two reads without a write; comparisons leave them out",
        frozenset({"volatile", "state()", "normalised()", "drift()"}),
    ),
    "unique": ("members of which a second equal value was refused", frozenset({"unique"})),
    "pages": ("how the list is paged, filtered and sorted", frozenset({"pagination", "Scope", "Walk"})),
    "tag": (
        "a member that keeps a text as it was sent, by which items are recognised",
        frozenset({"twins()", "tag_pointer"}),
    ),
    "absence": (
        "how absent items are answered, and the form of ids",
        frozenset({"absent_url()", "hides_absence", "unlike", "looks_deleted"}),
    ),
    "locking": (
        "what a write must carry to be accepted: If-Match, or a version",
        frozenset({"locking", "write_fields()", "with_version()", "put_body()"}),
    ),
    "keys": (
        "the field of idempotency keys, where a create with one differed from one without",
        frozenset({"idempotency"}),
    ),
    "formats": ("media types that PATCH accepted", frozenset({"partial"})),
    "errors": (
        "the survey's own requests that certainly succeeded, as examples of what is no error",
        frozenset({"surely_fine()"}),
    ),
    "provoked": ("errors that the survey provoked on purpose", frozenset({"triggered()", "triggers"})),
    "quota": (
        "the limit and the window that responses announced",
        frozenset({"QuotaUnderTest", "quota", "make_quota", "rate_limits"}),
    ),
}
"""Kinds of facts: what was learnt, and the names in the source that use it; `()` marks the call of a method."""

JUDGED: Mapping[str, Mapping[str, str]] = {
    "COND-008": {"locking": "requires the version that is declared to change with each write"},
    "ERR-001": {"errors": "takes only responses to requests that were surely valid as examples"},
    "ERR-013": {"unique": "repeats the refused create itself, and counts the items that are listed then"},
    "CONC-007": {
        "unique": "creates concurrently, and judges the responses and the items that are there then"
    },
    "ERR-002": {
        "absence": "sends the read of an absent item itself; an id that may be malformed makes it inconclusive"
    },
    "METH-005": {"volatile": "shows by the list, which no read of the item touches, what moved the member"},
    "PAGE-001": {"pages": "follows the links of the pages themselves"},
    "PAGE-017": {"pages": "compares each link with the page that it leads to"},
    "RATE-010": {"quota": "counts the responses up to the first 429"},
}
"""Rules that judge a fact which they also use, and why that is safe."""


@cache
def used() -> Mapping[str, tuple[str, ...]]:
    """Names of the facts that each shipped rule uses, by its code; capabilities are in its `needs`."""
    found: dict[str, tuple[str, ...]] = {}
    folders = sorted({path.parent for path in rule_files()})
    for folder in folders:
        trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.py"))]
        calls = {name: names for tree in trees for name, names in _definitions(tree)}
        for tree in trees:
            for code, function in _rules(tree):
                names = _closure(function, calls)
                found[code] = tuple(fact for fact, (_, marks) in FACTS.items() if marks & names)
    return found


def _definitions(tree: ast.Module) -> Iterator[tuple[str, frozenset[str]]]:
    """The functions and classes of a module, with the names that they use."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, _names(node)


def _rules(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Code and function name of each rule in a module."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for mark in node.decorator_list:
            called = isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "rule"
            first = mark.args[0] if isinstance(mark, ast.Call) and called else None
            if isinstance(first, ast.Constant):
                yield str(first.value), node.name


def _names(node: ast.AST) -> frozenset[str]:
    methods = {one.func for one in ast.walk(node) if isinstance(one, ast.Call)}
    found = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            found.add(one.id)
        elif isinstance(one, ast.arg):
            found.add(one.arg)
        elif isinstance(one, ast.Attribute):
            found.add(f"{one.attr}()" if one in methods else one.attr)
    return frozenset(found)


def _closure(function: str, calls: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The names that a function uses itself, and through what it calls in the same suite."""
    waiting, seen, names = [function], {function}, set[str]()
    while waiting:
        for name in calls.get(waiting.pop(), ()):
            names.add(name)
            plain = name.removesuffix("()")
            if plain in calls and plain not in seen:
                seen.add(plain)
                waiting.append(plain)
    return frozenset(names)
