"""A rate limit that is declared and not there, judged on literal answers."""

from __future__ import annotations

import pytest

from harness.http.exchange import Exchange
from harness.profile.models import Capability, RateLimit, Resource, State
from harness.survey.openapi.promises import DocumentedAnswer, promises
from suites.rate_limits.declared import (
    Promised,
    always_fails,
    documents,
    fields_never_sent,
    is_declared,
    judged_elsewhere,
    may_await_exhaustion,
    quota_promises,
)
from suites.rate_limits.enforcement import never_enforced
from tests.rate_limits.hits import exchange, hit, series

BASE = "http://api.example"
LEGACY = DocumentedAnswer("GET", "/limited", "200", (), ("X-RateLimit-Limit", "X-Request-Id"))


def plain(count: int, status: int = 200) -> list[Exchange]:
    return [exchange(status) for _ in range(count)]


# -- documented fields -----------------------------------------------------------------------------------


def test_documented_fields_that_no_response_has() -> None:
    promised = quota_promises([LEGACY])
    assert promised == [Promised("GET", "/limited", "200", ("X-RateLimit-Limit",))]
    ruling = fields_never_sent(promised, plain(5), BASE)
    assert ruling.breach == (
        "the document has X-RateLimit-Limit in 200 to GET /limited; none of 5 such responses has a quota field: "
        "GET /limited -> 200"
    )


def test_too_few_responses_or_those_of_other_operations_show_nothing() -> None:
    promised = quota_promises([LEGACY])
    assert "4 such responses are too few" in str(fields_never_sent(promised, plain(4), BASE).undecided)
    assert "0 such responses" in str(fields_never_sent(promised, plain(9, status=401), BASE).undecided)
    assert "0 such responses" in str(fields_never_sent(promised, plain(9), "http://api.example/v1").undecided)


@pytest.mark.parametrize("status", [200, 404, 429])
@pytest.mark.parametrize("name", ["X-RateLimit-Limit", "RateLimit", "X-Rate-Limit-Remaining"])
def test_any_response_with_any_quota_field_is_enough(status: int, name: str) -> None:
    seen = [*plain(20), exchange(status, {name: "10"})]
    ruling = fields_never_sent(quota_promises([LEGACY]), seen, BASE)
    assert (ruling.breach, ruling.undecided) == (None, None)
    assert ruling.evidence


def test_what_is_no_promise_for_ordinary_responses() -> None:
    refusal = DocumentedAnswer("GET", "/limited", "429", (), ("RateLimit",))
    near = DocumentedAnswer("GET", "/limited", "200", (), ("RateLimit",), ("RateLimit",))
    assert quota_promises([refusal, near]) == []
    assert quota_promises([LEGACY], "/other") == []
    assert quota_promises([LEGACY], "/limited?a=b") != []
    # A required field is judged by DOC-002.
    required = DocumentedAnswer("GET", "/pets", "200", ("X-RateLimit-Limit",))
    assert quota_promises([LEGACY, required]) == []


def test_fields_of_the_draft_may_be_left_out_far_from_exhaustion() -> None:
    draft = quota_promises(
        [DocumentedAnswer("GET", "/limited", "2XX", (), ("RateLimit", "RateLimit-Policy"))]
    )
    assert may_await_exhaustion(draft)
    assert not may_await_exhaustion([*draft, *quota_promises([LEGACY])])
    assert fields_never_sent(draft, plain(5), BASE).breach is not None


def test_dialects_of_a_document() -> None:
    draft = DocumentedAnswer("GET", "/limited", "200", (), ("RateLimit",))
    assert (documents([LEGACY], older=True), documents([LEGACY], older=False)) == (True, False)
    assert (documents([draft], older=True), documents([draft], older=False)) == (False, True)
    assert not documents([DocumentedAnswer("GET", "/limited", "429", (), ("RateLimit",))], older=False)


@pytest.mark.parametrize(
    ("description", "conditional"),
    [
        ("Requests left in the window.", False),
        ("The limit of your plan, in every response.", False),
        ("Seconds until the quota is reset.", False),
        ("Sent only near exhaustion.", True),
        ("Present when less than a tenth is left.", True),
        ("What is left. Not for unlimited accounts.", True),
    ],
)
def test_a_condition_in_the_description(description: str, conditional: bool) -> None:
    headers = {"RateLimit": {"description": description, "schema": {"type": "string"}}}
    document = {
        "openapi": "3.1.0",
        "paths": {"/limited": {"get": {"responses": {"200": {"description": "Fine.", "headers": headers}}}}},
    }
    (answer,) = promises(document, "").answers
    assert (answer.conditional == ("RateLimit",)) is conditional
    assert (quota_promises([answer]) == []) is conditional


# -- an endpoint that always fails -----------------------------------------------------------------------


def test_an_endpoint_that_always_fails() -> None:
    assert always_fails(plain(4, 500)) == "GET /limited -> 500, and no other answer to 4 requests"
    assert always_fails([*plain(3, 503), *plain(1, 502)]) is not None


@pytest.mark.parametrize(
    "answers",
    [
        plain(2, 500),
        [*plain(1), *plain(3, 500)],
        [*plain(3, 500), *plain(1, 429)],
        # Closed for maintenance, or an excess refused by another name.
        plain(4, 503),
        plain(4, 404),
        [],
    ],
)
def test_an_endpoint_that_may_work(answers: list[Exchange]) -> None:
    assert always_fails(answers) is None


def test_lists_of_resources_are_judged_by_others() -> None:
    there = Capability(state=State.DETECTED, because="seen")
    documented = Resource(collection="/pets", capabilities={"openapi": there})
    assert judged_elsewhere("/pets?limit=1", [documented])
    assert not judged_elsewhere("/status", [documented])
    assert not judged_elsewhere("/pets", [Resource(collection="/pets", capabilities={"list": there})])


def test_what_counts_as_declared() -> None:
    assert is_declared(RateLimit(path="/limited"))
    documented = "OpenAPI documents a limit of GET /limited"
    assert is_declared(RateLimit(path="/limited", state=State.DETECTED, because=documented))
    seen = "GET /limited -> 200 with X-RateLimit-*"
    assert not is_declared(RateLimit(path="/limited", state=State.DETECTED, because=seen))


# -- a limit that is never enforced ----------------------------------------------------------------------


def test_a_series_that_no_limiter_serves() -> None:
    assert never_enforced(series("+" * 23), 10, 60) == (
        "all of 23 requests within 0.11 s were served, of a limit of 10 in 60 s: more than the boundary of a window "
        "explains"
    )


def test_a_series_that_a_limiter_may_serve() -> None:
    # The boundary of a fixed window, with the tolerance for several nodes.
    assert never_enforced(series("+" * 22), 10, 60) is None
    assert never_enforced(series("+" * 30 + "-"), 10, 60) is None
    # Slow requests: further windows begin meanwhile.
    assert never_enforced(series("+" * 23, step=3.0), 10, 60) is None
    # The responses advertise a larger quota than the one that was declared, as that of another tier.
    larger = [hit(at=number / 100, X_RateLimit_Limit="1000") for number in range(23)]
    assert never_enforced(larger, 10, 60) is None
