"""The same verdicts over TLS and HTTP/2 as over plain HTTP/1.1."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from harness.rules.suites import suites_folder
from harness.rules.verdict import Verdict
from tests.matrix.running import run

pytestmark = pytest.mark.slow

SERVER = """
import asyncio, socket, sys
from pathlib import Path
from hypercorn.asyncio import serve
from hypercorn.config import Config
from harness.reference import build

listener = socket.create_server(("127.0.0.1", 0), backlog=64)
config = Config()
config.bind = [f"fd://{listener.fileno()}"]
config.certfile = config.keyfile = sys.argv[1]
config.loglevel = "error"
config.include_server_header = False
# The reference sends its own.
config.include_date_header = False
# httpcore takes a graceful GOAWAY for the loss of the answer under way, which makes a rule inconclusive.
config.keep_alive_max_requests = 10**9
# The same for a connection that is idle while bodies are generated on a busy machine.
config.keep_alive_timeout = 600
print(listener.getsockname()[1], flush=True)
asyncio.run(serve(build(database=Path(sys.argv[2])), config))
"""


@pytest.fixture
def https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Base URL of the reference API behind a server that negotiates HTTP/2."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "server.pem"), str(tmp_path / "reference.db")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield f"https://localhost:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.communicate()


def test_the_reference_breaks_no_rule_over_http2(https: str) -> None:
    suites = sorted(suites_folder().rglob("test_*.py"))
    # It answers from one database: a poll cannot show anything later.
    report = run(https, suites=suites, profile='consistency_window = 0\nonly = ["documents", "orders"]\n')
    shown = [f"{f.rule} [{f.resource}] {f.verdict.value}: {f.reason}" for f in report.findings]
    broken = {Verdict.FAIL, Verdict.WARN, Verdict.ADVICE, Verdict.ERROR, Verdict.INCONCLUSIVE}
    assert not [line for line, f in zip(shown, report.findings, strict=True) if f.verdict in broken]
    answered = [exchange for exchange in report.exchanges if exchange.status is not None]
    assert {e.http_version for e in answered if e.connection != "raw"} == {"HTTP/2"}
    assert {e.http_version for e in answered if e.connection == "raw"} == {"HTTP/1.1"}
    unanswered = [e for e in report.exchanges if e.status is None]
    assert all(e.connection == "raw" or e.error for e in unanswered), [e.summary() for e in unanswered]
