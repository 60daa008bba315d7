"""Session cookies, on literal Set-Cookie fields."""

from __future__ import annotations

import pytest

from harness.http.exchange import Exchange
from suites.security.cookies import faults, identifies, set_by
from suites.security.forged import as_form


def answered(*cookies: str) -> Exchange:
    fields = tuple(("Set-Cookie", one) for one in cookies)
    return Exchange("1", "POST", "https://api.example.com/login", (), None, 200, response_fields=fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    [
        "session",
        "sessionid",
        "connect.sid",
        "JSESSIONID",
        "PHPSESSID",
        "laravel_session",
        "__Host-session",
        "directus_session_token",
        "access_token",
        ".AspNetCore.Session",
        "ASP.NET_SessionId",
        "auth-token",
    ],
)
def test_cookies_that_identify_a_client(name: str) -> None:
    assert identifies(name, [])


@pytest.mark.parametrize(
    "name",
    [
        "AWSALB",
        "AWSALBCORS",
        "BIGipServerpool_http",
        "__cf_bm",
        "ARRAffinity",
        "SERVERID",
        "_ga",
        "_ga_ABC123",
        "csrftoken",
        "XSRF-TOKEN",
        "session_csrf_token",
        "locale",
        "theme",
        "incap_ses_12_34",
    ],
)
def test_cookies_that_do_not(name: str) -> None:
    assert not identifies(name, [])


def test_the_profile_names_session_cookies() -> None:
    assert identifies("theme", ["theme"])
    assert not identifies("session", ["theme"])


@pytest.mark.parametrize(
    ("cookie", "secure", "expected"),
    [
        ("s=1; Path=/; Secure; HttpOnly; SameSite=Lax", True, []),
        ("s=1; path=/; secure; httponly; samesite=strict", True, []),
        ("s=1; HttpOnly; SameSite=Lax", False, []),
        ("s=1; HttpOnly; SameSite=Lax", True, ["no Secure"]),
        ("s=1", True, ["no Secure", "no HttpOnly", "no SameSite"]),
        ("s=1; HttpOnly; SameSite=None", False, ["SameSite=None without Secure"]),
        ("__Host-s=1; Secure; HttpOnly; SameSite=Lax; Path=/v1", True, ["the prefix __Host-"]),
        ("__Secure-s=1; HttpOnly; SameSite=Lax", False, ["the prefix __Secure-"]),
    ],
)
def test_what_does_not_protect_a_cookie(cookie: str, secure: bool, expected: list[str]) -> None:
    (found,) = set_by([answered(cookie)])
    shown = faults(found, secure=secure)
    assert [one.startswith(begin) for one, begin in zip(shown, expected, strict=True)] == [True] * len(
        expected
    )


def test_each_field_sets_a_cookie_and_some_only_remove_one() -> None:
    kept, gone = set_by([answered("a=1; Path=/", "no equals sign", "b=; Max-Age=0")])
    assert (kept.name, kept.removes) == ("a", False)
    assert (gone.name, gone.removes) == ("b", True)


def test_a_form_has_the_plain_members_of_a_body() -> None:
    body = {"name": "a b", "qty": 2, "paid": True, "tags": ["x"], "dims": {"w": 1}, "note": None}
    assert as_form(body) == b"name=a+b&qty=2&paid=true"
    assert as_form({"tags": []}) is None
    assert as_form([]) is None
