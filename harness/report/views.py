"""The views of a report: every format but `conformance.json`, by name, each a pure function of the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.bad_input import BadInput
from harness.report.formats import badge, har, junit, markdown, sarif
from harness.report.html import page as html
from harness.report.model import Report


@dataclass(frozen=True)
class View:
    """A format.

    Attributes:
        file: name of the file in the report directory.
        render: makes the text of it.
        purpose: what it is for, in a few words.
    """

    file: str
    render: Callable[[Report], str]
    purpose: str


VIEWS = {
    "html": View(
        "conformance.html",
        lambda report: html.render(report, report.run.failing),
        "one self-contained page, for people",
    ),
    "junit": View(
        "junit.xml", lambda report: junit.render(report, report.run.failing), "for Jenkins, GitLab and others"
    ),
    "sarif": View("conformance.sarif", sarif.render, "SARIF 2.1.0, for code scanning"),
    "markdown": View("conformance.md", markdown.render, "for the summary of a CI step"),
    "har": View("conformance.har", har.render, "HAR 1.2, every exchange, for tools that read network logs"),
    "badge": View("badge.svg", badge.render, "an SVG image of the headline"),
}
DEFAULT = ("html", "junit")


def formats(given: str | None) -> tuple[str, ...]:
    """The views that the user asked for: names separated by commas, or `all`.

    Raises:
        BadInput: a name is not that of a format.
    """
    if given is None:
        return DEFAULT
    words = given.lower().replace(",", " ").split()
    for word in words:
        if word not in VIEWS and word not in ("all", "json", "none"):
            names = ", ".join(VIEWS)
            raise BadInput("--report-formats", f"{word!r} is not a format", f"use {names}, all or none")
    return tuple(name for name in VIEWS if name in words or "all" in words)
