"""Hashes of passwords in what a run was shown, on literal exchanges."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.http.exchange import Body, Exchange
from harness.rules.passive import Record
from suites.authorization.passive import hashes

pytestmark = pytest.mark.topic(name="authorization")
BCRYPT = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"
ARGON = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b27zg"


def one(method: str, shown: Any, sent: Any = "") -> Exchange:
    response, request = (json.dumps(value) for value in (shown, sent))
    return Exchange(
        "1",
        method,
        "http://h/v1/members",
        (),
        Body(request, len(request)),
        200,
        response_body=Body(response, len(response)),
    )


@pytest.mark.parametrize("value", [BCRYPT, ARGON])
def test_a_hash_of_a_password_is_found(value: str) -> None:
    assert len(list(hashes(Record((one("GET", {"results": [{"pin": value}]}),))))) == 1


@pytest.mark.parametrize(
    "value",
    ["costs $2b$ a day", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "$1$", ""],
)
def test_other_texts_are_none(value: str) -> None:
    assert not list(hashes(Record((one("GET", {"note": value}),))))


def test_what_a_client_has_sent_is_its_own() -> None:
    exchanges = (one("POST", {}, {"note": BCRYPT}), one("GET", {"note": BCRYPT}))
    assert not list(hashes(Record(exchanges)))
