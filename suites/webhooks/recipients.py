"""Who gets which event, and until when: the end of a subscription, and the events of another client."""

from __future__ import annotations

from harness import CRITICAL, evidence, expect, inconclusive, warn

from .others import OfOther, tells
from .trial import LENIENCE, Trial


def stays_with_its_client(trial: Trial) -> None:
    """Break the rule by an event of another client, of an item that client A may not read."""
    other = trial.of_other
    if not isinstance(other, OfOther):
        evidence(f"events of other clients were not tried: {other}")
        return
    got = {
        name: text
        for name, endpoint in trial.endpoints.items()
        for one in endpoint.deliveries
        if (text := tells(one, other.texts)) is not None
    }
    if other.refused is None:
        evidence("events of other clients were not judged: client A is not refused their items")
        return
    where = ", ".join(f"`{name}`" for name in got)
    expect(
        not got,
        "no event of an item that the subscriber may not read",
        f"an event of client B's item {other.item.id} arrived at client A's receiver {where}, with "
        f"{next(iter(got.values()), '')!r}; client A: {other.refused}",
        impact=CRITICAL,
    )
    evidence(f"no event of client B's item arrived; client A: {other.refused}")


def ends_with_the_subscription(trial: Trial, window: float) -> None:
    """Break the rule by deliveries after a subscription was deleted or switched off.

    Args:
        window: seconds after which a read must show a completed write: until then a sender may not know it.
    """
    if "leaving" not in trial.endpoints or trial.second is None:
        inconclusive("the subscription could not be ended, or nothing arrived after that anywhere")
    late = trial.since_second("leaving")
    expect(
        not late,
        "no delivery after the subscription was deleted",
        f"{len(late)} deliveries of an event that was caused after the subscription had been deleted",
    )
    _retries_end(trial, LENIENCE + window)
    if not trial.off:
        evidence("whether a subscription that is switched off gets nothing was not tried")
        return
    late = trial.since_second("paused")
    expect(
        not late,
        "no delivery to a subscription that is switched off",
        f"{len(late)} deliveries of an event that was caused when the subscription showed {trial.off}",
    )


def _retries_end(trial: Trial, grace: float) -> None:
    """Warn where attempts go on although the subscription is gone.

    Args:
        grace: seconds after the response to DELETE for which an attempt may be under way.
    """
    if trial.ended is None:
        evidence("whether retries end with the subscription was not tried")
        return
    since = trial.ended + grace
    late = [one for one in trial.endpoints["ending"].deliveries if one.at > since]
    if late:
        warn(
            "no further attempt after the subscription was deleted",
            f"an attempt {late[0].at - trial.ended:.1f} s after DELETE had succeeded, of a delivery that had failed "
            "before it",
        )
    elif any(one.at > since for one in trial.of_first("failing")):
        evidence("a receiver that stayed got a retry, and one whose subscription was deleted got none")
    else:
        evidence(
            f"no retry came later than {grace:g} s: whether retries end with the subscription does not show"
        )
