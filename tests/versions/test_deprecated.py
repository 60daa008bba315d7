"""Deprecated operations of literal documents, and what shows that they are gone."""

from __future__ import annotations

from datetime import date

from suites.versions.deprecated import DeprecatedRead, broken, deprecated_reads
from tests.errors.sent import exchange

TODAY = date(2026, 3, 1)
READ = DeprecatedRead("/old", date(2027, 1, 1))


def test_which_can_be_read() -> None:
    gone = {"deprecated": True, "responses": {"200": {}}}
    needs = {"name": "q", "in": "query", "required": True}
    document = {
        "openapi": "3.0.3",
        "servers": [{"url": "/v1"}],
        "paths": {
            "/a": {"get": gone | {"x-sunset": "2027-01-01"}},
            "/b/{id}": {"get": gone},
            "/c": {"get": gone | {"parameters": [needs]}},
            "/d": {"post": gone, "get": {"responses": {}}},
            "/e": {"get": gone | {"servers": [{"url": "https://other.example"}]}},
            "/f": {"get": gone | {"responses": {"200": {}, "404": {}}, "x-sunset": "one day"}},
        },
    }
    assert deprecated_reads(document, "/v1") == [
        DeprecatedRead("/a", date(2027, 1, 1)),
        DeprecatedRead("/f", None, may_be_missing=True),
    ]
    assert [one.path for one in deprecated_reads(document, "")] == ["/v1/a", "/v1/f"]


def test_what_shows_that_one_is_broken() -> None:
    def twice(first: int, second: int | None = None, read: DeprecatedRead = READ) -> str | None:
        statuses = (first, first if second is None else second)
        return broken([exchange(status, {}) for status in statuses], read, TODAY)

    for status in (404, 405, 410, 500, 501, 502):
        assert twice(status), status
    for status in (200, 304, 400, 401, 403, 422, 429, 503):
        assert twice(status) is None, status
    assert twice(500, 200) is None
    assert twice(404, read=DeprecatedRead("/old", may_be_missing=True)) is None
    assert twice(410, read=DeprecatedRead("/old", date(2026, 3, 1))) is None
    assert "no sunset" in (twice(410, read=DeprecatedRead("/old")) or "")
