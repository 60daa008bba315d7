"""Lint: httplint's notes on literal responses, and what our table makes of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version

import httplint
import pytest
from httplint.note import Note as LintNote

from suites.lint.findings import found
from suites.lint.notes import Note, notes
from suites.lint.table import ADVICE, DECIDED, ERROR, GROUPS, MADE_FOR, REMARK, SILENT, decision
from tests.errors.sent import BASE, exchange


def classes() -> Iterator[type[LintNote]]:
    """All notes that httplint has."""
    for module in pkgutil.walk_packages(httplint.__path__, "httplint."):
        importlib.import_module(module.name)

    def below(parent: type[LintNote]) -> Iterator[type[LintNote]]:
        for child in parent.__subclasses__():
            yield child
            yield from below(child)

    return below(LintNote)


@pytest.mark.skipif(version("httplint") != MADE_FOR, reason="the table is made for another version")
def test_the_table_decides_every_note_of_its_version() -> None:
    known = {
        f"{one.__module__.removeprefix('httplint.')}.{one.__name__}"
        for one in classes()
        if one.level.value in ("bad", "warning")
    }
    assert known == set(DECIDED)


def test_no_note_is_decided_twice() -> None:
    names = [name for group in GROUPS for name in group.names()]
    assert len(names) == len(set(names)) == len(DECIDED)
    assert all(group.reason for group in GROUPS)


def test_an_unknown_note_is_a_remark() -> None:
    assert decision("field.parsers.brand_new.NOTE", "bad", "brand-new") is REMARK
    assert decision("field.parsers.brand_new.NOTE", "warning", "") is REMARK
    assert decision("field.parsers.brand_new.NOTE", "info", "") is SILENT


def test_syntax_that_another_rule_judges_is_left_to_it() -> None:
    assert decision("field.BAD_SYNTAX_DETAILED", "bad", "content-type") is ERROR
    assert decision("field.BAD_SYNTAX_DETAILED", "bad", "etag") is SILENT
    assert decision("field.params.PARAM_REPEATS", "warning", "content-disposition") is ADVICE


def decided(**fields: str) -> list[tuple[str, str]]:
    """What is told of a response with some fields, and on which of them."""
    sent = exchange(200, {}, media=fields.pop("content_type", "application/json"), **fields)
    return [(one.decision.value, one.note.field) for one in found([sent], [], notes)]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"content_type": "application/json; charset=utf-8"},
        {"content_type": 'application/vnd.api+json; profile="https://example.com/p"'},
        {"date": "yesterday", "etag": "abc", "cache_control": "max-age=x", "link": "nonsense"},
        {"retry_after": "soon", "allow": "GET POST", "vary": "Accept;q=1"},
        {"set_cookie": "a=[redacted]; Path=/", "server": "nginx (", "x_powered_by": "PHP/8"},
        {"strict_transport_security": "max-age", "content_security_policy": "default-src *"},
        {"ratelimit": "limit=10, remaining=9, reset=1", "x_ratelimit_limit": "10"},
        {"via": "1.1 varnish (Varnish/7.4)", "age": "-1", "x_cache": "MISS"},
        {"accept_encoding": "gzip", "accept": "application/json", "accept_patch": "application/json"},
        {"accept_ranges": "items", "access_control_allow_origin": "*, null"},
        {"expires": "0", "pragma": "no-cache", "last_modified": "now"},
    ],
)
def test_nothing_to_tell(fields: dict[str, str]) -> None:
    assert decided(**fields) == []


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"content_type": "application/json; charset"}, ("error", "content-type")),
        ({"content_disposition": "inline; filename=a b.json"}, ("error", "content-disposition")),
        ({"accept_patch": "merge"}, ("error", "accept-patch")),
        ({"content_type": "application/json; charset='utf-8'"}, ("warning", "content-type")),
        ({"content_type": "text/csv; charset=utf9"}, ("warning", "content-type")),
        ({"user_agent": "curl/8"}, ("advice", "user-agent")),
        ({"content_location": "/caf\u00e9"}, ("advice", "content-location")),
        ({"location": "/elsewhere"}, ("remark", "location")),
    ],
)
def test_remarks(fields: dict[str, str], shown: tuple[str, str]) -> None:
    assert shown in decided(**fields)


def test_lines_that_are_there_twice() -> None:
    sent = exchange(200, {}, content_location="/a")
    twice = replace(sent, response_fields=(*sent.response_fields, ("Content-Location", "/b")))
    assert [one.decision for one in found([twice], [], notes)] == [ERROR]


def test_what_was_redacted_is_not_judged() -> None:
    assert decided(content_type="application/json; charset=$API_TOKEN", x_id="[redacted]") == []


def test_no_response_has_no_notes() -> None:
    assert notes(exchange(None)) == []


def test_each_note_is_reported_once_for_each_operation() -> None:
    note = Note("field.params.PARAM_REPEATS", "warning", "content-type", "It repeats.")
    made = [
        exchange(200, {}, url=f"{BASE}/orders/{id}", id=id, content_type="x")
        for id in ("1", "2", "3?fields=a")
    ]
    made += [
        exchange(200, {}, url=f"{BASE}/orders?page=2", id="4"),
        exchange(404, {}, url=f"{BASE}/x", id="5"),
    ]
    shown = found(made, [f"{BASE}/orders/{{id}}"], lambda one: [note, note])
    assert [one.exchange.id for one in shown] == ["1", "4", "5"]
    assert shown[0].fault.what == "It repeats"
    assert shown[0].fault.shown_by == "GET /v1/orders/1 -> 200"
