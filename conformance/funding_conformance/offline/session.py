"""The answers that were handed in as a session: it is asked like any implementation, and knows its replies already."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from funding_conformance.adapters.greeting import declaration_in
from funding_conformance.adapters.session import Session
from funding_conformance.offline.answers import Answers, AnswersError
from funding_conformance.offline.drawn import key_of
from funding_conformance.offline.pack import Contents
from funding_conformance.protocol import Declaration, Outcome, ProtocolFault, Question, Reply, read_reply
from funding_conformance.scenarios import WANTS

NOT_DRAWN: Final = Reply(
    "",
    Outcome.MISSING,
    note="The pack does not ask this: it was drawn elsewhere, with other versions than are installed here, or an "
    "earlier answer led to it. Export the pack again here if it should.",
)


class RecordedSession:
    """A session whose answers were given before it began.

    :param declaration: what is claimed: see :func:`declared`
    """

    def __init__(self, answers: Answers, contents: Contents, declaration: Declaration) -> None:
        self._answers = answers
        self._cases = {case.number: case for case in contents.cases}
        self._drawn = {key_of(case.wants, case.given): case.number for case in contents.cases}
        self.declaration = declaration
        self.faults = answers.faults
        self.remarks: list[str] = []
        self.restarts = 0
        self.gave_up = ""

    @property
    def workers(self) -> Sequence[Session]:
        return (self,)

    def ask(self, questions: Iterable[Question]) -> Generator[Reply, None, None]:
        """The reply to each question; none where nothing was handed in."""
        for question in questions:
            wants = tuple(question.message["wants"])
            number = self._number(question, wants)
            reply = NOT_DRAWN if number is None else self._reply(number, wants)
            if reply is not None:
                yield attrs.evolve(reply, id=question.id)

    def _number(self, question: Question, wants: tuple[str, ...]) -> str | None:
        """The number of a question in the pack; a drawn one is known by what it asks. None if it is not there."""
        if question.id in self._cases:
            return question.id
        return self._drawn.get(key_of(wants, question.message["scenario"]["given"]))

    def _reply(self, id: str, wants: tuple[str, ...]) -> Reply | None:
        message = self._answers.replies.get(id)
        return self._of_files(id, wants) if message is None else self._of_program(id, wants, message)

    def _of_program(self, id: str, wants: tuple[str, ...], message: dict[str, Any]) -> Reply:
        """The reply of a program; the pack may have asked it for more than it declared, which is left out."""
        content = message.get("ok")
        if isinstance(content, Mapping):
            more = set(self._cases[id].wants) - set(wants)
            message = {**message, "ok": {name: value for name, value in content.items() if name not in more}}
        outcome, found, note = read_reply(message, wants)
        return Reply(id, outcome, found, note)

    def _of_files(self, id: str, wants: tuple[str, ...]) -> Reply | None:
        case = self._cases[id].id
        if case in self._answers.rejects:
            return Reply(id, Outcome.REJECT, self._answers.rejects[case])
        rows = {want: self._answers.rows(case, want) for want in wants}
        missing = [want for want, found in rows.items() if found is None]
        if len(missing) == len(wants):
            return None
        if missing:
            return Reply(id, Outcome.MISSING, note=f"These were not answered: {', '.join(missing)}.")
        return Reply(id, Outcome.OK, rows)

    def abandon(self) -> None:
        """There is nothing to end."""

    def close(self) -> None:
        """There is nothing to end."""


def declared(answers: Answers, contents: Contents, rulebook: str, claimed: tuple[str, ...], name: str) -> Declaration:
    """What the answers claim: as a program said in its hello; without one, what the pack asks or the files answer.

    :param claimed: what the profiles that the pack was made for answer; nothing if it was made for none
    :param name: what to call answers that no program has named
    :raises AnswersError: hello was not answered with a declaration
    """
    if answers.hello is not None:
        try:
            found = declaration_in(answers.hello)
        except ProtocolFault as fault:
            raise AnswersError(f"hello (id 0) was not answered as it must be. {fault.reason}") from None
    else:
        asked = {want for case in contents.cases for want in case.wants}
        wants = claimed or (asked if answers.replies else answers.tables)
        found = Declaration({"name": name}, (rulebook,), tuple(want for want in WANTS if want in wants))
    return attrs.evolve(found, omits=tuple(dict.fromkeys((*found.omits, *answers.omits))))
