"""Asking a long-lived process over its standard input and output, one JSON object a line.

Three threads carry the bytes of each process; the conversation itself only ever waits for a line with a deadline, so
that a process that hangs, crashes, floods or stops reading cannot hold the kit up.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import IO, Any, Final, cast

from funding_conformance.adapters import link
from funding_conformance.adapters.conversation import CannotStart, Conversation
from funding_conformance.adapters.greeting import shortened
from funding_conformance.adapters.link import Incoming, is_too_long
from funding_conformance.adapters.restarts import Restarts
from funding_conformance.adapters.session import Limits
from funding_conformance.protocol import write_line

KEPT_OF_STANDARD_ERROR: Final = 64 * 1024
SECONDS_TO_BE_GONE: Final = 5.0


class StdioSession(Conversation):
    """A conversation with a command."""

    def __init__(
        self,
        command: Sequence[str],
        rulebooks: tuple[str, ...],
        limits: Limits,
        restarts: Restarts | None = None,
    ) -> None:
        super().__init__(partial(_Process, command), shortened(" ".join(command)), rulebooks, limits, restarts)


class _Process:
    """One run of the command, with the threads that carry its bytes; each closes its own pipe."""

    a_line = "A line on standard output"
    takes_leave = True

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
        self._incoming = Incoming()
        self._to_write: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._standard_error = b""
        for carry in (self._read, self._write):
            threading.Thread(target=carry, daemon=True).start()
        self._keeping_errors = threading.Thread(target=self._keep_errors, daemon=True)
        self._keeping_errors.start()

    # carrying bytes

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError), _pipe(self._popen.stdout) as stdout:
            while line := stdout.readline(link.LONGEST_LINE):
                self._incoming.put(line)
                if is_too_long(line):
                    break
        self._incoming.end(EOFError())

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

    def send(self, message: Mapping[str, Any]) -> None:
        self._to_write.put(write_line(message))

    def next_line(self, deadline: float) -> bytes:
        return self._incoming.next(deadline)

    @property
    def has_written(self) -> bool:
        return self._incoming.is_waiting

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
        """Ends the process and everything it started, and says how it had ended by itself and its last words."""
        self._incoming.close()
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
            self._popen.wait(SECONDS_TO_BE_GONE)
        self._to_write.put(None)
        return ("" if code is None else f" It exited with {_code_in_words(code)}.") + self.last_words()

    def last_words(self) -> str:
        """The last line of its standard error, once it has ended."""
        self._keeping_errors.join(1)
        written = self._standard_error.decode("utf-8", "replace").strip().splitlines()
        return f" Its standard error ends: {shortened(written[-1], 300)}" if written else ""


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    return cast(IO[bytes], pipe)


def _code_in_words(code: int) -> str:
    try:
        return f"code {code} ({signal.Signals(-code).name})" if code < 0 else f"code {code}"
    except ValueError:
        return f"code {code}"
