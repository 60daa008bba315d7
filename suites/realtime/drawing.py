"""The events of a stream beside the writes, as a timeline."""

from __future__ import annotations

from harness.client.open_responses import Held
from harness.rules.checks import draw, evidence
from harness.rules.figures import Moment, TimelineFigure, Track

from .judge import mentions
from .trial import Round

MOST = 40
"""Events that are drawn of one connection."""


def show(made: Round) -> None:
    """Keep a round as evidence: in words, and drawn."""
    evidence(made.timeline)
    draw(figure(made))


def figure(made: Round) -> TimelineFigure:
    """The writes of a round, and what each connection got. Pure."""
    begin = made.main.sent
    writes = [
        Moment(at=one.began - begin, end=one.done - begin, text=f"write {place}")
        for place, one in enumerate(made.writes, 1)
    ]
    tracks = [Track(label="writes", moments=writes)] if writes else []
    named = {
        "a client who stays": made.main,
        "one who leaves": made.leaver,
        "the same, who returns": made.resumed,
    }
    tracks += [
        Track(label=label, moments=moments(made, held)) for label, held in named.items() if held is not None
    ]
    return TimelineFigure(title=f"Events of {made.found.path}", tracks=tracks)


def moments(made: Round, held: Held) -> list[Moment]:
    """What a connection got: the header section, and each event. Pure."""
    begin, shown = made.main.sent, []
    if held.head is not None:
        status = f"{held.status}"
        shown.append(Moment(at=held.head - begin, text=status, outcome="open" if held.is_stream else "bad"))
    changing = made.changes.began if made.changes is not None else float("inf")
    for one in held.events[:MOST]:
        found = (n for n, write in enumerate(made.writes, 1) if mentions(one.event.data, write.mark))
        place = next(found, None)
        of = "a change" if one.at >= changing else f"write {place}"
        text = one.event.type[:40] if place is None else f"event of {of}"
        shown.append(Moment(at=one.at - begin, text=text, outcome="open" if place is None else "good"))
    return shown
