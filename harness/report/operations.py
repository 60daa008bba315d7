"""Operation coverage: which operations of the API the run has exercised, and what would let it exercise the others.

An operation is covered if it was answered with something else than a refusal of the credential, of the method or of
the path: a 401 says nothing about the operation. Pure; no I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from harness.http.contract import OperationAnswer
from harness.http.exchange import Exchange
from harness.http.path_templates import matches
from harness.profile.hints import CAPABILITIES
from harness.profile.models import Resource
from harness.report.model import CoverageRecord, CoveredRecord, Report
from harness.rules.rule import Effect
from harness.survey.openapi.resources import is_verb
from harness.survey.outcome import Survey

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE", "QUERY")
SURVEY = "survey"
_UNANSWERED = frozenset({401, 403, 404, 405, 407, 429, 501, 502, 503, 504})
"""Statuses that may come from what is before an operation."""
ONLY_ERRORS = "answered with errors only"
_CREDENTIAL = ("the credential is refused", "--credential NAME=env:TOKEN")


@dataclass
class _Seen:
    """What was seen of one operation."""

    exchanges: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    rules: set[str] = field(default_factory=set)


def coverage(report: Report, survey: Survey, clean: Callable[[str], str] = str) -> CoverageRecord | None:
    """The operation coverage of a run; None where neither a document nor a resource names an operation.

    Args:
        report: complete, except for this.
        clean: removes secrets from a text; applied to what comes from the document and the survey.
    """
    documented = _operations(survey)
    if not documented:
        return None
    seen = _seen(documented, report)
    answers: dict[tuple[str, str], list[OperationAnswer]] = {}
    for answer in survey.contract.answers:
        answers.setdefault((answer.method, answer.path), []).append(answer)
    rows = []
    for method, path in documented:
        of = seen.get((method, path), _Seen())
        statuses = sorted(of.statuses)
        promised = [one.status for one in answers.get((method, path), [])]
        covered = any(status not in _UNANSWERED for status in statuses)
        because, unlock = (ONLY_ERRORS, "") if covered and not succeeded(statuses) else ("", "")
        if not covered:
            because, unlock = reason(method, path, statuses, report, survey)
        rows.append(
            CoveredRecord(
                method=method,
                path=clean(path),
                covered=covered,
                exchanges=of.exchanges,
                suites=sorted({code.partition("-")[0] for code in of.rules if code != SURVEY}),
                rules=sorted(of.rules),
                statuses=statuses,
                unseen=unseen(promised, statuses),
                because=clean(because),
                unlock=clean(unlock),
            )
        )
    count = sum(row.covered for row in rows)
    percent = int(1000 * count / len(rows)) / 10
    return CoverageRecord(documented=bool(survey.documented), covered=count, percent=percent, operations=rows)


def succeeded(statuses: Iterable[int]) -> bool:
    """Whether one of the statuses is no error."""
    return any(status < 400 for status in statuses)


def worst_first(rows: Iterable[CoveredRecord]) -> list[CoveredRecord]:
    """Operations that are not covered, then those that never succeeded, then those with most that was not seen."""
    return sorted(rows, key=lambda one: (one.covered, succeeded(one.statuses), -len(one.unseen)))


def _operations(survey: Survey) -> list[tuple[str, str]]:
    """Method and path of each operation: those of the document, or else what the resources are known to have."""
    if survey.documented:
        return sorted(
            ((method, path) for path, methods in survey.documented.items() for method in methods),
            key=lambda one: (one[1], one[0]),
        )
    found: dict[tuple[str, str], None] = {}
    for one in survey.profile.resources:
        for need, method, path in _uses(one):
            if one.missing(need) is None:
                found[method, path] = None
    return sorted(found, key=lambda one: (one[1], one[0]))


def _uses(one: Resource) -> list[tuple[str, str, str]]:
    """Capability, method and path of what a collection and its items usually have."""
    collection = one.collection or "/"
    create = one.item if one.create_method == "PUT" else one.create or collection
    return [
        ("list", "GET", collection),
        ("create", one.create_method, create),
        ("read", "GET", one.item),
        ("replace", "PUT", one.item),
        ("update", "PATCH", one.item),
        ("delete", "DELETE", one.item),
    ]


def _seen(documented: Iterable[tuple[str, str]], report: Report) -> dict[tuple[str, str], _Seen]:
    codes: dict[str, set[str]] = {id: {SURVEY} for id in report.survey}
    for finding in report.findings:
        for id in (*finding.exchanges, *finding.repeat):
            codes.setdefault(id, set()).add(finding.rule)
    template = finder({path for _, path in documented})
    found: dict[tuple[str, str], _Seen] = {}
    for exchange in report.exchanges:
        path = path_of(exchange, report.target.url)
        place = None if path is None or exchange.raw else template(path)
        if place is None or exchange.status is None:
            continue
        of = found.setdefault((exchange.method, place), _Seen())
        of.exchanges += 1
        of.statuses[exchange.status] += 1
        of.rules |= codes.get(exchange.id, set())
    return found


def path_of(exchange: Exchange, base: str) -> str | None:
    """The path of a request relative to the target URL; None outside it."""
    if not exchange.url.startswith(base):
        return None
    path = exchange.url[len(base) :].partition("?")[0].partition("#")[0]
    return path if path[:1] in ("", "/") else None


def finder(templates: Iterable[str]) -> Callable[[str], str | None]:
    """What gives the path template of a path: a literal one wins, then that with the fewest parameters."""
    groups: dict[int, list[str]] = {}
    for one in sorted(templates, key=lambda one: (one.count("{"), one)):
        groups.setdefault(_parts(one), []).append(one)

    @lru_cache(65_536)
    def template(path: str) -> str | None:
        wanted = path.rstrip("/") or "/"
        return next(
            (one for one in groups.get(_parts(path), ()) if matches(one.rstrip("/") or "/", wanted)), None
        )

    return template


def _parts(path: str) -> int:
    return path.rstrip("/").count("/")


def unseen(documented: Sequence[str], statuses: Sequence[int]) -> list[str]:
    """Documented statuses that no response had; `default` stands for those that are not documented.

    Args:
        documented: three digits, a range such as `4XX`, or `default`.
    """
    exact = {one for one in documented if one.isdigit()}
    ranges = {one[0] for one in documented if one[1:].upper() == "XX"}

    def is_seen(one: str) -> bool:
        if one == "default":
            return any(str(status) not in exact and str(status)[0] not in ranges for status in statuses)
        if one.isdigit():
            return int(one) in statuses
        return any(str(status)[0] == one[0] and str(status) not in exact for status in statuses)

    return sorted({one for one in documented if not is_seen(one)})


def reason(
    method: str, path: str, statuses: Sequence[int], report: Report, survey: Survey
) -> tuple[str, str]:
    """Why an operation is not covered, and the line that would change it; empty where there is none."""
    effects = Effect[report.target.effects]
    if {401, 407} & set(statuses) or (403 in statuses and not set(statuses) - _UNANSWERED):
        return _CREDENTIAL
    if statuses:
        return f"only answered with {', '.join(map(str, statuses))}", ""
    if method not in SAFE and effects is Effect.READ:
        return "the run may only read", "--effects write"
    if f"{method} {path}" in survey.promises.deprecated:
        return "the document marks it deprecated", ""
    left = _unsurveyed(path, survey)
    if left is not None:
        return left
    own = [one for one in survey.profile.resources if _belongs(path, one)]
    for one in own:
        if (lacking := _lacking(method, path, one)) is not None:
            return lacking
    if any(one.light for one in own):
        return "the collection is tested in part, since it behaves like others", f"--resources {own[0].name}"
    if report.shortfall is not None:
        return _bound(report)
    return ("no rule sends it", "") if own else _elsewhere(method, path, survey)


def _elsewhere(method: str, path: str, survey: Survey) -> tuple[str, str]:
    """Why nothing was sent to a path that belongs to no resource under test."""
    above = next(
        (one for one in survey.profile.resources if path.startswith(one.item.rstrip("/") + "/")), None
    )
    if above is not None and method == "POST":
        return f"an action of {above.name} that is not declared", "[[resources]] transitions = [{ ... }]"
    beside = next(
        (one for one in survey.profile.resources if path.rpartition("/")[0] == one.collection.rstrip("/")),
        None,
    )
    if beside is not None and method == "POST" and "GET" not in survey.documented.get(path, ()):
        return f"a call beside {beside.name} that is neither a create nor a search by its members", ""
    collection = path.partition("/{")[0]
    if survey.profile.only and collection.strip("/"):
        return "`only` in the profile leaves it out", f'only = ["{collection.rpartition("/")[2]}"]'
    lists = _may_be_a_list(collection, survey.documented)
    return "it belongs to no resource under test", f"--resource {collection}" if lists else ""


def _may_be_a_list(path: str, documented: Mapping[str, Iterable[str]]) -> bool:
    """Whether a path may be a collection's: with GET alone, as `/admin/version` is, only if its name is a plural.

    Args:
        documented: methods by path.
    """
    if path not in documented:
        return False
    if any(one.startswith(path + "/{") for one in documented):
        return True
    methods = set(documented[path])
    return "GET" in methods and ("POST" in methods or (path.endswith("s") and not is_verb(path)))


def _bound(report: Report) -> tuple[str, str]:
    short = report.shortfall
    assert short is not None
    value = f" {short.needed}" if short.needed else " N"
    return "the run reached a bound before it", f"--{short.bound}{value}"


def _unsurveyed(path: str, survey: Survey) -> tuple[str, str] | None:
    for one in survey.unsurveyed:
        if path == one.collection or path.startswith(one.collection.rstrip("/") + "/{"):
            return f"not surveyed: {one.because}", f"--resources {one.name}"
    return None


def _belongs(path: str, one: Resource) -> bool:
    places: Mapping[str, None] = dict.fromkeys((one.collection or "/", one.item, one.create or ""))
    return any(_alike(path, place) for place in places if place)


def _alike(path: str, place: str) -> bool:
    """Whether two templates differ in the names of their parameters only."""
    parts, words = path.rstrip("/").split("/"), place.rstrip("/").split("/")
    return len(parts) == len(words) and all(
        part == word or ("{" in part and "{" in word) for part, word in zip(parts, words, strict=True)
    )


def _lacking(method: str, path: str, one: Resource) -> tuple[str, str] | None:
    """What a resource lacks for an operation, with the hint of that capability."""
    if method not in SAFE and one.missing("create") is not None:
        return f"no body is known that a create of {one.name} accepts", CAPABILITIES["create"].line
    for need, used, place in _uses(one):
        why = one.missing(need)
        if used == method and _alike(path, place) and why is not None:
            hint = CAPABILITIES.get(need)
            return why, hint.line if hint is not None else ""
    return None
