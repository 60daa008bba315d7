"""The positions of the parts of a figure: plain numbers for the templates."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.rules.figures import (
    Figure,
    Lane,
    LoadFigure,
    LoadPoint,
    Moment,
    QuotaFigure,
    QuotaRequest,
    RaceFigure,
    TimelineFigure,
    Track,
)

WIDTH = 640.0
"""Of the plotting area, in units of the picture; it scales with the page."""
LANE = 18
ROW = 34
"""Height of a track of a timeline, with the label above it."""
MOST_TEXTS = 4
SHORT = 12
"""Texts beside a track, and characters of each."""
HEIGHT = 160.0
"""Of a quota's plotting area."""
STEPS = (1, 2, 5)
MOST_DOTS = 400
"""Requests of a flood that are drawn."""


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
    """A request against a quota; `y` is None if the response does not say what is left."""

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
class Dot:
    """A request of a load; `served` tells which of two marks it gets."""

    x: float
    y: float
    served: bool


@dataclass(frozen=True)
class LoadPlot:
    """Latency over time, drawn on a logarithmic scale, since a queue is a thousand times slower than none."""

    figure: LoadFigure
    measured: list[Dot]
    flood: list[Dot]
    left: float
    right: float
    ticks: list[Tick]
    levels: list[Tick]
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Span:
    """A moment of a timeline; `right` is None for an instant."""

    moment: Moment
    left: float
    right: float | None


@dataclass(frozen=True)
class Row:
    """A track of a timeline: its label is above what is drawn, and a summary beside it."""

    track: Track
    top: int
    spans: list[Span]
    summary: str


@dataclass(frozen=True)
class TimelinePlot:
    """What went on over time, drawn."""

    figure: TimelineFigure
    rows: list[Row]
    ticks: list[Tick]
    height: int


@dataclass(frozen=True)
class Picture:
    """A figure, the positions of its parts, and the places of its exchanges on the page."""

    figure: Figure
    plot: Plot | None
    links: dict[str, str]


Plot = RacePlot | QuotaPlot | LoadPlot | TimelinePlot


def plot(figure: Figure) -> Plot | None:
    """The geometry of a figure; None for one that is shown as text."""
    if isinstance(figure, RaceFigure):
        return _race(figure)
    if isinstance(figure, QuotaFigure):
        return _quota(figure)
    if isinstance(figure, LoadFigure):
        return _load(figure)
    if isinstance(figure, TimelineFigure):
        return _timeline(figure)
    return None


def _timeline(figure: TimelineFigure) -> TimelinePlot:
    moments = [one for track in figure.tracks for one in track.moments]
    whole = max((max(one.at, one.end or 0.0) for one in moments), default=0.0) or 1.0

    def x(instant: float) -> float:
        return _round(max(0.0, instant) / whole * WIDTH)

    rows = [
        Row(
            track,
            place * ROW,
            [Span(one, x(one.at), None if one.end is None else x(one.end)) for one in track.moments],
            _summary([one.text for one in track.moments]),
        )
        for place, track in enumerate(figure.tracks)
    ]
    ticks = [Tick(x(value), f"{value:g} s") for value in round_values(whole)]
    return TimelinePlot(figure, rows, ticks, len(rows) * ROW)


def _summary(texts: list[str]) -> str:
    """The texts in short: what fits beside a track."""
    if not texts:
        return "nothing"
    shown = [text if len(text) <= SHORT else f"{text[: SHORT - 1]}…" for text in texts]
    if len(shown) > MOST_TEXTS:
        shown = [*shown[: MOST_TEXTS - 2], "…", shown[-1]]
    return ", ".join(shown)


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
    reported = [request.remaining for request in figure.requests if request.remaining is not None]
    top = max([figure.limit or 0.0, *reported, 1.0])
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


def _load(figure: LoadFigure) -> LoadPlot:
    points = [*figure.measured, *figure.flood]
    whole = max([figure.end, *(one.at for one in points)], default=0.0) or 1.0
    low = math.floor(math.log10(max(0.1, min((one.latency for one in points), default=1.0))))
    high = max(low + 1, math.ceil(math.log10(max(1.0, *(one.latency for one in points), 1.0))))

    def x(at: float) -> float:
        return _round(at / whole * WIDTH)

    def y(latency: float) -> float:
        return _round(HEIGHT - (math.log10(max(10.0**low, latency)) - low) / (high - low) * HEIGHT)

    def dots(some: list[LoadPoint]) -> list[Dot]:
        return [Dot(x(one.at), y(one.latency), one.status is not None and one.status < 400) for one in some]

    return LoadPlot(
        figure,
        dots(figure.measured),
        dots(thinned(figure.flood, MOST_DOTS)),
        x(figure.start),
        x(figure.end),
        [Tick(x(value), f"{value:g} s") for value in round_values(whole)],
        [Tick(y(10.0**power), _duration(10.0**power * 1000)) for power in range(low, high + 1)],
        [
            ("measured, before the flood", _row([one for one in figure.measured if one.at < figure.start])),
            (
                "measured, during the flood",
                _row([one for one in figure.measured if figure.start <= one.at < figure.end]),
            ),
            ("measured, after the flood", _row([one for one in figure.measured if one.at >= figure.end])),
            ("flood", _row(figure.flood)),
        ],
    )


def thinned(points: list[LoadPoint], most: int) -> list[LoadPoint]:
    """Every n-th point, so that there are at most so many."""
    return points[:: max(1, math.ceil(len(points) / most))]


def _row(points: list[LoadPoint]) -> list[str]:
    """Number of requests, of served ones, median and longest latency."""
    found = sorted(one.latency for one in points)
    served = sum(one.status is not None and one.status < 400 for one in points)
    if not found:
        return ["0", "0", "", ""]
    return [
        str(len(found)),
        str(served),
        _duration(1000 * found[len(found) // 2]),
        _duration(1000 * found[-1]),
    ]


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
