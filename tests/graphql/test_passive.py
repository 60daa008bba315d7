"""Internals in the errors of GraphQL responses, on literal exchanges."""

from __future__ import annotations

import json

import pytest

from harness.http.exchange import Body, Exchange
from harness.rules.passive import Record
from suites.graphql.judge import JSON, RESPONSE
from suites.graphql.passive import disclosed, wrong_classes

STACK = {"message": "x", "extensions": {"stacktrace": ["at load (/srv/api/notes.js:10:5)"]}}


def exchange(value, sent='{"query": "{ a }"}', status=200, kind=JSON):
    return Exchange(
        id="1",
        method="POST",
        url="https://api.example/graphql",
        request_fields=(),
        request_body=Body(sent, len(sent)),
        status=status,
        response_fields=(("Content-Type", kind),),
        response_body=Body(json.dumps(value), 1),
    )


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (exchange({"data": {"a": None}, "errors": [STACK]}), 1),
        (exchange({"data": {"a": None}, "errors": [{"message": "There is no note with this id."}]}), 0),
        (exchange({"data": {"a": "at load (/srv/api/notes.js:10:5)"}}), 0),
        (exchange({"errors": [STACK]}, status=400), 0),
        (exchange({"errors": [STACK]}, sent='{"name": "x"}'), 0),
        (exchange({"errors": [STACK]}, sent="query"), 0),
    ],
)
def test_only_errors_of_successful_responses_are_looked_at(one, found):
    assert len(list(disclosed(Record((one,))))) == found


ERRORS = [{"message": "x"}]


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (exchange({"data": {"a": None}, "errors": ERRORS}, status=500, kind=RESPONSE), 1),
        (exchange({"errors": ERRORS}, status=200, kind=RESPONSE), 1),
        (exchange({"data": {"a": None}, "errors": ERRORS}, status=200, kind=RESPONSE), 0),
        (exchange({"data": {"a": None}, "errors": ERRORS}, status=294, kind=RESPONSE), 0),
        (exchange({"data": None, "errors": ERRORS}, status=500, kind=RESPONSE), 0),
        (exchange({"errors": ERRORS}, status=429, kind=RESPONSE), 0),
        (exchange({"data": {"a": None}, "errors": ERRORS}, status=500), 0),
        (exchange([{"errors": ERRORS}], status=200, kind=RESPONSE), 0),
    ],
)
def test_the_status_of_partial_data(one, found):
    assert len(list(wrong_classes(Record((one,))))) == found
