"""Content codings that end too early."""

from __future__ import annotations

import gzip

import pytest

from suites.negotiation.coding import CodedAnswer, cut_off, untruthful

WHOLE = gzip.compress(b"x" * 5000, mtime=0)


@pytest.mark.parametrize(
    ("octets", "cut"),
    [(WHOLE, False), (WHOLE[:-8], True), (WHOLE[:12], True), (b"", True), (b"plain", False)],
    ids=["whole", "without trailer", "cut", "empty", "plain"],
)
def test_gzip_without_its_end(octets: bytes, cut: bool) -> None:
    assert cut_off(octets) is cut


def test_a_client_cannot_be_sure_of_what_it_has() -> None:
    answer = CodedAnswer("gzip", ("gzip",), WHOLE[:-8], decodes=True, same=True)
    assert "ends before its trailer" in (untruthful(answer) or "")
