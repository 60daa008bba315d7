"""Filters by members that are booleans or dates, each with items of its own.

They are judged apart from texts and numbers: an API may hide an item because of its flag, or refuse a date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

import jsonpointer

from harness.http.content import MISSING, at, replaced
from harness.payloads.constraints import joined, kinds, member, valid
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided, evidence, expect
from harness.survey.openapi.queries import QueryParameter

from .filtering import judge_filter
from .lists import Fixtures, asked
from .oracle import flag_fault
from .parameters import Filter, filters_exactly, is_loose

DAY = re.compile(r"\d{4}-\d\d-\d\d")
DAYS = (3, 0, 2, 1)
"""Days after a date that is accepted, or before it: the end of a stay bounds its start."""
MOST = 2
_TEXTS = {True: "true", False: "false"}


def flags_of(
    resource: ResourceUnderTest, parameters: Mapping[str, QueryParameter]
) -> dict[str, QueryParameter]:
    """Boolean parameters with the name of a boolean member that a create may set, by name."""
    found = {}
    for name, one in parameters.items():
        if one.kind == "boolean" and not is_loose(one) and "boolean" in kinds(_schema(resource, name)):
            bodies = [_with(resource, name, flag) for flag in (True, False)]
            if all(_accepted(resource, body) for body in bodies):
                found[name] = one
    return dict(list(found.items())[:MOST])


def judge_flags(resource: ResourceUnderTest, flags: Mapping[str, QueryParameter], window: float) -> list[str]:
    """Break the rule where a boolean parameter does not select by the member of its name; returns what was judged."""
    judged = []
    for name, one in flags.items():
        made = Fixtures(resource, window, {name: "boolean"})
        try:
            made.create_each([_with(resource, name, flag) for flag in (True, False)])
            shown = {flag: made.order(((name, text),), wait=False) for flag, text in _TEXTS.items()}
        except Undecided as problem:
            evidence(f"not judged: {name}, {problem}")
            continue
        values, yes, no = made.values[name], shown[True], shown[False]
        if yes is None or no is None or sorted(map(repr, values.values())) != ["False", "True"]:
            evidence(f"not judged: {name} is refused, or the list does not show it")
            continue
        fault = flag_fault(set(yes), set(no), values, filters_exactly(one))
        if fault and not one.says:
            evidence(f"not judged: nothing says what {name} selects")
            continue
        query = f"{asked(resource, ((name, 'true'),))} and {asked(resource, ((name, 'false'),))}"
        expect(not fault, f"items by their {name}", f"{query}: {fault}")
        judged.append(f"{name} (eq)")
    return judged


def dates_of(resource: ResourceUnderTest, parameters: Mapping[str, QueryParameter]) -> dict[str, str]:
    """Members of the accepted body that are dates and may have later ones: `date` by name."""
    known = resource.known
    body = at(known.body, known.representation)
    found = {}
    for name, value in body.items() if isinstance(body, dict) and parameters else ():
        if _schema(resource, name).get("format") == "date" and isinstance(value, str):
            days = days_after(value)
            if days and all(_accepted(resource, _with(resource, name, day)) for day in days):
                found[name] = "date"
    return found


def judge_days(resource: ResourceUnderTest, filters: Iterable[Filter], window: float) -> list[str]:
    """Break the rule where a filter by a date shows other items than it should; returns what was judged."""
    listed = list(filters)
    if not listed:
        return []
    name = listed[0].member
    made = _dated(resource, name, window)
    if made is None:
        return []
    shown = made.values[name].values()
    if len(set(shown)) != len(DAYS) or not all(isinstance(one, str) and DAY.fullmatch(one) for one in shown):
        evidence(f"not judged: the list does not show {name} as a date")
        return []
    try:
        return [
            f"{one.name} ({one.sign})" for one in listed if one.member == name and judge_filter(made, one)
        ]
    except Undecided as problem:
        evidence(f"not judged: {name}, {problem}")
        return []


def _dated(resource: ResourceUnderTest, name: str, window: float) -> Fixtures | None:
    """Items with dates of their own: later ones, or earlier ones where those are refused; None if both are."""
    first = at(resource.known.body, f"{resource.known.representation}/{jsonpointer.escape(name)}")
    problems = []
    for days in (days_after(first), days_before(first)):
        made = Fixtures(resource, window, {name: "date"})
        try:
            made.create_each([_with(resource, name, day) for day in days])
            return made
        except Undecided as problem:
            problems.append(str(problem))
    evidence(f"not judged: {name}, {'; '.join(problems)}")
    return None


def days_after(text: str) -> tuple[str, ...]:
    """A date and some later ones, as close to it as can be, in no order: an API may allow few.

    Returns:
        dates of RFC 3339 (`full-date`); none where the text is not one, or is the last that there is.
    """
    try:
        first = dt.date.fromisoformat(text) if DAY.fullmatch(text) else None
        return () if first is None else tuple((first + dt.timedelta(one)).isoformat() for one in DAYS)
    except (ValueError, OverflowError):
        return ()


def days_before(text: str) -> tuple[str, ...]:
    """A date and some earlier ones, like `days_after`."""
    try:
        first = dt.date.fromisoformat(text) if DAY.fullmatch(text) else None
        return () if first is None else tuple((first - dt.timedelta(one)).isoformat() for one in DAYS)
    except (ValueError, OverflowError):
        return ()


def without(resource: ResourceUnderTest, name: str) -> Any:
    """A valid body in which a member has no value; `MISSING` where its schema does not allow that."""
    for value in (None, MISSING):
        body = _with(resource, name, value)
        if _schema(resource, name) and _accepted(resource, body):
            return body
    return MISSING


def changed(resource: ResourceUnderTest, name: str, value: Any) -> Any:
    """A fresh body with another value of a member."""
    return _with(resource, name, value)


def accepts(resource: ResourceUnderTest, name: str, value: Any) -> bool:
    """Whether clients set a member, and the schema of creates certainly allows a value of it."""
    return bool(_schema(resource, name)) and _accepted(resource, _with(resource, name, value))


def _schema(resource: ResourceUnderTest, name: str) -> dict[str, Any]:
    """The schema of a member of a create body that clients set; empty where there is none."""
    root = resource.known.create_schema
    part = member(root, _place(resource, name)) if root is not None else None
    if root is None or part is None or name in resource.known.read_only:
        return {}
    found = joined(root, part)
    return {} if found.get("readOnly") is True else found


def _place(resource: ResourceUnderTest, name: str) -> str:
    return f"{resource.known.representation}/{jsonpointer.escape(name)}"


def _with(resource: ResourceUnderTest, name: str, value: Any) -> Any:
    """A fresh body with another value of a member."""
    return replaced(resource.body(), _place(resource, name), value)


def _accepted(resource: ResourceUnderTest, body: Any) -> bool:
    """Whether the schema of creates certainly allows a body."""
    root = resource.known.create_schema
    return root is not None and valid(root, body)
