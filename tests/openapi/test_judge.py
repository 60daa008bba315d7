"""What answers say of documented operations and fields, on literal inputs: each is seen to hold and to break."""

from __future__ import annotations

import pytest

from harness.http.exchange import Body, Exchange
from harness.profile.models import Capability, Resource, State
from harness.survey.openapi.promises import DocumentedAnswer
from suites.openapi.judge import (
    absent_item,
    fields_not_sent,
    no_route,
    promised,
    served_before,
    unkept,
    used,
)
from suites.openapi.served import refused

BASE = "http://h/v1"
DOCUMENTED = {"/orders": ["GET", "POST"], "/orders/{id}": ["GET"], "/orders/mine": ["GET"], "/{any}": ["GET"]}


def answer(method: str, path: str, status: int, content: str = "", *fields: tuple[str, str]) -> Exchange:
    kept = (("Content-Type", "application/json"), *fields)
    body = Body(content, len(content))
    return Exchange("1", method, BASE + path, (), Body(), status, response_fields=kept, response_body=body)


class TestRefused:
    @pytest.mark.parametrize("allow", ["GET", "GET, HEAD", ""])
    def test_405_whose_allow_lacks_the_method(self, allow: str) -> None:
        shown = refused(answer("PUT", "/orders/7", 405, "", ("Allow", allow)))
        assert shown is not None
        assert shown.startswith("PUT /v1/orders/7 -> 405 with Allow: ")

    def test_405_without_allow(self) -> None:
        assert refused(answer("PUT", "/orders/7", 405)) == "PUT /v1/orders/7 -> 405 without Allow"

    def test_501(self) -> None:
        assert refused(answer("PATCH", "/orders/7", 501)) == "PATCH /v1/orders/7 -> 501"

    @pytest.mark.parametrize(
        ("status", "fields"),
        [
            (405, (("Allow", "GET, PUT"),)),
            (405, (("Allow", "['GET']"),)),
            (403, (("Allow", "GET"),)),
            (404, (("Allow", "GET"),)),
            (500, ()),
            (200, ()),
        ],
    )
    def test_everything_else_leaves_it_open(self, status: int, fields: tuple[tuple[str, str], ...]) -> None:
        assert refused(answer("PUT", "/orders/7", status, "", *fields)) is None


class TestNoRoute:
    UNKNOWN = answer("GET", "/no-such-route-0a1b2c", 404, '{"error": "Cannot GET /v1/no-such-route-0a1b2c"}')
    ABSENT = answer("GET", "/orders/99", 404, '{"error": "no such order", "id": "99"}')

    def test_the_answer_of_paths_that_lead_nowhere(self) -> None:
        found = answer("POST", "/orders", 404, '{"error": "Cannot POST /v1/orders"}')
        assert "unlike GET /v1/orders/99 -> 404" in (no_route(found, self.UNKNOWN, self.ABSENT) or "")

    def test_request_ids_differ_from_answer_to_answer(self) -> None:
        one = answer("GET", "/x", 404, '{"error": "no route", "request": "req_81f2"}')
        other = answer("GET", "/orders", 404, '{"error": "no route", "request": "req_9c07"}')
        assert no_route(other, one, self.ABSENT) is not None

    def test_an_empty_list_may_be_answered_404(self) -> None:
        found = answer("GET", "/orders", 404, '{"error": "no orders"}')
        assert no_route(found, self.UNKNOWN, self.ABSENT) is None

    def test_an_api_with_one_404_for_everything_tells_nothing(self) -> None:
        same = [answer("GET", path, 404, '{"error": "not found"}') for path in ("/orders", "/x", "/orders/9")]
        assert no_route(*same) is None

    def test_without_both_to_compare_with_nothing_is_said(self) -> None:
        found = answer("GET", "/orders", 404, '{"error": "Cannot GET /v1/orders"}')
        assert no_route(found, None, self.ABSENT) is None
        assert no_route(found, self.UNKNOWN, None) is None

    def test_an_item_that_is_gone_shows_how_absence_is_reported(self) -> None:
        there, gone = answer("GET", "/orders/7", 200), answer("GET", "/orders/7", 404)
        assert absent_item([there, answer("DELETE", "/orders/7", 204), gone]) is gone
        assert absent_item([gone, there, answer("HEAD", "/orders/7", 404), self.UNKNOWN]) is None

    def test_another_status_is_no_404(self) -> None:
        found = answer("GET", "/orders", 410, '{"error": "Cannot GET /v1/orders"}')
        assert no_route(found, self.UNKNOWN, self.ABSENT) is None


class TestFields:
    ANSWERS = (
        DocumentedAnswer("GET", "/orders", "200", required=("X-Total",), optional=("ETag", "X-Cache")),
        DocumentedAnswer("GET", "/orders", "4XX", required=("X-Request-Id",)),
        DocumentedAnswer("GET", "/orders/{id}", "200", required=("ETag",)),
    )

    def judged(self, *exchanges: Exchange) -> tuple[list[str], list[str], int]:
        faults, shown, count = fields_not_sent(exchanges, self.ANSWERS, DOCUMENTED, BASE)
        return [fault.what for fault in faults], shown, count

    def test_a_required_field_that_is_not_sent(self) -> None:
        faults, shown, count = self.judged(answer("GET", "/orders?limit=1", 200, "", ("ETag", '"1"')))
        assert faults == ["no X-Total, which the document says is required of 200 to GET /orders"]
        assert (shown, count) == ([], 1)

    def test_a_range_of_statuses(self) -> None:
        faults, _, _ = self.judged(answer("GET", "/orders", 422))
        assert faults == ["no X-Request-Id, which the document says is required of 4XX to GET /orders"]

    def test_names_are_compared_whatever_their_case(self) -> None:
        assert self.judged(answer("GET", "/orders/7", 200, "", ("etag", '"1"'))) == ([], [], 1)

    def test_an_optional_field_that_clients_build_on_is_reported_when_no_answer_has_it(self) -> None:
        without = answer("GET", "/orders", 200, "", ("X-Total", "1"))
        within = answer("GET", "/orders", 200, "", ("X-Total", "1"), ("ETag", '"1"'))
        assert self.judged(without)[1] == [
            "GET /v1/orders -> 200: no ETag, which the document has for 200 to GET /orders"
        ]
        assert self.judged(without, within)[1] == []

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/orders", 304),
            ("HEAD", "/orders", 200),
            ("GET", "/orders/7/lines", 200),
            ("GET", "", 200),
        ],
    )
    def test_what_is_not_documented_owes_nothing(self, method: str, path: str, status: int) -> None:
        assert self.judged(answer(method, path, status)) == ([], [], 0)

    def test_a_path_of_its_own_comes_before_templates(self) -> None:
        assert promised(answer("GET", "/orders/mine", 200), self.ANSWERS, DOCUMENTED, BASE) is None

    def test_several_templates_that_match_promise_nothing_for_sure(self) -> None:
        documented = {**DOCUMENTED, "/orders/{number}": ["GET"]}
        assert promised(answer("GET", "/orders/7", 200), self.ANSWERS, documented, BASE) is None

    def test_another_place_is_not_the_targets(self) -> None:
        elsewhere = Exchange("1", "GET", "http://h/v10/orders", (), Body(), 200)
        assert promised(elsewhere, self.ANSWERS, DOCUMENTED, BASE) is None


def capability(declaration: str, denied: str = "", state: State = State.BROKEN) -> Capability:
    return Capability(
        state=state if denied else State.DECLARED,
        because=declaration,
        declaration=declaration,
        denied=denied,
        exchanges=["1"],
    )


OPENAPI = Capability(state=State.DECLARED, because="the target has an OpenAPI document")


@pytest.mark.parametrize(
    ("capabilities", "count"),
    [
        ({"etag": capability("OpenAPI: ETag", "no ETag")}, 1),
        ({"etag": capability("OpenAPI: ETag")}, 0),
        ({"idempotency": capability("OpenAPI: header", "POST -> 500")}, 1),
        # DOC-001 requests the operations of a document.
        ({"openapi": OPENAPI, "update": capability("OpenAPI: PATCH", "PATCH -> 500")}, 0),
        ({"update": capability("the profile says so", "PATCH -> 500", State.DECLARED)}, 1),
        # A create that leaves nothing: its item cannot be read, either.
        (
            {
                "create": capability("the profile says so", "POST -> 201, GET -> 404"),
                "read": capability("the profile says so", "GET -> 404"),
            },
            1,
        ),
        # Nobody declares it.
        ({"update": Capability(state=State.BROKEN, because="PATCH -> 500", denied="PATCH -> 500")}, 0),
    ],
)
def test_what_is_declared_and_denied(capabilities: dict[str, Capability], count: int) -> None:
    found = unkept(Resource(collection="/things", capabilities=capabilities))
    assert len(found) == count
    assert all("is declared" in text and "answer" in text for text in found)


def test_what_was_used_as_declared() -> None:
    unseen = Capability(state=State.DECLARED, because="OpenAPI: header")
    known = Resource(collection="/things", capabilities={"etag": capability("OpenAPI"), "schema": unseen})
    assert used(known) == ["etag"]


def test_what_was_served_before_is_no_missing_operation() -> None:
    earlier = [answer("GET", "/orders", 200), answer("POST", "/orders", 201), answer("GET", "/orders/1", 500)]
    assert served_before(answer("GET", "/orders", 500), earlier)
    assert not served_before(answer("GET", "/orders/1", 500), earlier)
    assert not served_before(answer("POST", "/orders", 500), earlier)
