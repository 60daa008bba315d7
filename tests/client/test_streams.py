"""Content that is hashed as it comes."""

from __future__ import annotations

import hashlib

import pytest

from harness.client.streams import Incoming


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("piece", [1, 3, 7, 100])
def test_windows_are_hashed_whatever_the_pieces(piece: int) -> None:
    content = bytes(range(100))
    windows = [(0, 0), (5, 17), (90, 99), (0, 99), (99, 99)]
    sink = Incoming(windows, keep=10)
    for start in range(0, len(content), piece):
        sink.feed(content[start : start + piece])
    assert sink.sha256 == sha(content)
    assert [sink.part(one) for one in windows] == [sha(content[one[0] : one[1] + 1]) for one in windows]
    assert (sink.size, bytes(sink.kept), sink.whole) == (100, content[:10], False)


def test_a_request_that_is_sent_again_begins_again() -> None:
    sink = Incoming()
    sink.feed(b"503")
    sink.restart()
    sink.feed(b"abc")
    assert (sink.size, sink.sha256, bytes(sink.kept), sink.whole) == (3, sha(b"abc"), b"abc", True)
