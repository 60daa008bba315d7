"""Ranges in a content coding, and the length in responses to HEAD: a sound server, and two that are not."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable

import pytest

from harness.ledger.ledger import Ledger
from harness.profile.models import Files, Profile
from harness.rules.checks import Broken
from harness.rules.verdict import Breach, Impact, Level
from harness.survey.outcome import Survey
from suites.files import test_ranges as ranges
from tests.clients import client_of
from tests.servers import Answer, Seen, http

CONTENT = b"".join(hashlib.sha256(bytes([number])).hexdigest().encode() for number in range(40))
CODED = gzip.compress(CONTENT, mtime=0)


class Download:
    """A file, in gzip for clients that take it."""

    def __call__(self, seen: Seen) -> Answer:
        coded = "gzip" in (seen.field("accept-encoding") or "")
        content, tag = (CODED, '"a-gzip"') if coded else (CONTENT, '"a"')
        fields = [("ETag", tag), ("Accept-Ranges", "bytes"), ("Vary", "Accept-Encoding")]
        fields += [("Content-Encoding", "gzip")] if coded else []
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", seen.field("range") or "")
        if seen.method == "HEAD":
            return self.head(content, fields)
        if found is None or seen.field("if-range") not in (None, tag):
            return Answer(200, content, fields)
        first, last = int(found[1]), min(int(found[2] or len(content)), len(content) - 1)
        return self.part(content, first, last, fields)

    def head(self, content: bytes, fields: list[tuple[str, str]]) -> Answer:
        return Answer(200, content, fields)

    def part(self, content: bytes, first: int, last: int, fields: list[tuple[str, str]]) -> Answer:
        named = ("Content-Range", f"bytes {first}-{last}/{len(content)}")
        return Answer(206, content[first : last + 1], [*fields, named])


class CodesParts(Download):
    """A filter behind the file server codes each response, the parts, too."""

    def part(self, content: bytes, first: int, last: int, fields: list[tuple[str, str]]) -> Answer:
        found = super().part(CONTENT, first, last, fields)
        if ("Content-Encoding", "gzip") in fields:
            found.body = gzip.compress(found.body, mtime=0)
        return found


class LengthOfAnother(Download):
    """HEAD is answered from a catalogue, which has the size of an earlier version."""

    def head(self, content: bytes, fields: list[tuple[str, str]]) -> Answer:
        return Answer(200, content[:-7], fields)


def broken(server: Download, rule: Callable[..., None]) -> Breach | None:
    profile = Profile(files=Files(samples=["/file.txt"]), consistency_window=0)
    with http(server) as api, client_of(api.url) as client:
        try:
            rule(client=client, survey=Survey(profile), profile=profile, ledger=Ledger())
        except Broken as problem:
            return problem.breach
    return None


@pytest.mark.parametrize(
    "rule", [ranges.test_single_ranges_are_exact, ranges.test_ranges_are_ignored_where_they_do_not_apply]
)
def test_a_coded_representation_has_ranges_of_its_own(rule: Callable[..., None]) -> None:
    assert broken(Download(), rule) is None


def test_a_part_that_is_coded_is_no_part_of_the_coded_file() -> None:
    found = broken(CodesParts(), ranges.test_single_ranges_are_exact)
    assert found is not None
    assert (found.level, found.impact) == (Level.MUST, Impact.CRITICAL)
    assert "Content-Encoding: gzip" in found.observed


def test_the_length_in_a_response_to_head() -> None:
    found = broken(LengthOfAnother(), ranges.test_ranges_are_ignored_where_they_do_not_apply)
    assert found is not None
    assert found.observed.endswith(f"Content-Length: {len(CONTENT) - 7}")
