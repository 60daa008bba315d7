"""Envelopes: which bodies one parser reads, and which it does not."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.error_envelope import agree, difference, skeleton, usual

SAME: list[tuple[str, Any, Any]] = [
    (
        "RFC 9457",
        {"type": "a", "title": "t", "status": 404},
        {"type": "b", "title": "u", "errors": [{"p": 1}]},
    ),
    ("Kinto", {"code": 404, "errno": 110, "error": "Not Found"}, {"code": 400, "errno": 107, "message": "m"}),
    (
        "Google",
        {"error": {"code": 404, "message": "m"}},
        {"error": {"code": 400, "message": "m", "details": []}},
    ),
    ("Stripe", {"error": {"type": "t", "message": "m"}}, {"error": {"type": "t", "param": "p"}}),
    ("JSON:API", {"errors": [{"status": "404", "title": "t"}]}, {"errors": [{"title": "t", "source": {}}]}),
    (
        "Spring",
        {"status": 404, "error": "Not Found"},
        {"status": 400, "error": "e", "errors": [{"field": "f"}]},
    ),
    ("GitHub", {"message": "Not Found"}, {"message": "m", "errors": [{"resource": "r", "code": "missing"}]}),
    ("Laravel", {"message": "m"}, {"message": "m", "errors": {"name": ["x"]}}),
    ("with null", {"code": "a", "message": None}, {"code": "b", "message": "m"}),
    (
        "flag and error",
        {"success": False, "error": {"code": "a"}},
        {"success": False, "error": {"code": "b"}},
    ),
    ("no message", {"code": "a", "errors": [{"code": "x"}]}, {"code": "b"}),
]
DIFFERENT: list[tuple[str, Any, Any]] = [
    ("FastAPI", {"detail": "Not Found"}, {"detail": [{"loc": ["body"], "msg": "m"}]}),
    ("Django REST", {"detail": "Not found."}, {"name": ["This field is required."]}),
    ("Rails", {"status": 404, "error": "Not Found"}, {"errors": {"name": ["can't be blank"]}}),
    ("NestJS", {"statusCode": 404, "message": "m"}, {"statusCode": 400, "message": ["m", "n"]}),
    ("middleware", {"error": {"code": "a", "message": "m"}}, {"code": "a", "message": "m"}),
    ("token and object", {"error": "not_found"}, {"error": {"code": "not_found"}}),
    ("number and token", {"code": 404, "message": "m"}, {"code": "not_found", "message": "m"}),
    ("text", {"message": "m"}, "Not found"),
    ("message and msg", {"message": "m"}, {"msg": "m"}),
]


@pytest.mark.parametrize(("shape", "one", "other"), SAME, ids=[one[0] for one in SAME])
def test_one_parser_reads_both(shape: str, one: Any, other: Any) -> None:
    first, second = skeleton(one), skeleton(other)
    assert first is not None
    assert second is not None
    assert agree(first, second)
    assert agree(second, first)


@pytest.mark.parametrize(("shape", "one", "other"), DIFFERENT, ids=[one[0] for one in DIFFERENT])
def test_no_parser_reads_both(shape: str, one: Any, other: Any) -> None:
    first, second = skeleton(one), skeleton(other)
    assert first is not None
    assert second is not None
    assert not agree(first, second)
    assert difference(second, first)


@pytest.mark.parametrize("body", [{}, [], None, ""])
def test_what_says_nothing_has_no_skeleton(body: Any) -> None:
    assert skeleton(body) is None


def test_usual_is_what_most_agree_with() -> None:
    made = [skeleton({"detail": [1]}), skeleton({"detail": "a"}), skeleton({"detail": "b"})]
    several = [one for one in made if one is not None]
    assert usual(several) == several[1]


def test_difference_names_the_member() -> None:
    one, other = skeleton({"detail": ["x"]}), skeleton({"detail": "x"})
    assert one is not None
    assert other is not None
    assert difference(one, other) == "detail is of type array, elsewhere string"
