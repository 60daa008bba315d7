"""Where the parts of a figure stand in its picture: plain numbers for the templates."""

from __future__ import annotations

from dataclasses import dataclass

from harness.rules.figures import Figure, Lane, QuotaFigure, QuotaRequest, RaceFigure

WIDTH = 640.0
"""Of the plotting area, in units of the picture; it scales with the page."""
LANE = 18
HEIGHT = 160.0
"""Of a quota's plotting area."""
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class Bar:
    """A request of a race: waiting from `left`, receiving from `turn` to `right`; None where it has no end."""

    lane: Lane
    top: int
    left: float | None
    turn: float | None
    right: float | None
    end: str


@dataclass(frozen=True)
class RacePlot:
    """A race, drawn."""

    figure: RaceFigure
    bars: list[Bar]
    ticks: list[Tick]
    height: int


@dataclass(frozen=True)
class Point:
    """A request against a quota; `y` is None where the answer told nothing of what was left."""

    request: QuotaRequest
    x: float
    y: float | None


@dataclass(frozen=True)
class QuotaPlot:
    """A quota over time, drawn."""

    figure: QuotaFigure
    points: list[Point]
    ticks: list[Tick]
    levels: list[Tick]
    accepted: int
    rejected: int

    @property
    def line(self) -> str:
        """What was left, as the points of a polyline."""
        return " ".join(f"{point.x:g},{point.y:g}" for point in self.points if point.y is not None)


@dataclass(frozen=True)
class Picture:
    """A figure, where its parts stand, and where on the page the exchanges are that it shows."""

    figure: Figure
    plot: RacePlot | QuotaPlot | None
    links: dict[str, str]


def plot(figure: Figure) -> RacePlot | QuotaPlot | None:
    """The geometry of a figure; None for one that is told in words."""
    if isinstance(figure, RaceFigure):
        return _race(figure)
    if isinstance(figure, QuotaFigure):
        return _quota(figure)
    return None


def _race(figure: RaceFigure) -> RacePlot:
    whole = max((lane.done for lane in figure.lanes if lane.done is not None), default=0.0) or 1.0

    def at(instant: float | None) -> float | None:
        return None if instant is None else _round(instant / whole * WIDTH)

    bars = [
        Bar(lane, place * LANE, at(lane.released), at(lane.first), at(lane.done), _end(lane))
        for place, lane in enumerate(figure.lanes)
    ]
    ticks = [Tick(_round(value / whole * WIDTH), _duration(value)) for value in round_values(whole)]
    return RacePlot(figure, bars, ticks, len(bars) * LANE)


def _end(lane: Lane) -> str:
    if lane.done is None or lane.released is None:
        return "no answer"
    return f"{lane.status} after {_duration(lane.done - lane.released)}"


def _duration(microseconds: float) -> str:
    if microseconds < 1_000:
        return f"{microseconds:.0f} µs"
    return f"{microseconds / 1_000:.3g} ms" if microseconds < 1_000_000 else f"{microseconds / 1e6:.3g} s"


def _quota(figure: QuotaFigure) -> QuotaPlot:
    whole = max((request.at for request in figure.requests), default=0.0) or 1.0
    told = [request.remaining for request in figure.requests if request.remaining is not None]
    top = max([figure.limit or 0.0, *told, 1.0])
    points = [
        Point(
            request,
            _round(request.at / whole * WIDTH),
            None if request.remaining is None else _round(HEIGHT - request.remaining / top * HEIGHT),
        )
        for request in figure.requests
    ]
    return QuotaPlot(
        figure,
        points,
        [Tick(_round(value / whole * WIDTH), f"{value:g} s") for value in round_values(whole)],
        [Tick(_round(HEIGHT - value / top * HEIGHT), f"{value:g}") for value in round_values(top, 4)],
        sum(request.accepted for request in figure.requests),
        sum(not request.accepted for request in figure.requests),
    )


def round_values(whole: float, most: int = 6) -> list[float]:
    """Round values from 0 to `whole`, at most so many steps apart: 1, 2 or 5 times a power of ten."""
    size = 1e-9
    while True:
        for step in STEPS:
            if whole / (step * size) <= most:
                count = int(whole / (step * size) + 1e-9)
                return [round(place * step * size, 12) for place in range(count + 1)]
        size *= 10


def _round(value: float) -> float:
    return round(value, 1)
