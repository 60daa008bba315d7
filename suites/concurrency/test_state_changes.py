"""CONC: deletions and state transitions that race with other writes."""

from __future__ import annotations

from harness import (
    BURST,
    CRITICAL,
    MUST,
    SHOULD,
    advise,
    applies,
    control,
    expect,
    inconclusive,
    not_applicable,
    rule,
)
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, json_of, shown
from harness.http.fields import FRESH
from harness.race import Request, race
from harness.race.outcomes import equal, transition, won
from harness.resource.contested import Contested, attempts

from .races import STORM, decide, pictured, repeat, repeat_plainly


@rule(
    "CONC-010",
    MUST,
    refs=["RFC 9110 section 13.1.1"],
    needs="create read delete etag",
    effect=BURST,
    impact=CRITICAL,
)
def test_deleted_items_are_not_resurrected(resource, client, profile):
    """Never recreate a deleted resource through a stale conditional update

    Why: a closed account or a withdrawn document comes back because somebody still had it open.
    Fix: answer If-Match with 412 where there is no current representation, and never turn an UPDATE that found
        no row into an INSERT.
    Advice: another 4xx for a write to a deleted item refuses it as well.
    """
    window = profile.consistency_window
    Contested(resource.create(), window).check_conditions()
    item = resource.create()
    contested = Contested(item, window)
    now = contested.look()
    _, (stale, *_) = contested.storm(now, 2)
    removed = item.delete()
    control(removed.is_success, f"a DELETE should succeed: {exchange_of(removed).summary()}")
    if not absent(item, window):
        not_applicable(f"deleted items remain readable: {exchange_of(item.get()).summary()}")
    # It may come back, so it must be in the ledger before that.
    resource.adopt(item.id)
    reply = contested.send(stale)
    gone = not item.get(headers=FRESH).is_success if won(reply.status_code) else absent(item, window)
    if gone and not won(reply.status_code):
        resource.ledger.forget(item.url)
    observed = (
        f"{exchange_of(reply).summary()} with If-Match: {now.etag}, then {exchange_of(item.get()).summary()}"
    )
    expect(
        gone,
        "412, 404 or 410 for a write to a deleted item with its last entity tag, and no item afterwards",
        observed,
    )
    if won(reply.status_code):
        advise("412, 404 or 410 for a write to a deleted item", observed)

    def one_round(number):
        item = resource.create()
        contested = Contested(item, window)
        now = contested.look()
        _, writes = contested.storm(now, 4)
        # Where If-Match is required: with the tag of the writers, the DELETE would usually lose.
        fields = {"If-Match": "*"} if resource.known.locking.if_match else {}
        result = pictured(race(client, [*writes[:2], Request("DELETE", item.url, fields), *writes[2:]]))
        given = next(m.status for m in result.members if m.request.method == "DELETE")
        if not won(given):
            inconclusive(f"the DELETE among the writes did not succeed: {result.summary()}")
        expect(
            absent(item, window),
            "no item after a successful DELETE, whatever the results of concurrent conditional writes",
            f"{exchange_of(item.get()).summary()}; {result.summary()}",
        )
        resource.ledger.forget(item.url)
        result.members_or_inconclusive()
        return result

    repeat_plainly(one_round, "no resurrection")


def absent(item, window):
    """Whether an item cannot be read now, or stops being readable within the window."""
    return eventually(lambda: not item.get(headers=FRESH).is_success, window)


@rule(
    "CONC-011",
    SHOULD,
    refs=["background document 004 question 4", "background document 002 section 6"],
    needs="create read",
    effect=BURST,
    impact=CRITICAL,
)
def test_one_transition_leaves_a_state(resource, client, profile):
    """Let one transition out of a state succeed, and keep terminal states terminal

    Why: two drivers take the same ride, or an order is both paid and cancelled, and each client received a success.
    Fix: make the old state a condition of the UPDATE, and check the number of rows that it changed.
    """
    known = resource.known
    applies(known.transitions, "the profile declares `transitions`")
    moves = StateChanges(resource, profile.consistency_window)
    begin = moves.state(resource.create())
    leaving = exclusive(known.transitions, begin)
    applies(leaving, f"a declared transition leaves the state of a new item, {shown(begin)}, for good")
    repeatable = [moves.check(one) for one in leaving]
    count = max(2, STORM // len(leaving))

    def one_round(number):
        item = resource.create()
        fired = [one for _ in range(count) for one in leaving]
        result = race(client, [moves.request(item, one) for one in fired])
        tried = attempts(result, [one.after for one in fired])
        winners = [one for one in tried if one.won]
        eventually(
            lambda: not winners or equal(moves.state(item), winners[0].value),
            moves.window if len(winners) == 1 else 0,
        )
        ruling = transition(tried, begin, moves.state(item), any(repeatable))
        decide(ruling, f"one transition out of {shown(begin)}, and the state that it leads to", result)
        return result

    repeat(one_round, "no second transition")


class StateChanges:
    """The declared state transitions of a resource.

    Args:
        window: seconds after which a read must show a completed write.
    """

    def __init__(self, resource, window):
        self.resource, self.window = resource, window
        self.place = resource.known.representation + resource.known.state

    def state(self, item):
        """The current state of an item."""
        return at(json_of(item.get(headers=FRESH)), self.place)

    def request(self, item, one):
        """The request of a transition; the item must be proven to be the run's own."""
        item.prove()
        url = self.resource.client.url(one.path.replace("{id}", item.id))
        # The profile declares that this request acts on the item.
        self.resource.client.recorder.ownership.grant(one.method, url)
        fields = self.resource.fields_for_create() if one.body is not None else {}
        return Request(one.method, url, fields, json=one.body)

    def alone(self, item, one):
        """The response to a transition that nothing races with."""
        sent = self.request(item, one)
        return self.resource.client.request(sent.method, sent.url, json=sent.json, headers=dict(sent.headers))

    def check(self, one):
        """Whether a transition may be repeated, after its controls.

        It must succeed alone; a transition that is not declared for the new state must be refused.
        """
        item = self.resource.create()
        reply = self.alone(item, one)
        control(won(reply.status_code), f"{one.name} should succeed: {exchange_of(reply).summary()}")

        def reached():
            return equal(self.state(item), one.after)

        eventually(reached, self.window)
        control(reached(), f"{one.name} should lead to {shown(one.after)}: {shown(self.state(item))}")
        repeatable = won(self.alone(item, one).status_code)
        for other in forbidden(self.resource.known.transitions, one.after):
            if (other.method, other.path) == (one.method, one.path):
                continue
            reply = self.alone(item, other)
            eventually(reached, self.window)
            expect(
                not won(reply.status_code) and reached(),
                f"{other.name} refused in the state {shown(one.after)}, for which it is not declared",
                f"{exchange_of(reply).summary()}; the state is {shown(self.state(item))}",
            )
        return repeatable


def exclusive(transitions, state):
    """Transitions out of a state, without those that can follow one another."""
    leaving = [one for one in transitions if equal(one.before, state) and not equal(one.after, state)]
    found = []
    for one in leaving:
        if not any(
            follows(transitions, *pair) for other in [*found, one] for pair in ((one, other), (other, one))
        ):
            found.append(one)
    return found


def follows(transitions, one, other):
    """Whether the request of `other` is declared for the state that `one` leads to."""
    return any(
        (row.method, row.path, row.body) == (other.method, other.path, other.body)
        and equal(row.before, one.after)
        for row in transitions
    )


def forbidden(transitions, state):
    """Transitions whose request is not declared for a state."""
    allowed = [(row.method, row.path, row.body) for row in transitions if equal(row.before, state)]
    return [one for one in transitions if (one.method, one.path, one.body) not in allowed]
