"""How often an implementation may be started again."""

from __future__ import annotations

from threading import Lock
from typing import Final

RESTARTS_IN_ALL: Final = 10
RESTARTS_IN_A_ROW: Final = 3


class Restarts:
    """The restarts of one run, counted over all its workers, and over all its parts if it is resumed.

    :param count: how many there were before
    """

    def __init__(self, count: int = 0) -> None:
        self._lock = Lock()
        self.count = count

    def one_more(self) -> bool:
        """Counts a restart; whether the run may have it."""
        with self._lock:
            if self.count >= RESTARTS_IN_ALL:
                return False
            self.count += 1
            return True
