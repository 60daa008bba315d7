"""PERF-002: what a page deep in a long list takes."""

from __future__ import annotations

from harness import MAJOR, SHOULD, evidence, expect, inconclusive, rule

from . import judge
from .depths import decided, depths_of, sizes_differ


@rule(
    "PERF-002",
    SHOULD,
    refs=["Winand, SQL Performance Explained, chapter 7"],
    needs="cursor totals",
    impact=MAJOR,
)
def test_latency_of_pages_does_not_grow_with_depth(resource):
    """Answer a page deep in a list as fast as one near its beginning

    Why: a client that reads a long list to its end waits longer for each page, and the last ones time out; the database
        reads all items before them each time.
    Fix: let the cursor carry the values that the list is sorted by, and select by them (`WHERE (created, id) < (...)`)
        on an index, not by OFFSET.
    Probe: of a list whose total is 10,000 or more, the second page, one in the middle and the last are read in turns,
        up to 30 times each or for 20 seconds, after the list was read to its end once. It warns where the median of
        the last one surely is more than twice that of the second and 20 ms more, and also grows from the middle to
        the end: pages that a cache does not have are slow anywhere. A busy machine makes it inconclusive.
    """
    depths = depths_of(resource)
    if wrong := sizes_differ(depths):
        inconclusive(f"{wrong}, so that their latencies cannot be compared")
    depths.measure(decided)
    judged = judge.growing(depths.seen, depths.under)
    expect(
        judged.holds is not False,
        "a median latency of the last page of at most twice that of the second one, and 20 ms more",
        judged.text,
    )
    if judged.holds is None:
        inconclusive(judged.text)
    evidence(judged.text)
