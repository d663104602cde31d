"""Asking a function in a process of its own: the same as in this one, so that several can be asked at a time."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final

from funding_spec.errors import FundingError

from funding_conformance.adapters.in_process import Called, Function, FunctionSession, called, late
from funding_conformance.adapters.restarts import RESTARTS_IN_A_ROW, Restarts
from funding_conformance.protocol import Outcome, ProtocolFault, read_line, write_line

SECONDS_TO_BE_GONE: Final = 5.0

Find = Callable[[str], Function]


class InChildSession(FunctionSession):
    """A session with a function in a process of its own, which is started again if it ends or must be ended.

    :param find: finds the function by its name, in the new process
    :param restarts: those of the whole run
    """

    def __init__(
        self,
        find: Find,
        name: str,
        rulebooks: tuple[str, ...],
        answer_timeout: float | None,
        hello_timeout: float | None,
        restarts: Restarts,
    ) -> None:
        self._find, self._name = find, name
        self._restarts, self._restarts_in_a_row = restarts, 0
        self._child: _Child | None = _Child(find, name)
        try:
            super().__init__(rulebooks, answer_timeout, hello_timeout)
        except BaseException:
            self._end()
            raise

    @property
    def restarts(self) -> int:
        return self._restarts.count

    def _is_ready(self) -> bool:
        while self._child is None and not self.gave_up:
            if self._restarts_in_a_row == RESTARTS_IN_A_ROW or not self._restarts.one_more():
                times = f"It was restarted {self.restarts} times, {self._restarts_in_a_row} in a row without an answer."
                self.gave_up = times
                return False
            self._restarts_in_a_row += 1
            self._child = _Child(self._find, self._name)
            try:
                declaration = self._hello()
            except ProtocolFault:
                self._end()
                continue
            if declaration != self.declaration:
                self.faults.append("After a restart it declared itself otherwise than before.")
                self.gave_up = "Its declaration changed during the run."
        return not self.gave_up

    def _call(self, message: Mapping[str, Any], timeout: float | None) -> Called:
        child = self._child
        if child is None:
            return Outcome.CRASH, {}, "Its process has ended."
        try:
            found = child.call(read_line(write_line(message)), timeout)
        except (EOFError, OSError):
            found = Outcome.CRASH, {}, f"Its process ended without an answer.{child.end()}"
        if found is None or child.has_ended:
            self._end()
        else:
            self._restarts_in_a_row = 0 if message["m"] == "answer" else self._restarts_in_a_row
        return late(timeout or 0) if found is None else found

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def abandon(self) -> None:
        """Ends the process at once."""
        super().abandon()
        if child := self._child:
            child.end()

    def close(self) -> None:
        """Says goodbye and ends the process."""
        super().close()
        self._end()


class _Child:
    """One process with the function in it."""

    def __init__(self, find: Find, name: str) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_answer, args=(theirs, find, name), daemon=True)
        self._process.start()
        theirs.close()
        self.has_ended = False

    def call(self, message: Mapping[str, Any], timeout: float | None) -> Called | None:
        """What calling it came to; None if that takes too long.

        :raises EOFError: the process ended
        """
        self._connection.send(message)
        if not self._connection.poll(timeout):
            return None
        found: Called = self._connection.recv()
        return found

    def end(self) -> str:
        """Ends the process, from whichever thread, and says how it had ended by itself."""
        self.has_ended = True
        self._process.join(0.2)
        code = self._process.exitcode
        self._process.kill()
        self._process.join(SECONDS_TO_BE_GONE)
        return "" if code is None else f" It exited with code {code}."


def _answer(connection: Connection, find: Find, name: str) -> None:
    """Runs in the new process: calls the function with every message until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a kit that is stopped ends it
    try:
        function = find(name)
    except FundingError as error:
        connection.recv()
        connection.send((Outcome.FAULT, {}, error.reason))
        return
    try:
        while True:
            connection.send(called(function, connection.recv()))
    except (EOFError, OSError):
        return
