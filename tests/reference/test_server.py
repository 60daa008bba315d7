"""Starting and stopping."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from harness.reference import build
from harness.reference.server import StartupError, demo, serve


def test_demo_starts_answers_and_stops_quickly() -> None:
    with demo() as (url, token), httpx.Client() as client:
        assert client.get(url + "/orders", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_database_that_cannot_be_opened_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="absent"), serve(build(database=tmp_path / "absent" / "x.db")):
        pass


def test_a_port_in_use_is_reported(database: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartupError, match=str(port)), serve(build(database=database), port=port):
            pass
