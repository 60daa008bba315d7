"""Conformance suites for running HTTP APIs, as a pytest plugin."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Loaded on first use: the plugin's entry point imports this package in every pytest run of every user.
_HOME = {
    "BURST": "rules.rule",
    "CRITICAL": "rules.rule",
    "Effect": "rules.rule",
    "Exchange": "http.exchange",
    "FLOOD": "rules.rule",
    "Impact": "rules.verdict",
    "LOAD": "rules.rule",
    "Level": "rules.verdict",
    "MAJOR": "rules.rule",
    "MAY": "rules.rule",
    "MINOR": "rules.rule",
    "MUST": "rules.rule",
    "READ": "rules.rule",
    "SHOULD": "rules.rule",
    "Verdict": "rules.verdict",
    "WRITE": "rules.rule",
    "advise": "rules.checks",
    "applies": "rules.checks",
    "control": "rules.checks",
    "draw": "rules.checks",
    "evidence": "rules.checks",
    "expect": "rules.checks",
    "inconclusive": "rules.checks",
    "not_applicable": "rules.checks",
    "note": "rules.checks",
    "rule": "rules.rule",
    "warn": "rules.checks",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
