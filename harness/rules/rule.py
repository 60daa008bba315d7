"""What a rule is: an ordinary pytest function with a code, a level, and the reasons in its docstring.

1. The first line of the docstring is the title. `Why:` says what breaks for a client, `Fix:` what an API
   author does; both are mandatory. `Probe:` may say how it is put to the target, and `Advice:` why what it finds is
   of minor impact.
2. A code is a suite, a hyphen and three digits; it is never reused.
3. Marker arguments are plain strings, so that `-m "rule(suite='ERR')"` selects and JUnit names work.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeVar

import pytest

from harness.rules.verdict import Impact, Level

MUST, SHOULD, MAY = Level.MUST, Level.SHOULD, Level.MAY
CRITICAL, MAJOR, MINOR = Impact.CRITICAL, Impact.MAJOR, Impact.MINOR


class Effect(IntEnum):
    """What a rule does to the target, from harmless to disruptive."""

    READ = 0
    """Safe methods only (RFC 9110 section 9.2.1)."""
    WRITE = 1
    """Creates, changes and removes resources of its own."""
    BURST = 2
    """Sends concurrent writes."""
    FLOOD = 3
    """Sends requests until it is refused with 429."""
    LOAD = 4
    """Sends many requests at a constant rate, to measure latency and to see what overload does."""


def doing(effect: Effect, host: str, most: int) -> str:
    """What a run with these effects does to its target, for an owner who shares the target with others.

    Args:
        host: name of the target's host, with its port where the URL has one.
        most: requests that the run may send.
    """
    if effect is Effect.READ:
        return f"reads only, on {host}: GET, HEAD and OPTIONS, up to {most:,} requests"
    text = f"creates, changes and deletes its own items on {host}, up to {most:,} requests"
    if effect >= Effect.BURST:
        text += ", races included"
    if effect >= Effect.FLOOD:
        text += ", and exhausts rate limits on purpose"
    if effect >= Effect.LOAD:
        text += ", and puts load on it"
    return text


READ, WRITE, BURST, FLOOD, LOAD = Effect.READ, Effect.WRITE, Effect.BURST, Effect.FLOOD, Effect.LOAD

F = TypeVar("F", bound=Callable[..., Any])
_CODE = re.compile(r"[A-Z]{2,6}-\d{3}\Z")
ATTRIBUTE = "conformance_rule"
FIRST_EDITION = "2026.12"
"""The edition of every rule that names no other."""
_EDITION = re.compile(r"\d{4}\.\d\d\Z")


@dataclass(frozen=True)
class Rule:
    """One requirement on an HTTP API.

    Attributes:
        code: `SUITE-NNN`.
        level: normative strength of the source.
        impact: how much it hurts when broken.
        title: the requirement as a sentence.
        why: what breaks for a client when it is broken.
        fix: what an API author does about it.
        refs: the sources, with section.
        needs: capabilities without which the rule does not apply.
        judges: those of them that the rule itself judges: it also runs where they are declared and do not work.
        effect: what running it does to the target.
        strict: True when a breach of a MUST of major impact fails only under the profile's `strict = true`, and warns
            otherwise.
        rougher: the more disruptive effect that it uses where allowed; `effect` where it is not. A rule that reads an
            item that is there, and under WRITE one that it creates, says so.
        waits: longest time in seconds that it waits, on each resource.
        beside: whether what it waits for begins with the first rule of its suite, and goes on beside all others.
        shared: number of resources that share its rounds, so that it sends no more than on one.
        probe: how it is put to the target, where its docstring says so.
        advice: why a breach of it, or of a part of it, is only advice; from its docstring.
        edition: year and month of the edition that it was added in: in a run with an earlier `--edition` it is
            reported, and does not fail the run.
        light: whether it is also put to resources of which others that behave alike are tested in full: what it judges
            is often forgotten in one of many.
        alone: whether no other rule may write to its resource meanwhile, whatever its effect: it compares reads that
            the writes of others would change. One on the whole API runs alone.
    """

    code: str
    level: Level
    impact: Impact
    title: str
    why: str
    fix: str
    refs: tuple[str, ...]
    needs: tuple[str, ...] = ()
    effect: Effect = Effect.READ
    strict: bool = False
    rougher: Effect | None = None
    waits: float = 0.0
    shared: float = 1
    probe: str = ""
    advice: str = ""
    judges: tuple[str, ...] = ()
    edition: str = FIRST_EDITION
    beside: bool = False
    light: bool = False
    alone: bool = False

    def within(self, allowed: Effect) -> Effect:
        """What running it does, under the allowed effects."""
        return self.rougher if self.rougher is not None and self.rougher <= allowed else self.effect

    @property
    def suite(self) -> str:
        return self.code.partition("-")[0]


def rule(  # noqa: PLR0913
    code: str,
    level: Level,
    *,
    refs: Sequence[str],
    needs: str = "",
    effect: Effect = Effect.READ,
    rougher: Effect | None = None,
    impact: Impact = Impact.MAJOR,
    strict: bool = False,
    waits: float = 0.0,
    shared: float = 1,
    edition: str = FIRST_EDITION,
    beside: bool = False,
    light: bool = False,
    alone: bool = False,
) -> Callable[[F], F]:
    """Make a pytest function a conformance rule.

    Args:
        code: `SUITE-NNN`, unique among the rules of a run.
        level: MUST, SHOULD or MAY, as the source words it.
        refs: the sources, such as `"RFC 9110 section 9.3.5"`; at least one.
        needs: capability names, separated by spaces; the rule is parametrized over the resources that
            have them all. One that ends in `!` is judged by the rule itself, which then also runs where
            that capability is declared and does not work.
        effect: the most disruptive thing that the rule does.
        impact: CRITICAL, MAJOR or MINOR.
        rougher, strict, waits, shared, edition, beside, light, alone: see `Rule`.

    Raises:
        ValueError: the code or the edition is malformed, a source is missing, or the docstring lacks its title, `Why:`
            or `Fix:`.
    """

    if not _CODE.match(code):
        raise ValueError(f"rule code {code!r} is not of the form SUITE-NNN, such as COND-004")
    if not is_edition(edition):
        raise ValueError(
            f"rule {code}: edition {edition!r} is not of the form YYYY.MM, such as {FIRST_EDITION}"
        )
    if not refs:
        raise ValueError(f"rule {code} names no source: give refs=[...]")

    def mark(function: F) -> F:
        if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            # A call of one runs nothing: the rule would always pass.
            raise ValueError(f"rule {code}: must be a plain function, not a coroutine or a generator")
        text = function.__doc__ or ""
        described = Rule(
            code,
            level,
            impact,
            *parse_docstring(text, code),
            tuple(refs),
            tuple(need.rstrip("!") for need in needs.split()),
            effect,
            strict,
            rougher,
            waits,
            shared,
            paragraph(text, "Probe"),
            paragraph(text, "Advice"),
            judges=tuple(need.rstrip("!") for need in needs.split() if need.endswith("!")),
            edition=edition,
            beside=beside,
            light=light,
            alone=alone,
        )
        setattr(function, ATTRIBUTE, described)
        marked: F = _marker(described, " ".join(described.needs))(function)
        return marked

    return mark


def is_edition(text: str) -> bool:
    """Whether a text names an edition: `2026.12`. Editions are ordered like their texts."""
    return bool(_EDITION.match(text))


def _marker(described: Rule, needs: str) -> pytest.MarkDecorator:
    return pytest.mark.rule(
        code=described.code,
        suite=described.suite,
        level=described.level.value,
        impact=described.impact.value,
        effect=described.effect.name,
        needs=needs,
    )


def of(function: object) -> Rule | None:
    """The rule that `rule()` made of a function, or None."""
    return getattr(function, ATTRIBUTE, None)


def paragraph(text: str, name: str) -> str:
    """The paragraph of a docstring that begins with `NAME:`, on one line; empty where there is none."""
    found = re.search(rf"^{name}:\s*(.*?)(?=^\w+:|\Z)", inspect.cleandoc(text), re.M | re.S)
    words = " ".join(found[1].split()) if found else ""
    return words[:1].upper() + words[1:]


def parse_docstring(text: str, code: str) -> tuple[str, str, str]:
    """Title, reason and fix from a rule's docstring.

    Raises:
        ValueError: a part is missing.
    """
    title, _, rest = inspect.cleandoc(text).partition("\n")
    why, fix = (paragraph(rest, name) for name in ("Why", "Fix"))
    for name, found in (("Why", why), ("Fix", fix)):
        if not found:
            raise ValueError(f"rule {code}: its docstring has no `{name}:` paragraph")
    if not title.strip():
        raise ValueError(f"rule {code}: the first line of its docstring must be its title")
    return title.strip(), why, fix
