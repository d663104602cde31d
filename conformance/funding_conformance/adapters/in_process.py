"""Asking a function: it takes a message and returns the reply, as they would go over a pipe."""

from __future__ import annotations

import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, Final

from funding_conformance.adapters.conversation import STOPPED
from funding_conformance.adapters.greeting import declaration_in, shortened
from funding_conformance.adapters.session import Session
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
Called = tuple[Outcome, dict[str, Any], str]
"""What calling it came to: its reply as it would arrive over a pipe; anything but OK comes with a note."""

TIMEOUTS_IN_A_ROW: Final = 3
SECONDS_TO_LEAVE: Final = 5.0


class FunctionSession(ABC):
    """A session with a function, wherever it runs; it is asked one question after the other.

    :param answer_timeout: seconds for one answer; None trusts the function
    :param hello_timeout: seconds for the declaration, likewise
    :raises ProtocolFault: it does not answer hello with a declaration
    """

    def __init__(
        self,
        rulebooks: tuple[str, ...],
        answer_timeout: float | None = None,
        hello_timeout: float | None = None,
    ) -> None:
        self._rulebooks = rulebooks
        self._answer_timeout = answer_timeout
        self._hello_timeout = hello_timeout
        self._late_in_a_row = 0
        self._has_left = False
        self.faults: list[str] = []
        self.remarks: list[str] = []
        self.gave_up = ""
        self.declaration = self._hello()

    def _hello(self) -> Declaration:
        outcome, message, note = self._call(hello(self._rulebooks), self._hello_timeout)
        if outcome is not Outcome.OK:
            raise ProtocolFault(f"It did not answer hello. {note}", path="hello")
        return declaration_in(message)

    @property
    def restarts(self) -> int:
        return 0

    @property
    def workers(self) -> Sequence[Session]:
        return (self,)

    def ask(self, questions: Iterable[Question]) -> Generator[Reply, None, None]:
        """Asks one question after the other; three in a row that are not answered in time are enough."""
        for question in questions:
            if self.gave_up or not self._is_ready():
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

    def _is_ready(self) -> bool:
        """Whether it can be called."""
        return True

    @abstractmethod
    def _call(self, message: Mapping[str, Any], timeout: float | None) -> Called: ...

    def abandon(self) -> None:
        """Asks nothing more."""
        self.gave_up = self.gave_up or STOPPED

    def close(self) -> None:
        """Says goodbye, once; a function has nothing to end."""
        if not self.gave_up and not self._has_left:
            self._has_left = True
            self._call({"m": "bye", "id": "z"}, None if self._answer_timeout is None else SECONDS_TO_LEAVE)


class InProcessSession(FunctionSession):
    """A session with a function in this process: called directly if it is trusted, or else in a thread.

    One that hangs cannot be ended.
    """

    def __init__(
        self,
        function: Function,
        rulebooks: tuple[str, ...],
        answer_timeout: float | None = None,
        hello_timeout: float | None = None,
    ) -> None:
        self._function = function
        super().__init__(rulebooks, answer_timeout, hello_timeout)

    def _call(self, message: Mapping[str, Any], timeout: float | None) -> Called:
        sent = read_line(write_line(message))
        if timeout is None:
            return called(self._function, sent, Exception)
        done: queue.SimpleQueue[Called] = queue.SimpleQueue()
        threading.Thread(target=lambda: done.put(called(self._function, sent)), daemon=True).start()
        try:
            return done.get(timeout=min(timeout, threading.TIMEOUT_MAX))
        except queue.Empty:
            return late(timeout)


def called(function: Function, message: Mapping[str, Any], caught: type[BaseException] = BaseException) -> Called:
    """Calls a function with a message.

    :param caught: what it may raise; by default everything, even to end the program
    """
    try:
        returned = function(message)
    except caught as error:
        return Outcome.CRASH, {}, f"It raised {type(error).__name__}: {_words_of(error)}"
    try:
        if not isinstance(returned, Mapping):
            return Outcome.FAULT, {}, f"It returned {shortened(returned)}, which is not a reply."
        return Outcome.OK, read_line(write_line(returned)), ""
    except caught as error:
        return Outcome.FAULT, {}, f"What it returned cannot go over a pipe: {_words_of(error)}"


def _words_of(error: BaseException) -> str:
    try:
        return shortened(str(error))
    except BaseException:  # it is the function's own, and may do anything
        return "it cannot say what"


def late(timeout: float) -> Called:
    """What comes of a call that takes longer than so many seconds."""
    return Outcome.TIMEOUT, {}, f"No answer within {timeout:g} seconds."


def _content(question: Question, message: dict[str, Any]) -> Called:
    if message.get("id") != question.id:
        return Outcome.FAULT, {}, f"The reply has the id {shortened(message.get('id'))} instead of {question.id!r}."
    return read_reply(message, tuple(question.message.get("wants", ())))
