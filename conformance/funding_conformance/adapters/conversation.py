"""A conversation over a link that carries one JSON object a line, whatever the link is made of.

Here, and only here, stands what is said of an implementation that hangs, ends, floods, answers twice or answers
nonsense; a process and a connection to a server differ in how lines get through.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, Final

from attrs import frozen
from funding_spec.errors import FundingError

from funding_conformance.adapters.greeting import declaration_in, shortened
from funding_conformance.adapters.link import LONGEST_LINE, Link, is_too_long
from funding_conformance.adapters.restarts import RESTARTS_IN_A_ROW, Restarts
from funding_conformance.adapters.session import Limits, Session
from funding_conformance.protocol import (
    Declaration,
    Outcome,
    ProtocolFault,
    Question,
    Reply,
    hello,
    read_line,
    read_reply,
)

STRAYS_IN_A_ROW: Final = 10_000
FAULTS_LISTED: Final = 20
SECONDS_TO_LEAVE: Final = 5.0
SECONDS_TO_FALL: Final = 1.0
"""How long a process that closed its standard output may take to end by itself, so that its exit code is known."""
ENDED: Final = "It ended without an answer."
STOPPED: Final = "The run was stopped."


class CannotStart(FundingError):
    """The implementation cannot be started or reached, or does not answer hello."""


@frozen
class _Asked:
    question: Question
    sent: float


class Conversation:
    """A session over links that are opened one after the other.

    When a link ends, or must be ended, with one question in flight, that question is to blame. With several,
    each of them is asked again by itself, so that only the one to blame is blamed; and from then on the session asks
    one question at a time.

    :param open_link: starts the implementation, or connects to it
    :param name: the implementation as messages name it
    :param limits: seconds for one answer, counted from the later of its question and the last reply, and for hello
    :param restarts: those of the whole run
    :param pause: seconds to wait before the second restart in a row, twice as long before the third
    :raises CannotStart: it cannot be started or reached, or does not answer hello with a declaration
    """

    def __init__(
        self,
        open_link: Callable[[], Link],
        name: str,
        rulebooks: tuple[str, ...],
        limits: Limits,
        restarts: Restarts | None = None,
        pause: float = 0.0,
    ) -> None:
        self._open_link = open_link
        self._name = name
        self._rulebooks = rulebooks
        self._limits = limits
        self._restarts = restarts or Restarts()
        self._pause = pause
        self._link: Link | None = None
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
        self.gave_up = ""
        self.declaration = self._start()

    @property
    def restarts(self) -> int:
        return self._restarts.count

    @property
    def workers(self) -> Sequence[Session]:
        return (self,)

    # starting

    def _start(self) -> Declaration:
        self._link = link = self._open_link()
        try:
            link.send(hello(self._rulebooks))
            return declaration_in(_message(link, link.next_line(time.monotonic() + self._limits.hello)))
        except TimeoutError:
            why = f"It did not answer hello within {self._limits.hello:g} seconds." + self._end()
        except EOFError as end:
            why = (str(end) or "It ended before it answered hello.") + self._end(SECONDS_TO_FALL)
        except ProtocolFault as fault:
            why = fault.reason + self._end()
        except BaseException:
            self._end()
            raise
        raise CannotStart(why, path=self._name)

    def _restart(self) -> bool:
        """Starts the implementation again after it ended; whether it may go on."""
        while self._restarts_in_a_row < RESTARTS_IN_A_ROW and self._restarts.one_more():
            time.sleep(self._pause * self._restarts_in_a_row)
            self._restarts_in_a_row += 1
            try:
                declaration = self._start()
            except CannotStart as error:
                self._last_death = error.reason
                continue
            self._strays_in_a_row = 0
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
        link, self._link = self._link, None
        return link.kill(patience) if link else ""

    # asking

    def ask(self, questions: Iterable[Question]) -> Generator[Reply, None, None]:
        waiting = deque(questions)
        self._last_reply = time.monotonic()
        try:
            while (waiting or self._in_flight) and not self.gave_up:
                if self._link is None:
                    if not self._restart():
                        return
                elif reply := self._next_reply(self._link, waiting):
                    yield reply
        finally:
            if self._in_flight:
                self._end()
                self._in_flight.clear()

    def _next_reply(self, link: Link, waiting: deque[Question]) -> Reply | None:
        """Sends what may be sent and looks at the next line; None if that line answers nothing."""
        if self._in_flight or not link.has_written:
            self._send_more(link, waiting)
        oldest = next(iter(self._in_flight.values())).sent if self._in_flight else self._last_reply
        try:
            line = link.next_line(max(oldest, self._last_reply) + self._limits.answer)
        except TimeoutError:
            if link.is_running:
                return self._lost(Outcome.TIMEOUT, f"No answer within {self._limits.answer:g} seconds.", waiting)
            return self._lost(Outcome.CRASH, ENDED, waiting)
        except EOFError as end:
            return self._lost(Outcome.CRASH, str(end) or ENDED, waiting)
        except ProtocolFault as fault:
            return self._lost(Outcome.FAULT, fault.reason, waiting)
        try:
            message = _message(link, line)
            id = message.get("id")
            asked = self._in_flight.pop(id, None) if isinstance(id, str) else None
            if asked is None:
                self._stray(id)
                return None
        except ProtocolFault as fault:
            return None if _is_cut_off(line) else self._lost(Outcome.FAULT, fault.reason, waiting)
        return self._answer(asked, message)

    def _send_more(self, link: Link, waiting: deque[Question]) -> None:
        window = 1 if self._one_at_a_time else self.declaration.window
        while waiting and len(self._in_flight) < window:
            question = waiting.popleft()
            self._in_flight[question.id] = _Asked(question, time.monotonic())
            link.send({"id": question.id, **question.message})

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

    def abandon(self) -> None:
        """Ends it at once, from whichever thread; what it is being asked is lost."""
        self.gave_up = self.gave_up or STOPPED
        if link := self._link:
            link.kill()

    def close(self) -> None:
        """Says goodbye, where that is done, and waits for the end."""
        link = self._link
        if link is None:
            return
        if not link.takes_leave or self.gave_up == STOPPED:
            self._end()
            return
        try:
            link.send({"m": "bye", "id": "z"})
            self._hear_bye(link)
            code = link.leave(SECONDS_TO_LEAVE)
        finally:
            last_words = self._end()
        if code is None:
            self.remarks.append("It did not exit after bye and was ended.")
        elif code != 0:
            self.remarks.append(f"After bye it should exit with code 0.{last_words}")

    def _hear_bye(self, link: Link) -> None:
        deadline = time.monotonic() + SECONDS_TO_LEAVE
        try:
            while (message := _message(link, link.next_line(deadline))).get("id") != "z":
                self._stray(message.get("id"))
        except (TimeoutError, EOFError):
            self.remarks.append("It did not answer bye.")
        except ProtocolFault as fault:
            self._fault(fault.reason)


def _message(link: Link, line: bytes) -> dict[str, Any]:
    """A line as a message.

    :raises ProtocolFault: it is none
    """
    if is_too_long(line):
        raise ProtocolFault(f"{link.a_line} is longer than {LONGEST_LINE // 1024 // 1024} MiB.")
    return read_line(line, link.a_line)


def _is_cut_off(line: bytes) -> bool:
    """Whether the implementation ended in the middle of a line."""
    return not line.endswith(b"\n") and not is_too_long(line)
