"""Ctrl-C, SIGTERM and SIGHUP: each ends a run in order, and what was created is removed first, so it must be known.

All three raise KeyboardInterrupt, and are held back while the answer to a create is on its way. What a process inherits
changes nothing: a shell without job control starts commands in the background with SIGINT ignored, and SIGTERM must end
them all the same. Only SIGHUP stays ignored where it is: that is what nohup is for.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

INTERRUPTED = 2
"""Exit code of what was interrupted."""
SIGNALS = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__
)
Words = Callable[[], str]


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let the block end before a signal takes effect; a second one takes effect at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {
        number: handler
        for number in SIGNALS
        if callable(handler := signal.getsignal(number)) and not isinstance(handler, signal.Handlers)
    }
    held: list[tuple[int, FrameType | None]] = []

    def hold(number: int, frame: FrameType | None) -> None:
        if held:
            held.clear()
            handlers[signal.Signals(number)](number, frame)
        else:
            held.append((number, frame))

    for number in handlers:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if held:
            first, frame = held[0]
            handlers[signal.Signals(first)](first, frame)


class Ending:
    """How signals end a process: the first in order; a further one cuts the clean-up short, or ends it at once.

    Args:
        words: a line about what may be left then.

    Attributes:
        asked: signals that have come.
        over: whether all is done that a signal should wait for.
    """

    def __init__(self, words: Words | None) -> None:
        self.asked = 0
        self.over = False
        self._words = words
        self._cleaning = False
        # Standard error as it is now: pytest puts files in its place while tests run.
        self._out = _duplicate(sys.__stderr__)

    def signalled(self, number: int, frame: FrameType | None) -> None:
        """Take a signal.

        Raises:
            KeyboardInterrupt: it ends what is under way.
        """
        self.asked += 1
        if self._cleaning and self.asked == 1:
            # The end that it asks for has begun.
            return
        if not self.over and (self.asked == 1 or (self._cleaning and self.asked == 2)):
            raise KeyboardInterrupt
        self.say()
        os._exit(INTERRUPTED)

    def clean_up(self, work: Callable[[], object], given_up: Callable[[], object]) -> None:
        """Do what is due at the end: the first signal does not stop it; a second one does.

        Args:
            work: cleans up.
            given_up: is called after it was cut short.
        """
        self._cleaning = True
        try:
            work()
        except KeyboardInterrupt:
            given_up()
        finally:
            self._cleaning = False

    def say(self) -> None:
        """Say what may be left, in one line."""
        if self._words is not None and self._out is not None:
            with suppress(OSError):
                os.write(self._out, f"\n{self._words()}\n".encode(errors="replace"))

    def close(self) -> None:
        """Close what was opened."""
        if self._out is not None:
            os.close(self._out)
            self._out = None


@contextmanager
def terminable(words: Words | None = None) -> Iterator[Ending]:
    """Let Ctrl-C, SIGTERM (CI runners, containers) and SIGHUP (a terminal that is closed) end what runs, in order.

    A handler that another client has installed is left alone, and so is an inherited decision to ignore SIGHUP.

    Args:
        words: a line about what may be left where a second signal ends the process at once; None for no line.
    """
    ending = Ending(words)
    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: handler for number in SIGNALS if _ours(number, handler := signal.getsignal(number))}
        for number in before:
            signal.signal(number, ending.signalled)
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        ending.close()


def _ours(number: signal.Signals, handler: object) -> bool:
    """Whether a signal is for us to handle."""
    if handler is signal.SIG_IGN:
        return number.name != "SIGHUP"
    return handler in (signal.SIG_DFL, signal.default_int_handler)


def _duplicate(stream: object) -> int | None:
    try:
        return os.dup(stream.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return None
