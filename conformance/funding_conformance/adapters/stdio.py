"""Asking a long-lived process over its standard input and output, one JSON object a line.

Three threads carry bytes; the session itself waits on one queue, so that a process that hangs, crashes, floods or
stops reading cannot hold the kit up.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, Final

from attrs import define, frozen
from funding_spec.errors import FundingError

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

LONGEST_LINE: Final = 64 * 1024 * 1024
KEPT_OF_STANDARD_ERROR: Final = 64 * 1024
RESTARTS_IN_ALL: Final = 10
RESTARTS_IN_A_ROW: Final = 3
SECONDS_TO_LEAVE: Final = 5.0


class CannotStart(FundingError):
    """The command cannot be started, or does not answer hello."""


@frozen
class _Line:
    """A line from the process; None at its end."""

    process: _Process
    line: bytes | None


@define
class _Asked:
    question: Question
    sent: float


class _Process:
    """One run of the command, with the threads that carry its bytes."""

    def __init__(self, command: Sequence[str], events: queue.SimpleQueue[_Line]) -> None:
        try:
            self._popen = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=sys.platform != "win32",
            )
        except OSError as error:
            raise CannotStart(f"It cannot be started: {error.strerror or error}.", path=" ".join(command)) from None
        self._events = events
        self._to_write: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._errors: deque[bytes] = deque()
        self._threads = [
            threading.Thread(target=target, daemon=True) for target in (self._read, self._write, self._keep_errors)
        ]
        for thread in self._threads:
            thread.start()

    def send(self, message: dict[str, Any]) -> None:
        self._to_write.put(write_line(message))

    def _pipe(self, pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe

    def _read(self) -> None:
        stdout = self._pipe(self._popen.stdout)
        with contextlib.suppress(OSError, ValueError):
            while line := stdout.readline(LONGEST_LINE):
                self._events.put(_Line(self, line))
        self._events.put(_Line(self, None))

    def _write(self) -> None:
        stdin = self._pipe(self._popen.stdin)
        with contextlib.suppress(OSError, ValueError):
            while (line := self._to_write.get()) is not None:
                stdin.write(line)
                if self._to_write.empty():
                    stdin.flush()
        with contextlib.suppress(OSError, ValueError):
            stdin.close()

    def _keep_errors(self) -> None:
        stderr = self._pipe(self._popen.stderr)
        kept = 0
        with contextlib.suppress(OSError, ValueError):
            while block := stderr.read1(8192):  # type: ignore[attr-defined]
                self._errors.append(block)
                kept += len(block)
                while kept - len(self._errors[0]) > KEPT_OF_STANDARD_ERROR:
                    kept -= len(self._errors.popleft())

    def last_words(self) -> str:
        """The last line of standard error and the exit code, for a message."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(1)
        self._threads[2].join(1)
        written = b"".join(self._errors).decode("utf-8", "replace").strip().splitlines()
        said = f" Its standard error ends: {written[-1][:300]}" if written else ""
        code = self._popen.poll()
        ended = "" if code is None else f" It exited with code {code}."
        return f"{ended}{said}"

    def leave(self) -> int | None:
        """Closes its standard input and waits for it to exit; None if it does not."""
        self._to_write.put(None)
        try:
            return self._popen.wait(SECONDS_TO_LEAVE)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """Ends the process and everything it started."""
        if sys.platform == "win32":
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(self._popen.pid)], capture_output=True, check=False)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._popen.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(SECONDS_TO_LEAVE)
        self._to_write.put(None)


class StdioSession:
    """A session with a command.

    :param answer_timeout: seconds for one answer, counted from the later of its question and the last reply
    :param hello_timeout: seconds for the declaration
    :raises CannotStart: it cannot be started, or does not answer hello with a declaration
    """

    def __init__(
        self, command: Sequence[str], rulebooks: tuple[str, ...], answer_timeout: float, hello_timeout: float
    ) -> None:
        self._command = command
        self._rulebooks = rulebooks
        self._answer_timeout = answer_timeout
        self._hello_timeout = hello_timeout
        self._events: queue.SimpleQueue[_Line] = queue.SimpleQueue()
        self._process: _Process | None = None
        self._answered: set[str] = set()
        self._in_a_row = 0
        self._last_death = ""
        self.faults: list[str] = []
        self.remarks: list[str] = []
        self.restarts = 0
        self.gave_up = ""
        self._process, self.declaration = self._start()

    # starting

    def _start(self) -> tuple[_Process, Declaration]:
        process = _Process(self._command, self._events)
        try:
            process.send(hello(self._rulebooks))
            line = self._next_line(process, self._hello_timeout)
            message = read_line(line)
            if message.get("id") != "0" or "ok" not in message:
                raise ProtocolFault(f"hello was answered with {str(message)[:200]}")
            return process, read_declaration(message["ok"])
        except (ProtocolFault, TimeoutError, EOFError) as error:
            process.kill()
            why = {
                TimeoutError: f"hello was not answered within {self._hello_timeout:g} seconds.",
                EOFError: "it ended before answering hello.",
            }.get(type(error), str(error))
            raise CannotStart(
                f"{why[0].upper()}{why[1:]}{process.last_words()}", path=" ".join(self._command)
            ) from None

    def _next_line(self, process: _Process, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        while True:
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError from None
            if event.process is process:
                if event.line is None:
                    raise EOFError
                return event.line

    def _restart(self) -> bool:
        """Starts the command again after it ended; whether it may go on."""
        while self.restarts < RESTARTS_IN_ALL and self._in_a_row < RESTARTS_IN_A_ROW:
            self.restarts += 1
            self._in_a_row += 1
            try:
                self._process, declaration = self._start()
            except CannotStart as error:
                self._last_death = error.reason
                continue
            if declaration != self.declaration:
                self.faults.append("After a restart it declared itself otherwise than before.")
                self.gave_up = "Its declaration changed during the run."
                self._end()
                return False
            return True
        times = f"It was restarted {self.restarts} times, {self._in_a_row} in a row without an answer."
        self.gave_up = f"{times} {self._last_death}".strip()
        return False

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None

    # asking

    def ask(self, questions: Iterable[Question]) -> Iterator[Reply]:
        waiting = deque(questions)
        suspects: deque[Question] = deque()
        in_flight: dict[str, _Asked] = {}
        last_reply = time.monotonic()
        while waiting or suspects or in_flight:
            if self._process is None and not self._restart():
                return
            self._send_more(waiting, suspects, in_flight)
            oldest = next(iter(in_flight.values()))
            deadline = max(oldest.sent, last_reply) + self._answer_timeout
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                note = f"No answer within {self._answer_timeout:g} seconds."
                yield self._lost(oldest, Outcome.TIMEOUT, note, in_flight, waiting)
                continue
            if event.process is not self._process:
                continue
            last_reply = time.monotonic()
            if event.line is None:
                yield from self._ended(Outcome.CRASH, "It ended without an answer.", in_flight, suspects)
                continue
            try:
                message = read_line(event.line)
            except ProtocolFault as fault:
                yield from self._ended(Outcome.FAULT, fault.reason, in_flight, suspects)
                continue
            asked = in_flight.pop(message["id"], None) if isinstance(message.get("id"), str) else None
            if asked is None:
                self._stray(message)
                continue
            yield self._reply(asked, message)

    def _send_more(self, waiting: deque[Question], suspects: deque[Question], in_flight: dict[str, _Asked]) -> None:
        """Fills the window; questions in flight when the process ended are asked again one at a time."""
        assert self._process is not None
        while True:
            alone = bool(suspects) or self._in_a_row > 0
            if not (suspects or waiting) or len(in_flight) >= (1 if alone else self.declaration.window):
                return
            question = (suspects or waiting).popleft()
            in_flight[question.id] = _Asked(question, time.monotonic())
            self._process.send({"id": question.id, **question.message})
            if alone:
                return

    def _reply(self, asked: _Asked, message: dict[str, Any]) -> Reply:
        self._in_a_row = 0
        self._answered.add(asked.question.id)
        outcome, content, note = read_reply(message, tuple(asked.question.message.get("wants", ())))
        milliseconds = (time.monotonic() - asked.sent) * 1000
        return Reply(asked.question.id, outcome, content, note, milliseconds)

    def _stray(self, message: dict[str, Any]) -> None:
        id = message.get("id")
        what = "A second answer" if id in self._answered else "An answer to a question that was not asked"
        if len(self.faults) < 20:
            self.faults.append(f"{what}: id {id!r}.")

    def _lost(
        self, asked: _Asked, outcome: Outcome, note: str, in_flight: dict[str, _Asked], again: deque[Question]
    ) -> Reply:
        """Gives one question up and asks the others in flight again."""
        process = self._process
        self._end()
        self._last_death = note + (process.last_words() if process else "")
        del in_flight[asked.question.id]
        again.extendleft(reversed([other.question for other in in_flight.values()]))
        in_flight.clear()
        return Reply(asked.question.id, outcome, {}, self._last_death, (time.monotonic() - asked.sent) * 1000)

    def _ended(
        self, outcome: Outcome, note: str, in_flight: dict[str, _Asked], suspects: deque[Question]
    ) -> Iterator[Reply]:
        """The process ended or wrote no message: the only question in flight is to blame, or all are suspect."""
        if len(in_flight) == 1:
            yield self._lost(next(iter(in_flight.values())), outcome, note, in_flight, suspects)
            return
        process = self._process
        self._end()
        self._last_death = note + (process.last_words() if process else "")
        suspects.extend(asked.question for asked in in_flight.values())
        in_flight.clear()

    def close(self) -> None:
        """Says goodbye and waits for the process to exit."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send({"m": "bye", "id": "z"})
        try:
            self._next_line(process, SECONDS_TO_LEAVE)
        except (TimeoutError, EOFError):
            self.remarks.append("It did not answer bye.")
        code = process.leave()
        if code is None:
            self.remarks.append("It did not exit after bye and was ended.")
        elif code != 0:
            self.remarks.append(f"It exited with code {code} after bye instead of 0.")
        process.kill()
