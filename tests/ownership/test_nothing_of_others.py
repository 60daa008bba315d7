"""Whatever a server answers to creates: nothing unsafe reaches an item that is not proven to be the run's own."""

from __future__ import annotations

import pytest

from harness.rules.suites import suites_folder
from tests import servers
from tests.matrix.running import run
from tests.ownership.shared_api import (
    Shared,
    always_three,
    located,
    singleton,
    upsert,
    with_id,
)

WRITING = ("concurrency", "conditional", "errors", "idempotency", "methods", "openapi")
SUITES = [suites_folder() / name for name in WRITING]
WHOLE = {
    "upsert": upsert,
    "always-three": always_three,
    "singleton": singleton,
    "location-of-another": located(at="/customers/3"),
    "location-elsewhere": located(at="https://elsewhere.example/customers/3"),
    "location-of-the-collection": located(at="/customers/."),
    "location-of-the-root": located(at="/customers/%2E%2e"),
    "id-dot-dot": with_id(".."),
    "id-dot": with_id("."),
    "id-encoded": with_id("%2e%2e"),
    "id-backslash": with_id("..\\..\\customers"),
    "id-empty": with_id(""),
    "id-object": with_id({"value": 3}),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_run_leaves_the_items_of_others_alone(name: str) -> None:
    api = Shared(WHOLE[name])
    with servers.http(api) as server:
        report = run(server.url, "--effects", "burst", suites=SUITES)
    assert api.harm == []
    changed = [id for id in api.first if api.items.get(id) != api.first[id]]
    assert len(api.touched) <= 2
    assert set(changed) == set(api.touched)
    assert bool(report.touched) == bool(api.touched)


def test_an_ordinary_api_is_verified_as_ever_and_left_as_it_was() -> None:
    api = Shared()
    with servers.http(api) as server:
        report = run(server.url, "--effects", "burst", suites=SUITES)
    assert api.harm == []
    assert api.items == api.first
    assert report.leftovers == []
    (known,) = report.profile.resources
    assert all(
        known.missing(need) is None for need in ("list", "create", "read", "replace", "update", "delete")
    )
    assert not [one for one in report.findings if "is not sent" in one.reason]
