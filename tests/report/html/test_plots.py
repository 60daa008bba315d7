"""Where the parts of a figure stand, on literal figures, and that the page shows them."""

from __future__ import annotations

import pytest

from harness.report.html.page import render
from harness.report.html.plots import HEIGHT, WIDTH, QuotaPlot, RacePlot, TimelinePlot, plot, round_values
from harness.rules.figures import (
    Figure,
    Lane,
    ListedItem,
    Moment,
    QuotaFigure,
    QuotaRequest,
    RaceFigure,
    Step,
    TimelineFigure,
    Track,
    TraversalFigure,
    cleaned,
)
from harness.rules.verdict import Verdict
from tests.report.sample import SCRIPT, build

RACE = RaceFigure(
    title="A storm",
    protocol="HTTP/1.1",
    spread=40.0,
    overlap=2,
    lanes=[
        Lane(label="POST /orders", released=0.0, first=500.0, done=1000.0, status=201),
        Lane(label="POST /orders", released=40.0, first=1500.0, done=2000.0, status=409),
        Lane(label="POST /orders", released=40.0, note="the connection was reset"),
    ],
)
QUOTA = QuotaFigure(
    title="To the limit and on",
    limit=10,
    window=2,
    requests=[
        QuotaRequest(at=0.0, status=200, accepted=True, remaining=5),
        QuotaRequest(at=1.0, status=200, accepted=True, remaining=0),
        QuotaRequest(at=2.0, status=429, accepted=False),
    ],
)
TRAVERSAL = TraversalFigure(
    title="Five items, one inserted",
    steps=[
        Step(action="page", text="page 1", items=[ListedItem(label="item 1")]),
        Step(
            action="insert",
            text="one item before the cursor",
            items=[ListedItem(label="new", mark="inserted")],
        ),
        Step(action="page", text="page 2", items=[ListedItem(label="item 1", mark="again")]),
    ],
)


def test_bars_of_a_race_share_one_scale() -> None:
    drawn = plot(RACE)
    assert isinstance(drawn, RacePlot)
    first, second, lost = drawn.bars
    assert (first.left, first.turn, first.right, first.end) == (0.0, WIDTH / 4, WIDTH / 2, "201 after 1 ms")
    assert (second.right, second.end) == (WIDTH, "409 after 1.96 ms")
    assert (lost.left, lost.right, lost.end) == (12.8, None, "no answer")
    assert [tick.label for tick in drawn.ticks] == ["0 µs", "500 µs", "1 ms", "1.5 ms", "2 ms"]


def test_a_quota_is_drawn_against_its_limit() -> None:
    drawn = plot(QUOTA)
    assert isinstance(drawn, QuotaPlot)
    assert [(point.x, point.y) for point in drawn.points] == [
        (0.0, HEIGHT / 2),
        (WIDTH / 2, HEIGHT),
        (WIDTH, None),
    ]
    assert drawn.line == "0,80 320,160"
    assert (drawn.accepted, drawn.rejected) == (2, 1)


@pytest.mark.parametrize(
    ("whole", "most", "values"),
    [
        (1.0, 6, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (7.0, 6, [0.0, 2.0, 4.0, 6.0]),
        (3_480.0, 6, [0.0, 1000.0, 2000.0, 3000.0]),
        (0.002, 4, [0.0, 0.0005, 0.001, 0.0015, 0.002]),
    ],
)
def test_axes_have_round_values(whole: float, most: int, values: list[float]) -> None:
    assert round_values(whole, most) == values


@pytest.mark.parametrize("figure", [RACE, QUOTA, TRAVERSAL], ids=lambda figure: figure.kind)
def test_a_figure_is_on_the_page_with_a_text_alternative(figure: Figure) -> None:
    report = build()
    finding = next(f for f in report.findings if f.verdict is Verdict.FAIL)
    without = render(report)
    finding.figures = [figure]
    page = render(report)
    assert figure.title not in without
    assert f"<figcaption>{figure.title}" in page
    if figure is TRAVERSAL:
        assert '<span class="item again">item 1 (again)</span>' in page
    else:
        assert "the table below has the same" in page
        assert page.count("The same as a table") == without.count("The same as a table") + 1


@pytest.mark.parametrize(
    "figure", [RaceFigure(title="t", spread=0, overlap=0, lanes=[]), QuotaFigure(title="t", requests=[])]
)
def test_a_figure_without_anything_in_it_can_be_drawn(figure: Figure) -> None:
    report = build()
    report.findings[0].figures = [figure]
    assert "<figcaption>t: " in render(report)


def test_what_a_target_has_a_part_in_is_cleaned_and_escaped() -> None:
    hostile = TraversalFigure(
        title=SCRIPT,
        steps=[Step(action="page", text=f"secret {SCRIPT}", items=[ListedItem(label=f"secret {SCRIPT}")])],
    )
    clean = cleaned(hostile, lambda text: text.replace("secret", "$TOKEN"))
    assert "secret" not in clean.model_dump_json()
    race = RaceFigure(title="secret", spread=0, overlap=0, lanes=[Lane(label="GET /secret", note="secret")])
    assert "secret" not in cleaned(race, lambda text: text.replace("secret", "$TOKEN")).model_dump_json()
    assert "secret" not in cleaned(QUOTA.model_copy(update={"title": "secret"}), lambda _: "x").title
    report = build()
    report.findings[0].figures = [clean]
    assert SCRIPT not in render(report)


TIMELINE = TimelineFigure(
    title="Deliveries",
    tracks=[
        Track(
            label="receiver slow",
            moments=[
                Moment(at=0.0, end=2.0, text="no answer", outcome="bad"),
                Moment(at=4.0, text="204", outcome="good"),
            ],
        ),
        Track(label="receiver gone", moments=[]),
        Track(label="many", moments=[Moment(at=1.0, text=text) for text in ("a" * 30, "b", "c", "d", "e")]),
    ],
)


def test_a_timeline_has_a_row_for_each_track_on_one_scale() -> None:
    made = plot(TIMELINE)
    assert isinstance(made, TimelinePlot)
    slow, gone, many = made.rows
    assert [(one.left, one.right) for one in slow.spans] == [(0.0, WIDTH / 2), (WIDTH, None)]
    assert (slow.summary, gone.summary) == ("no answer, 204", "nothing")
    assert many.summary == f"{'a' * 11}…, b, …, e"
    assert slow.top < gone.top < many.top < made.height


def test_a_timeline_is_drawn_and_told_in_a_table() -> None:
    report = build()
    report.findings[0].figures = [TIMELINE]
    page = render(report)
    assert page.count("<tr><td>receiver slow</td>") == 2
    assert page.count("<td>nothing</td>") == 1
    shown = cleaned(TIMELINE, lambda text: text.replace("slow", "$NAME"))
    assert "slow" not in shown.model_dump_json()
