"""What a response says of a documented operation, on literal inputs."""

from __future__ import annotations

import pytest

from harness.http.availability import available, unavailable
from harness.http.exchange import Body, Exchange
from suites.openapi.served import Kind, Setting, classified, failure, may_pass

BASE = "http://h/v1"
LISTED = Exchange("0", "GET", f"{BASE}/things", (), Body(), 200)
SETTING = Setting(earlier=[LISTED], base=BASE)
GATEWAY = "502 is the status of a gateway that cannot reach the API"


def answer(method: str, status: int, *fields: tuple[str, str], path: str = "/orders/7") -> Exchange:
    accept = (("Accept", "application/json, */*;q=0.5"),)
    return Exchange("1", method, BASE + path, accept, Body(), status, response_fields=fields)


@pytest.mark.parametrize(
    ("status", "again", "kind"),
    [
        # A crash is one at once; the rule is repeated as a whole.
        (500, None, Kind.FAILED),
        (505, 505, Kind.FAILED),
        (503, 503, Kind.FAILED),
        (502, 504, Kind.FAILED),
        # It passed, or nobody asked again.
        (503, 200, Kind.OPEN),
        (503, 422, Kind.OPEN),
        (503, None, Kind.OPEN),
        (501, None, Kind.DENIED),
        (400, None, Kind.SERVED),
        (422, None, Kind.SERVED),
        (409, None, Kind.SERVED),
        (201, None, Kind.SERVED),
        (401, None, Kind.OPEN),
        (403, None, Kind.OPEN),
        (405, None, Kind.DENIED),
        (404, None, Kind.OPEN),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_that_is_declared(method: str, status: int, again: int | None, kind: Kind) -> None:
    repeat = None if again is None else answer(method, again)
    assert classified(answer(method, status), SETTING, again=repeat)[0] is kind


def test_what_says_when_it_will_pass_is_not_decided() -> None:
    later = answer("POST", 503, ("Retry-After", "120"))
    kind, text = classified(later, SETTING, again=later)
    assert (kind, text) == (Kind.OPEN, "POST /v1/orders/7 -> 503, and to be tried again (Retry-After: 120)")
    # The repeat says so: the first response was of the same maintenance.
    assert classified(answer("POST", 503), SETTING, again=later)[0] is Kind.OPEN


def test_where_nothing_is_served_one_operation_is_not_accused() -> None:
    down = answer("POST", 503)
    kind, text = classified(down, Setting(base=BASE), again=down)
    assert kind is Kind.OPEN
    assert text.endswith("as everything else: is the target in maintenance?")


@pytest.mark.parametrize(
    ("path", "status", "there"),
    [("/things", 200, True), ("/things", 503, False), ("", 200, False), ("/openapi.json", 200, False)],
)
def test_a_landing_page_or_a_document_is_nothing_that_the_api_serves(
    path: str, status: int, there: bool
) -> None:
    assert available([Exchange("0", "GET", BASE + path, (), Body(), status)], BASE) is there


def test_a_maintenance_is_named() -> None:
    down, page = answer("GET", 503), Exchange("0", "GET", BASE, (), Body(), 200)
    assert "2 of 3 requests were answered like GET /v1/orders/7 -> 503" in str(
        unavailable([page, down, down, answer("GET", 404)], BASE)
    )
    assert unavailable([page, down, LISTED], BASE) is None
    assert unavailable([page, answer("GET", 404)], BASE) is None


def test_a_gateway_is_named_where_it_answers_for_one_operation_each_time() -> None:
    bad = answer("POST", 502)
    kind, text = classified(bad, SETTING, again=bad, edge=GATEWAY)
    assert (kind, text) == (Kind.FAILED, f"POST /v1/orders/7 -> 502, and again after a pause: {GATEWAY}")
    # What it refuses may be its own business.
    assert classified(answer("POST", 405), SETTING, edge=GATEWAY)[0] is Kind.OPEN


def test_a_read_that_was_served_before_is_not_decided() -> None:
    assert classified(answer("GET", 500, path="/things"), SETTING)[0] is Kind.OPEN
    assert classified(answer("GET", 500, path="/others"), SETTING)[0] is Kind.FAILED


def test_406_although_every_type_is_accepted() -> None:
    kind, text = classified(answer("GET", 406, path="/orders"), SETTING)
    assert kind is Kind.DENIED
    assert text.startswith("GET /v1/orders -> 406, though Accept allows every type")
    narrow = Exchange("1", "GET", BASE, (("Accept", "text/html"),), Body(), 406)
    assert classified(narrow, SETTING)[0] is Kind.SERVED


def test_405_whose_allow_has_the_method_is_about_the_request() -> None:
    assert classified(answer("PUT", 405, ("Allow", "GET, PUT")), SETTING)[0] is Kind.OPEN
    assert classified(answer("PUT", 405, ("Allow", "GET")), SETTING)[0] is Kind.DENIED


def test_404_of_a_write_to_an_item_that_can_be_read() -> None:
    assert classified(answer("PUT", 404), SETTING, found=True)[0] is Kind.DENIED
    assert classified(answer("PUT", 404), SETTING, found=False)[0] is Kind.OPEN


def test_a_documented_media_type_of_patch_that_is_refused() -> None:
    setting = Setting(earlier=[LISTED], base=BASE, patches=("application/merge-patch+json",))
    assert classified(answer("PATCH", 415), setting)[0] is Kind.DENIED
    assert classified(answer("PATCH", 415), SETTING)[0] is Kind.SERVED


def test_what_is_refused_for_lack_of_permission_says_what_would_decide_it() -> None:
    _, text = classified(answer("PATCH", 403), SETTING)
    assert text.endswith(
        "give a credential that may (`[credentials.default]`), or write `capabilities = { update = false }`"
    )


def test_server_errors_that_may_pass() -> None:
    assert [failure(answer("GET", status)) for status in (499, 500, 501, 503)] == [False, True, False, True]
    assert may_pass(answer("GET", 503), None)
    assert may_pass(answer("GET", 500), "another Server field")
    assert not may_pass(answer("GET", 500), None)
