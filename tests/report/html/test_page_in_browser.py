"""The HTML pages in a real browser: what can be seen, reached and filtered, and that nothing runs or is loaded.

They are skipped where there is no chromium; none is downloaded.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from harness.report import comparison
from harness.report.html import page as html
from harness.rules.verdict import Verdict
from tests.report.hostile import whole
from tests.report.sample import SCRIPT

PATIENCE = 120_000
"""Milliseconds to wait for what must come: machines are loaded."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH: apt-get install chromium"),
]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_core = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")

see = sync_api.expect
see.set_options(timeout=PATIENCE)
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 740}
MODES = {
    "light": {"color_scheme": "light", "viewport": WIDE},
    "dark": {"color_scheme": "dark", "viewport": WIDE},
    "phone": {"color_scheme": "light", "viewport": PHONE},
}
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true; })"


@dataclass
class Opened:
    """A page in the browser, and all that it did beside being shown."""

    page: Any
    did: list[str] = field(default_factory=list)


Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    report, other = whole(), whole()
    other.target.url = f"https://other.example{SCRIPT}"
    other.findings[0].verdict = Verdict.PASS
    texts = {"report": html.render(report), "compare": comparison.page(comparison.compare([report, other]))}
    for name, text in texts.items():
        folder.joinpath(f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def load(browser: Any, files: dict[str, Path]) -> Iterator[Open]:
    """Opens a page; at the end of a test it must have done nothing that it should not."""
    contexts = []
    pages = []

    def opened(name: str = "report", place: str = "", **options: Any) -> Opened:
        context = browser.new_context(**{**MODES["light"], **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        one = Opened(context.new_page())
        pages.append(one)
        address = files[name].as_uri()
        one.page.on("dialog", lambda dialog: (one.did.append(f"dialog {dialog.message}"), dialog.dismiss()))
        one.page.on("console", lambda message: one.did.append(f"console {message.text}"))
        one.page.on("pageerror", lambda error: one.did.append(f"error {error}"))
        one.page.on(
            "request",
            lambda request: request.url.partition("#")[0] != address and one.did.append(request.url),
        )
        one.page.goto(f"{address}{place}")
        return one

    yield opened
    did = [what for one in pages for what in one.did]
    for context in contexts:
        context.close()
    assert did == []


def shown(page: Any, selector: str) -> list[str]:
    """The ids of what can be seen, closed or open."""
    found: list[str] = page.eval_on_selector_all(
        selector, "all => all.filter(one => one.checkVisibility()).map(one => one.id)"
    )
    return found


def violations(page: Any) -> list[str]:
    """What axe-core finds serious or critical, with the element; fails where contrast could not be looked at."""
    results = axe_core.Axe().run(page, options={"resultTypes": ["violations", "passes"]}).response
    assert "color-contrast" in {one["id"] for one in (*results["passes"], *results["violations"])}
    return [
        f"{one['id']} {node['html'][:200]} {node['failureSummary']}"
        for one in results["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


# -- safety ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report", "compare"])
def test_nothing_that_a_target_sent_runs_or_is_loaded(load: Open, name: str) -> None:
    opened = load(name)
    page = opened.page
    page.evaluate(OPEN_ALL)
    assert page.locator("script").count() == (name == "report")
    assert page.locator("img, iframe, object, embed, base").count() == 0
    assert "<script>alert('owned')</script>" in page.locator("main").inner_text()
    assert page.evaluate("document.characterSet") == "UTF-8"
    assert opened.did == []


@pytest.mark.parametrize("name", ["report", "compare"])
def test_the_policy_stops_what_would_get_through(load: Open, name: str) -> None:
    opened = load(name)
    stopped = opened.page.evaluate(
        """() => new Promise(resolve => {
            const stopped = [];
            document.addEventListener('securitypolicyviolation', event => {
                stopped.push(event.effectiveDirective);
                if (stopped.length === 4) { resolve(stopped); }
            });
            const script = document.createElement('script');
            script.textContent = 'window.owned = 1';
            const style = document.createElement('style');
            style.textContent = 'body { display: none }';
            const image = document.createElement('img');
            image.src = 'https://other.example/x.png';
            document.body.append(script, style, image);
            fetch('https://other.example/').catch(() => null);
        })"""
    )
    assert sorted(stopped) == ["connect-src", "img-src", "script-src-elem", "style-src-elem"]
    assert opened.page.evaluate("window.owned") is None
    # The browser reports only what the test provoked; no request was sent.
    assert len(opened.did) == 6
    assert {what for what in opened.did if "Content Security Policy" not in what} <= {
        "https://other.example/x.png",
        "https://other.example/",
    }
    opened.did.clear()


# -- accessibility ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["report", "compare"])
def test_axe_finds_nothing_serious(load: Open, name: str, mode: str) -> None:
    page = load(name, **MODES[mode]).page
    page.evaluate(OPEN_ALL)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"


def test_axe_would_find_a_fault(load: Open) -> None:
    page = load().page
    page.evaluate("document.querySelector('#filter label').replaceWith(document.createElement('input'))")
    page.evaluate("document.querySelector('.kicker').className = 'badge'")
    page.evaluate("document.querySelector('.lead').setAttribute('role', 'nothing')")
    found = {one.partition(" ")[0] for one in violations(page)}
    assert {"label", "aria-roles"} <= found


def test_headings_are_in_order_and_landmarks_are_there(load: Open) -> None:
    for name in ("report", "compare"):
        page = load(name).page
        levels = page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(one => +one.tagName[1])")
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert page.locator("header").count() == page.locator("main").count() == 1
    page = load().page
    assert page.get_by_role("search").count() == 1


def test_colours_are_others_in_the_dark(load: Open) -> None:
    def colours(mode: str) -> list[str]:
        found: list[str] = load(**MODES[mode]).page.evaluate(
            "['body', '.finding', 'pre', 'mark'].flatMap(one => { const style ="
            " getComputedStyle(document.querySelector(one)); return [style.color, style.backgroundColor]; })"
        )
        return found

    light, dark = colours("light"), colours("dark")
    assert all(one != other for one, other in zip(light, dark, strict=True))


def test_the_keyboard_reaches_and_opens_everything(load: Open) -> None:
    page = load().page
    focus = (
        "document.activeElement.name || document.activeElement.className || document.activeElement.tagName"
    )
    page.keyboard.press("Tab")
    assert page.evaluate(focus) == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0"), "the link is not seen"
    walked = []
    while "SUMMARY" not in walked:
        page.keyboard.press("Tab")
        walked.append(page.evaluate(focus))
        assert len(walked) < 60, walked
    assert [one for one in walked if one in ("words", "verdict", "suite", "level", "resource")] == [
        *("words", "verdict", "suite", "level", "resource")
    ]
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    is_open = "document.activeElement.parentElement.open"
    before = page.evaluate(is_open)
    page.keyboard.press("Enter")
    assert page.evaluate(is_open) is not before


# -- filter and links ------------------------------------------------------------------------------------

FINDINGS = ".finding, .finding-line"


def test_findings_are_filtered_and_counted(load: Open) -> None:
    page = load().page
    output = page.locator("#filter output")
    every = page.locator(FINDINGS).count()
    page.select_option("[name=verdict]", "fail")
    assert all(
        page.locator(f'[id="{one}"]').get_attribute("data-verdict") == "fail" for one in shown(page, FINDINGS)
    )
    see(page.locator("#filter output")).to_have_text(re.compile("^3 of "))
    page.select_option("[name=suite]", "ERR")
    page.select_option("[name=resource]", "customers")
    assert shown(page, FINDINGS) == ["ERR-002-customers"]
    assert output.inner_text() == f"1 of {every} findings shown"
    assert page.locator("section.group:visible").count() == 1, "groups without a finding are not shown"
    page.select_option("[name=level]", "SHOULD")
    assert shown(page, FINDINGS) == []
    page.get_by_role("button", name="Clear").click()
    see(page.locator("#filter output")).to_have_text(re.compile("^All "))
    assert output.inner_text() == f"All {every} findings shown"


def test_findings_are_searched_by_all_words(load: Open) -> None:
    page = load().page
    page.get_by_label("Search").fill("STALE if-match")
    assert shown(page, FINDINGS) == ["COND-004-orders"]
    page.get_by_label("Search").fill("php laravel")
    assert shown(page, FINDINGS) == []
    page.get_by_label("Search").fill("page-003-orders")
    assert page.locator("details.reason:visible").count() == 1


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        ("#COND-004", "COND-004-orders"),
        ("#METH-005-orders", "METH-005-orders"),
        ("#PAGE-003", "PAGE-003-orders"),
        ("#ERR-009", "ERR-009-a-pre-script"),
    ],
)
def test_a_permalink_opens_what_is_folded(load: Open, place: str, seen: str) -> None:
    page = load(place=place).page
    found = page.locator(f'[id^="{seen}"]').first
    assert found.evaluate("one => one.checkVisibility({ contentVisibilityAuto: true })")
    assert found.evaluate("one => one.tagName !== 'DETAILS' || one.open")
    top = found.evaluate("one => one.getBoundingClientRect().top")
    below = page.locator("#filter").evaluate("one => one.getBoundingClientRect().bottom")
    assert top >= below - 1 or page.evaluate("scrollY + innerHeight >= document.body.scrollHeight - 1")


def test_a_permalink_survives_a_filter(load: Open) -> None:
    page = load().page
    page.get_by_label("Search").fill("METH")
    assert not page.locator("#COND-004-orders").is_visible()
    page.evaluate("location.hash = '#COND-004'")
    see(page.locator("#filter output")).to_have_text(re.compile("COND-004"))
    assert page.locator("#COND-004-orders").is_visible()
    assert page.get_by_label("Search").input_value() == ""


def test_links_to_exchanges_open_them_also_twice(load: Open) -> None:
    page = load().page
    page.locator("#COND-004-orders .breach a").first.click()
    assert page.evaluate("location.hash") == "#x-e3"
    exchange = page.locator("#x-e3")
    assert exchange.evaluate("one => one.open")
    exchange.evaluate("one => { one.open = false; }")
    page.locator("#COND-004-orders .breach a").first.click()
    assert exchange.evaluate("one => one.open")


def test_a_curl_line_is_copied(load: Open) -> None:
    page = load(permissions=["clipboard-read", "clipboard-write"]).page
    part = page.locator("#x-e3")
    part.get_by_role("button").click()
    see(page.locator("#x-e3 .copy")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == part.locator(".curl").inner_text()
    # One that is opened later gets its button then.
    other = page.locator("#x-e1")
    assert other.locator(".copy").count() == 0
    other.locator("summary").click()
    other.locator(".copy").wait_for()


# -- without script, on paper ----------------------------------------------------------------------------


def test_without_script_everything_can_be_read(load: Open) -> None:
    page = load(java_script_enabled=False).page
    assert not page.locator("#filter").is_visible()
    assert page.locator("button:visible").count() == 0
    finding = page.locator("#METH-005-orders")
    assert not finding.locator(".breach").is_visible()
    finding.locator("> summary").click()
    assert finding.locator(".breach").is_visible()
    line = page.locator("#PAGE-003-orders")
    page.locator("details.reason:has(#PAGE-003-orders) > summary").click()
    assert line.is_visible()
    hidden = page.locator("[hidden]").evaluate_all("all => all.map(one => one.id)")
    assert hidden == ["filter"]


def test_on_paper_the_evidence_of_findings_is_open(load: Open) -> None:
    page = load().page
    folded = [
        "#METH-005-orders .breach",
        "#ERR-002-orders .curl",
        "#x-e1 pre",
    ]
    for selector in folded:
        assert not page.locator(selector).first.is_visible(), selector
    page.emulate_media(media="print")
    for selector in folded:
        assert page.locator(selector).first.is_visible(), selector
    assert not page.locator("#METH-001-orders .about").is_visible(), "what passed stays folded"
    assert not page.locator("#COND-004-orders .repeat pre").first.is_visible(), "the same again stays folded"
    assert page.locator("form:visible, button:visible, nav:visible").count() == 0
    assert (
        page.evaluate("getComputedStyle(document.querySelector('body')).backgroundColor")
        == "rgb(255, 255, 255)"
    )
