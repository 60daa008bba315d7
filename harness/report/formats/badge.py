"""A badge in SVG: `conformance | verified 92 of 118, 1 failed`. Self-contained, and readable without its colour."""

from __future__ import annotations

from xml.sax.saxutils import escape

from harness.report.model import Report
from harness.report.words import headline
from harness.rules.finding import fails

LABEL = "conformance"
_COLOURS = {"good": "#14692f", "unsure": "#865300", "bad": "#b3161c"}
_GREY = "#444c56"
_WIDE, _NARROW = set("mwMW"), set("fijlrt .,:;|'")


def render(report: Report) -> str:
    """The badge of a run, a text in SVG 1.1."""
    failed = len({finding.rule for finding in report.findings if fails(finding, report.run.failing)})
    text = report.headline.removesuffix(" rules")
    if failed:
        text += f", {failed} failed"
    if report.shortfall is not None:
        text += f", {report.shortfall.rules} undecided"
    if not failed and (report.run.interrupted or report.target.died):
        text += ", unfinished"
    left, right = _width(LABEL), _width(text)
    words = escape(f"{LABEL}: {text}", {'"': "&quot;"})
    colour = _COLOURS[headline(report, report.run.failing).state]
    size = f'width="{left + right}" height="20"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{words}">
<title>{words}</title>
<clipPath id="r"><rect {size} rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="{_GREY}"/><rect x="{left}" width="{right}" height="20" \
fill="{colour}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<text x="{left / 2:g}" y="14" textLength="{left - 10}">{escape(LABEL)}</text>
<text x="{left + right / 2:g}" y="14" textLength="{right - 10}">{escape(text)}</text>
</g>
</svg>
"""


def _width(text: str) -> int:
    """Pixels of a text at 11 px, with 5 on either side; `textLength` makes it exact."""
    pixels = sum(10 if letter in _WIDE else 4.2 if letter in _NARROW else 7 for letter in text)
    return round(pixels) + 10
