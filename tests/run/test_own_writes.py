"""A user's own rule that writes to what no rule has created: refused, unless it declares the request."""

from __future__ import annotations

import pytest

from tests import servers
from tests.ownership.shared_api import Shared, singleton
from tests.servers import PROFILE, Crud
from tests.sessions import here

pytest_plugins = ["pytester"]

RULE = '''
from harness import MUST, WRITE, expect, rule


@rule("ACME-001", MUST, refs=["our contract"], effect=WRITE)
def test_settings_can_be_replaced(client):
    """Replace settings

    Why: they change.
    Fix: route PUT.
    """
    {declared}
    reply = client.put("/things/settings", json={{"name": "new"}})
    expect(reply.status_code == 200, "200", reply.status_code)
    {last}
'''


def api() -> Crud:
    return Crud(items={"settings": {"id": "settings", "name": "old"}})


def ran(pytester: pytest.Pytester, crud: Crud, declared: str = "", last: str = "") -> dict[str, str]:
    files = {"conformance.toml": PROFILE, "test_own.py": RULE.format(declared=declared, last=last)}
    with servers.http(crud) as server:
        done = here(pytester, "--target-url", server.url, "test_own.py", files=files)
    finding: dict[str, str] = done.finding("ACME-001")
    return finding


def test_an_undeclared_write_is_refused_and_the_reason_names_the_call(pytester) -> None:
    crud = api()
    finding = ran(pytester, crud)
    assert finding["verdict"] == "inconclusive"
    assert "PUT http" in finding["reason"]
    assert "client.may_change(method, url)" in finding["reason"]
    assert crud.items["settings"]["name"] == "old"


@pytest.mark.parametrize("url", ["/things/settings", "client.url"])
def test_a_declared_write_is_sent(pytester, url) -> None:
    crud = api()
    given = 'client.url("/things/settings")' if url == "client.url" else f'"{url}"'
    finding = ran(pytester, crud, f'client.may_change("put", {given})')
    assert finding["verdict"] == "pass", finding["reason"]
    assert crud.items["settings"]["name"] == "new"


@pytest.mark.parametrize(
    "last", ['client.delete("/things/settings")', 'client.put("/things/other", json={"name": "x"})']
)
def test_a_declaration_is_for_one_method_and_one_url(pytester, last) -> None:
    crud = api()
    finding = ran(pytester, crud, 'client.may_change("PUT", "/things/settings")', last)
    assert finding["verdict"] == "inconclusive"
    assert set(crud.items) == {"settings"}


@pytest.mark.parametrize("url", ["http://[", "http://elsewhere.example/settings"])
def test_a_declaration_does_not_open_other_origins(pytester, url) -> None:
    finding = ran(pytester, api(), f'client.may_change("DELETE", "{url}")', f'client.delete("{url}")')
    assert finding["verdict"] == "inconclusive"


def test_the_survey_alone_says_what_a_create_changed(pytester) -> None:
    shared = Shared(singleton)
    with servers.http(shared) as server:
        done = here(pytester, "--target-url", server.url, "--survey-only", "--effects", "write")
    assert done.code == 0
    assert shared.touched == ["1"]
    assert "its owner should look at it" in done.out
