"""RT: what events say, and what GET shows."""

from __future__ import annotations

from harness import SHOULD, WRITE, applies, evidence, expect, inconclusive, rule

from .drawing import show
from .judge import backwards
from .served import needs_events, rounds

WAITS = 40.0


@rule("RT-005", SHOULD, refs=["RFC 9110 section 9.3.1"], effect=WRITE, waits=WAITS)
def test_events_and_state_agree(client, profile, survey, make_resource):
    """Keep the stream and the state that GET shows consistent

    Why: clients read the item when an event says that it has changed; what they then see must not be older.
    Fix: publish after the transaction is committed, from the same place for all writes, in their order.
    Probe: writes cause events, and the item is read as soon as each arrives. Where changes are declared to cause
        events, one item is changed five times in a row.
    """
    undecided, tried = [], 0
    for found, made in rounds(client, profile, survey, make_resource, "RT-005"):
        if found.how.trigger is None:
            continue
        tried += 1
        show(made)
        needs_events(found, made, client)
        lost = [place for place, one in enumerate(made.writes, 1) if one.arrived is None]
        whole = made.main.ended is None or "closed by the run" in made.main.why
        if lost and whole and not made.main.left:
            expect(
                found.how.coalescing,
                f"an event of each write within {found.how.latency:g} s",
                f"{found.path}: none of write {', '.join(map(str, lost))} of {len(made.writes)}",
                cause=f"{found.path} does not deliver the event of every write",
            )
        for place, one in enumerate(made.writes, 1):
            expect(
                one.shown not in (404, 410) or one.late is not None,
                "an item that GET shows once its event has arrived",
                f"{found.path}: the event of write {place} arrived, and then GET of the item was answered {one.shown}",
            )
            if one.late is not None:
                evidence(
                    f"the item of write {place} was shown {one.late:.2f} s after its event (consistency_window)"
                )
        if made.open:
            undecided.append(f"{found.path}: {made.open}")
        elif made.changes is not None:
            judged_changes(found, made.changes)
        elif not found.how.changes:
            evidence(f"{found.path}: that changes cause events is not declared (`changes` in [[streams]])")
    applies(tried, "what causes an event of a stream is declared (`trigger` in [[streams]])")
    if undecided:
        inconclusive("; ".join(undecided))


def judged_changes(found, made):
    """Judge the events of several changes of one item."""
    shown, last = made.places, len(made.values) - 1
    where = f"{found.path}: {len(made.values)} changes of an item in a row"
    evidence(
        f"{where}: {len(made.texts)} events, showing {', '.join(str(one + 1) for one in shown) or 'no values'}"
    )
    expect(made.texts, "events of the changes", f"{where} caused none")
    older = backwards(shown)
    expect(
        older is None,
        "the changes of one item in their order",
        f"{where}: {older[0] + 1} came before {older[1] + 1}" if older else "",
    )
    if shown:
        expect(
            shown[-1] == last,
            "an event of the last change, or of what the item is then",
            f"{where}: the last event shows {shown[-1] + 1}",
        )
    if not found.how.coalescing:
        count = len(set(shown)) if shown else len(made.texts)
        expect(
            count >= len(made.values),
            "an event of each change (coalescing = true in [[streams]] says otherwise)",
            f"{where}: {count} events",
        )
    if shown and made.shown is not None:
        expect(
            made.shown >= shown[-1],
            "a GET that shows at least what the last event showed",
            f"{where}: the event shows change {shown[-1] + 1}, and GET change {made.shown + 1}",
        )
    expect(
        not made.early,
        "an event after its change can be read",
        f"{found.path}: the event of a change arrived before the change was answered, and GET then showed what was "
        "before; after the answer it showed the change",
    )
    if made.early is not None:
        evidence(
            f"{found.path}: an item that is read as soon as the event of a change arrives shows the change"
        )
