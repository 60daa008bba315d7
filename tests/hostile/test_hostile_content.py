"""A few bytes that stand for gigabytes: they are not unfolded, whichever way they come, and memory stays bounded."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import zlib

import brotli
import httpx
import pytest

from harness.client.oauth2 import NoToken, fetch
from harness.http.decoding import DECODERS, FREELY, MOST_OCTETS, PIECE, TooMuch, decoded
from harness.target.credentials.resolved import Grant
from tests import servers
from tests.hostile.streams import bomb, bombs, deflated
from tests.sessions import environment

MOST_MEMORY = 400
"""MiB that a process may need that meets bombs of more."""
MEBIBYTES = 600
CHILD = """
import json, sys
from harness.rules.checks import Undecided
from harness.race import Request, race
from harness.client.raw import connection
from tests.clients import client_of

def memory():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmHWM"))

def over_httpx(client):
    client.get("/")

def raw(client):
    with connection(client) as wire:
        wire.ask("GET", client.url("/"))

def raced(client):
    result = race(client, Request("GET", "/a").times(4))
    raise Undecided(json.dumps([member.reason for member in result.members]))

told = []
for way in (over_httpx, raw, raced):
    with client_of(sys.argv[1], timeout=20) as client:
        try:
            way(client)
            told.append("read")
        except Undecided as problem:
            told.append(str(problem))
print(json.dumps([told, memory()]))
"""


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return bombs(MEBIBYTES)


@pytest.mark.parametrize(
    "coding", ["br", "gzip", "gzip, gzip", "gzip, gzip, br", "gzip, gzip, gzip, gzip, gzip, gzip"]
)
def test_a_bomb_is_not_unfolded_and_memory_stays_bounded(made: dict[str, bytes], coding: str) -> None:
    with servers.raw(bomb(coding, made[coding])) as url:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, url],
            capture_output=True,
            text=True,
            timeout=120,
            env=environment({}),
        )
        with pytest.raises(NoToken):
            fetch(Grant(f"{url}/token", "us", "secret"), insecure=False, timeout=20)
    assert done.returncode == 0, done.stderr
    (ordinary, raw, raced), memory = json.loads(done.stdout)
    for shown in (ordinary, raw, *json.loads(raced)):
        assert "not read" in shown
    assert memory < MOST_MEMORY


CODERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda content: brotli.compress(content, quality=4),
}


def headers(*codings: str) -> httpx.Headers:
    return httpx.Headers([("Content-Encoding", coding) for coding in codings])


@pytest.mark.parametrize("coding", CODERS)
@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 700_000])
def test_what_is_unfolded_is_what_httpx_makes_of_it(coding: str, size: int) -> None:
    for content in (b" " * size, random.Random(size).randbytes(size)):
        octets = CODERS[coding](content)
        assert decoded(headers(coding), octets) == content
        assert decoded(headers("gzip, " + coding), CODERS[coding](gzip.compress(content))) == content
        assert decoded(headers("gzip", coding), CODERS[coding](gzip.compress(content))) == content
        assert httpx.Response(200, headers=headers(coding), content=octets).content == content


def test_deflate_without_its_header_is_understood() -> None:
    assert decoded(headers("deflate"), deflated(-15, 1)) == b" " * 2**20


def test_codings_that_nobody_knows_are_left() -> None:
    assert decoded(headers("identity", "x-own"), b"as it is") == b"as it is"


@pytest.mark.parametrize("coding", CODERS)
def test_what_is_not_in_its_coding_is_no_content(coding: str) -> None:
    with pytest.raises(httpx.DecodingError):
        decoded(headers(coding), b"<html>not at all</html>")


def test_content_that_repeats_itself_is_read() -> None:
    items = json.dumps(
        [{"id": number, "name": "an item as all others"} for number in range(100_000)]
    ).encode()
    assert decoded(headers("gzip"), gzip.compress(items)) == items


def test_the_ratio_is_bounded_before_the_size_is() -> None:
    with pytest.raises(TooMuch, match=f"more than {FREELY} bytes"):
        decoded(headers("br"), brotli.compress(b" " * (FREELY + 1)))
    with pytest.raises(TooMuch, match=f"more than {MOST_OCTETS} bytes"):
        decoded(headers("gzip"), deflated(31, MOST_OCTETS // 2**20 + 1))


@pytest.mark.skipif("zstd" not in DECODERS, reason="zstandard is not installed")
def test_zstd() -> None:
    zstandard = pytest.importorskip("zstandard")
    content = b"of any kind " * 100_000
    assert decoded(headers("zstd"), zstandard.compress(content)) == content
    with pytest.raises(TooMuch):
        decoded(headers("zstd"), zstandard.compress(b" " * 2 * MOST_OCTETS))
