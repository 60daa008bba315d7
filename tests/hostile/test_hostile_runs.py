"""Whole runs against an API that holds some of its answers back for ever: they end, and their reports say why."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from tests.hostile.streams import INTERIM, OK, api
from tests.servers import PROFILE, Crud
from tests.sessions import interrupted, run

HANGS = 100.0
"""Seconds that only what hangs can take, on the busiest machine; far less than what is waited for an answer."""
PATIENT = ("--timeout", "200")
SLOW = (OK + b"Content-Length: 100\r\n\r\n", b" ", 0.1)
RULES = '''
from harness import MUST, WRITE, rule
from harness.race import Request, race
from harness.client.raw import connection

def asked(client):
    client.get("/held")

def raw(client):
    with connection(client) as wire:
        wire.ask("GET", client.url("/held"))

def peeked(client):
    with connection(client) as wire:
        wire.send("GET", client.url("/held"))
        wire.peek(10**6)

def raced(client):
    race(client, Request("GET", "/held").times(2))
    client.get("/")

@rule("ACME-001", MUST, refs=["x"], needs="create", effect=WRITE)
def test_held(resource, client):
    """Title

    Why: it breaks.
    Fix: mend it.
    """
    resource.create()
    resource.create()
    WAY(client)
'''


def held(seen):
    return SLOW if seen.path == "/held" else None


@pytest.mark.parametrize("way", ["asked", "raw", "peeked", "raced"])
def test_the_time_of_a_run_ends_what_is_in_flight(tmp_path, way):
    crud = Crud()
    with api(crud, held) as url:
        started = time.monotonic()
        done = run(
            tmp_path,
            *("--target-url", url, *PATIENT, "--max-time", "4", "test_own.py"),
            files={"test_own.py": RULES.replace("WAY", way), "conformance.toml": PROFILE},
        )
    assert time.monotonic() - started < HANGS
    finding = done.finding("ACME-001")
    assert finding["verdict"] == "inconclusive"
    assert "the 4 seconds of --max-time have passed" in finding["reason"]
    assert crud.items == {}
    assert done.report["leftovers"] == []


@pytest.mark.parametrize("way", ["asked", "raw", "raced"])
def test_sigterm_ends_what_is_in_flight(tmp_path, way):
    crud, reached = Crud(), threading.Event()

    def respond(seen):
        if seen.path == "/held":
            reached.set()
        return crud(seen)

    with api(respond, held) as url:
        done = interrupted(
            tmp_path,
            *("--target-url", url, *PATIENT, "test_own.py"),
            files={"test_own.py": RULES.replace("WAY", way), "conformance.toml": PROFILE},
            when=lambda: reached.wait(100),
            number=signal.SIGTERM,
        )
    assert reached.is_set(), done.out
    assert done.code == 2
    assert crud.items == {}
    assert done.report["leftovers"] == []


@pytest.mark.parametrize("flood", [SLOW, (b"", INTERIM * 5000, 0.0)], ids=["trickles", "interim"])
def test_cleaning_up_has_a_time_of_its_own(tmp_path, flood):
    crud = Crud(deletes=False)

    def removal(seen):
        return flood if seen.method == "DELETE" and crud.made > 6 else None

    rule = RULES.replace("WAY(client)", "[resource.create() for _ in range(12)]")
    profile = PROFILE + "capabilities = { delete = true }\nleave_behind = 12\n"
    with api(crud, removal) as url:
        started = time.monotonic()
        done = run(
            tmp_path,
            *("--target-url", url, *PATIENT, "--cleanup-time", "3", "test_own.py"),
            files={"test_own.py": rule, "conformance.toml": profile},
        )
    assert time.monotonic() - started < HANGS
    assert "clean-up: at most 3 s after the last rule" in done.out
    assert set(crud.items) >= {one.rpartition("/")[2] for one in done.report["leftovers"]}
    assert len(done.report["leftovers"]) >= 12
    assert "leftovers: to try again to remove them: python -m harness cleanup reports/ledger-" in done.out
