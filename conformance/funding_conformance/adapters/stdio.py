"""Asking a long-lived process over its standard input and output, one JSON object a line.

Three threads carry the bytes of each process; the session itself only ever waits for a line with a deadline, so that a
process that hangs, crashes, floods or stops reading cannot hold the kit up.
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
from typing import IO, Any, Final, cast

from attrs import frozen
from funding_spec.errors import FundingError

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

LONGEST_LINE: Final = 64 * 1024 * 1024
KEPT_OF_STANDARD_ERROR: Final = 64 * 1024
RESTARTS_IN_ALL: Final = 10
RESTARTS_IN_A_ROW: Final = 3
STRAYS_IN_A_ROW: Final = 10_000
FAULTS_LISTED: Final = 20
SECONDS_TO_LEAVE: Final = 5.0
SECONDS_TO_FALL: Final = 1.0
"""How long a process that closed its standard output may take to end by itself, so that its exit code is known."""


class CannotStart(FundingError):
    """The command cannot be started, or does not answer hello."""


@frozen
class _Asked:
    question: Question
    sent: float


class _Process:
    """One run of the command, with the threads that carry its bytes; each closes its own pipe."""

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._popen = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=sys.platform != "win32",
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CannotStart(f"It cannot be started: {reason}.", path=shortened(" ".join(command))) from None
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._to_write: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._standard_error = b""
        for carry in (self._read, self._write):
            threading.Thread(target=carry, daemon=True).start()
        self._keeping_errors = threading.Thread(target=self._keep_errors, daemon=True)
        self._keeping_errors.start()

    # carrying bytes

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError), _pipe(self._popen.stdout) as stdout:
            while line := stdout.readline(LONGEST_LINE):
                self._lines.put(line)
                if _is_too_long(line):
                    break
        self._lines.put(None)

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError), _pipe(self._popen.stdin) as stdin:
            while (line := self._to_write.get()) is not None:
                stdin.write(line)
                if self._to_write.empty():
                    stdin.flush()

    def _keep_errors(self) -> None:
        with contextlib.suppress(OSError, ValueError), _pipe(self._popen.stderr) as stderr:
            while block := os.read(stderr.fileno(), KEPT_OF_STANDARD_ERROR):
                self._standard_error = (self._standard_error + block)[-KEPT_OF_STANDARD_ERROR:]

    # what the session sees

    def send(self, message: dict[str, Any]) -> None:
        self._to_write.put(write_line(message))

    def next_line(self, deadline: float) -> bytes:
        """The next line of its standard output.

        :raises TimeoutError: there is none before the deadline
        :raises EOFError: there will be none
        """
        try:
            line = self._lines.get(timeout=min(max(0.0, deadline - time.monotonic()), threading.TIMEOUT_MAX))
        except queue.Empty:
            raise TimeoutError from None
        if line is None:
            raise EOFError
        return line

    @property
    def has_written(self) -> bool:
        """Whether there is a line, or the end, that nobody has looked at."""
        return not self._lines.empty()

    @property
    def is_running(self) -> bool:
        return self._popen.poll() is None

    def leave(self, patience: float) -> int | None:
        """Closes its standard input and waits for it to exit; None if it does not."""
        self._to_write.put(None)
        try:
            return self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            return None

    def kill(self, patience: float = 0.0) -> str:
        """Ends the process and everything it started, and says how it had ended by itself and its last words.

        :param patience: seconds it is given to end by itself
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(patience)
        code = self._popen.poll()
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
        return ("" if code is None else f" It exited with {_code_in_words(code)}.") + self.last_words()

    def last_words(self) -> str:
        """The last line of its standard error, once it has ended."""
        self._keeping_errors.join(1)
        written = self._standard_error.decode("utf-8", "replace").strip().splitlines()
        return f" Its standard error ends: {shortened(written[-1], 300)}" if written else ""


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    return cast(IO[bytes], pipe)


def _is_too_long(line: bytes) -> bool:
    """Whether a line was given up before its end."""
    return len(line) >= LONGEST_LINE and not line.endswith(b"\n")


def _is_cut_off(line: bytes) -> bool:
    """Whether the process ended in the middle of a line."""
    return not line.endswith(b"\n") and not _is_too_long(line)


def _code_in_words(code: int) -> str:
    try:
        return f"code {code} ({signal.Signals(-code).name})" if code < 0 else f"code {code}"
    except ValueError:
        return f"code {code}"


class StdioSession:
    """A session with a command.

    When the process ends, or must be ended, with one question in flight, that question is to blame. With several,
    each of them is asked again by itself, so that only the one to blame is blamed; and from then on the session asks
    one question at a time.

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
        self._process: _Process | None = None
        self._in_flight: dict[str, _Asked] = {}
        self._answered: set[str] = set()
        self._one_at_a_time = False
        self._suspects: set[str] = set()
        self._suspicion = ""
        self._strays_in_a_row = 0
        self._last_reply = 0.0
        self._restarts_in_a_row = 0
        self._last_death = ""
        self.faults: list[str] = []
        self.remarks: list[str] = []
        self.restarts = 0
        self.gave_up = ""
        self._process, self.declaration = self._start()

    # starting

    def _start(self) -> tuple[_Process, Declaration]:
        process = _Process(self._command)
        try:
            process.send(hello(self._rulebooks))
            return process, declaration_in(_message(process.next_line(time.monotonic() + self._hello_timeout)))
        except TimeoutError:
            why = f"It did not answer hello within {self._hello_timeout:g} seconds." + process.kill()
        except EOFError:
            why = "It ended before it answered hello." + process.kill(SECONDS_TO_FALL)
        except ProtocolFault as fault:
            why = fault.reason + process.kill()
        except BaseException:
            process.kill()
            raise
        raise CannotStart(why, path=shortened(" ".join(self._command)))

    def _restart(self) -> bool:
        """Starts the command again after it ended; whether it may go on."""
        while self.restarts < RESTARTS_IN_ALL and self._restarts_in_a_row < RESTARTS_IN_A_ROW:
            self.restarts += 1
            self._restarts_in_a_row += 1
            try:
                process, declaration = self._start()
            except CannotStart as error:
                self._last_death = error.reason
                continue
            self._process, self._strays_in_a_row = process, 0
            if declaration == self.declaration:
                return True
            self._fault("After a restart it declared itself otherwise than before.")
            self.gave_up = "Its declaration changed during the run."
            self._end()
            return False
        times = f"It was restarted {self.restarts} times, {self._restarts_in_a_row} in a row without an answer."
        self.gave_up = f"{times} {self._last_death}".strip()
        return False

    def _end(self, patience: float = 0.0) -> str:
        process, self._process = self._process, None
        return process.kill(patience) if process else ""

    # asking

    def ask(self, questions: Iterable[Question]) -> Iterator[Reply]:
        waiting = deque(questions)
        self._last_reply = time.monotonic()
        try:
            while (waiting or self._in_flight) and not self.gave_up:
                if self._process is None and not self._restart():
                    return
                if reply := self._next_reply(waiting):
                    yield reply
        finally:
            if self._in_flight:
                self._end()
                self._in_flight.clear()

    def _next_reply(self, waiting: deque[Question]) -> Reply | None:
        """Sends what may be sent and looks at the next line; None if that line answers nothing."""
        assert self._process is not None
        if self._in_flight or not self._process.has_written:
            self._send_more(self._process, waiting)
        oldest = next(iter(self._in_flight.values())).sent if self._in_flight else self._last_reply
        try:
            line = self._process.next_line(max(oldest, self._last_reply) + self._answer_timeout)
        except TimeoutError:
            if self._process.is_running:
                return self._lost(Outcome.TIMEOUT, f"No answer within {self._answer_timeout:g} seconds.", waiting)
            return self._lost(Outcome.CRASH, "It ended without an answer.", waiting)
        except EOFError:
            return self._lost(Outcome.CRASH, "It ended without an answer.", waiting)
        try:
            message = _message(line)
            id = message.get("id")
            asked = self._in_flight.pop(id, None) if isinstance(id, str) else None
            if asked is None:
                self._stray(id)
                return None
        except ProtocolFault as fault:
            return None if _is_cut_off(line) else self._lost(Outcome.FAULT, fault.reason, waiting)
        return self._answer(asked, message)

    def _send_more(self, process: _Process, waiting: deque[Question]) -> None:
        window = 1 if self._one_at_a_time else self.declaration.window
        while waiting and len(self._in_flight) < window:
            question = waiting.popleft()
            self._in_flight[question.id] = _Asked(question, time.monotonic())
            process.send({"id": question.id, **question.message})

    def _answer(self, asked: _Asked, message: dict[str, Any]) -> Reply:
        self._last_reply = time.monotonic()
        self._restarts_in_a_row = self._strays_in_a_row = 0
        self._answered.add(asked.question.id)
        if asked.question.id in self._suspects:
            self._suspects.discard(asked.question.id)
            if not self._suspects:
                self._fault(f"{self._suspicion} Asked again one by one, every question in flight was answered.")
        outcome, content, note = read_reply(message, tuple(asked.question.message.get("wants", ())))
        milliseconds = (self._last_reply - asked.sent) * 1000
        return Reply(asked.question.id, outcome, content, note, milliseconds)

    def _stray(self, id: Any) -> None:
        """A message that answers nothing in flight.

        :raises ProtocolFault: there is no end to them
        """
        if not isinstance(id, str):
            self._fault(f"An answer whose id is not text: {shortened(id)}.")
        elif id in self._answered:
            self._fault(f"A second answer: id {shortened(id)!r}.")
        else:
            self._fault(f"An answer to a question that was not asked: id {shortened(id)!r}.")
        self._strays_in_a_row += 1
        if self._strays_in_a_row >= STRAYS_IN_A_ROW:
            raise ProtocolFault(f"It wrote {STRAYS_IN_A_ROW} answers to questions that were not asked.")

    def _fault(self, what: str) -> None:
        if len(self.faults) < FAULTS_LISTED:
            self.faults.append(what)
        elif len(self.faults) == FAULTS_LISTED:
            self.faults.append(f"There are more faults than the {FAULTS_LISTED} listed.")

    def _lost(self, outcome: Outcome, note: str, waiting: deque[Question]) -> Reply | None:
        """Ends the process; the only question in flight is to blame, and several are asked again one by one."""
        asked = list(self._in_flight.values())
        self._in_flight.clear()
        self._last_death = note + self._end(SECONDS_TO_FALL if outcome is Outcome.CRASH else 0.0)
        if len(asked) == 1:
            self._suspects.clear()
            milliseconds = (time.monotonic() - asked[0].sent) * 1000
            return Reply(asked[0].question.id, outcome, {}, self._last_death, milliseconds)
        if asked:
            self._one_at_a_time = True
            self._suspects = {each.question.id for each in asked}
            self._suspicion = self._last_death
            waiting.extendleft(each.question for each in reversed(asked))
        else:
            self._fault(f"{self._last_death} No question was in flight.")
        return None

    # leaving

    def close(self) -> None:
        """Says goodbye and waits for the process to exit."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.send({"m": "bye", "id": "z"})
            self._hear_bye(process)
            code = process.leave(SECONDS_TO_LEAVE)
        finally:
            last_words = process.kill()
        if code is None:
            self.remarks.append("It did not exit after bye and was ended.")
        elif code != 0:
            self.remarks.append(f"After bye it should exit with code 0.{last_words}")

    def _hear_bye(self, process: _Process) -> None:
        deadline = time.monotonic() + SECONDS_TO_LEAVE
        try:
            while (message := _message(process.next_line(deadline))).get("id") != "z":
                self._stray(message.get("id"))
        except (TimeoutError, EOFError):
            self.remarks.append("It did not answer bye.")
        except ProtocolFault as fault:
            self._fault(fault.reason)


def _message(line: bytes) -> dict[str, Any]:
    """A line as a message.

    :raises ProtocolFault: it is none
    """
    if _is_too_long(line):
        raise ProtocolFault(f"A line on standard output is longer than {LONGEST_LINE // 1024 // 1024} MiB.")
    return read_line(line)
