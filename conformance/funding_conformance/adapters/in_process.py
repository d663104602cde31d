"""Asking a function in this process: it takes a message and returns the reply, as they would go over a pipe."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from funding_conformance.protocol import (
    Declaration,
    Outcome,
    ProtocolFault,
    Question,
    Reply,
    hello,
    read_declaration,
    read_line,
    read_reply,
    write_line,
)

Function = Callable[[Mapping[str, Any]], Any]


class InProcessSession:
    """A session with a function.

    :param timeout: seconds for one answer; None trusts the function and calls it directly
    """

    def __init__(self, function: Function, rulebooks: tuple[str, ...], timeout: float | None) -> None:
        self._function = function
        self._timeout = timeout
        self.faults: list[str] = []
        self.remarks: list[str] = []
        self.restarts = 0
        self.gave_up = ""
        self.declaration: Declaration = self._hello(rulebooks)

    def _hello(self, rulebooks: tuple[str, ...]) -> Declaration:
        outcome, message, note = self._call(hello(rulebooks))
        if outcome is not Outcome.OK:
            raise ProtocolFault(f"hello was not answered: {note or outcome.value}", path="hello")
        return read_declaration(message.get("ok"))

    def ask(self, questions: Iterable[Question]) -> Iterator[Reply]:
        for question in questions:
            began = time.perf_counter()
            outcome, message, note = self._call({"id": question.id, **question.message})
            content: dict[str, Any] = {}
            if outcome is Outcome.OK:
                outcome, content, note = self._read(question, message)
            yield Reply(question.id, outcome, content, note, (time.perf_counter() - began) * 1000)

    def _read(self, question: Question, message: dict[str, Any]) -> tuple[Outcome, dict[str, Any], str]:
        if message.get("id") != question.id:
            return (
                Outcome.FAULT,
                {},
                f"The reply has the id {message.get('id')!r} instead of {question.id!r}.",
            )
        return read_reply(message, tuple(question.message.get("wants", ())))

    def _call(self, message: Mapping[str, Any]) -> tuple[Outcome, dict[str, Any], str]:
        """The function's reply as it would arrive over a pipe."""
        try:
            sent = read_line(write_line(message))
            returned = self._function(sent) if self._timeout is None else self._in_a_thread(sent, self._timeout)
            return Outcome.OK, read_line(write_line(returned)), ""
        except TimeoutError:
            return Outcome.TIMEOUT, {}, f"No reply within {self._timeout:g} seconds."
        except (ProtocolFault, TypeError, ValueError) as error:
            return Outcome.FAULT, {}, f"What it returned is not a reply: {error}"
        except Exception as error:
            return Outcome.CRASH, {}, f"It raised {type(error).__name__}: {error}"

    def _in_a_thread(self, message: Mapping[str, Any], timeout: float) -> Any:
        done: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

        def call() -> None:
            try:
                done.put((self._function(message), None))
            except Exception as error:
                done.put((None, _Crash(error)))

        threading.Thread(target=call, daemon=True).start()
        try:
            returned, error = done.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError from None
        if error is not None:
            raise error
        return returned

    def close(self) -> None:
        """Says goodbye; a function has nothing to end."""
        self._call({"m": "bye", "id": "z"})


class _Crash(Exception):
    """An exception of the function, told apart from those of reading its reply."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
