"""Defects of what sends events: one for each rule. `test_rules.py` has more, and puts them to the rules directly."""

from __future__ import annotations

from tests.matrix.defect import Defect
from tests.matrix.serving import defect
from tests.realtime import bugs

DEFECTS: tuple[Defect, ...] = (
    defect("RT-001", "an event stream is text/plain", realtime=bugs.PlainText),
    defect("RT-001", "declared streams always fail", realtime=bugs.Fails),
    defect("RT-002", "the event of Last-Event-ID comes again", realtime=bugs.Boundary),
    defect("RT-003", "a stream may be cached", realtime=bugs.Cached),
    defect("RT-004", "all clients get all events", realtime=bugs.Everyone),
    defect("RT-005", "changes overtake each other in the stream", realtime=bugs.Reorders),
    defect("RT-006", "polls are not held", realtime=bugs.Impatient),
    defect("RT-006", "declared polls always fail", realtime=bugs.EveryPollFails),
    defect("RT-007", "a page of any origin may connect with a cookie", realtime=bugs.AnyOrigin),
    defect("RT-007", "declared handshakes always fail", realtime=bugs.HandshakeFails),
    defect("RT-008", "a subprotocol is chosen that was not offered", realtime=bugs.MadeUp),
)
