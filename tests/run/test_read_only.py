"""`--effects read` on an API with items of others: what is verified on them, and that nothing else is sent."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from harness.reference import ALICE, Policies, build
from harness.reference.resources import RESOURCES
from harness.reference.server import serve
from harness.rules.suites import rule_files
from harness.rules.verdict import Verdict
from tests.conditional.defects import AbsentIsNotModified, AlwaysNotModified
from tests.errors.defects import GatekeeperEnvelope
from tests.matrix.declared import AT_ONCE
from tests.matrix.running import run
from tests.openapi.defects import FilterForgotten, SortForgotten
from tests.pagination.defects import (
    CursorBoundToPageSize,
    MoreWhenFull,
    NoTiebreaker,
    OneTooMany,
    PagesRoundedDown,
    RepeatsOneOnEachPage,
    SkipsOneOnEachPage,
)
from tests.patch.defects import OptionsWithoutFormats

pytestmark = pytest.mark.slow
SAFE = {"GET", "HEAD", "OPTIONS"}
ITEMS = 26
BROKEN = {Verdict.FAIL, Verdict.WARN}


@contextmanager
def with_items_of_others(**policies: type) -> Iterator[tuple[str, list[str]]]:
    """A reference API that has items already: its base URL, and the methods that it receives."""
    methods: list[str] = []
    changed = replace(Policies(), **{name: policy() for name, policy in policies.items()})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        app = build(changed, Path(folder) / "shop.db")

        async def logged(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                methods.append(scope["method"])
            await app(scope, receive, send)

        with serve(logged) as url:
            seed(url)
            methods.clear()
            yield url, methods


def seed(url: str) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {ALICE}"}) as client:
        for resource in RESOURCES:
            for number in range(ITEMS):
                body = {**resource.example, **varied(resource.name, number)}
                fields = {"Idempotency-Key": f"{resource.name}-{number}"} if resource.key_required else {}
                client.post(f"{url}/{resource.name}", json=body, headers=fields).raise_for_status()


def varied(name: str, number: int) -> Mapping[str, Any]:
    """Members that differ from item to item: some values occur several times."""
    special: dict[str, Mapping[str, Any]] = {
        "products": {"sku": f"SKU-{number}"},
        "orders": {"amount": 100 + number * 7 % ITEMS // 4},
    }
    return special.get(name, {})


def test_half_of_what_applies_is_verified_and_only_safe_requests_are_sent() -> None:
    with with_items_of_others() as (url, methods):
        report = run(url, "--effects", "read", profile=AT_ONCE)
    assert set(methods) <= SAFE
    assert len(methods) > 500
    assert {one.verdict for one in report.findings}.isdisjoint(BROKEN | {Verdict.ERROR})
    for code in (
        "PAGE-001",
        "PAGE-002",
        "PAGE-004",
        "PAGE-005",
        "PAGE-006",
        "PAGE-007",
        "PAGE-018",
        "COND-007",
    ):
        assert Verdict.PASS in {one.verdict for one in report.findings if one.rule == code}, code
    # 129 rules apply to this API if everything is allowed; half of those need no write.
    assert report.summary.verified >= 58


@pytest.mark.parametrize(
    ("code", "on", "policies"),
    [
        ("PAGE-002", "payments", {"paginator": OneTooMany}),
        ("PAGE-004", "payments", {"paginator": SkipsOneOnEachPage}),
        ("PAGE-004", "documents", {"numbered": RepeatsOneOnEachPage}),
        ("PAGE-005", "payments", {"paginator": CursorBoundToPageSize}),
        ("PAGE-006", "orders", {"paginator": NoTiebreaker}),
        ("PAGE-007", "payments", {"paginator": MoreWhenFull}),
        ("PAGE-018", "documents", {"numbered": PagesRoundedDown}),
        ("COND-007", "orders", {"preconditions": AlwaysNotModified}),
        ("COND-013", "orders", {"item": AbsentIsNotModified}),
        ("ERR-007", "orders", {"problems": GatekeeperEnvelope}),
        ("DOC-003", "payments", {"paginator": FilterForgotten}),
        ("DOC-003", "orders", {"paginator": SortForgotten}),
        ("PATCH-012", "orders", {"router": OptionsWithoutFormats}),
    ],
)
def test_a_defect_shows_on_items_of_others(code: str, on: str, policies: dict[str, type]) -> None:
    with with_items_of_others(**policies) as (url, methods):
        report = run(
            url, "--effects", "read", "-k", code, suites=rule_files(), profile=f"{AT_ONCE}only = ['{on}']\n"
        )
    assert set(methods) <= SAFE
    assert {one.rule for one in report.findings if one.verdict in BROKEN} == {code}
