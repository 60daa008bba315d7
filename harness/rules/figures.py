"""Figures: evidence that is seen better than read, as plain data. A report draws it; `conformance.json` keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null")


class Lane(Data):
    """One request of a race; instants are microseconds after the first release."""

    label: str = Field(description="Method and path.")
    exchange: str | None = Field(None, description="Id of its exchange.")
    released: float | None = Field(None, description="When its last byte was sent; null if it was not sent.")
    first: float | None = Field(None, description="When the first bytes of the response arrived.")
    done: float | None = Field(None, description="When the response was complete.")
    status: int | None = Field(None, description="Status of the response.")
    note: str | None = Field(None, description="Why there is no response, or that it was throttled.")


class RaceFigure(Data):
    """Who was in flight when."""

    kind: Literal["race"] = Field("race", description="Kind of the figure.")
    title: str = Field(description="What is shown.")
    protocol: str = Field("", description="HTTP/1.1, a connection per request, or HTTP/2, one for all.")
    spread: float = Field(description="Microseconds from before the first release to after the last.")
    overlap: int = Field(description="The greatest number of requests in flight at once.")
    lanes: list[Lane] = Field(description="The requests, in their order.")


class QuotaRequest(Data):
    """One request against a quota."""

    at: float = Field(description="Seconds after the first request.")
    status: int | None = Field(None, description="Status of the response; null if there was none.")
    accepted: bool = Field(description="Whether it was served.")
    remaining: float | None = Field(None, description="The remaining quota in the response.")
    exchange: str | None = Field(None, description="Id of its exchange.")


class QuotaFigure(Data):
    """What was accepted and rejected over time, and the quota that the target said was left."""

    kind: Literal["quota"] = Field("quota", description="Kind of the figure.")
    title: str = Field(description="What is shown.")
    limit: float | None = Field(None, description="The advertised or declared limit.")
    window: float | None = Field(None, description="Its window, in seconds.")
    requests: list[QuotaRequest] = Field(description="In the order of their responses.")


Mark = Literal["seen", "again", "missed", "inserted", "deleted", "moved"]


class ListedItem(Data):
    """One item in a step of a traversal."""

    label: str = Field(description="How the report names the item.")
    mark: Mark = Field("seen", description="What happened to the item in this step.")


class Step(Data):
    """One step of a traversal under change: a page that was read, or a change that was made between pages."""

    action: Literal["page", "insert", "delete", "move", "size"] = Field(description="What was done.")
    text: str = Field(description="The step in a few words, such as `page 2, 5 items`.")
    items: list[ListedItem] = Field([], description="The items of the step.")
    exchange: str | None = Field(None, description="Id of its exchange.")


class TraversalFigure(Data):
    """What the pages of a traversal showed, and what was changed between them."""

    kind: Literal["traversal"] = Field("traversal", description="Kind of the figure.")
    title: str = Field(description="What is shown.")
    steps: list[Step] = Field(description="In the order of execution.")


class LoadPoint(Data):
    """One request of a load."""

    at: float = Field(description="Seconds after the beginning at which it was due.")
    latency: float = Field(
        description="Milliseconds from then until the response was complete, or was given up."
    )
    status: int | None = Field(None, description="Status of the response; null if there was none.")
    exchange: str | None = Field(None, description="Id of its exchange; null for most, which are not kept.")


class LoadFigure(Data):
    """The latency of one client, and of another one that floods."""

    kind: Literal["load"] = Field("load", description="Kind of the figure.")
    title: str = Field(description="What is shown.")
    start: float = Field(description="When the flood began, in seconds.")
    end: float = Field(description="When it ended.")
    measured: list[LoadPoint] = Field(description="Requests of the client that is measured.")
    flood: list[LoadPoint] = Field([], description="Requests of the client that floods.")


Outcome = Literal["open", "good", "bad"]


class Moment(Data):
    """Something that was seen, at an instant or for a while; instants are seconds after the beginning."""

    at: float = Field(description="When it was seen, or began.")
    end: float | None = Field(None, description="When it ended; null for an instant.")
    text: str = Field(description="What it was, such as a state or a status.")
    outcome: Outcome = Field("open", description="Whether it is a success, a failure, or neither.")
    exchange: str | None = Field(None, description="Id of its exchange.")


class Track(Data):
    """What was seen of one thing, such as an operation or a receiver."""

    label: str = Field(description="What it is.")
    moments: list[Moment] = Field(description="In the order of time.")


class TimelineFigure(Data):
    """What went on over time, beside each other."""

    kind: Literal["timeline"] = Field("timeline", description="Kind of the figure.")
    title: str = Field(description="What is shown.")
    tracks: list[Track] = Field(description="From top to bottom.")


Figure = Annotated[
    RaceFigure | QuotaFigure | TraversalFigure | LoadFigure | TimelineFigure, Field(discriminator="kind")
]


def cleaned(figure: Figure, clean: Callable[[str], str]) -> Figure:
    """The figure with every text that a target may have a part in passed through `clean`."""
    changes: dict[str, object] = {"title": clean(figure.title)}
    if isinstance(figure, RaceFigure):
        changes["lanes"] = [
            lane.model_copy(
                update={"label": clean(lane.label), "note": None if lane.note is None else clean(lane.note)}
            )
            for lane in figure.lanes
        ]
    elif isinstance(figure, TraversalFigure):
        changes["steps"] = [
            step.model_copy(
                update={
                    "text": clean(step.text),
                    "items": [item.model_copy(update={"label": clean(item.label)}) for item in step.items],
                }
            )
            for step in figure.steps
        ]
    elif isinstance(figure, TimelineFigure):
        changes["tracks"] = [
            Track(
                label=clean(track.label),
                moments=[one.model_copy(update={"text": clean(one.text)}) for one in track.moments],
            )
            for track in figure.tracks
        ]
    return figure.model_copy(update=changes)
