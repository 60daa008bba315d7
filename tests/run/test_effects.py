"""What a run may do to its target where nobody says so, and what its head and its last line say of that."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from harness.profile.models import Profile
from harness.rules.rule import Effect, doing
from harness.run.prepare import permitted
from harness.target.target import Limits, on_loopback
from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import environment, here, write

pytest_plugins = ["pytester"]

SAFE = {"GET", "HEAD", "OPTIONS"}
ONE = ("-k", "METH-001 or METH-016 or CONC-003")


def own_address() -> str | None:
    """An address of this machine that is not a loopback address; None where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            # Nothing is sent: this only chooses the interface.
            asking.connect(("192.0.2.1", 9))
        except OSError:
            return None
        found: str = asking.getsockname()[0]
    return None if on_loopback(f"http://{found}") else found


@pytest.fixture
def api() -> Crud:
    return Crud()


@pytest.fixture
def remote(api: Crud) -> Iterator[servers.Server]:
    """A server that a run cannot tell from one on another machine."""
    address = own_address()
    if address is None:
        pytest.skip("this machine has loopback addresses only")
    with servers.http(api, address=address) as server:
        yield server
    assert api.items == {}


@pytest.mark.parametrize(
    ("found", "loopback"),
    [
        (["127.0.0.1"], True),
        (["127.8.8.8"], True),
        (["::1"], True),
        (["::1", "127.0.0.1"], True),
        (["::ffff:127.0.0.1"], True),
        (["127.0.0.1", "192.0.2.7"], False),
        (["192.0.2.7", "::1"], False),
        (["::ffff:192.0.2.7"], False),
        (["10.0.0.1"], False),
        (["0.0.0.0"], False),
        (["fe80::1%eth0"], False),
        (["not an address"], False),
        ([], False),
    ],
)
def test_every_address_must_be_a_loopback_address(found, loopback):
    asked = []
    resolve = lambda host: asked.append(host) or found  # noqa: E731
    assert on_loopback("https://api.example.com:8443/v1", resolve) is loopback
    assert asked == ["api.example.com"]


def test_a_name_without_an_address_is_not_on_loopback():
    def resolve(host):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    assert not on_loopback("http://nowhere.example", resolve)


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "http://127.0.0.1", "http://127.1.2.3/v1", "http://[::1]:80"]
)
def test_loopback_by_the_machines_own_resolver(url):
    assert on_loopback(url)


@pytest.mark.parametrize(
    ("chosen", "written", "address", "decided"),
    [
        (None, None, "127.0.0.1", "BURST"),
        (None, None, "192.0.2.7", "READ"),
        (None, "write", "192.0.2.7", "WRITE"),
        (None, "flood", "192.0.2.7", "FLOOD"),
        (None, "read", "127.0.0.1", "READ"),
        ("BURST", None, "192.0.2.7", "BURST"),
        ("READ", "burst", "127.0.0.1", "READ"),
        ("WRITE", "read", "192.0.2.7", "WRITE"),
    ],
)
def test_who_decides(chosen, written, address, decided):
    limits = Limits(max_requests=7)
    effect = None if chosen is None else Effect[chosen]
    profile = Profile(effects=written)
    made = permitted(limits, effect, profile, "http://host.example", lambda host: [address])
    assert (made.effects, made.max_requests) == (Effect[decided], 7)


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        (Effect.READ, "reads only, on h.example: GET, HEAD and OPTIONS, up to 30,000 requests"),
        (Effect.WRITE, "creates, changes and deletes its own items on h.example, up to 30,000 requests"),
        (
            Effect.BURST,
            "creates, changes and deletes its own items on h.example, up to 30,000 requests, races included",
        ),
        (
            Effect.FLOOD,
            "creates, changes and deletes its own items on h.example, up to 30,000 requests, races included, and "
            "exhausts rate limits on purpose",
        ),
    ],
)
def test_what_rougher_effects_do(effect, said):
    assert doing(effect, "h.example", 30_000) == said


def host_of(server: servers.Server) -> str:
    return server.url.removeprefix("http://")


def test_what_is_not_on_loopback_is_only_read(pytester, remote):
    done = here(pytester, "--target-url", remote.url, *ONE, files={"conformance.toml": PROFILE})
    assert set(remote.methods) <= SAFE
    assert done.report["target"]["effects"] == "READ"
    host = host_of(remote)
    assert "conformance: effects: read; budget: 40000 requests" in done.out
    assert f"conformance: reads only, on {host}: GET, HEAD and OPTIONS, up to 40,000 requests" in done.out
    assert (
        f"{host} is not on a loopback address, and neither --effects nor `effects` in the profile" in done.out
    )
    last = done.out.partition("junit.xml\n")[2].splitlines()[0]
    assert last.startswith("verified under --effects read: --effects write would verify up to "), done.out
    assert "; --effects burst would verify up to 2 rules more" in last


@pytest.mark.parametrize(
    ("more", "written", "effect"),
    [
        (("--effects", "write"), "", "WRITE"),
        ((), 'effects = "burst"\n', "BURST"),
        (("--effects", "read"), "", "READ"),
    ],
)
def test_more_is_done_elsewhere_when_somebody_says_so(pytester, remote, more, written, effect):
    files = {"conformance.toml": written + PROFILE}
    done = here(pytester, "--target-url", remote.url, *ONE, *more, files=files)
    assert done.report["target"]["effects"] == effect
    assert ("POST" in remote.methods) is (effect != "READ")
    said = (
        f"conformance: creates, changes and deletes its own items on {host_of(remote)}, up to 40,000 requests"
    )
    assert (said in done.out) is (effect != "READ")
    assert (f"{said}, races included" in done.out) is (effect == "BURST")
    assert ("--effects burst would verify up to" in done.out) is (effect != "BURST")
    assert "is not on a loopback address" not in done.out


def test_on_loopback_races_stay_the_default(pytester, api):
    with servers.http(api) as server:
        done = here(pytester, "--target-url", server.url, *ONE, files={"conformance.toml": PROFILE})
    assert done.report["target"]["effects"] == "BURST"
    assert (
        f"creates, changes and deletes its own items on {host_of(server)}, up to 40,000 requests, races"
        in done.out
    )
    assert "would verify" not in done.out


def test_what_only_lists_or_plans_does_not_say_that_it_writes(pytester, api):
    with servers.http(api) as server:
        for more in ("--collect-only", "--dry-run"):
            done = here(pytester, "--target-url", server.url, *ONE, more, files={"conformance.toml": PROFILE})
            assert "effects: burst; budget" in done.out
            assert "creates, changes" not in done.out
    assert set(server.methods) <= SAFE


@pytest.mark.parametrize(("more", "writes"), [((), False), (("--effects", "write"), True)])
def test_a_survey_alone_only_reads_elsewhere(tmp_path, remote, more, writes):
    write(tmp_path, {"conformance.toml": PROFILE})
    for command in (
        ["pytest", "--survey-only", "--target-url", remote.url],
        ["harness", "init", remote.url, "--force"],
    ):
        del remote.seen[:]
        done = subprocess.run(
            [sys.executable, "-m", *command, *more],
            cwd=tmp_path,
            env=environment({}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert ("POST" in remote.methods) is writes
        assert (f"note: nothing was created: {host_of(remote)} is not on" in done.stdout) is not writes


def test_an_unknown_effect_in_the_profile_is_one_clear_line(pytester):
    files = {"conformance.toml": 'effects = "wirte"\n'}
    done = here(pytester, "--target-url", "http://127.0.0.1:9", files=files)
    assert done.code == 4
    assert "conformance.toml" in done.error
    assert "effects" in done.error
