"""FILE: ranges of representations, read only (RFC 9110 section 14)."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

from harness import (
    CRITICAL,
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    advise,
    applies,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.client.streams import Incoming
from harness.http.fields import entity_tag, http_date

from .ranges import (
    TINY,
    amplified,
    coded_fault,
    field_fault,
    ignored,
    multiplied,
    several_fault,
    single_fault,
    single_ranges,
    tiny_ranges,
    unsatisfiable_fault,
)
from .reading import Comparison, each, ranged, working
from .resuming_downloads import resumed

CODED_RANGE = "bytes=10-29"
STALE = '"conformance-stale"'
OVERLAPPING = 40
LEAST_AMPLIFIED = 1024
MOST_AMPLIFIED = 256 * 1024
"""Bytes of a representation that may be asked for many times at once."""
LEAST_SEVERAL = 30


def breaking(fault):
    """Break the rule where there is a fault."""
    if fault is not None:
        expect(False, fault.expected, fault.observed, level=fault.level, impact=fault.impact)


@rule(
    "FILE-004",
    SHOULD,
    refs=["RFC 9110 section 14.2", "RFC 9110 section 15.3.7"],
    rougher=WRITE,
)
def test_single_ranges_are_exact(client, survey, profile, ledger):
    """Answer a satisfiable range with 206 and exactly its bytes

    Why: a client that resumes a download, or plays a video from its middle, puts the parts together; a part that is
        off by one byte makes a corrupt file, and nothing says so.
    Fix: take both positions as inclusive, count a suffix range from the end, cut a last position at the length, and
        send Content-Range, and the ETag of the 200. Better, let the web server or the framework serve ranges.
    Probe: the whole representation is read before and after six ranges of every form, without a content coding. To
        ignore Range is lawful, unless Accept-Ranges announces ranges. Where a range of up to 256 KiB comes in gzip, it
        is compared with the whole in gzip.
    Advice: a field of the 200 that the 206 lacks harms caches only.
    """

    def judge(place):
        compared = Comparison(client, place.url)
        answers = [compared.ask(value) for value in single_ranges(compared.before.size)]
        whole = compared.settle()
        for answer in answers:
            breaking(single_fault(answer, whole))
        without = [answer for answer in answers if ignored(answer, whole)]
        expect(
            len(without) < len(answers),
            "206 for some range, as Accept-Ranges: bytes announces, or no such announcement",
            f"{place.said}, but everything with 200 for each of {len(answers)} ranges",
            impact=MINOR,
        )
        if without:
            note(f"{without[0].shown}: Range was ignored")
        for answer in answers:
            if answer.status == 206:
                breaking(field_fault(answer, whole))
        in_gzip(client, place.url, whole.size)
        evidence(
            f"{place.url}: {len(answers) - len(without)} ranges of {whole.size} bytes compared by SHA-256"
        )

    each(ranged(client, survey, profile, ledger), judge)


def in_gzip(client, url, size):
    """Judge a range of the representation in gzip, where the server has it in gzip, too."""
    if not 2 * len(CODED_RANGE) < size <= MOST_AMPLIFIED:
        return
    part, taken = as_sent(client, url, {"Range": CODED_RANGE})
    if part.status_code != 206 or part.headers.get("content-encoding", "identity") == "identity":
        return
    (before, first), (after, second) = as_sent(client, url), as_sent(client, url)
    if before.status_code == after.status_code == 200 and first == second:
        summary = exchange_of(part).summary()
        breaking(coded_fault(summary, taken, part.headers, second, after.headers))


def as_sent(client, url, more=None):
    """A response that may come in gzip, and its content as it was sent."""
    sink = Incoming(keep=2 * MOST_AMPLIFIED)
    return client.get(url, headers={"Accept-Encoding": "gzip", **(more or {})}, sink=sink), bytes(sink.kept)


@rule(
    "FILE-005",
    SHOULD,
    refs=["RFC 9110 section 14.2", "RFC 9110 section 15.5.17", "RFC 9110 section 14.4"],
    rougher=WRITE,
)
def test_unsatisfiable_ranges_are_refused(client, survey, profile, ledger):
    """Answer a range behind the end with 416 and the current length

    Why: a client that already has the whole file resumes at its end. An empty 206, or one with other bytes, makes the
        file longer than it is; 500 makes the client try for ever.
    Fix: compare the first position with the length; where it is not below, answer 416 with `Content-Range: bytes
        */LENGTH`.
    Probe: ranges that begin at the length and ten bytes behind it.
    Advice: without Content-Range in the 416 a client asks for the length once more.
    """

    def judge(place):
        compared = Comparison(client, place.url)
        size = compared.before.size
        answers = [compared.ask(value) for value in (f"bytes={size}-", f"bytes={size + 10}-{size + 20}")]
        whole = compared.settle()
        for answer in answers:
            breaking(unsatisfiable_fault(answer, whole))
        if all(ignored(answer, whole) for answer in answers):
            note(f"{answers[0].shown}: Range was ignored")

    each(working(client, survey, profile, ledger), judge)


@rule(
    "FILE-006",
    MUST,
    refs=["RFC 9110 section 14.2", "RFC 9110 section 13.1.5", "RFC 9110 section 8.6"],
    rougher=WRITE,
)
def test_ranges_are_ignored_where_they_do_not_apply(client, survey, profile, ledger):
    """Ignore Range where it does not apply: a stale If-Range, an unknown unit, HEAD

    Why: with If-Range a client says which version of the file it has the beginning of. A part of another version, put
        behind that beginning, makes a file that never existed.
    Fix: send the part only where If-Range is exactly the current strong ETag, or the exact Last-Modified; everything
        otherwise. Ignore Range with units other than `bytes`, and with methods other than GET.
    Probe: first the range succeeds without a condition. Then If-Range has an unknown ETag, the current ETag marked
        weak, and a time one day before Last-Modified; last, the unit is unknown, and the method HEAD, whose
        Content-Length is compared.
    Advice: no client has a strong ETag where responses have none, or may send a weak one in If-Range; a HEAD has no
        content that could be wrong, and hardly any client sends another unit than bytes.
    """

    def judge(place):
        compared = Comparison(client, place.url)
        control = compared.ask("bytes=0-1")
        applies(control.status == 206, f"a range is answered 206 without a condition: {control.shown}")
        probes = stale_conditions(compared.before.fields)
        answers = [(compared.ask("bytes=0-1", more), shown, impact) for more, shown, impact in probes]
        unit = compared.ask("conformance=0-0")
        head = client.head(place.url, headers={"Range": "bytes=0-1"})
        current = compared.ask("bytes=0-1", {"If-Range": compared.tag}) if compared.tag else None
        whole = compared.settle()
        if whole.size <= 2:
            not_applicable(f"{place.url} has {whole.size} bytes: the first two are all of it")
        for answer, shown, impact in answers:
            expect(ignored(answer, whole), "200 with everything", f"{answer.shown}, {shown}", impact=impact)
        expect(ignored(unit, whole), "200 with everything for an unknown unit", unit.shown, impact=MINOR)
        expect(
            head.status_code == 200,
            "200 for HEAD, for which Range is not defined",
            f"{exchange_of(head).summary()} with Range: bytes=0-1",
            impact=MINOR,
        )
        length = head.headers.get("content-length", "")
        expect(
            head.status_code != 200 or not length.isdigit() or int(length) == whole.size,
            f"the length of the content of a GET, {whole.size}, in the response to HEAD, or none",
            f"{exchange_of(head).summary()}: Content-Length: {length}",
        )
        if current is not None and current.status != 206:
            note(f"{current.shown} with the current ETag in If-Range: downloads cannot be resumed safely")

    each(working(client, survey, profile, ledger), judge)


def stale_conditions(fields):
    """Conditions that do not hold: the field, what it is, and the impact where that is not the rule's own."""
    tag, modified = entity_tag(fields.get("etag")), http_date(fields.get("last-modified"))
    # Where responses have no strong ETag, no client sends one.
    impact = None if tag is not None and not tag.weak else MINOR
    made = [({"If-Range": STALE}, f"If-Range: {STALE}, which is no current ETag", impact)]
    if modified is not None:
        before = format_datetime(modified - timedelta(days=1), usegmt=True)
        made.append(({"If-Range": before}, f"If-Range: {before}, a day before Last-Modified", None))
    if tag is not None:
        weak = fields["etag"] if tag.weak else f"W/{fields['etag']}"
        made.append(({"If-Range": weak}, f"If-Range: {weak}, a weak ETag", MINOR))
    # What matters most comes first: the first that is broken ends the rule.
    return sorted(made, key=lambda one: one[2] is not None)


@rule(
    "FILE-007",
    MUST,
    refs=["RFC 9110 section 15.3.7.2", "RFC 9110 section 14.2", "RFC 9110 section 17.15"],
    rougher=WRITE,
)
def test_several_ranges_are_formed_correctly(client, survey, profile, ledger):
    """Form responses to several ranges correctly

    Why: a reader of PDF files asks for several ranges at once, and finds each part by its own Content-Range. A server
        that sends overlapping ranges as they are can be brought down by a few requests.
    Fix: send multipart/byteranges with Content-Range in each part and none at the top, join ranges that overlap, or
        ignore Range where several are asked for.
    Probe: two ranges apart, two that overlap, one that cannot be satisfied beside one that can, and forty that all
        reach to the end, and a thousand of one byte, where the representation has between 1 KiB and 256 KiB.
    Advice: a response to many tiny ranges that is many times as large as the whole; web servers in use send it.
    """

    def judge(place):
        compared = Comparison(client, place.url)
        size = compared.before.size
        applies(size >= LEAST_SEVERAL, f"a representation has {LEAST_SEVERAL} bytes or more: {place.url}")
        third = min(size // 3, 100)
        values = [
            f"bytes=0-{third - 1},{2 * third}-{3 * third - 1}",
            f"bytes=0-{third},{third // 2}-{2 * third}",
            f"bytes=0-{third - 1},{size + 10}-{size + 20}",
        ]
        answers = [compared.ask(value) for value in values]
        many = tiny = None
        if LEAST_AMPLIFIED <= size <= MOST_AMPLIFIED:
            many = compared.ask("bytes=" + ",".join(f"{first}-" for first in range(OVERLAPPING)))
            tiny = compared.ask(tiny_ranges())
        whole = compared.settle()
        for answer in answers:
            breaking(several_fault(answer, whole))
        if many is not None and tiny is not None:
            too_many(many, tiny, whole)
        if all(ignored(answer, whole) for answer in answers):
            note(f"{answers[0].shown}: several ranges are ignored")

    each(working(client, survey, profile, ledger), judge)


def too_many(many, tiny, whole):
    """Judge the responses to ranges that overlap, and to ranges of one byte."""
    warned = f"{many.summary} with {OVERLAPPING} ranges that overlap: {many.size} bytes, of {whole.size}"
    small = f"{tiny.summary} with {TINY:,} ranges of one byte: {tiny.size} bytes, of {whole.size}"
    for answer, shown in ((many, warned), (tiny, small)):
        if answer.status >= 500:
            expect(False, "a response without a server error", shown, level=SHOULD)
    if amplified(many, whole, OVERLAPPING):
        warn("overlapping ranges joined, ignored or refused", warned)
    if multiplied(tiny, whole):
        advise("many small ranges joined, ignored or refused", small)


@rule(
    "FILE-008",
    MUST,
    refs=["RFC 9110 section 15.3.7.3", "RFC 9110 section 8.8.1", "RFC 9110 section 13.1.5"],
    rougher=WRITE,
)
def test_interrupted_downloads_resume(client, survey, profile, ledger):
    """Let an interrupted download be resumed without loss

    Why: on a mobile network a large file comes in pieces. If the pieces do not fit together, the file is corrupt; if
        servers behind one name give one file different ETags, each resumption starts from the beginning.
    Fix: derive the ETag from the content, alike on every server; take If-Range, and send exactly the rest.
    Probe: a download is cut six times by closing the connection in the middle, and resumed each time from the byte
        where it ended, with the ETag in If-Range; its SHA-256 is compared with that of one download at once.
    """

    def judge(place):
        compared = Comparison(client, place.url)
        tag = compared.tag
        applies(tag is not None, f"{place.url} has a strong ETag, which If-Range needs")
        control = compared.ask("bytes=1-", {"If-Range": tag})
        applies(control.status == 206, f"If-Range with the current ETag is answered 206: {control.shown}")
        got = resumed(client, place.url, compared.before.size, tag)
        whole = compared.settle()
        fault = single_fault(control, whole)
        if fault is not None:
            inconclusive(f"a range is not exact, see FILE-004: {fault.observed}")
        expect(
            got.tags <= {tag},
            f"one ETag, {tag}, as long as the content is the same",
            f"{got.shown}: ETag {', '.join(sorted(got.tags))} for the same {whole.size} bytes",
            level=SHOULD,
        )
        if got.problem:
            inconclusive(got.problem)
        expect(
            got.sha256 == whole.sha256,
            f"the {whole.size} bytes of the whole representation",
            f"{got.shown}: {got.size} bytes, which differ",
            impact=CRITICAL,
        )
        evidence(f"{got.shown}: {got.size} bytes with the SHA-256 of the whole")

    each(working(client, survey, profile, ledger), judge)
