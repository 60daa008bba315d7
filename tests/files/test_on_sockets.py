"""Rules on defective servers without a run around them, on real sockets; and the same rules on a sound one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.client.client import Client
from harness.ledger.ledger import Ledger
from harness.profile.models import Files as Declared
from harness.profile.models import Profile
from harness.reference import ALICE, Policies, build
from harness.reference.byte_ranges import ByteRanges
from harness.reference.errors import Problem
from harness.reference.files import Files, manual
from harness.reference.server import serve
from harness.rules.checks import NotApplicable, Undecided
from harness.rules.rule import Effect
from harness.rules.verdict import Breach, Impact, Level
from harness.survey.outcome import Survey
from suites.files import test_digests as digests
from suites.files import test_ranges as ranges
from suites.files import test_uploads as uploads
from tests.clients import client_of
from tests.files import judging
from tests.files.defects import (
    Amplifies,
    AnyUnit,
    FailsBehindTheEnd,
    LengthOfThePart,
    NoTagInParts,
    OnlyAnnounced,
    SuffixFromTheStart,
    downloads,
)

MANUAL = "/downloads/manual.pdf"


class Ignoring(ByteRanges):
    """Everything, always, and nothing is announced."""

    def apply(self, call: Any, reply: Any) -> Any:
        return reply


class Fixed(Files):
    """Every upload is one and the same file: a picture of the user."""

    def upload(self, call: Any) -> Any:
        self.check_size(call)
        made = super().upload(call)
        id = made.fields["Location"].rpartition("/")[2]
        self.stored["file_00000000000000000000"] = self.stored.pop(id)
        self.stored["file_00000000000000000000"].id = "file_00000000000000000000"
        found = self.reply(call, self.stored["file_00000000000000000000"], 201)
        found.fields["Location"] = "/v1/files/file_00000000000000000000"
        return found


@contextmanager
def sent(
    folder: Path, files: Callable[[], Files], effects: Effect = Effect.READ
) -> Iterator[tuple[Client, Files]]:
    policies = Policies(files=files())
    with (
        serve(build(policies, folder / "files.db")) as url,
        client_of(url, headers={"Authorization": f"Bearer {ALICE}"}, effects=effects) as client,
    ):
        yield client, policies.files


def breaches(client: Client, rule: Callable[..., None], **declared: Any) -> list[Breach]:
    """What a rule finds where the manual is a sample."""
    return judging.breaches(client, rule, **{"samples": [MANUAL], **declared})


@pytest.mark.parametrize(
    ("files", "rule", "level", "impact"),
    [
        (downloads(SuffixFromTheStart), ranges.test_single_ranges_are_exact, Level.SHOULD, None),
        (downloads(LengthOfThePart), ranges.test_single_ranges_are_exact, Level.MUST, None),
        (downloads(NoTagInParts), ranges.test_single_ranges_are_exact, Level.MUST, None),
        (downloads(OnlyAnnounced), ranges.test_single_ranges_are_exact, None, Impact.MINOR),
        (downloads(FailsBehindTheEnd), ranges.test_unsatisfiable_ranges_are_refused, Level.SHOULD, None),
        (downloads(AnyUnit), ranges.test_ranges_are_ignored_where_they_do_not_apply, None, Impact.MINOR),
        (downloads(Amplifies), ranges.test_several_ranges_are_formed_correctly, Level.SHOULD, None),
    ],
)
def test_defects_of_ranges(
    tmp_path: Path,
    files: Callable[[], Files],
    rule: Callable[..., None],
    level: Level | None,
    impact: Impact | None,
) -> None:
    with sent(tmp_path, files) as (client, _):
        found = breaches(client, rule)
    assert [(one.level, one.impact) for one in found] == [(level, impact)]


RANGES = [
    ranges.test_single_ranges_are_exact,
    ranges.test_unsatisfiable_ranges_are_refused,
    ranges.test_ranges_are_ignored_where_they_do_not_apply,
    ranges.test_several_ranges_are_formed_correctly,
    ranges.test_interrupted_downloads_resume,
]


def test_sound_ranges_and_digests(tmp_path: Path) -> None:
    with sent(tmp_path, Files) as (client, _):
        assert [
            breaches(client, rule) for rule in [*RANGES, digests.test_digests_are_those_of_the_content]
        ] == [[]] * 6


def test_no_ranges_are_no_fault(tmp_path: Path) -> None:
    with sent(tmp_path, downloads(Ignoring)) as (client, _):
        for rule in RANGES:
            with pytest.raises(NotApplicable):
                breaches(client, rule)
        trials = [one for one in client.recorder.exchanges if one.request_field("range")]
        assert len(trials) == 1, "one trial serves all rules"


def test_nothing_is_sent_without_a_sign(tmp_path: Path) -> None:
    with sent(tmp_path, Files, Effect.WRITE) as (client, _):
        for rule in (
            *RANGES,
            digests.test_digests_are_those_of_the_content,
            uploads.test_uploaded_bytes_come_back,
            uploads.test_names_and_types_of_clients_are_not_trusted,
            uploads.test_oversized_uploads_are_refused_early,
            uploads.test_content_range_does_not_replace_a_file,
        ):
            profile = Profile()
            with pytest.raises(NotApplicable):
                rule(client=client, survey=Survey(profile), profile=profile, ledger=Ledger())
        assert not client.recorder.exchanges


HOW = {
    "upload": "POST /files",
    "form": {"file": "{file}"},
    "download": "/files/{id}/content",
    "delete": "/files/{id}",
}


def test_files_of_the_run_are_removed_and_no_report_has_their_bytes(tmp_path: Path) -> None:
    with sent(tmp_path, Files, Effect.WRITE) as (client, store):
        assert not breaches(client, uploads.test_uploaded_bytes_come_back, **HOW)
        assert not breaches(client, ranges.test_single_ranges_are_exact, **HOW, samples=[])
        assert not store.stored
        shown = [one.response_body for one in client.recorder.exchanges if one.url.endswith("/content")]
    assert any(one.sha256 for one in shown)
    assert all(len(one.text) <= 16_384 for one in shown)


def test_an_upload_that_replaces_is_not_tested(tmp_path: Path) -> None:
    with sent(tmp_path, Fixed, Effect.WRITE) as (client, _):
        with pytest.raises(Undecided, match="two uploads"):
            breaches(client, uploads.test_uploaded_bytes_come_back, **HOW)
        assert sum(one.method == "POST" for one in client.recorder.exchanges) == 2


def test_a_download_is_cut_six_times(tmp_path: Path) -> None:
    with sent(tmp_path, Files) as (client, _):
        assert not breaches(client, ranges.test_interrupted_downloads_resume)
        cut = [one for one in client.recorder.exchanges if one.connection == "raw"]
    assert [one.status for one in cut] == [200, *[206] * 6]
    assert sum(one.response_body.size for one in cut) == len(manual())


class Staying(Files):
    """No file can be removed."""

    def remove(self, call: Any) -> Any:
        raise Problem("invalid_state", "Files are kept for ten years.")


class Failing(Files):
    """Every upload fails."""

    def kept(self, sent: Any) -> bytes:
        raise RuntimeError("no space left on device")


def test_where_files_cannot_be_removed_no_more_are_uploaded(tmp_path: Path) -> None:
    with sent(tmp_path, Staying, Effect.WRITE) as (client, store):
        profile = Profile(files=Declared(**HOW), consistency_window=0)
        ledger = Ledger()
        for _ in range(3):
            with pytest.raises(Undecided, match="could not be removed"):
                uploads.test_uploaded_bytes_come_back(
                    client=client, survey=Survey(profile), profile=profile, ledger=ledger
                )
            ledger.clear(last=True)
        assert len(store.stored) == len(ledger.leftovers) == 3


def test_uploads_that_fail_are_one_finding_whichever_rule_comes_first(tmp_path: Path) -> None:
    with sent(tmp_path, Failing, Effect.WRITE) as (client, _):
        assert not breaches(client, ranges.test_single_ranges_are_exact, **HOW)
        with pytest.raises(Undecided, match="see FILE-001"):
            breaches(client, uploads.test_names_and_types_of_clients_are_not_trusted, **HOW)
        assert len(breaches(client, uploads.test_uploaded_bytes_come_back, **HOW)) == 1
        assert sum(one.method == "POST" for one in client.recorder.exchanges) == 2


def test_a_declared_file_that_is_not_there_is_undecided(tmp_path: Path) -> None:
    with sent(tmp_path, Files) as (client, _), pytest.raises(Undecided, match="404"):
        breaches(client, ranges.test_single_ranges_are_exact, samples=["/downloads/absent.pdf"])
