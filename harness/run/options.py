"""The plugin's options: on the command line, in the environment, in pytest's ini file; in that order.

Nothing heavy is imported here: this is loaded in every pytest run of every user.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from harness.rules.rule import Effect
    from harness.rules.verdict import Verdict
    from harness.target.target import Limits

DEMO = "demo"


@dataclass(frozen=True)
class Option:
    """An option with its three spellings.

    Attributes:
        name: as on the command line, without the hyphens before it.
        help: one sentence.
        metavar: placeholder of the value; None for a switch.
        many: whether it may be given several times.
        bare: what it means without a value; None where it needs one.
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
    Option("target-url", "Base URL of the API to test, or `demo` for the embedded reference API.", "URL"),
    Option("profile", "Profile of the target (default: conformance.toml).", "FILE"),
    Option("openapi", "OpenAPI document: a file, a path on the target, or a URL; `none` for none.", "WHERE"),
    Option("header", "Field to send with every request, such as a credential.", "'NAME: VALUE'", many=True),
    Option(
        "effects",
        "Roughest effect allowed: read, write, burst or flood (default: burst on a loopback address, else read).",
        "EFFECT",
    ),
    Option("max-requests", "Requests that the whole run may send (default: 20000).", "N"),
    Option("rps", "Requests per second that the whole run may send (default: no bound).", "N"),
    Option(
        "max-time",
        "Seconds, from the first request, after which the whole run sends nothing but removals (default: no bound).",
        "SECONDS",
    ),
    Option(
        "cleanup-time",
        "Seconds after that, or after the last rule, for removing what the run created (default: 60).",
        "SECONDS",
    ),
    Option("dry-run", "List rules, resources, effects and requests; send nothing but safe requests.", None),
    Option("fail-on", "What fails the run beside broken MUSTs: should, inconclusive, or both.", "WHAT"),
    Option("report-dir", "Where the reports are written (default: reports).", "DIR"),
    Option(
        "report-formats",
        "Reports beside conformance.json: html, junit, sarif, markdown, har, badge, or all (default: html,junit).",
        "FORMATS",
    ),
    Option("baseline", "A conformance.json of an earlier run: what it has already fails nothing.", "FILE"),
    Option("rerun", "A conformance.json: run only what failed, warned or was not decided in it.", "FILE"),
    Option(
        "write-waivers",
        "Write what failed or warned as waivers to be signed (default: waivers.toml beside the reports).",
        "FILE.toml",
        bare="",
    ),
    Option(
        "flood-budget",
        "Requests that the rate-limit rules of --effects flood may send together (default: 200).",
        "N",
    ),
    Option("survey-only", "Say what the target is, what is missing, and what to add to the profile.", None),
    Option(
        "survey-cache", "Keep the survey in a file or directory, and use it while nothing changed.", "PATH"
    ),
    Option("insecure", "Do not verify TLS certificates.", None),
    Option("timeout", "Seconds to wait for an answer (default: 10).", "SECONDS"),
)


def add_keys(parser: pytest.Parser) -> None:
    """Add the ini keys of all options."""
    for option in OPTIONS:
        kind: Literal["linelist", "string"] = "linelist" if option.many else "string"
        parser.addini(option.dest, f"{option.help} Also ${option.variable}.", type=kind)


def add(parser: pytest.Parser) -> None:
    """Add all options to the command line.

    Called when every other plugin and conftest.py has added its own: who else has a `--timeout` keeps it, and
    ours is then `--conformance-timeout`, which is understood in any case.
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
    """Command-line arguments less our options and their values."""
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
    """What the user gave for an option, or None: a string, a list where it may be repeated, or True."""
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
    """The options of a run, checked.

    Attributes:
        limits: `effects` is decided once the target is known.
        effects: the roughest effect, as `--effects` has it; None where that is not given.
        openapi: where the document is; False for none; None to look for it.
        failing: the verdicts that fail the run.
        formats: the views of the report that are written.
        baseline, rerun: a report of an earlier run.
        survey_cache: where the survey is kept; None for nowhere.
        write_waivers: where waivers are drafted; empty for the usual place; None for nowhere.
        dry_run: whether no rule is run.
    """

    target_url: str
    profile: str | None
    openapi: str | bool | None
    headers: tuple[str, ...]
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


def settings(config: pytest.Config) -> Settings:
    """Read and check all options.

    Raises:
        BadInput: one of them cannot be used.
    """
    from harness.bad_input import BadInput
    from harness.report.views import formats
    from harness.rules.rule import Effect
    from harness.rules.verdict import Verdict
    from harness.target.target import Limits

    def number(name: str, default: Any, kind: type = int, least: float = 1) -> Any:
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

    effects = given(config, "effects")
    effects = None if effects is None else str(effects).upper()
    if effects is not None and effects not in Effect.__members__:
        names = ", ".join(name.lower() for name in Effect.__members__)
        raise BadInput("--effects", f"{effects.lower()!r} is not an effect", f"use one of {names}")
    failing = {Verdict.FAIL, Verdict.ERROR}
    for word in str(given(config, "fail-on") or "must").lower().replace(",", " ").split():
        more = {"must": None, "should": Verdict.WARN, "inconclusive": Verdict.INCONCLUSIVE}
        if word not in more:
            raise BadInput("--fail-on", f"{word!r} is unknown", "use must, should, inconclusive")
        failing |= {more[word]} if more[word] else set()  # type: ignore[arg-type]
    drafted = given(config, "write-waivers")
    if drafted and not drafted.endswith(".toml"):
        # `--write-waivers suites/` would take the suites for the file.
        raise BadInput(
            "--write-waivers", f"{drafted!r} does not end in .toml", "write --write-waivers=FILE.toml"
        )
    openapi = given(config, "openapi")
    defaults = Limits()
    return Settings(
        target_url=str(given(config, "target-url")),
        profile=given(config, "profile"),
        openapi=False if openapi is not None and openapi.lower() in ("none", "false") else openapi,
        headers=tuple(given(config, "header") or ()),
        limits=Limits(
            # Until the target is known: `startup.permitted()` decides.
            effects=Effect.READ,
            max_requests=number("max-requests", defaults.max_requests),
            rps=number("rps", None, float, 0.01),
            max_time=number("max-time", None, float, 0.01),
            cleanup_time=number("cleanup-time", defaults.cleanup_time, float, 0.01),
            flood_budget=number("flood-budget", defaults.flood_budget, int, 0),
            timeout=number("timeout", defaults.timeout, float, 0.01),
        ),
        effects=None if effects is None else Effect[effects],
        failing=frozenset(failing),
        report_dir=str(given(config, "report-dir") or "reports"),
        insecure=bool(given(config, "insecure")),
        formats=formats(given(config, "report-formats")),
        baseline=given(config, "baseline"),
        rerun=given(config, "rerun"),
        write_waivers=drafted,
        survey_cache=given(config, "survey-cache"),
        dry_run=bool(given(config, "dry-run")),
    )
