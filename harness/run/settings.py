"""The settings of a run: the values of its options, validated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from harness.bad_input import BadInput
from harness.profile.additions import Additions
from harness.report.views import formats
from harness.rules.rule import FIRST_EDITION, Effect, is_edition
from harness.rules.verdict import Verdict
from harness.run.options import given
from harness.target.target import Limits

DEMO = "demo"
BUGGY = "demo:buggy"
SUSPICION = "suspicion"


@dataclass(frozen=True)
class Settings:
    """The validated options of a run.

    Attributes:
        limits: their `effects` is decided once the target is resolved: `prepare.permitted()`.
        effects: the value of `--effects`; None if it is not given.
        openapi: where the document is; False for none; None to look for it.
        additions: resources, bodies and credentials beside those of the profile.
        failing: the verdicts that fail the run.
        failing_suspicions: whether suspicions fail it, too.
        formats: of the report.
        baseline, rerun: a report of an earlier run.
        survey_cache: file or directory; None for no cache.
        write_waivers: file of the draft; empty for the default one; None for no draft.
        dry_run: whether no rule is run.
        by_value: whether the run is planned by value.
        which: the value of `--resources`; None if it is not given.
        fail_under_coverage: operation coverage in percent below which the run fails; None for no bound.
        edition: rules of later editions do not fail the run; None if all may.
        resume: whether a killed run is continued.
        rotate: number of the run, which chooses the collections of families; None if it is not given.
    """

    target_url: str
    profile: str | None
    openapi: str | bool | None
    headers: tuple[str, ...]
    additions: Additions
    limits: Limits
    effects: Effect | None
    failing: frozenset[Verdict]
    report_dir: str
    insecure: bool
    formats: tuple[str, ...]
    baseline: str | None
    rerun: str | None
    write_waivers: str | None
    survey_cache: str | None = None
    dry_run: bool = False
    failing_suspicions: bool = False
    by_value: bool = True
    which: str | None = None
    fail_under_coverage: float | None = None
    edition: str | None = None
    resume: bool = False
    rotate: int | None = None


def read(config: pytest.Config) -> Settings:
    """Read and validate all options.

    Raises:
        BadInput: the value of an option cannot be used.
    """
    openapi = given(config, "openapi")
    return Settings(
        target_url=str(given(config, "target-url")),
        profile=given(config, "profile"),
        openapi=False if openapi is not None and openapi.lower() in ("none", "false") else openapi,
        headers=tuple(given(config, "header") or ()),
        additions=Additions(
            tuple(given(config, "resource") or ()),
            tuple(given(config, "body") or ()),
            tuple(given(config, "credential") or ()),
        ),
        limits=_limits(config),
        effects=_effects(config),
        failing=_failing(config),
        report_dir=str(given(config, "report-dir") or "reports"),
        insecure=bool(given(config, "insecure")),
        formats=formats(given(config, "report-formats")),
        baseline=given(config, "baseline"),
        rerun=given(config, "rerun"),
        write_waivers=_draft(config),
        survey_cache=given(config, "survey-cache"),
        dry_run=bool(given(config, "dry-run")),
        failing_suspicions=_failing_suspicions(config),
        by_value=_by_value(config),
        which=given(config, "resources"),
        fail_under_coverage=_percent(config, "fail-under-coverage"),
        edition=_edition(config),
        resume=_resume(config),
        rotate=_number(config, "rotate", None, int, 0),
    )


def _limits(config: pytest.Config) -> Limits:
    defaults = Limits()
    return Limits(
        # Until the target is resolved: `prepare.permitted()` decides.
        effects=Effect.READ,
        max_requests=_number(config, "max-requests", defaults.max_requests),
        rps=_number(config, "rps", None, float, 0.01),
        max_time=_number(config, "max-time", None, float, 0.01),
        cleanup_time=_number(config, "cleanup-time", defaults.cleanup_time, float, 0.01),
        flood_budget=_number(config, "flood-budget", defaults.flood_budget, int, 0),
        load_budget=_number(config, "load-budget", defaults.load_budget, int, 0),
        timeout=_number(config, "timeout", defaults.timeout, float, 0.01),
    )


def _number(config: pytest.Config, name: str, default: Any, kind: type = int, least: float = 1) -> Any:
    value = given(config, name)
    if value is None:
        return default
    try:
        parsed = kind(value)
    except ValueError:
        parsed = None
    if parsed is None or not least <= parsed < float("inf"):
        raise BadInput(f"--{name}", f"{value!r} is not a number of at least {least}")
    return parsed


def _resume(config: pytest.Config) -> bool:
    wanted = bool(given(config, "resume"))
    if wanted and (given(config, "dry-run") or config.option.collectonly):
        raise BadInput("--resume", "nothing runs that could be continued", "leave --dry-run and --co out")
    return wanted


def _edition(config: pytest.Config) -> str | None:
    value: str | None = given(config, "edition")
    if value is not None and not is_edition(value):
        raise BadInput(
            "--edition", f"{value!r} is no edition", f"use year and month, such as {FIRST_EDITION}"
        )
    if value is not None and value < FIRST_EDITION:
        # All rules would be of a later one, and no run could fail.
        raise BadInput("--edition", f"there is no edition {value}", f"the first is {FIRST_EDITION}")
    return value


def _percent(config: pytest.Config, name: str) -> float | None:
    value = _number(config, name, None, float, 0)
    if value is not None and value > 100:
        raise BadInput(f"--{name}", f"{value:g} is more than 100", "give a percentage, such as 80")
    return None if value is None else float(value)


def _effects(config: pytest.Config) -> Effect | None:
    value = given(config, "effects")
    if value is None:
        return None
    name = str(value).upper()
    if name not in Effect.__members__:
        names = ", ".join(one.lower() for one in Effect.__members__)
        raise BadInput("--effects", f"{name.lower()!r} is not an effect", f"use one of {names}")
    return Effect[name]


def _failing(config: pytest.Config) -> frozenset[Verdict]:
    """The verdicts that fail the run: broken MUSTs, errors, and what `--fail-on` adds."""
    more = {
        "must": Verdict.FAIL,
        "should": Verdict.WARN,
        "advice": Verdict.ADVICE,
        "inconclusive": Verdict.INCONCLUSIVE,
    }
    failing = {Verdict.FAIL, Verdict.ERROR}
    for word in str(given(config, "fail-on") or "must").lower().replace(",", " ").split():
        if word == SUSPICION:
            continue
        if word not in more:
            raise BadInput(
                "--fail-on", f"{word!r} is unknown", "use must, should, advice, inconclusive, suspicion"
            )
        failing.add(more[word])
    return frozenset(failing)


def _failing_suspicions(config: pytest.Config) -> bool:
    """Whether `--fail-on` names suspicions, which are no verdicts."""
    return SUSPICION in str(given(config, "fail-on") or "").lower().replace(",", " ").split()


def _by_value(config: pytest.Config) -> bool:
    value = str(given(config, "order") or "value").lower()
    if value not in ("value", "suites"):
        raise BadInput("--order", f"{value!r} is unknown", "use value or suites")
    return value == "value"


def _draft(config: pytest.Config) -> str | None:
    value: str | None = given(config, "write-waivers")
    if value and not value.endswith(".toml"):
        # `--write-waivers suites/` takes the suites as the file.
        raise BadInput(
            "--write-waivers", f"{value!r} does not end in .toml", "write --write-waivers=FILE.toml"
        )
    return value
