"""RT: event streams (WHATWG HTML section 9.2): what is sent, what is lost, what is idle. One round serves all rules."""

from __future__ import annotations

import json
import time

from harness import (
    MUST,
    READ,
    SHOULD,
    WRITE,
    advise,
    applies,
    evidence,
    expect,
    inconclusive,
    note,
    rule,
    warn,
)

from .drawing import show
from .idle import listener
from .judge import replay, silence, storable, type_faults
from .served import answered, ended, needs_events, rounds
from .sources import Given
from .trial import FIRST_BYTE, MISSED

WAITS = 40.0
ADVISED = 30.0
LENIENCE = 0.3
"""Seconds, and share of what is promised, by which a busy machine may be late."""
HTML = "WHATWG HTML section 9.2"


@rule(
    "RT-001",
    MUST,
    refs=[f"{HTML}.3", f"{HTML}.5", f"{HTML}.6"],
    effect=READ,
    rougher=WRITE,
    waits=WAITS,
)
def test_streams_are_well_formed(client, profile, survey, make_resource):
    """Serve event streams as 200 text/event-stream in well-formed UTF-8

    Why: a browser gives up a stream for ever that has another status or type, and silently drops what it cannot parse.
    Fix: let a library write the stream; send Content-Type text/event-stream, and a blank line after each event.
    Probe: a connection follows each stream while events are caused. Each byte is read by the grammar of the standard.
    """
    seen, undecided = [], []
    for found, made in rounds(client, profile, survey, make_resource, "RT-001"):
        main = made.main
        show(made)
        problem = doubtful(found, main)
        if problem:
            undecided.append(f"{found.path}: {problem}")
            continue
        expect(
            main.status == 200 and not type_faults(main.field("content-type")),
            "200 with Content-Type text/event-stream",
            f"{found.path}: {main.status}, {type_faults(main.field('content-type')) or main.field('content-type')}, "
            f"which {found.because} calls an event stream",
        )
        held = [one for one in (main, made.leaver, made.resumed) if one is not None]
        faults = [fault for one in held for fault in one.grammar.faults]
        expect(
            not faults,
            "lines of `data`, `event`, `id` and `retry`, in UTF-8",
            f"{found.path}: {'; '.join(faults)}",
        )
        if found.how.json_data:
            broken = next((one.event for one in main.events if not is_json(one.event.data)), None)
            expect(
                broken is None,
                "JSON in each event, as the profile declares",
                f"{found.path}: {broken.data[:80]!r}" if broken else "",
            )
        why = unframed(main)
        expect(not why, "a blank line after each event", f"{found.path}: {why}")
        if main.events or main.grammar.comments or main.grammar.blocks:
            seen.append(f"{found.path}: {len(main.events)} events, {main.grammar.comments} comments")
        else:
            undecided.append(
                f"{found.path}: nothing was sent{ended(main)}, so only status and type are judged"
            )
    for one in seen:
        evidence(one)
    if undecided:
        inconclusive("; ".join(undecided))


def doubtful(found, main):
    """Why the response does not show what the API does with streams; empty where it does."""
    if main.status is None:
        return answered(main)
    if main.status in (401, 403, 404, 410, 429, 204) or 300 <= main.status < 400:
        return f"{answered(main)}: see that the path is right, and that the credential may read it"
    if main.status == 503 and main.field("retry-after"):
        return answered(main)
    if not found.only and main.status < 300 and not main.is_stream:
        return f"{answered(main)}: the document offers other types there, too"
    return ""


def unframed(main):
    """Why events never end; empty where they do."""
    sent = bytes(main.content)
    if main.events or main.grammar.blocks or main.ended is None or "closed by the run" not in main.why:
        return ""
    if sent.count(b"data:") > 1 and b"\n\n" not in sent and b"\r\r" not in sent and b"\r\n\r\n" not in sent:
        return f"{sent.count(b'data:')} lines of data, and no blank line: clients get no event"
    return ""


def is_json(text):
    """Whether a text is JSON."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


@rule("RT-002", SHOULD, refs=[f"{HTML}.4"], effect=WRITE, waits=WAITS)
def test_streams_resume(client, profile, survey, make_resource):
    """Resume after Last-Event-ID without loss or duplication

    Why: every client loses its connection now and then; it reconnects by itself, and nobody sees what it has missed.
    Fix: keep a log of events with growing ids, and begin after the id of Last-Event-ID.
    Probe: a client leaves after an event; three more are caused; it returns with Last-Event-ID, and one more is caused.
        Another client, who stays, shows what there was. A third one sends an id that the stream never had.
    """
    undecided, tried, resumable = [], 0, 0
    for found, made in rounds(client, profile, survey, make_resource, "RT-002"):
        if found.how.trigger is None:
            continue
        tried += 1
        if found.how.resume is False:
            continue
        show(made)
        needs_events(found, made, client)
        if not made.left_at:
            expect(
                found.how.resume is None,
                "ids, since the profile declares that clients resume",
                f"{found.path}: the event of a write has no id",
            )
            if any(one.event.id for one in made.main.events):
                undecided.append(f"{found.path}: the event of a write has no id, and others have")
            evidence(f"{found.path}: its events have no ids, so that clients cannot resume")
            continue
        resumable += 1
        problem = judged_resumption(found, made)
        if problem:
            undecided.append(f"{found.path}: {problem}")
    applies(tried, "what causes an event of a stream is declared (`trigger` in [[streams]])")
    if undecided:
        inconclusive("; ".join(undecided))
    applies(resumable, "events have ids, and clients may resume")


def judged_resumption(found, made):
    """Judge what the client got that returned; why that is not possible, or nothing."""
    resumed = made.resumed
    if resumed is None or len(made.writes) < 2 + MISSED:
        return made.open or "the round was cut off"
    stranger = made.stranger
    if stranger is not None and stranger.status is not None:
        evidence(
            f"an unknown Last-Event-ID is answered {stranger.status}, with {len(stranger.events)} events at once"
        )
        expect(
            stranger.status < 500,
            "a stream, or a refusal, for an unknown Last-Event-ID",
            f"{found.path}: {stranger.status}",
        )
    if resumed.status is None or not resumed.is_stream:
        expect(
            resumed.status is None or resumed.status < 500,
            f"a stream for Last-Event-ID {made.left_at}, which the stream itself sent",
            f"{found.path}: {answered(resumed)}",
        )
        return f"with Last-Event-ID {made.left_at}: {answered(resumed)}"
    marks = [one.mark for one in made.writes]
    missed = [one.mark for one in made.writes[1 : 1 + MISSED] if one.arrived is not None]
    if len(missed) < MISSED or resumed.left or made.main.left:
        return "not all events arrived at the client who stayed (see RT-003), so that what was missed is not known"
    usual, got = made.marks(made.main), made.marks(resumed)
    evidence(
        f"the client who stayed got writes {places(usual, marks)}; the one who returned {places(got, marks)}"
    )
    result = replay(missed, marks[:1], usual, got)
    expect(
        not result.lost,
        f"the {MISSED} events that were sent while the client was away",
        f"{found.path}: after Last-Event-ID {made.left_at}, write {places(result.lost, marks)} never came",
    )
    expect(
        not result.repeated or found.how.at_least_once,
        "each event once (at_least_once = true in [[streams]] says otherwise)",
        f"{found.path}: after Last-Event-ID {made.left_at}, write {places(result.repeated, marks)} came again",
    )
    expect(
        not result.disordered,
        "the same order as for a client who stayed",
        f"{found.path}: {places(usual, marks)} for one who stayed, {places(got, marks)} for one who returned",
    )
    live = made.writes[-1]
    expect(
        live.arrived is None or live.mark in got,
        "further events after those that were missed",
        f"{found.path}: the event of a write after the client had returned never came there",
    )
    return ""


def places(marks, all_marks):
    """Which writes marks are of, as a text."""
    return ", ".join(str(all_marks.index(one) + 1) for one in marks) or "none"


@rule(
    "RT-003",
    SHOULD,
    refs=[f"{HTML}.7", "RFC 9111 section 5.2.2"],
    effect=READ,
    rougher=WRITE,
    waits=WAITS,
    beside=True,
)
def test_streams_are_prompt_and_alive(client, profile, survey, make_resource):
    """Deliver promptly, keep alive, never cache

    Why: behind a buffer that waits to be full, events come minutes late; idle connections are ended on the way.
    Fix: flush the header section and each event; send a comment every 15 seconds; send Cache-Control: no-store, and
        switch off buffering in proxies.
    Probe: the times of the header section and of each event are measured, and the silence of a connection that waits
        beside all other rules.
    Advice: comments are advised, not required; a stream without Cache-Control is rarely stored.
    """
    given, undecided = Given(client, profile, survey, make_resource), []
    seen = rounds(client, profile, survey, make_resource, "RT-003")
    # All at once: a rule that runs again waits for new ones.
    listeners = [listener(given, found.path) for found, _ in seen]
    for (found, made), watch in zip(seen, listeners, strict=True):
        main = made.main
        show(made)
        if not main.is_stream:
            undecided.append(f"{found.path}: {answered(main)} (see RT-001)")
            continue
        judged_times(found, made)
        reason, said = storable(main.field("cache-control"))
        if reason:
            (warn if said else advise)("Cache-Control: no-store or no-cache", f"{found.path}: {reason}")
        if main.field("content-length") is not None:
            advise("no Content-Length", f"{found.path}: Content-Length: {main.field('content-length')}")
        problem = judged_silence(found, watch)
        if problem:
            undecided.append(f"{found.path}: {problem}")
        if made.open:
            undecided.append(f"{found.path}: {made.open}")
    if undecided:
        inconclusive("; ".join(undecided))


def judged_times(found, made):
    """Judge when the header section and the events arrived."""
    main = made.main
    first = main.head - main.sent
    evidence(f"{found.path}: the header section arrived after {first:.2f} s")
    if first > FIRST_BYTE:
        warn(
            f"a header section within {FIRST_BYTE:g} s",
            f"{found.path}: after {first:.2f} s; something on the way may wait for content",
        )
    late = [one for one in made.writes if one.arrived is None]
    if late and main.ended is not None and "closed by the run" not in main.why:
        return
    some = any(one.arrived is not None for one in made.writes)
    if late and (some or (found.declared and not made.unrelated)):
        warn(
            f"the event of each write within {found.how.latency:g} s",
            f"{found.path}: {len(late)} of {len(made.writes)} did not arrive by then",
        )
    took = [one.arrived - one.began for one in made.writes if one.arrived is not None]
    if took:
        evidence(f"{found.path}: events arrived within {max(took):.2f} s of the write")


def judged_silence(found, watch):
    """Wait until a connection has been silent, and judge for how long; why that is not possible, or nothing."""
    promised = found.how.heartbeat
    bound = promised or ADVISED
    try:
        most = bound + max(LENIENCE, LENIENCE * bound if promised else 0.0)
        begun = time.monotonic()

        def settled():
            last = max([watch.head or watch.sent, *watch.arrivals[-1:]])
            alive = bool(watch.quiet) or (bool(watch.arrivals) and watch.arrivals[-1] > begun)
            return alive or time.monotonic() - last > most

        watch.wait(lambda: watch.head is not None, begun + FIRST_BYTE)
        while not settled() and watch.ended is None:
            watch.wait(settled, time.monotonic() + 0.2)
        if not watch.is_stream:
            return f"the connection that waited: {answered(watch)}"
        longest = silence(watch.head, watch.arrivals, watch.ended or time.monotonic())
        if watch.too_long:
            return f"the connection that waited was given up: {watch.why}"
        if watch.ended is not None:
            note(f"{found.path}: an idle stream ends after {watch.ended - watch.sent:.1f} s ({watch.why})")
            return ""
        if longest <= most:
            evidence(f"{found.path}: never silent for more than {longest:.2f} s")
            return ""
        (warn if promised else advise)(
            f"an event or a comment within {bound:g} s", f"{found.path}: {longest:.1f} s without any byte"
        )
        return ""
    finally:
        watch.close()
