"""A second create with the same body: which member must be unique, whatever its name and the refusal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests import servers
from tests.survey.surveying import Api, described, surveyed

MEMBERS = ("vessel", "hull", "draught_class", "home_port", "engine", "flag", "agent", "pier")
SCHEMA = {
    "type": "object",
    "properties": {name: {"type": "string", "maxLength": 80} for name in MEMBERS},
    "required": list(MEMBERS),
}


@dataclass
class Moorings(Api):
    """Refuses a second item with the same value of one member.

    Attributes:
        clash: that member; `everything` where no second item is accepted.
        status: of the refusal, which says nothing.
    """

    clash: str = ""
    status: int = 500

    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        if method == "POST" and path == "/moorings":
            sent = json.loads(content)
            taken = [item.get(self.clash) for item in self.items.values()]
            if self.items and (self.clash == "everything" or sent.get(self.clash) in taken):
                return self.status, {"code": "E1077"}
        return super()._answer(method, path, content)


def moorings(clash: str, status: int) -> Any:
    api = Moorings(("/moorings",), described("/moorings", body=SCHEMA), clash=clash, status=status)
    with servers.http(api) as server:
        found = surveyed(server.url)
    assert not api.items
    return found


@pytest.mark.parametrize("status", [400, 403, 423, 500])
@pytest.mark.parametrize("clash", ["hull", "pier"])
def test_a_unique_member_of_any_name_is_found(clash: str, status: int) -> None:
    found = moorings(clash, status)
    assert found.profile.resources[0].unique == [f"/{clash}"]
    assert not found.suspicions


def test_a_second_create_that_always_fails_is_a_suspicion() -> None:
    found = moorings("everything", 500)
    assert found.profile.resources[0].unique == []
    assert [one.capability for one in found.suspicions] == ["create"]
