"""Redirects that a parameter decides, as browsers follow them."""

from __future__ import annotations

import pytest

from suites.security.redirects import (
    Place,
    destinations,
    documented_places,
    goes_on,
    goes_to_path,
    leads_to,
    usual_places,
)

pytestmark = pytest.mark.topic(name="security")
HOST = "harness-7c1d.invalid"
URL = "https://api.example/v1/login?next=x"


@pytest.mark.parametrize("value", destinations(HOST, "api.example").values())
def test_each_value_leads_to_the_host(value: str) -> None:
    assert leads_to(HOST, URL, 302, {"location": value}) == value


@pytest.mark.parametrize("value", [f"https:/\\{HOST}", f"\\\\{HOST}/x", f" //{HOST}", f"/\t/{HOST}/"])
def test_browsers_read_more_than_the_grammar(value: str) -> None:
    assert leads_to(HOST, URL, 303, {"location": value}) is not None


@pytest.mark.parametrize(
    ("status", "location"),
    [
        (302, f"/login?next=https://{HOST}/"),
        (302, f"https://login.example/authorize?state=https%3A%2F%2F{HOST}"),
        (302, f"/{HOST}/"),
        (302, f"https://api.example/{HOST}"),
        (302, f"https://{HOST}.api.example/"),
        (302, "https://[::1"),
        (302, ""),
        (400, f"https://{HOST}/"),
        (201, f"https://{HOST}/"),
    ],
)
def test_what_stays_at_home_or_is_no_redirect_is_fine(status: int, location: str) -> None:
    assert leads_to(HOST, URL, status, {"location": location}) is None


def test_a_refresh_is_a_redirect() -> None:
    assert leads_to(HOST, URL, 200, {"refresh": f"0; url=https://{HOST}/"}) is not None
    assert leads_to(HOST, URL, 200, {"refresh": "5"}) is None


def test_a_redirect_to_a_path_of_its_own() -> None:
    assert goes_to_path("/mine", URL, 303, {"location": "/mine"})
    assert goes_to_path("/mine", URL, 302, {"location": "https://api.example/mine"})
    assert not goes_to_path("/mine", URL, 302, {"location": "/login?next=/mine"})


def test_documented_parameters_that_say_where_to_go_on() -> None:
    parameters = [
        ("/login", "next"),
        ("/login", "lang"),
        ("/orders/{id}", "next"),
        ("/out", "url"),
        ("/orders", "sort"),
    ]
    assert documented_places(parameters) == [Place("/login", ("next",), True), Place("/out", ("url",), True)]
    usual = [one.path for one in usual_places("https://api.example/v1", ["/login"])]
    assert "https://api.example/v1/logout" in usual
    assert "https://api.example/v1/login" not in usual


@pytest.mark.parametrize(
    "name", ["next", "returnUrl", "return_to", "redirect_uri", "post_logout_redirect_uri", "redirect"]
)
def test_where_to_go_on(name: str) -> None:
    assert goes_on(name)


@pytest.mark.parametrize(
    "name", ["url", "target", "cursor", "nextPage", "next_token", "direct", "to", "callback_id"]
)
def test_other_names(name: str) -> None:
    assert not goes_on(name)


def test_a_logout_is_never_sent_with_credentials() -> None:
    assert all(Place(path, ()).ends_sessions for path in ("/auth/logout", "/sign-out", "/oauth/revoke"))
    assert not Place("/login", ()).ends_sessions
