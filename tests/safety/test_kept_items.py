"""Where items cannot be removed, a run creates only a few, and says so at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.client.account import InFile, InProcess
from harness.client.budget import Budget
from tests import servers
from tests.servers import Crud
from tests.sessions import run
from tests.survey.archiving_api import Archiving

pytestmark = pytest.mark.topic(name="safety")
MORE = """
[[resources]]
collection = "/things"
body = { name = "Ada" }
leave_behind = 5
"""


@pytest.mark.parametrize(("workers", "profile", "most"), [((), "", 3), (("-n", "2"), "", 3), ((), MORE, 5)])
def test_few_items_are_created_where_none_can_be_removed(
    tmp_path: Path, workers: tuple[str, ...], profile: str, most: int
) -> None:
    api = Crud(deletes=False)
    with servers.http(api) as server:
        files = {"conformance.toml": profile} if profile else {}
        options = (
            "--target-url",
            server.url,
            "--effects",
            "write",
            "-m",
            "rule(suite='METH') or rule(suite='COND')",
        )
        done = run(tmp_path, *options, *workers, files=files)
    assert done.code in (0, 1, 5), done.out
    assert 0 < len(api.items) <= most
    assert "items of things cannot be removed (DELETE /things/" in done.out
    assert f"at most {most} (`leave_behind` in [[resources]])" in done.out
    assert any("cannot be removed" in warning for warning in done.report["warnings"])
    assert len(done.report["leftovers"]) == len(api.items)
    undecided = [one["reason"] for one in done.report["findings"] if one["verdict"] == "inconclusive"]
    assert any(f"a run leaves at most {most} behind" in reason for reason in undecided)


@pytest.mark.parametrize("shared", [False, True])
def test_creates_are_counted_by_collection(tmp_path: Path, shared: bool) -> None:
    path = tmp_path / "budget"
    budgets = [Budget(9, account=InFile(path)), Budget(9, account=InFile(path))]
    if not shared:
        budgets = [Budget(9, account=InProcess())] * 2
    assert budgets[0].count_create("a", 2, 3)
    assert not budgets[1].count_create("a", 2, 3)
    assert budgets[1].count_create("a", 1, 3)
    assert budgets[1].count_create("b", 3, 3)
    # One of them created nothing.
    assert budgets[0].count_create("a", -1)
    assert budgets[1].count_create("a", 1, 3)
    assert budgets[0].count_create("a", 100)


def test_what_is_known_of_a_run_is_shared(tmp_path: Path) -> None:
    one, other = (Budget(9, account=InFile(tmp_path / "budget")) for _ in range(2))
    one.stays("a", "DELETE -> 405")
    one.harmed("a lone surrogate", "GET /a -> 500")
    assert other.why_staying("a") == "DELETE -> 405"
    assert other.harm_of("a lone surrogate") == "GET /a -> 500"
    assert other.why_staying("b") == other.harm_of("") == ""


class Coins:
    """A lawful API whose items show no text of the run's own: ids count up, and creates have no content."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def __call__(self, seen: servers.Seen) -> servers.Answer:
        head, _, id = seen.path.partition("?")[0].strip("/").partition("/")
        if head != "coins" or (id and id not in self.items):
            return self.answer(404, {"message": "nothing here"})
        if seen.method == "DELETE" and id:
            del self.items[id]
            return self.answer(204)
        if seen.method == "GET":
            shown = {one: {"href": f"/coins/{one}", **value} for one, value in self.items.items()}
            return self.answer(200, shown[id] if id else {"coins": list(shown.values())})
        if seen.method != "POST" or id:
            return self.answer(405)
        try:
            value = json.loads(seen.body)["value"]
        except (ValueError, KeyError, TypeError):
            return self.answer(400, {"errors": {"value": ["is missing"]}})
        if not isinstance(value, int):
            return self.answer(400, {"errors": {"value": ["must be an integer"]}})
        made = str(len(self.items) + 1)
        self.items[made] = {"value": value}
        return self.answer(201, location=f"/coins/{made}")

    @staticmethod
    def answer(status: int, value: Any = None, location: str = "") -> servers.Answer:
        fields = [("Content-Type", "application/json")] if value is not None else []
        fields += [("Location", location)] if location else []
        return servers.Answer(status, b"" if value is None else json.dumps(value).encode(), fields)


def test_few_items_are_created_where_none_can_be_shown_to_be_the_runs(tmp_path: Path) -> None:
    api = Coins()
    with servers.http(api) as server:
        options = ("--target-url", f"{server.url}/coins", "--effects", "write", "-m", "rule(suite='METH')")
        done = run(tmp_path, *options)
    assert done.code in (0, 1, 5), done.out
    assert 0 < len(api.items) <= 3
    assert "a run leaves at most 3 behind" in done.out + str(done.report["findings"])


@pytest.mark.parametrize("listed", [False, True])
def test_items_without_delete_are_archived_and_the_head_says_so(tmp_path: Path, listed: bool) -> None:
    api = Archiving(listed=listed)
    with servers.http(api) as server:
        chosen = "rule(suite='METH') or rule(suite='PATCH')"
        done = run(tmp_path, "--target-url", server.url, "--effects", "write", "-m", chosen)
    assert done.code in (0, 1, 5), done.out
    assert not api.staying
    assert not api.put_away(api.items["1"])
    assert 'the run archives its own by PATCH {"archived": true}' in done.out
    assert ("and creates few" in done.out) == listed
    assert done.report["leftovers"] == []
    if listed:
        # The survey makes them, one of them before it knows that the list shows archived items.
        assert len(api.items) <= 1 + 4
