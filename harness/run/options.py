"""The plugin's options: from the command line, else the environment, else pytest's ini file.

Loaded in every pytest run of every user: nothing heavy is imported at the top.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from harness.profile.additions import Additions
    from harness.rules.rule import Effect
    from harness.rules.verdict import Verdict
    from harness.target.target import Limits

DEMO = "demo"
BUGGY = "demo:buggy"
SUSPICION = "suspicion"


@dataclass(frozen=True)
class Option:
    """An option with its three spellings.

    Attributes:
        name: as on the command line, without the hyphens before it.
        help: one sentence.
        metavar: placeholder of the value; None for a switch.
        many: whether it may be repeated.
        bare: its value if it is given without one; None if it needs a value.
    """

    name: str
    help: str
    metavar: str | None = "VALUE"
    many: bool = False
    bare: str | None = None

    @property
    def dest(self) -> str:
        return f"conformance_{self.name.replace('-', '_')}"

    @property
    def variable(self) -> str:
        return self.dest.upper()


OPTIONS = (
    Option(
        "target-url",
        "Base URL of the API to test, `demo` for the embedded reference API, or `demo:buggy` for one with five bugs.",
        "URL",
    ),
    Option("profile", "Profile of the target (default: conformance.toml).", "FILE"),
    Option(
        "openapi", "OpenAPI document: a file, a path on the target, or a URL; `none` to use none.", "WHERE"
    ),
    Option(
        "resource",
        "Collection to test, such as /orders, or 'POST /orders/new -> /orders/{id}' (default: all that are found).",
        "PATH",
        many=True,
    ),
    Option(
        "resources",
        "Which collections of a large API are tested: families (one or two of those that behave alike), all, or names "
        "with commas (default: families).",
        "WHICH",
    ),
    Option(
        "rotate",
        "Number of the run, such as that of a CI job: each number tests other collections of those that behave alike.",
        "N",
    ),
    Option(
        "body",
        'Body that a create accepts: \'orders={"customer": "Ada"}\', or orders=@order.json.',
        "NAME=JSON",
        many=True,
    ),
    Option(
        "credential",
        "Further credential: other=env:OTHER_TOKEN, other='Bearer TOKEN' or other='X-Api-Key: KEY'.",
        "NAME=VALUE",
        many=True,
    ),
    Option("header", "Field to send with every request, such as a credential.", "'NAME: VALUE'", many=True),
    Option(
        "effects",
        "What the run may do to the target: read, write, burst, flood or load (default: burst on a loopback address, "
        "else read).",
        "EFFECT",
    ),
    Option("max-requests", "Requests that the whole run may send (default: 30000).", "N"),
    Option("rps", "Requests per second that the whole run may send (default: no limit).", "N"),
    Option(
        "max-time",
        "Seconds from the first request; after that the run only removes what it created (default: no limit).",
        "SECONDS",
    ),
    Option(
        "cleanup-time",
        "Seconds for removing what the run created, after --max-time or the last rule (default: 60).",
        "SECONDS",
    ),
    Option(
        "dry-run",
        "List what would run: rules, resources, effects, requests. Only safe requests are sent.",
        None,
    ),
    Option(
        "order",
        "Order of the rules: value puts first what is worth most per request, and leaves out what --max-requests does "
        "not cover; suites goes through the suites (default: value).",
        "ORDER",
    ),
    Option(
        "fail-on",
        "What fails the run besides broken MUSTs: should, advice, inconclusive, suspicion; several with commas.",
        "WHAT",
    ),
    Option(
        "fail-under-coverage",
        "Fail the run if fewer of the API's operations are covered, in percent (default: no bound).",
        "PERCENT",
    ),
    Option(
        "edition",
        "Edition of the rules that may fail the run, such as 2026.12: those that a later one adds run, and are only "
        "reported (default: all rules).",
        "EDITION",
    ),
    Option("report-dir", "Directory of the reports (default: reports).", "DIR"),
    Option(
        "report-formats",
        "Formats besides conformance.json: html, junit, sarif, markdown, har, badge, or all (default: html,junit).",
        "FORMATS",
    ),
    Option(
        "baseline", "conformance.json of an earlier run: findings already in it do not fail this run.", "FILE"
    ),
    Option(
        "rerun",
        "conformance.json of an earlier run: repeat only what failed, warned or was undecided.",
        "FILE",
    ),
    Option(
        "resume",
        "Continue the run in the report directory that was killed or interrupted: what was decided is not repeated.",
        None,
    ),
    Option(
        "write-waivers",
        "Draft waivers for what failed or warned, to be signed (default: waivers.toml beside the reports).",
        "FILE.toml",
        bare="",
    ),
    Option(
        "flood-budget",
        "Requests that the rate-limit rules of --effects flood may send together (default: 200).",
        "N",
    ),
    Option(
        "load-budget",
        "Requests that the rules of --effects load may send together (default: 10000).",
        "N",
    ),
    Option(
        "survey-only",
        "Print what the survey found, what is missing, and what to add to the profile; run no rule.",
        None,
    ),
    Option(
        "survey-cache", "Cache the survey in a file or directory, and reuse it while nothing changed.", "PATH"
    ),
    Option("insecure", "Do not verify TLS certificates.", None),
    Option("timeout", "Seconds to wait for a response (default: 10).", "SECONDS"),
)


def add_keys(parser: pytest.Parser) -> None:
    """Add the ini keys of all options."""
    for option in OPTIONS:
        kind: Literal["linelist", "string"] = "linelist" if option.many else "string"
        parser.addini(option.dest, f"{option.help} Also ${option.variable}.", type=kind)


def add(parser: pytest.Parser) -> None:
    """Add all options to the command line.

    Called after every other plugin and conftest.py has added its own: another `--timeout` keeps its name, and
    ours is then `--conformance-timeout`, which always works.
    """
    taken = {name for group in _groups(parser) for option in group.options for name in option.names()}
    group = parser.getgroup("conformance", "conformance of a running HTTP API")
    for option in OPTIONS:
        short, long = _spellings(option)
        shape = _shape(option)
        if short in taken:
            group.addoption(long, **shape, help=option.help)
        else:
            group.addoption(short, **shape, help=option.help)
            group.addoption(long, **shape, help=argparse.SUPPRESS)


def without(arguments: Sequence[str]) -> list[str]:
    """Command-line arguments without our options and their values."""
    ours = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for option in OPTIONS:
        ours.add_argument(*_spellings(option), **_shape(option))
    try:
        return ours.parse_known_args(list(arguments))[1]
    except argparse.ArgumentError:
        return list(arguments)


def _groups(parser: pytest.Parser) -> list[Any]:
    return [*parser._groups, parser._anonymous]


def _spellings(option: Option) -> tuple[str, str]:
    return f"--{option.name}", f"--conformance-{option.name}"


def _shape(option: Option) -> dict[str, Any]:
    shape: dict[str, Any] = {"dest": option.dest, "default": None}
    shape.update({"action": "store_true"} if option.metavar is None else {"metavar": option.metavar})
    if option.many:
        shape["action"] = "append"
    if option.bare is not None:
        shape |= {"nargs": "?", "const": option.bare}
    return shape


def given(config: pytest.Config, name: str, environ: Mapping[str, str] = os.environ) -> Any:
    """The value of an option, or None: a string, a list if it may be repeated, or True."""
    option = next(option for option in OPTIONS if option.name == name)
    value = config.getoption(option.dest, None)
    if value is not None:
        return value
    value = environ.get(option.variable)
    if value is not None and value.strip():
        if option.many:
            return [line.strip() for line in value.splitlines() if line.strip()]
        return _truth(value) if option.metavar is None else value.strip()
    value = config.getini(option.dest)
    if not value:
        return None
    return _truth(value) if option.metavar is None else value


def _truth(value: str) -> bool:
    return value.strip().lower() in ("1", "true", "yes", "on")


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


def settings(config: pytest.Config) -> Settings:
    """Read and validate all options.

    Raises:
        BadInput: the value of an option cannot be used.
    """
    from harness.profile.additions import Additions
    from harness.report.views import formats

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
    from harness.rules.rule import Effect
    from harness.target.target import Limits

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
    from harness.bad_input import BadInput

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
    from harness.bad_input import BadInput

    wanted = bool(given(config, "resume"))
    if wanted and (given(config, "dry-run") or config.option.collectonly):
        raise BadInput("--resume", "nothing runs that could be continued", "leave --dry-run and --co out")
    return wanted


def _edition(config: pytest.Config) -> str | None:
    from harness.bad_input import BadInput
    from harness.rules.rule import FIRST_EDITION, is_edition

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
    from harness.bad_input import BadInput

    value = _number(config, name, None, float, 0)
    if value is not None and value > 100:
        raise BadInput(f"--{name}", f"{value:g} is more than 100", "give a percentage, such as 80")
    return None if value is None else float(value)


def _effects(config: pytest.Config) -> Effect | None:
    from harness.bad_input import BadInput
    from harness.rules.rule import Effect

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
    from harness.bad_input import BadInput
    from harness.rules.verdict import Verdict

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
    from harness.bad_input import BadInput

    value = str(given(config, "order") or "value").lower()
    if value not in ("value", "suites"):
        raise BadInput("--order", f"{value!r} is unknown", "use value or suites")
    return value == "value"


def _draft(config: pytest.Config) -> str | None:
    from harness.bad_input import BadInput

    value: str | None = given(config, "write-waivers")
    if value and not value.endswith(".toml"):
        # `--write-waivers suites/` takes the suites as the file.
        raise BadInput(
            "--write-waivers", f"{value!r} does not end in .toml", "write --write-waivers=FILE.toml"
        )
    return value
