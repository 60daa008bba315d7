"""The plugin's options: from the command line, else the environment, else pytest's ini file.

Loaded in every pytest run of every user: nothing heavy is imported. Where there is a target,
`settings.py` reads and validates the values.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pytest


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
    Option("max-requests", "Requests that the whole run may send (default: 40000).", "N"),
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
