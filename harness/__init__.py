"""Conformance suites for running HTTP APIs, as a pytest plugin."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Loaded on first use: the plugin's entry point imports this package in every pytest run of every user.
_HOME = {
    "BURST": "rules",
    "CRITICAL": "rules",
    "Effect": "rules",
    "Exchange": "exchange",
    "FLOOD": "rules",
    "Impact": "verdict",
    "Level": "verdict",
    "MAJOR": "rules",
    "MAY": "rules",
    "MINOR": "rules",
    "MUST": "rules",
    "READ": "rules",
    "SHOULD": "rules",
    "Verdict": "verdict",
    "WRITE": "rules",
    "applies": "oracle",
    "control": "oracle",
    "draw": "oracle",
    "evidence": "oracle",
    "expect": "oracle",
    "inconclusive": "oracle",
    "not_applicable": "oracle",
    "note": "oracle",
    "rule": "rules",
    "warn": "oracle",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
