"""What rules about event streams have in common: the rounds of all streams, and what came of a connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from harness.client.client import Client
from harness.client.open_responses import Held
from harness.profile.models import Profile
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import inconclusive
from harness.rules.rule import Effect
from harness.survey.outcome import Survey

from .idle import begin
from .sources import Found, Given, streams
from .trial import Round, round_of


def rounds(
    client: Client,
    profile: Profile,
    survey: Survey,
    make_resource: Callable[[str], ResourceUnderTest],
    code: str,
) -> list[tuple[Found, Round]]:
    """The round of each stream."""
    given = Given(client, profile, survey, make_resource)
    begin(given)
    return [caused(found, round_of(given, found, code)) for found in streams(given)]


def caused(found: Found, made: Round) -> tuple[Found, Round]:
    """A stream and its round; what only was supposed to cause events and did not is none of its triggers."""
    if not found.supposed or any(one.arrived for one in made.writes):
        return found, made
    how = found.how.model_copy(update={"trigger": None})
    return replace(found, how=how), replace(made, writes=[], open="", unrelated=0)


def served(found: Found, made: Round) -> None:
    """Whether a stream was served; inconclusive with the reason where not."""
    if not made.main.is_stream:
        inconclusive(f"{found.path}: {answered(made.main)} (see RT-001)")


def answered(held: Held) -> str:
    """What came of a connection, in a few words."""
    if held.status is None:
        return f"no response within {(held.ended or time.monotonic()) - held.sent:.1f} s{ended(held)}"
    return f"{held.status}, {held.field('content-type') or 'no Content-Type'}{ended(held)}"


def ended(held: Held) -> str:
    return f"; {held.why} after {held.ended - held.sent:.2f} s" if held.ended is not None else ""


def needs_events(found: Found, made: Round, client: Client) -> None:
    """Continue where events could be caused and at least one arrived."""
    if found.how.trigger is None:
        inconclusive(f"{found.path}: what causes an event is not declared (`trigger` in [[streams]])")
    if client.target.limits.effects < Effect.WRITE:
        inconclusive("nothing may cause an event under --effects read")
    served(found, made)
    if made.open and not made.writes:
        inconclusive(f"{found.path}: {made.open}")
    if not any(one.arrived for one in made.writes):
        inconclusive(
            f"{found.path}: {made.open or 'no event arrived'}{ended(made.main)}: see that `trigger` causes events "
            "here, and that they show its id (see RT-003)"
        )
