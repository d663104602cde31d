"""What every way of asking offers, and how long each may take."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Protocol

from attrs import frozen

from funding_conformance.protocol import Declaration, Question, Reply


@frozen
class Limits:
    """How long to wait, in seconds.

    :param answer: for one answer, while the implementation has nothing else to do
    :param hello: for the declaration
    """

    answer: float = 10.0
    hello: float = 30.0


class Session(Protocol):
    """An implementation that can be asked."""

    @property
    def declaration(self) -> Declaration: ...

    @property
    def faults(self) -> list[str]:
        """What it did against the protocol beside its replies."""

    @property
    def remarks(self) -> list[str]:
        """What is worth knowing and decides nothing: the end of its standard error, an exit code."""

    @property
    def restarts(self) -> int: ...

    @property
    def gave_up(self) -> str:
        """Why the session ended before every question was asked, or nothing."""

    @property
    def workers(self) -> Sequence[Session]:
        """The sessions that may be asked at the same time, each by a thread of its own; often only this one."""

    def ask(self, questions: Iterable[Question]) -> Generator[Reply, None, None]:
        """Asks questions, as many at a time as the implementation allows; replies come in any order."""

    def abandon(self) -> None:
        """Ends it at once, from whichever thread; what it is being asked is lost."""

    def close(self) -> None: ...
