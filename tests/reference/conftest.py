"""The reference API on a real socket, and clients of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest

from harness.reference import ADMIN, ALICE, BOB, build
from harness.reference.server import serve

Race = Callable[[int, Callable[[httpx.Client, int], httpx.Response]], list[httpx.Response]]


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(build(database=tmp_path_factory.mktemp("reference") / "demo.db")) as url:
        yield url


def open_client(base_url: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=20)


@pytest.fixture(scope="session")
def alice(base_url: str) -> Iterator[httpx.Client]:
    with open_client(base_url, ALICE) as client:
        yield client


@pytest.fixture(scope="session")
def bob(base_url: str) -> Iterator[httpx.Client]:
    with open_client(base_url, BOB) as client:
        yield client


@pytest.fixture(scope="session")
def admin(base_url: str) -> Iterator[httpx.Client]:
    with open_client(base_url, ADMIN) as client:
        yield client


@pytest.fixture
def order(alice: httpx.Client) -> str:
    """The path of a fresh order, below the base URL."""
    return create_item(alice, "orders", customer="Ada", amount=100, currency="EUR", note="n", tags=["a", "b"])


def create_item(client: httpx.Client, kind: str, **members: Any) -> str:
    reply = client.post(f"/{kind}", json=members)
    assert reply.status_code == 201, reply.text
    return reply.headers["Location"].removeprefix("/v1")


def run_race(
    urls: list[str], count: int, act: Callable[[httpx.Client, int], httpx.Response]
) -> list[httpx.Response]:
    """`count` requests released together, each over its own warmed connection."""
    barrier = Barrier(count)

    def run(number: int) -> httpx.Response:
        with open_client(urls[number % len(urls)], ALICE) as client:
            client.get("/")
            barrier.wait()
            return act(client, number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def race(base_url: str) -> Race:
    return lambda count, act: run_race([base_url], count, act)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "own.db"


@pytest.fixture(scope="session")
def race_on() -> Callable[..., list[httpx.Response]]:
    """A race over several servers."""
    return run_race


@pytest.fixture(scope="session")
def create() -> Callable[..., str]:
    """Creates an item and gives its path."""
    return create_item


@pytest.fixture(scope="session")
def client_of() -> Callable[[str, str], httpx.Client]:
    """Opens a client of a server with a token."""
    return open_client
