"""Asking the reference directly: a question answered, with its working, and personal data masked if asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
from funding_reference.answers import Answer
from funding_reference.collections import answer
from funding_reference.ilr import Masker
from funding_reference.rules import rules_of
from funding_reference.working import Step, recording
from funding_spec.errors import FundingError

from funding_conformance.service import read_question

DEFAULT_RULEBOOK: Final = "2017-08"
BIRTH_DATES: Final = ("date_of_birth",)
_MASKED: Final = "masked"


class AnswerError(FundingError):
    """A file cannot be answered."""


def answered_question(
    question: Mapping[str, Any], wants: tuple[str, ...], working: bool, masker: Masker | None
) -> tuple[Answer, list[Step]]:
    """The reference's answer to a question, and the steps of its working if asked.

    :raises funding_reference.reading.Rejected: the question cannot be read
    """
    edition, given = read_question(question)
    rules = rules_of(edition)
    if not working:
        return answer(rules, given, wants), []
    rules, recorder = recording(rules)
    found = answer(rules, given, wants)
    steps = recorder.steps()
    return found, [_without_birth_dates(step) for step in steps] if masker else steps


def _without_birth_dates(step: Step) -> Step:
    hidden = tuple(_MASKED if name in BIRTH_DATES else value for name, value in step.named_arguments())
    return attrs.evolve(step, arguments=hidden, steps=[_without_birth_dates(inner) for inner in step.steps])


def masked_learner(record: Mapping[str, Any], masker: Masker) -> dict[str, Any]:
    """A learner's record under other numbers; what the rules read, birth date included, stays for the calculation."""
    hidden: dict[str, Any] = {}
    if isinstance(record.get("ULN"), int):
        hidden["ULN"] = masker.uln(record["ULN"])
    if isinstance(record.get("LearnRefNumber"), str):
        hidden["LearnRefNumber"] = masker.learner(record["LearnRefNumber"])
    return {**record, **hidden}


def masked_question(document: Mapping[str, Any], masker: Masker) -> dict[str, Any]:
    """A scenario whose learners, agreements and earlier rows stand under other numbers, the same for one person."""
    given = document.get("given")
    if not isinstance(given, Mapping):
        return dict(document)
    changed: dict[str, Any] = {}
    for name in ("agreements", "payments_made", "earnings_history"):
        if isinstance(given.get(name), list):
            changed[name] = [_masked_row(row, masker) for row in given[name]]
    if isinstance(given.get("submissions"), list):
        changed["submissions"] = [_masked_submission(submission, masker) for submission in given["submissions"]]
    return {**document, "given": {**given, **changed}}


def _masked_submission(submission: Any, masker: Masker) -> Any:
    if not isinstance(submission, Mapping) or not isinstance(submission.get("learners"), list):
        return submission
    learners = [masked_learner(one, masker) if isinstance(one, Mapping) else one for one in submission["learners"]]
    return {**submission, "learners": learners}


def _masked_row(row: Any, masker: Masker) -> Any:
    if not isinstance(row, Mapping):
        return row
    hidden: dict[str, Any] = {}
    if isinstance(row.get("uln"), int):
        hidden["uln"] = masker.uln(row["uln"])
    if isinstance(row.get("learner"), str):
        hidden["learner"] = masker.learner(row["learner"])
    return {**row, **hidden}


def masked_facts(given: Mapping[str, Any], masker: Masker) -> dict[str, Any]:
    """The facts as a report may print them: of a learner no more than the rules read, under another number.

    Names, birth dates, postcodes and whatever else could identify a person are gone.

    :param given: the facts under their own numbers
    """
    submissions = [
        {**submission, "learners": [printable_learner(record, masker) for record in submission["learners"]]}
        for submission in given["submissions"]
    ]
    return {**given, "submissions": submissions}


def printable_learner(record: Mapping[str, Any], masker: Masker) -> dict[str, Any]:
    """The same of one learner."""
    shown: dict[str, Any] = _without_masked(masker.record(dict(record)))
    return shown


def _without_masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_masked(inner) for name, inner in value.items() if inner != _MASKED}
    return [_without_masked(item) for item in value if item != _MASKED] if isinstance(value, list) else value
