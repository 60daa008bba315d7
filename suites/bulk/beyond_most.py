"""A maximum of a batch that takes more items than a run creates without `--effects flood`."""

from __future__ import annotations

from harness import evidence, expect, inconclusive
from harness.client.client import exchange_of

from .judge import excess_fault, refused_for_size, worked_off
from .shapes import Request
from .trial import Trial, path_of

MOST_REFUSED = 100
"""Items of a maximum up to which one item more is sent: a target that takes them all has that many to be removed."""
FEW = 2


def refuses_more(trial: Trial, most: int) -> None:
    """Break the rule by a batch with one item more than the declared maximum.

    Its items are invalid, so that none is created where each is looked at. Only where invalid items refuse the whole
    batch whatever its size, valid ones are sent.
    """
    name, bad = trial.operation.name, trial.invalid()
    if trial.mixed("BULK-004").there[1] is not False:
        inconclusive("an invalid item in a batch should not be created")

    def element() -> Request:
        return Request("POST", path_of(trial.resource.create_url), trial.resource.as_sent(bad.make()))

    few, _ = trial.requests(*(element() for _ in range(FEW)))
    reply, results = trial.requests(*(element() for _ in range(most + 1)))
    said = exchange_of(reply).summary()
    expected = f"413, 422 or 400 for more than {most}, as declared, and no effect"
    expect(reply.status_code < 500, expected, said)
    if refused_for_size(few.status_code, reply.status_code):
        evidence(f"{name}: {most + 1} are refused, and {FEW} are not: {said}; {exchange_of(few).summary()}")
        return
    if reply.is_success:
        expect(
            not worked_off(results.by_input),
            expected,
            f"{said} with {most + 1} invalid items: each has a result of its own, as if it had been sent alone",
        )
        inconclusive(f"{said} with {most + 1} invalid items does not say what became of each")
    sent = trial.send(*(trial.resource.body() for _ in range(most + 1)))
    fault = excess_fault(sent.status, sent.there, effects=True)
    expect(fault is None, expected, f"{sent.said}: {fault}")
    evidence(f"{name}: {most + 1} are refused: {sent.said}")
