"""What responses grant to pages, on literal responses."""

from __future__ import annotations

import pytest

from harness.http.exchange import Exchange
from harness.http.foreign import FOREIGN
from harness.rules.verdict import Impact, Level
from suites.security.cors import (
    Preflight,
    Seen,
    depends_on_origin,
    exposure,
    grade,
    hidden,
    ineffective,
    kept,
    lookalikes,
    without_vary,
)

APP = "https://app.example.com"
ALLOW, CREDENTIALS = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"


def answer(status: int = 200, **fields: str) -> Exchange:
    pairs = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Exchange("1", "GET", "https://api.example.com/orders", (), None, status, response_fields=pairs)  # type: ignore[arg-type]


def seen(origin: str | None, value: str | None, credentials: str | None = None) -> Seen:
    pairs = ((ALLOW, value), (CREDENTIALS, credentials))
    fields = {name.replace("-", "_"): text for name, text in pairs if text is not None}
    return Seen(origin, answer(**fields))


@pytest.mark.parametrize(
    ("value", "credentials", "granted", "with_credentials"),
    [
        (APP, None, True, False),
        (APP, "true", True, True),
        ("*", "true", True, False),
        (APP, "True", True, False),
        (f"{APP}/", "true", False, False),
        ("https://other.example.com", "true", False, False),
        (f"{APP}, {APP}", "true", False, False),
        (None, "true", False, False),
    ],
)
def test_a_grant_is_the_origin_exactly(
    value: str | None, credentials: str | None, granted: bool, with_credentials: bool
) -> None:
    one = seen(APP, value, credentials)
    assert (one.granted, one.with_credentials) == (granted, with_credentials)


def test_origins_of_others_that_resemble_one() -> None:
    assert list(lookalikes(APP)) == [
        "https://app.example.com.conformance-probe.invalid",
        "https://conformance-probe-example.com",
        "https://appxexample.com",
    ]
    assert list(lookalikes("https://example.com:8443")) == [
        "https://example.com.conformance-probe.invalid",
        "https://conformance-probe-example.com:8443",
    ]
    # Names below the owner's domain may be meant.
    assert list(lookalikes("https://a.b.example.co.uk"))[1:] == [
        "https://conformance-probe-example.co.uk",
        "https://a.bxexample.co.uk",
    ]
    # Nobody registers a name that ends in an address, or in localhost.
    for origin in ("http://127.0.0.1:8080", "http://localhost:3000", "http://[::1]:8080"):
        assert len(lookalikes(origin)) == 1


@pytest.mark.parametrize(
    ("status", "fields", "fault"),
    [
        (
            204,
            {"Access-Control-Allow-Methods": "GET, PUT", "Access-Control-Allow-Headers": "Authorization"},
            None,
        ),
        (
            204,
            {"Access-Control-Allow-Methods": "PUT", "Access-Control-Allow-Headers": "*"},
            "lacks authorization",
        ),
        (
            204,
            {"Access-Control-Allow-Methods": "put", "Access-Control-Allow-Headers": "authorization"},
            "put",
        ),
        (204, {"Access-Control-Allow-Headers": "authorization"}, "Access-Control-Allow-Methods: none"),
        (
            401,
            {"Access-Control-Allow-Methods": "PUT", "Access-Control-Allow-Headers": "authorization"},
            "not 2xx",
        ),
    ],
)
def test_why_a_browser_does_not_send_the_request(
    status: int, fields: dict[str, str], fault: str | None
) -> None:
    given = {name.replace("-", "_"): value for name, value in {ALLOW: APP, **fields}.items()}
    found = Preflight(APP, "PUT", ("authorization",)).fault(answer(status, **given))
    assert found is None if fault is None else fault in (found or "")


READS, CREATES = Preflight(APP, "GET", ("authorization",)), Preflight(APP, "POST", ("content-type",))
GRANT = {"Access_Control_Allow_Origin": APP}
FAIL, WARN, ADVICE = (Level.MUST, Impact.MAJOR), (Level.SHOULD, Impact.MAJOR), (Level.SHOULD, Impact.MINOR)


@pytest.mark.parametrize(
    ("preflight", "answered", "circumstances", "expected"),
    [
        (CREATES, answer(401), {}, FAIL),
        (CREATES, answer(500, **GRANT), {"read_only": True}, FAIL),
        (READS, answer(204), {}, FAIL),
        (CREATES, answer(204, **GRANT), {}, FAIL),
        # A method that the owner may keep from pages.
        (CREATES, answer(403), {}, WARN),
        (CREATES, answer(403), {"read_only": True}, ADVICE),
        # A page with a cookie sends no Authorization.
        (READS, answer(204, **GRANT), {"cookies": True}, ADVICE),
        # Nobody says that pages are meant to use it.
        (CREATES, answer(403), {"declared": False}, ADVICE),
        (CREATES, answer(401), {"declared": False}, WARN),
        (READS, answer(204), {"declared": False}, WARN),
        (READS, answer(204), {"declared": False, "public": True}, ADVICE),
    ],
)
def test_what_a_failing_preflight_comes_to(
    preflight: Preflight, answered: Exchange, circumstances: dict[str, bool], expected: tuple[Level, Impact]
) -> None:
    usual = {"declared": True, "read_only": False, "public": False, "cookies": False}
    assert grade(preflight, answered, **{**usual, **circumstances}) == expected


def test_a_preflight_asks_as_browsers_do() -> None:
    assert Preflight(APP, "PUT", ("content-type", "authorization")).fields == {
        "Origin": APP,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    assert "Access-Control-Request-Headers" not in Preflight(APP, "DELETE", ()).fields
    # Simple methods need not be listed, and `*` stands for fields other than Authorization.
    fields = {"Access_Control_Allow_Origin": "*", "Access_Control_Allow_Headers": "*"}
    assert Preflight(APP, "POST", ("content-type",)).fault(answer(200, **fields)) is None


def test_responses_that_depend_on_origin_need_vary() -> None:
    grants = [seen(None, None), seen(APP, APP)]
    assert depends_on_origin(grants)
    assert without_vary(grants) == grants
    assert not depends_on_origin([seen(None, "*"), seen(APP, "*")])
    assert not without_vary([Seen(APP, answer(Vary="Accept, origin")), Seen(None, answer(Vary="*"))])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Cache_Control": "max-age=60"}, True),
        ({"Cache_Control": "public, s-maxage=60, max-age=0"}, True),
        ({"Cache_Control": "max-age=0"}, False),
        ({"Cache_Control": "no-store, max-age=60"}, False),
        ({"Cache_Control": "private, no-cache", "Last_Modified": "x"}, False),
        ({"Last_Modified": "Sun, 06 Nov 1994 08:49:37 GMT"}, True),
        ({"Expires": "0"}, False),
        ({"ETag": '"1"'}, False),
    ],
)
def test_what_a_cache_serves_without_asking(fields: dict[str, str], expected: bool) -> None:
    assert kept(answer(**fields)) is expected


@pytest.mark.parametrize(
    ("status", "fields", "tagged", "expected"),
    [
        (200, {"ETag": '"1"'}, True, ["ETag"]),
        (200, {"ETag": 'W/"1"'}, True, []),
        (200, {"ETag": '"1"'}, False, []),
        (200, {"ETag": '"1"', "Access_Control_Expose_Headers": "Link, etag"}, True, []),
        (200, {"ETag": '"1"', "Access_Control_Expose_Headers": "*"}, True, []),
        (
            200,
            {"ETag": '"1"', "Access_Control_Expose_Headers": "*", "Access_Control_Allow_Credentials": "true"},
            True,
            ["ETag"],
        ),
        (
            200,
            {"Link": '</orders?page=2>; rel="next"', "X_RateLimit_Remaining": "9"},
            False,
            ["Link", "X-RateLimit-Remaining"],
        ),
        (200, {"Link": '</style.css>; rel="preload"', "Location": "/orders"}, False, []),
        (201, {"Location": "/orders/1", "Last_Modified": "x"}, False, ["Location"]),
    ],
)
def test_fields_that_scripts_need_and_do_not_see(
    status: int, fields: dict[str, str], tagged: bool, expected: list[str]
) -> None:
    assert hidden(answer(status, **fields), tagged=tagged) == expected


def test_credentials_that_browsers_ignore() -> None:
    assert ineffective(seen(FOREIGN, FOREIGN, "true").exchange) is None
    assert ineffective(seen(FOREIGN, "*").exchange) is None
    assert "beside *" in (ineffective(seen(FOREIGN, "*", "true").exchange) or "")
    assert "False" in (ineffective(seen(FOREIGN, APP, "False").exchange) or "")


@pytest.mark.parametrize(
    ("fields", "cookies", "expected"),
    [
        ({"Authorization": "Bearer x"}, [], Impact.MINOR),
        ({"X-API-Key": "x"}, [], Impact.MINOR),
        ({}, [], Impact.MINOR),
        ({"Authorization": "Basic x"}, [], Impact.MAJOR),
        ({"Cookie": "sid=x"}, [], Impact.CRITICAL),
        ({"Authorization": "Bearer x"}, ["sid"], Impact.CRITICAL),
    ],
)
def test_what_a_grant_with_credentials_exposes(
    fields: dict[str, str], cookies: list[str], expected: Impact
) -> None:
    assert exposure(fields, cookies) is expected
    assert exposure({}, [], certified=True) is Impact.MAJOR
