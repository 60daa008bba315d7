"""The header of a run: what is tested, and what the run does to it."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from harness.client.client import Client
from harness.http.item_urls import key
from harness.profile.models import Profile, Resource
from harness.resource.creating import ARCHIVE
from harness.rules.rule import Effect, doing
from harness.run.settings import Settings
from harness.survey.outcome import Survey
from harness.target.target import Target


def lines(target: Target, settings: Settings, found: Survey, left: float) -> list[str]:
    """The target, the limits, and what the run does to the target.

    Args:
        settings: with the effects decided for this target.
        found: what the survey found.
        left: seconds of `--max-time` that are left.
    """
    limits = settings.limits
    names = ", ".join(resource.name for resource in found.profile.resources) or "none"
    pace = f", {limits.rps:g} per second" if limits.rps else ""
    if limits.max_time is not None:
        pace += (
            f", {limits.max_time:g} s from the first request, of which {left:.3g} s are left after the survey"
        )
    effects = limits.effects.name.lower()
    text = [
        f"{target.url}; OpenAPI: {found.openapi or 'none'}; resources: {names}",
        f"effects: {effects}; budget: {limits.max_requests} requests{pace}",
    ]
    # A dry run, or one that only lists rules, reads: the target is then allowed less than the settings.
    if target.limits.effects is limits.effects:
        host = urlsplit(target.url).netloc
        text.append(doing(limits.effects, host, limits.max_requests))
        if why := held_back(target, settings.effects, found.profile):
            text.append(why)
    return text


def staying(client: Client, profile: Profile) -> list[str]:
    """A line for each resource whose items cannot be removed, although the run may create some.

    Args:
        client: after the survey, which has tried it.
    """
    if client.target.limits.effects is Effect.READ:
        return []
    found = []
    for one in profile.resources:
        create, delete = one.capabilities.get("create"), one.capabilities.get("delete")
        why = client.recorder.budget.why_staying(key(client.url(one.collection)))
        if delete is not None and not delete.there:
            why = delete.because
        if create is None or not create.there or not why:
            continue
        if one.archive:
            found.append(_archiving(one))
        else:
            found.append(
                f"items of {one.name} cannot be removed ({why}): the run creates, and leaves behind, at "
                f"most {one.leave_behind} (`leave_behind` in [[resources]])"
            )
    return found


def _archiving(one: Resource) -> str:
    """How the run puts items away that it cannot remove."""
    change = json.dumps(one.archive)
    shown = (
        ""
        if one.missing(ARCHIVE) is None
        else ", and creates few, since its list still shows them (`leave_behind` in [[resources]])"
    )
    return f"items of {one.name} have no DELETE: the run archives its own by PATCH {change}{shown}"


def held_back(target: Target, chosen: Effect | None, profile: Profile) -> str:
    """Why only safe methods are sent although the user did not choose that; empty otherwise.

    Args:
        chosen: the value of `--effects`; None if it is not given.
    """
    if target.limits.effects is not Effect.READ or chosen is not None or profile.effects is not None:
        return ""
    host = urlsplit(target.url).netloc
    return (
        f"{host} is not on a loopback address, and neither --effects nor `effects` in the profile allows more"
    )
