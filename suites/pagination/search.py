"""Search for an interleaving of reads and writes that breaks a traversal, shrunk by hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.payloads.source_constants import without_source_constants
from harness.rules.checks import Undecided

from .interleaving import Act, Played, wrong

EXAMPLES = 8
SHORTEST, LONGEST = 3, 6


class _Wrong(Exception):
    """The interleaving that is being tried shows a breach."""


@dataclass
class SearchResult:
    """The result of a search.

    Attributes:
        played: the smallest interleaving with a breach; None without one.
        tried: interleavings.
        writes: in all of them.
        cut: why the search ended early.
    """

    played: Played | None = None
    tried: int = 0
    writes: int = 0
    cut: str | None = None


def search(
    play: Callable[[Sequence[Act]], Played],
    acts: Sequence[Act],
    *,
    seed: int,
    spent: Callable[[], int],
    most: int = 150,
) -> SearchResult:
    """Try interleavings, and shrink the first one with a breach; the same seed gives the same ones.

    Args:
        play: plays one on the target.
        acts: what may be done between pages, the simplest first, which shrinking prefers.
        seed: chooses the interleavings.
        spent: requests sent so far.
        most: requests after which no new interleaving is tried; shrinking may send as many again.
    """
    import hypothesis
    from hypothesis import strategies as st
    from hypothesis.errors import HypothesisException

    found, known = SearchResult(), dict[tuple[Act, ...], Played | None]()
    least: list[Act] = []
    begun = spent()

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(st.lists(st.sampled_from(list(acts)), min_size=SHORTEST, max_size=LONGEST))
    def attempt(chosen: list[Act]) -> None:
        key = tuple(chosen)
        if key not in known and found.cut is None:
            limit = most if found.played is None else 2 * most
            if spent() - begun >= limit:
                found.cut = f"the limit of {limit} requests was reached"
            else:
                known[key] = _tried(play, key, found)
        played = known.get(key)
        if played is not None:
            # The last failing example that hypothesis runs is the smallest.
            found.played, least[:] = played, chosen
            raise _Wrong

    try:
        _quietly(attempt)
    except (_Wrong, HypothesisException):
        pass
    _shrink(play, found, known, least, lambda: spent() - begun < 2 * most)
    return found


def _shrink(
    play: Callable[[Sequence[Act]], Played],
    found: SearchResult,
    known: dict[tuple[Act, ...], Played | None],
    least: list[Act],
    affordable: Callable[[], bool],
) -> None:
    """Leave out acts one by one, also below `SHORTEST`, as long as the breach remains.

    Args:
        known: interleavings already played, with a breach or None.
        least: the smallest interleaving with a breach so far.
        affordable: whether more requests may be sent.
    """
    place = 0
    while found.played is not None and place < len(least) and affordable() and found.cut is None:
        shorter = (*least[:place], *least[place + 1 :])
        played = known[shorter] if shorter in known else _tried(play, shorter, found)
        if played is None:
            place += 1
        else:
            found.played, least[:] = played, shorter


def _tried(
    play: Callable[[Sequence[Act]], Played], acts: tuple[Act, ...], found: SearchResult
) -> Played | None:
    """The interleaving if it shows a breach."""
    try:
        played = play(acts)
    except Undecided as problem:
        # Refused writes, a spent budget, a dead target: earlier results remain valid.
        found.cut = str(problem)
        return None
    found.tried += 1
    found.writes += played.writes
    return played if wrong(played) else None


def _quietly(test: Any) -> None:
    """Run it without hypothesis' own output on a failure."""
    from hypothesis.reporting import with_reporter

    with with_reporter(lambda text: None), without_source_constants():
        test()
