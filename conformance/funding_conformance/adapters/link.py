"""The connection under a conversation: lines go out, lines come in, and neither can hold the kit up."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping
from typing import Any, Final, Protocol

LONGEST_LINE: Final = 64 * 1024 * 1024
"""The most bytes of one line or one reply, and of lines that have come and were not looked at."""
_SECONDS_BETWEEN_LOOKS: Final = 0.002


class Link(Protocol):
    """One life of an implementation: a process, or a connection to a server.

    :ivar a_line: what one of its lines is called in messages
    :ivar takes_leave: whether it is told goodbye before it is ended
    """

    a_line: str
    takes_leave: bool

    def send(self, message: Mapping[str, Any]) -> None:
        """Takes a message and returns at once."""

    def next_line(self, deadline: float) -> bytes:
        """The next line that came in.

        :param deadline: by the monotonic clock
        :raises TimeoutError: there is none before the deadline
        :raises EOFError: there will be none, and why if that is known
        :raises funding_conformance.protocol.ProtocolFault: what came is no line
        """

    @property
    def has_written(self) -> bool:
        """Whether there is a line, or the end, that nobody has looked at."""

    @property
    def is_running(self) -> bool: ...

    def leave(self, patience: float) -> int | None:
        """Waits for it to end by itself after goodbye, and gives its exit code; None if it does not."""

    def kill(self, patience: float = 0.0) -> str:
        """Ends it and everything it started, from whichever thread; says how it had ended by itself.

        :param patience: seconds it is given to end by itself
        """


class Incoming:
    """What a thread has read and the session has not looked at: lines, and at last the reason why there are no more."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
        self._put = self._taken = 0
        self._end: Exception | None = None
        self.is_closed = False

    def put(self, line: bytes) -> None:
        """Hands a line over; waits while more is unread than the longest line may hold, unless nobody reads."""
        while self._put - self._taken > LONGEST_LINE and not self.is_closed:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        self._put += len(line)
        self._items.put(line)

    def end(self, why: Exception) -> None:
        """Says that nothing more will come."""
        self._items.put(why)

    def close(self) -> None:
        """Says that nobody will look any more."""
        self.is_closed = True

    def next(self, deadline: float) -> bytes:
        """The next line; for what is raised see :meth:`Link.next_line`."""
        if self._end is not None:
            raise self._end
        try:
            item = self._items.get(timeout=min(max(0.0, deadline - time.monotonic()), threading.TIMEOUT_MAX))
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(item, Exception):
            self._end = item
            raise item
        self._taken += len(item)
        return item

    @property
    def is_waiting(self) -> bool:
        """Whether there is a line, or the end, that nobody has looked at."""
        return self._end is not None or not self._items.empty()


def is_too_long(line: bytes) -> bool:
    """Whether a line was given up before its end."""
    return len(line) >= LONGEST_LINE and not line.endswith(b"\n")
