"""Asking a function in this process: it takes a message and returns the reply, as they would go over a pipe."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from funding_conformance.adapters.greeting import declaration_in, shortened
from funding_conformance.protocol import (
    Declaration,
    Outcome,
    ProtocolFault,
    Question,
    Reply,
    hello,
    read_line,
    read_reply,
    write_line,
)

Function = Callable[[Mapping[str, Any]], Any]

TIMEOUTS_IN_A_ROW: Final = 3
SECONDS_TO_LEAVE: Final = 5.0


class InProcessSession:
    """A session with a function.

    :param answer_timeout: seconds for one answer; None trusts the function and calls it directly
    :param hello_timeout: seconds for the declaration, likewise
    :raises ProtocolFault: it does not answer hello with a declaration
    """

    def __init__(
        self,
        function: Function,
        rulebooks: tuple[str, ...],
        answer_timeout: float | None = None,
        hello_timeout: float | None = None,
    ) -> None:
        self._function = function
        self._answer_timeout = answer_timeout
        self._late_in_a_row = 0
        self.faults: list[str] = []
        self.remarks: list[str] = []
        self.restarts = 0
        self.gave_up = ""
        outcome, message, note = self._call(hello(rulebooks), hello_timeout)
        if outcome is not Outcome.OK:
            raise ProtocolFault(f"It did not answer hello. {note}", path="hello")
        self.declaration: Declaration = declaration_in(message)

    def ask(self, questions: Iterable[Question]) -> Iterator[Reply]:
        """Asks one question after the other; a function that hangs cannot be ended, so three in a row are enough."""
        for question in questions:
            if self.gave_up:
                return
            began = time.perf_counter()
            outcome, message, note = self._call({"id": question.id, **question.message}, self._answer_timeout)
            content: dict[str, Any] = {}
            if outcome is Outcome.OK:
                outcome, content, note = _content(question, message)
            self._late_in_a_row = self._late_in_a_row + 1 if outcome is Outcome.TIMEOUT else 0
            if self._late_in_a_row == TIMEOUTS_IN_A_ROW:
                self.gave_up = f"{TIMEOUTS_IN_A_ROW} questions in a row were not answered in time."
            yield Reply(question.id, outcome, content, note, (time.perf_counter() - began) * 1000)

    def _call(self, message: Mapping[str, Any], timeout: float | None) -> tuple[Outcome, dict[str, Any], str]:
        """The function's reply as it would arrive over a pipe; anything but OK comes with a note."""
        sent = read_line(write_line(message))
        called = self._directly(sent) if timeout is None else self._in_a_thread(sent, timeout)
        match called:
            case None:
                return Outcome.TIMEOUT, {}, f"No answer within {timeout:g} seconds."
            case _, BaseException() as error:
                return Outcome.CRASH, {}, f"It raised {type(error).__name__}: {shortened(str(error))}"
            case returned, _:
                return _received(returned)

    def _directly(self, message: Mapping[str, Any]) -> tuple[Any, BaseException | None]:
        try:
            return self._function(message), None
        except Exception as error:
            return None, error

    def _in_a_thread(self, message: Mapping[str, Any], timeout: float) -> tuple[Any, BaseException | None] | None:
        """What it returned or raised, even to end the program; None if that takes too long."""
        done: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

        def call() -> None:
            try:
                done.put((self._function(message), None))
            except BaseException as error:
                done.put((None, error))

        threading.Thread(target=call, daemon=True).start()
        try:
            return done.get(timeout=min(timeout, threading.TIMEOUT_MAX))
        except queue.Empty:
            return None

    def close(self) -> None:
        """Says goodbye; a function has nothing to end."""
        if not self.gave_up:
            self._call({"m": "bye", "id": "z"}, None if self._answer_timeout is None else SECONDS_TO_LEAVE)


def _received(returned: Any) -> tuple[Outcome, dict[str, Any], str]:
    if not isinstance(returned, Mapping):
        return Outcome.FAULT, {}, f"It returned {shortened(returned)}, which is not a reply."
    try:
        return Outcome.OK, read_line(write_line(returned)), ""
    except (ProtocolFault, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        return Outcome.FAULT, {}, f"What it returned cannot go over a pipe: {shortened(str(error))}"


def _content(question: Question, message: dict[str, Any]) -> tuple[Outcome, dict[str, Any], str]:
    if message.get("id") != question.id:
        return Outcome.FAULT, {}, f"The reply has the id {shortened(message.get('id'))} instead of {question.id!r}."
    return read_reply(message, tuple(question.message.get("wants", ())))
