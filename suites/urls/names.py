"""Judgement of names in paths, parameters and members. Pure; no I/O.

A name has a style, or none where it shows none: `id` is as good in snake_case as in camelCase. A style is a fault only
where the API itself prefers another one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from .words import CRUD, OTHERWISE, PAGE_SIZES, SINGULAR_S, UNCOUNTABLE

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SAME = 0.95
PREFERRED = 2 / 3
DEEPEST = 3
"""Levels of collections (Zalando rule 147)."""
_PARAMETER = re.compile(r"\{[^{}]*\}")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_VERSION = re.compile(r"v[0-9]+([._-]?[0-9a-z]+)*|[0-9]{4}-[0-9]{2}(-[0-9]{2})?", re.IGNORECASE)
_STYLES = (
    ("snake_case", re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")),
    ("kebab-case", re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")),
    ("camelCase", re.compile(r"[a-z]+[0-9]*([A-Z][a-z0-9]*)+")),
    ("PascalCase", re.compile(r"[A-Z][a-z0-9]+([A-Z][a-z0-9]*)*")),
    ("UPPER_CASE", re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")),
)


def segments(template: str) -> list[str]:
    """The segments of a path that are no parameter, versions and file extensions left out."""
    found = []
    for segment in template.split("/"):
        plain = re.sub(r"\.(json|xml)\Z", "", _PARAMETER.sub("", segment))
        if (
            plain
            and plain == segment.removesuffix(".json").removesuffix(".xml")
            and not _VERSION.fullmatch(plain)
        ):
            found.append(plain)
    return found


def words(name: str) -> list[str]:
    """The words of a name of any style, in lower case."""
    return [word.lower() for word in _WORD.findall(name)]


def verbs(paths: Mapping[str, Collection[str]]) -> list[str]:
    """Paths that repeat in words what the method says.

    What is below an item or a collection and is never read is an action, not a resource (Google AIP-136).

    Args:
        paths: methods by path template.
    """
    found = []
    for template, methods in paths.items():
        names = segments(template)
        for place, name in enumerate(names):
            own = words(name.partition(":")[0])
            if not own or own[0] not in CRUD or own[0] in OTHERWISE:
                continue
            if place and methods and not SAFE & set(methods):
                continue
            found.append(f"{' '.join(sorted(methods))} {template}: `{name}`".strip())
            break
    return found


def style(name: str) -> str | None:
    """The style of a name, or None where it shows none."""
    return next((title for title, pattern in _STYLES if pattern.fullmatch(name)), None)


def exceptions(names: Iterable[str]) -> tuple[str | None, list[str]]:
    """The style that most names have, and the names of another one.

    None with the names that show a style: there is no preferred one. No names: 95 percent or more are of one style.
    """
    styled = {name: found for name in dict.fromkeys(names) if (found := style(name)) is not None}
    if not styled:
        return None, []
    ((usual, most),) = Counter(styled.values()).most_common(1)
    if most >= SAME * len(styled):
        return usual, []
    if most >= PREFERRED * len(styled):
        return usual, [name for name, found in styled.items() if found != usual]
    return None, list(styled)


def plural(name: str) -> bool | None:
    """Whether the last word of a name is a plural; None where that cannot be said."""
    last = (words(name) or [""])[-1]
    if len(last) < 3 or last in UNCOUNTABLE or last.endswith(("men", "children", "ae", "ia", "i")):
        return None
    return last.endswith("s") and not last.endswith(SINGULAR_S)


def singular_collections(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """Names of collections in the plural, and in the singular."""
    many: list[str] = []
    one: list[str] = []
    for template in paths:
        names = set(segments(template))
        for first, before, after in triples(template):
            # In /orders/number/{number}, the second name is that of a member.
            collection = _PARAMETER.fullmatch(after) and before in names and first not in names
            number = plural(before) if collection else None
            if number is not None:
                (many if number else one).append(before)
    return list(dict.fromkeys(many)), list(dict.fromkeys(one))


def triples(template: str) -> Iterator[tuple[str, str, str]]:
    """Each two neighbours in a path with the segment before them, which may be empty."""
    parts = ["", *template.strip("/").split("/")]
    yield from zip(parts, parts[1:], parts[2:], strict=False)


def levels(template: str) -> int:
    """How many collections lie below each other: a name, then parameters, which a compound key has several of."""
    kinds = ["{" if "{" in part else "n" for part in template.split("/") if part]
    return len(re.findall("n[{]+", "".join(kinds))) + (kinds[-1:] == ["n"] and "{" in kinds)


def page_sizes(parameters: Mapping[str, Sequence[str]]) -> list[dict[str, list[str]]]:
    """Names of the parameter for the size of a page, each with the paths that have it, where there are several.

    Lists that are read by page numbers and those that are not are two kinds, of which each may have its own.

    Args:
        parameters: names of query parameters by path.
    """
    kinds: dict[bool, dict[str, list[str]]] = {True: {}, False: {}}
    for path, names in parameters.items():
        numbered = any(name.lower() in ("page", "page_number", "pagenumber") for name in names)
        for name in names:
            if name.lower() in PAGE_SIZES:
                kinds[numbered].setdefault(name, []).append(path)
    return [found for found in kinds.values() if len(found) > 1]
