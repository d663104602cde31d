"""Drawn cases: what the properties ask while they search, so that they can be tried on answers from files too.

A search with the same seed draws the same cases, as long as the answers keep the properties. So export lets it run once
on the reference and keeps the questions; import lets it run again, and each question finds its answer.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from funding_spec.documents import parse_json

from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.offline.case_sets import AskedCase
from funding_conformance.properties import ask_properties
from funding_conformance.protocol import Question, Reply, write_line
from funding_conformance.scenarios import WANTS
from funding_conformance.service import reference_service

_NUMBER: Final = "d"
"""Before the number of a drawn case, so that it is that of no other."""


class _Listening(InProcessSession):
    """The reference, with what it is asked kept: each question once."""

    def __init__(self, rulebook: str) -> None:
        super().__init__(reference_service(), (rulebook,))
        self.asked: dict[bytes, tuple[tuple[str, ...], Mapping[str, Any]]] = {}

    def ask(self, questions: Iterable[Question]) -> Generator[Reply, None, None]:
        for question in questions:
            wants, given = tuple(question.message["wants"]), question.message["scenario"]["given"]
            self.asked.setdefault(key_of(wants, given), (wants, given))
            yield from super().ask([question])


def drawn_cases(rulebook: str, wants: Sequence[str], tries: int, seed: int) -> list[AskedCase]:
    """What the properties ask of an implementation that keeps them.

    :param tries: scenarios for each property; 0 draws none
    """
    if not tries:
        return []
    session = _Listening(rulebook)
    with tempfile.TemporaryDirectory() as folder:
        for _ in ask_properties(session, rulebook, wants, tries=tries, seed=seed, folder=Path(folder)):
            pass
    return [
        AskedCase(f"{_NUMBER}{number}", f"drawn/{number:05}", rulebook, *asked)
        for number, asked in enumerate(session.asked.values(), 1)
    ]


def drawn_in(questions: bytes) -> list[AskedCase]:
    """The drawn cases among the questions of a pack.

    :raises ValueError: these are not the questions of a pack
    """
    messages = [parse_json(line) for line in questions.split(b"\n") if line]
    if not all(isinstance(message, dict) for message in messages):
        raise ValueError("a question is an object")
    return [_drawn_case(message) for message in messages if str(message.get("id")).startswith(_NUMBER)]


def _drawn_case(message: Mapping[str, Any]) -> AskedCase:
    asked, wants = message.get("scenario"), message.get("wants")
    if not isinstance(asked, dict) or not isinstance(wants, list) or any(want not in WANTS for want in wants):
        raise ValueError("a question has wants and a scenario")
    number, id, rulebook, given = message["id"], asked.get("id"), asked.get("rulebook"), asked.get("given")
    if not all(isinstance(text, str) for text in (number, id, rulebook)) or not isinstance(given, dict):
        raise ValueError("a scenario has an id, a rulebook and facts")
    return AskedCase(number, str(id), str(rulebook), tuple(wants), given)


def key_of(wants: Sequence[str], given: Mapping[str, Any]) -> bytes:
    """What two questions share that ask the same."""
    return write_line({"wants": list(wants), "given": given})
