"""The demo in a process of its own: it serves, and it ends with the run, however that ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from harness.reference.apart import demo_apart
from harness.reference.server import StartupError

ROOT = Path(__file__).parents[2]


def listens(url: str) -> bool:
    address = httpx.URL(url)
    try:
        socket.create_connection((address.host, address.port), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(("bugs", "patch"), [(False, True), (True, False)])
def test_each_demo_is_served_and_stops_with_its_context(bugs: bool, patch: bool) -> None:
    with demo_apart(bugs=bugs) as (url, token):
        fields = {"Authorization": f"Bearer {token}"}
        allowed = httpx.options(f"{url}/orders/ord_1", headers=fields).headers["allow"]
        assert ("PATCH" in allowed) is patch
    assert not listens(url)


def test_a_folder_named_like_the_package_is_not_imported(tmp_path, monkeypatch) -> None:
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness" / "__init__.py").write_text("raise RuntimeError")
    monkeypatch.chdir(tmp_path)
    with demo_apart() as (url, _):
        assert listens(url)


def test_a_process_that_cannot_start_is_reported(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(StartupError, match="before it served"), demo_apart():
        pass


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
def test_ctrl_c_leaves_it_running_and_the_end_of_its_input_ends_it() -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "harness.reference.apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        process.send_signal(signal.SIGINT)
        assert httpx.get(url).status_code == 200
        # As when the run that started it is killed.
        process.stdin.close()
        assert process.wait(30) == 0
    assert not listens(url)
